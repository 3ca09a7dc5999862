"""Who may sign in: names, passwords, PINs, roles, and the lock after wrong tries."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from screener.errors import NotAllowedError, StationError, UsageError
from screener.station.access import audit
from screener.station.access.audit import Action, AuditNote, ObjectKind
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.settings import ArgonCost, StationSettings
from screener.station.storage.database import Database
from screener.station.storage.secret_text import keyboard_spellings, normal_form
from screener.station.storage.tables import Role, User

MIN_PASSWORD = 10
MAX_PASSWORD = 200
MIN_PIN = 4
MAX_PIN = 8
MAX_LOGIN = 80
WRONG = (
    "The name or the password is wrong, or the account is locked.",
    "Type both again. After five wrong tries an account is locked for a quarter of an hour.",
)


def has_users(database: Database) -> bool:
    """Whether anyone may sign in; False at the first start, when the owner is to be created."""
    with database.transaction() as session:
        return session.scalar(select(User.id).limit(1)) is not None


def create_owner(database: Database, login: str, password: str, full_name: str = "") -> User:
    """Create the first user, an owner; possible only while there is none.

    Raises
    ------
    NotAllowedError
        There are users already.
    UsageError
        The name or the password cannot be used.
    """
    with database.transaction() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            raise NotAllowedError("The station has users already.", "Sign in, or ask the owner for an account.")
        work = UnitOfWork(session, Actor(None, Role.OWNER), database.settings)
        user = create(work, login, password, Role.OWNER, full_name)
        audit.append(session, None, work.now, work.notes)
        return user


def create(work: UnitOfWork, login: str, password: str, role: Role, full_name: str = "") -> User:
    """Add a user. Owners only.

    Raises
    ------
    UsageError
        The name is taken or empty, or the password is too short.
    """
    work.require(Permission.USERS)
    key = login_key(login)
    if not 1 <= len(key) <= MAX_LOGIN:
        raise UsageError(f"A sign-in name has 1 to {MAX_LOGIN} characters.", "Choose another name.")
    if work.session.scalar(select(User.id).where(User.login == key)) is not None:
        raise UsageError("This sign-in name is taken.", "Choose another one.")
    user = User(
        login=key,
        full_name=full_name.strip()[:200],
        role=Role(role).value,
        password_hash=_new_hash(work.settings, key, password),
        created_at=work.now,
    )
    work.session.add(user)
    work.session.flush()
    work.log(Action.CREATED, ObjectKind.USER, str(user.id))
    return user


def every(work: UnitOfWork) -> Sequence[User]:
    """List the users. Owners only."""
    work.require(Permission.USERS)
    return work.session.scalars(select(User).order_by(User.login)).all()


def change(work: UnitOfWork, user_id: int, version: int, *, role: Role, active: bool, full_name: str) -> User:
    """Change a user, and take a lock off. Owners only; one active owner always stays.

    Raises
    ------
    ConflictError
        Someone else changed the user since `version`.
    """
    work.require(Permission.USERS)
    user = work.get_version(User, user_id, version)
    if user.active and not active:
        user.sign_in_epoch += 1  # an account that is opened again asks for its password
    user.role, user.active, user.full_name = Role(role).value, active, full_name.strip()[:200]
    user.failed_tries, user.locked_until = 0, None
    work.session.flush()
    owners = select(func.count()).select_from(User).where(User.role == Role.OWNER.value, User.active)
    if not work.session.scalar(owners):
        raise UsageError("The practice would be left without an owner.", "Make someone else an owner first.")
    work.log(Action.CHANGED, ObjectKind.USER, str(user_id))
    return user


def unlock(work: UnitOfWork, login: str) -> None:
    """Take the lock of wrong tries off. Owners, and the command line, where an owner is locked out.

    Raises
    ------
    StationError
        Nobody has this name.
    """
    work.require(Permission.USERS)
    user = work.session.scalar(select(User).where(User.login == login_key(login)))
    if user is None:
        raise StationError(f"There is no user {login}.", "Check the sign-in name.")
    user.failed_tries, user.locked_until = 0, None
    work.log(Action.UNLOCKED, ObjectKind.USER, str(user.id))


def reset_password(database: Database, actor: Actor, user_id: int, password: str) -> None:
    """Give a user a new password, take a lock and the PIN off, and end every sign-in. Owners only."""
    with begin(database, actor) as work:
        work.require(Permission.USERS)
        login = work.get(User, user_id).login
    changed = _new_hash(database.settings, login, password)  # which takes long on purpose: nobody waits for it
    with begin(database, actor) as work:
        work.require(Permission.USERS)
        user = work.get(User, user_id)
        user.password_hash, user.pin_hash = changed, None
        user.failed_tries, user.locked_until = 0, None
        user.sign_in_epoch += 1
        work.log(Action.CHANGED, ObjectKind.USER, str(user_id), "password")


def change_own_password(database: Database, actor: Actor, old: str, new: str) -> None:
    """Change the password of who is signed in, who types the old one once more; every sign-in ends.

    Raises
    ------
    UsageError
        The old password is wrong, which is counted and logged as at the sign-in, or the new one cannot be used.
    """
    with begin(database, actor) as work:
        user = _own(work)
        user_id, login, stored = user.id, user.login, user.password_hash
    if _checked(database, user_id, stored, old, Action.CHECKED) is None:
        raise UsageError("The old password is wrong, or the account is locked after wrong tries.", "Type it again.")
    changed = _new_hash(database.settings, login, new)
    with begin(database, actor) as work:
        user = _own(work)
        user.password_hash = changed
        user.sign_in_epoch += 1
        work.log(Action.CHANGED, ObjectKind.USER, str(user_id), "password")


def set_pin(database: Database, actor: Actor, pin: str) -> None:
    """Set the PIN with which who is signed in opens the screen after a break.

    Raises
    ------
    UsageError
        Not 4 to 8 digits.
    """
    if not (MIN_PIN <= len(pin) <= MAX_PIN and pin.isascii() and pin.isdecimal()):
        raise UsageError(f"A PIN has {MIN_PIN} to {MAX_PIN} digits.", "Choose another one.")
    changed = _hasher(database.settings.password_cost).hash(pin)
    with begin(database, actor) as work:
        user = _own(work)
        user.pin_hash = changed
        work.log(Action.CHANGED, ObjectKind.USER, str(user.id), "PIN")


def pin_fits(database: Database, user_id: int, pin: str) -> bool:
    """Whether a PIN is the user's; False without a PIN, too."""
    with database.transaction() as session:
        user = session.get(User, user_id)
        stored = user.pin_hash if user is not None and user.active else None
    return stored is not None and _fits(_hasher(database.settings.password_cost), stored, pin)


def sign_in(database: Database, login: str, password: str) -> Actor:
    """Check a name and its password.

    The same sentence answers an unknown name, a wrong password and a locked account, after the same work, so that nobody
    learns who has an account. Tries are counted in the database, so that a restart does not help.

    Raises
    ------
    NotAllowedError
        Refused; the try is counted and logged.
    """
    with database.transaction() as session:
        user = session.scalar(select(User).where(User.login == login_key(login), User.active))
        user_id, stored = (user.id, user.password_hash) if user is not None else (None, None)
    actor = _checked(database, user_id, stored, password, Action.SIGNED_IN)
    if actor is None:
        raise NotAllowedError(*WRONG)
    return actor


def _checked(database: Database, user_id: int | None, stored: str | None, password: str, done: Action) -> Actor | None:
    """Look at a password outside of any transaction, since that takes long on purpose; then count, log and answer in one.

    Parameters
    ----------
    user_id, stored
        None for nobody's.
    done : Action
        What is logged where it fits.
    """
    settings = database.settings
    hasher = _hasher(settings.password_cost)
    fits = _fits(hasher, stored or _nobodys_hash(settings.password_cost), password) and stored is not None
    renewed = hasher.hash(normal_form(password)) if fits and hasher.check_needs_rehash(stored or "") else None
    with database.transaction() as session:
        found = select(User).where(User.id == user_id, User.active, User.password_hash == stored)  # not changed meanwhile
        user = session.scalar(found.with_for_update())  # tries at the same time are counted one after another
        now = settings.clock()
        notes = []
        if user is None or _is_locked(user, now, settings.locked_for) or not fits:
            actor = None
            notes.append(AuditNote(Action.FAILED, ObjectKind.USER, str(user.id) if user else ""))
            if user is not None and not _is_locked(user, now, settings.locked_for):
                notes += _count_failure(session, user, database)
        else:
            actor = Actor(user.id, Role(user.role), user.full_name or user.login, user.sign_in_epoch)
            notes.append(AuditNote(done, ObjectKind.USER, str(user.id)))
            if user.failed_tries or user.locked_until is not None:
                _set(session, user, failed_tries=0, locked_until=None)
            if renewed is not None:
                _set(session, user, password_hash=renewed)
        audit.append(session, actor.user_id if actor else None, now, notes)
    return actor


def login_key(login: str) -> str:
    """Return a sign-in name without capitals and outer spaces."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def _is_locked(user: User, now: datetime, locked_for: timedelta) -> bool:
    """Whether a lock stands; never longer than it lasts, however far back the clock was set since."""
    return user.locked_until is not None and timedelta() < user.locked_until - now <= locked_for


def _count_failure(session: Session, user: User, database: Database) -> list[AuditNote]:
    """Count one; beyond the limit lock. Not a change of the row's version: an owner may be editing it."""
    settings = database.settings
    if user.failed_tries + 1 < settings.tries:
        _set(session, user, failed_tries=user.failed_tries + 1)
        return []
    _set(session, user, failed_tries=0, locked_until=settings.clock() + settings.locked_for)
    return [AuditNote(Action.LOCKED, ObjectKind.USER, str(user.id))]


def _set(session: Session, user: User, **values: object) -> None:
    session.execute(update(User).where(User.id == user.id).values(**values).execution_options(synchronize_session=False))


def _own(work: UnitOfWork) -> User:
    if work.actor.user_id is None:
        raise StationError("Nobody is signed in.", "Sign in first.")
    return work.get(User, work.actor.user_id)


def _hasher(cost: ArgonCost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@cache
def _nobodys_hash(cost: ArgonCost) -> str:
    """Return a hash for unknown names, so that they take as long as known ones."""
    return _hasher(cost).hash("")


def _fits(hasher: PasswordHasher, stored: str, password: str) -> bool:
    return any(_verifies(hasher, stored, spelling) for spelling in keyboard_spellings(password[:MAX_PASSWORD]))


def _verifies(hasher: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except VerificationError:
        return False


def _new_hash(settings: StationSettings, login: str, password: str) -> str:
    password = normal_form(password)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UsageError(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
            "Take three or more words that do not belong together.",
        )
    if login_key(password) == login or len(set(password)) <= 2:
        raise UsageError("This password is too easily guessed.", "Take three or more words that do not belong together.")
    return _hasher(settings.password_cost).hash(password)
