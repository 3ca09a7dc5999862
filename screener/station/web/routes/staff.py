"""Users and roles, one's own PIN and password, and the audit log."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import func, select

from screener.errors import NotAllowedError, ScreenerError, StationError, UsageError
from screener.station.access import audit, users
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.storage.tables import AuditEntry, Role, User
from screener.station.web.context import FormData, RequestContext, SignedInContext, SubmittedForm, go, page

router = APIRouter()
LOG_LENGTH = 100


def _users_page(here: RequestContext, problem: ScreenerError | None = None, typed: FormData | None = None) -> Response:
    with begin(here.database, here.actor) as work:
        every = users.every(work)
        now = work.now
    return page(
        here, "users.html.j2", 400 if problem else 200, users=every, roles=tuple(Role), now=now, typed=typed or FormData({}),
        problem=problem,
    )  # fmt: skip


def _role(form: FormData) -> Role:
    if form.text("role") not in tuple(Role):
        raise UsageError("There is no such role.", f"Choose one of {', '.join(Role)}.")
    return Role(form.text("role"))


@router.get("/users")
def users_page(here: SignedInContext) -> Response:
    """Show the users."""
    return _users_page(here)


@router.post("/users")
def add(here: SignedInContext, form: SubmittedForm) -> Response:
    """Add a user."""
    try:
        with begin(here.database, here.actor) as work:
            users.create(work, form.text("login"), form.values.get("password", ""), _role(form), form.text("full_name"))
    except NotAllowedError:
        raise
    except UsageError as error:
        return _users_page(here, error, form)
    return go("/users", "created")


@router.post("/users/{user_id}")
def change(here: SignedInContext, form: SubmittedForm, user_id: int) -> Response:
    """Change a user, who signs in again afterwards."""
    try:
        with begin(here.database, here.actor) as work:
            users.change(
                work, user_id, form.whole("version"), role=_role(form), active=form.ticked("active"),
                full_name=form.text("full_name"),
            )  # fmt: skip
    except NotAllowedError:
        raise
    except UsageError as error:
        return _users_page(here, error)
    here.site.sessions.end_all_of(user_id)
    return go("/users", "saved")


@router.post("/users/{user_id}/password")
def reset(here: SignedInContext, form: SubmittedForm, user_id: int) -> Response:
    """Give a user a new password."""
    try:
        users.reset_password(here.database, here.actor, user_id, form.values.get("password", ""))
    except NotAllowedError:
        raise
    except UsageError as error:
        return _users_page(here, error)
    here.site.sessions.end_all_of(user_id)
    return go("/users", "saved")


def _me_page(here: RequestContext, problem: ScreenerError | None = None) -> Response:
    with begin(here.database, here.actor) as work:
        own = _own(work)
    return page(here, "me.html.j2", 400 if problem else 200, own=own, has_pin=own.pin_hash is not None, problem=problem)


def _own(work: UnitOfWork) -> User:
    assert work.actor.user_id is not None
    return work.get(User, work.actor.user_id)


@router.get("/me")
def me(here: SignedInContext) -> Response:
    """Show one's own account."""
    return _me_page(here)


@router.post("/me/pin")
def set_pin(here: SignedInContext, form: SubmittedForm) -> Response:
    """Set the PIN that opens the locked screen."""
    try:
        users.set_pin(here.database, here.actor, form.text("pin"))
    except UsageError as error:
        return _me_page(here, error)
    return go("/me", "pin")


@router.post("/me/password")
def change_password(here: SignedInContext, form: SubmittedForm) -> Response:
    """Change one's own password; every browser with the old one is signed out."""
    try:
        if form.values.get("new", "") != form.values.get("again", ""):
            raise UsageError("The two new passwords are not the same.", "Type both again.")
        if not here.site.sign_ins.allows(f"own password {here.actor.user_id}"):
            raise UsageError("Too many attempts.", "Wait a minute, then try again.")
        users.change_own_password(here.database, here.actor, form.values.get("old", ""), form.values.get("new", ""))
    except UsageError as error:
        return _me_page(here, error)
    assert here.actor.user_id is not None
    here.site.sessions.end_all_of(here.actor.user_id)
    return go("/sign-in", "password")


@router.get("/log")
def log_page(here: SignedInContext, before: int = 0) -> Response:
    """Show the newest entries of the audit log, and whether all of it holds together."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.AUDIT)
        last = work.session.scalar(select(func.max(AuditEntry.id))) or 0
        upto = before if 0 < before <= last else last + 1
        wanted = select(AuditEntry).where(AuditEntry.id < upto).order_by(AuditEntry.id.desc()).limit(LOG_LENGTH)
        entries = work.session.scalars(wanted).all()
        names = {user.id: user.full_name or user.login for user in work.session.scalars(select(User))}
        work.log(Action.SAW, ObjectKind.AUDIT)
    return page(here, "log.html.j2", entries=entries, names=names, last=last)


@router.post("/log/verify")
def verify(here: SignedInContext, form: SubmittedForm) -> Response:
    """Check the whole log."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.AUDIT)
        try:
            verified = audit.verify_here(work.session, here.database.location)
        except StationError as error:
            return page(here, "verified.html.j2", problem=error, verified=None)
    return page(here, "verified.html.j2", verified=verified)
