"""Who gets in: passwords, locks, PINs, tokens, roles, and how often one may ask."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from helpers.practice_day import Clock, run_together
from screener.errors import ConflictError, NotAllowedError, StationError, UsageError
from screener.station.access import audit, users
from screener.station.access.audit import Action
from screener.station.access.rate_limit import RateLimiter
from screener.station.access.roles import COMMAND_LINE, Actor, Permission
from screener.station.access.sessions import BrowserState, Sessions
from screener.station.access.unit_of_work import begin
from screener.station.care import privacy
from screener.station.records import people, practice, visits
from screener.station.records.forms import Comment, PersonData, PracticeData
from screener.station.settings import ArgonCost, elapsed
from screener.station.storage.database import Database
from screener.station.storage.tables import AuditEntry, Role, User


@pytest.fixture
def sessions(database: Database, actors: dict[Role, Actor]) -> Sessions:
    return Sessions(database, idle=timedelta(minutes=10))


def actions(database: Database) -> list[str]:
    with database.transaction() as session:
        return [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_the_first_start_makes_the_owner_and_only_then(database: Database) -> None:
    assert not users.has_users(database)
    owner = users.create_owner(database, " Owner ", "three words here")
    assert (owner.login, owner.role, users.has_users(database)) == ("owner", Role.OWNER, True)
    assert users.sign_in(database, "OWNER", "three words here").role is Role.OWNER
    with pytest.raises(NotAllowedError, match="has users already"):
        users.create_owner(database, "second", "three words here")


def test_passwords_are_kept_as_argon2id_only(database: Database, actors: dict[Role, Actor]) -> None:
    with database.transaction() as session:
        stored = [user.password_hash for user in session.query(User)]
    assert len(stored) == 3
    assert all(one.startswith("$argon2id$") and "secret" not in one for one in stored)
    assert len(set(stored)) == 3


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "somebody12", "x" * 201])
def test_weak_passwords_are_refused(database: Database, password: str) -> None:
    with pytest.raises(UsageError):
        users.create_owner(database, "somebody12", password)
    assert not users.has_users(database)


def test_a_password_fits_however_a_keyboard_spells_it(database: Database) -> None:
    composed, decomposed = (unicodedata.normalize(form, "drei Wörter für alle") for form in ("NFC", "NFD"))
    users.create_owner(database, "owner", f"\ufeff{decomposed}")
    assert users.sign_in(database, "owner", composed).role == users.sign_in(database, "owner", decomposed).role
    earlier = users._hasher(database.settings.password_cost).hash(decomposed)
    with database.transaction() as session:
        session.query(User).update({"password_hash": earlier})
    assert users.sign_in(database, "owner", composed).role is Role.OWNER
    with pytest.raises(NotAllowedError):
        users.sign_in(database, "owner", "drei Worter fur alle")


def test_five_wrong_tries_lock_for_a_quarter_of_an_hour(database: Database, actors: dict[Role, Actor], clock: Clock) -> None:
    sentences = set()
    for _ in range(5):
        with pytest.raises(NotAllowedError) as refused:
            users.sign_in(database, "viewer1", "wrong password")
        sentences.add(refused.value.message)
    for login in ("viewer1", "nobody at all"):
        with pytest.raises(NotAllowedError) as refused:
            users.sign_in(database, login, "secret of viewer")
        sentences.add(refused.value.message)
    assert len(sentences) == 1, "the answer tells who has an account"
    clock.turn(minutes=14)
    with pytest.raises(NotAllowedError):
        users.sign_in(database, "viewer1", "secret of viewer")
    clock.turn(minutes=2)
    assert users.sign_in(database, "viewer1", "secret of viewer").role is Role.VIEWER
    assert actions(database).count(Action.LOCKED.value) == 1


def test_a_good_sign_in_forgets_wrong_ones(database: Database, actors: dict[Role, Actor]) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotAllowedError):
                users.sign_in(database, "viewer1", "wrong password")
        users.sign_in(database, "viewer1", "secret of viewer")


def test_a_planted_token_is_worth_nothing_after_sign_in(sessions: Sessions) -> None:
    planted = sessions.sign_in("viewer1", "secret of viewer").token
    ticket = sessions.sign_in("owner1", "secret of owner", old_token=planted)
    assert ticket.token != planted
    assert sessions.find(planted) is None
    assert sessions.require(ticket.token).role is Role.OWNER
    invented = sessions.sign_in("owner1", "secret of owner", old_token="chosen by an attacker")
    assert sessions.presence("chosen by an attacker") is BrowserState.NOBODY
    assert invented.token != "chosen by an attacker"


def test_no_token_is_held_in_clear(sessions: Sessions) -> None:
    ticket = sessions.sign_in("owner1", "secret of owner")
    assert ticket.token not in repr(vars(sessions))
    assert len(ticket.token) >= 43


def test_a_session_ends_after_its_time_and_at_sign_out(sessions: Sessions, clock: Clock) -> None:
    sessions.idle = timedelta(days=1)
    first, second = (sessions.sign_in("owner1", "secret of owner") for _ in range(2))
    sessions.sign_out(first.token)
    assert sessions.find(first.token) is None
    clock.turn(hours=11)
    assert sessions.find(second.token) is not None
    clock.turn(hours=1)
    with pytest.raises(NotAllowedError, match="not signed in"):
        sessions.require(second.token)


def test_an_idle_screen_locks_and_the_pin_opens_it(database: Database, sessions: Sessions, clock: Clock) -> None:
    ticket = sessions.sign_in("clinician1", "secret of clinician")
    users.set_pin(database, sessions.require(ticket.token), "4711")
    clock.turn(minutes=9)
    assert sessions.presence(ticket.token) is BrowserState.HERE
    clock.turn(minutes=1)
    assert sessions.presence(ticket.token) is BrowserState.LOCKED
    with pytest.raises(NotAllowedError, match="locked"):
        sessions.require(ticket.token)
    with pytest.raises(NotAllowedError, match="PIN is wrong"):
        sessions.unlock(ticket.token, "0000")
    sessions.unlock(ticket.token, "4711")
    assert sessions.require(ticket.token).role is Role.CLINICIAN
    sessions.lock(ticket.token)
    assert sessions.presence(ticket.token) is BrowserState.LOCKED


def test_wrong_pins_end_the_session(database: Database, sessions: Sessions) -> None:
    ticket = sessions.sign_in("clinician1", "secret of clinician")
    users.set_pin(database, sessions.require(ticket.token), "4711")
    sessions.lock(ticket.token)
    for _ in range(4):
        with pytest.raises(NotAllowedError, match="PIN is wrong"):
            sessions.unlock(ticket.token, "1234")
    with pytest.raises(NotAllowedError, match="signed out"):
        sessions.unlock(ticket.token, "1234")
    with pytest.raises(NotAllowedError, match="not signed in"):
        sessions.unlock(ticket.token, "4711")


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "１２３４"])
def test_a_pin_is_four_to_eight_digits(database: Database, actors: dict[Role, Actor], pin: str) -> None:
    with pytest.raises(UsageError):
        users.set_pin(database, actors[Role.VIEWER], pin)


def test_csrf_tokens_belong_to_their_session(sessions: Sessions) -> None:
    mine, other = (sessions.sign_in("owner1", "secret of owner") for _ in range(2))
    assert sessions.is_csrf(mine.token, mine.csrf)
    assert not sessions.is_csrf(mine.token, other.csrf)
    assert not sessions.is_csrf(mine.token, "")
    assert not sessions.is_csrf("", mine.csrf)


ALLOWED = {
    Role.VIEWER: {Permission.SEE},
    Role.CLINICIAN: {Permission.SEE, Permission.CHANGE, Permission.EXPORT},
    Role.OWNER: set(Permission),
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_it_may_and_nothing_else(database: Database, actors: dict[Role, Actor], role: Role) -> None:
    with begin(database, actors[Role.OWNER]) as work:
        person = people.create(work, PersonData(name="Someone"))
        visit = visits.begin(work, person.id)
    tries = {
        Permission.SEE: lambda work: people.see(work, person.id),
        Permission.CHANGE: lambda work: visits.change(work, visit.id, visit.version, comment=Comment(comment=f"by {role}")),
        Permission.EXPORT: lambda work: privacy.export_person(work, person.id, __import__("io").BytesIO()),
        Permission.PRACTICE: lambda work: practice.change(work, practice.get(work).version, PracticeData(name="Practice")),
        Permission.USERS: lambda work: users.create(work, "new one", "three words here", Role.VIEWER),
        Permission.ERASE: lambda work: visits.remove(work, visit.id),
    }
    refused = set()
    for permission, act in tries.items():
        try:
            with begin(database, actors[role]) as work:
                act(work)
        except NotAllowedError:
            refused.add(permission)
    assert refused == set(tries) - ALLOWED[role]
    with database.transaction() as session:
        logged = [entry.detail for entry in session.query(AuditEntry).filter_by(action=Action.REFUSED.value)]
    assert sorted(logged) == sorted(permission.name.lower() for permission in refused)


def test_a_role_that_was_taken_away_counts_at_once(database: Database, actors: dict[Role, Actor]) -> None:
    clinician = actors[Role.CLINICIAN]
    with begin(database, actors[Role.OWNER]) as work:
        user = work.get(User, clinician.user_id or 0)
        users.change(work, user.id, user.version, role=Role.VIEWER, active=True, full_name="")
    with pytest.raises(NotAllowedError, match="role"), begin(database, clinician) as work:
        people.create(work, PersonData())
    with begin(database, actors[Role.OWNER]) as work:
        user = work.get(User, clinician.user_id or 0)
        users.change(work, user.id, user.version, role=Role.VIEWER, active=False, full_name="")
    with pytest.raises(NotAllowedError, match="closed"), begin(database, clinician) as work:
        people.find(work)
    with pytest.raises(NotAllowedError):
        users.sign_in(database, "clinician1", "secret of clinician")


def test_the_last_owner_stays(database: Database, actors: dict[Role, Actor]) -> None:
    owner = actors[Role.OWNER]
    with pytest.raises(UsageError, match="without an owner"), begin(database, owner) as work:
        users.change(work, owner.user_id or 0, 1, role=Role.VIEWER, active=True, full_name="")
    with begin(database, owner) as work:
        assert work.get(User, owner.user_id or 0).role == Role.OWNER


def test_passwords_are_changed_with_the_old_one_or_by_an_owner(database: Database, actors: dict[Role, Actor]) -> None:
    viewer = actors[Role.VIEWER]
    with pytest.raises(UsageError, match="old password"):
        users.change_own_password(database, viewer, "not the old one", "another secret")
    assert actions(database)[-1] == "failed"
    with pytest.raises(UsageError, match="10 to 200"):
        users.change_own_password(database, viewer, "secret of viewer", "short")
    users.change_own_password(database, viewer, "secret of viewer", "another secret")
    assert actions(database)[-2:] == ["checked", "changed"]
    assert users.sign_in(database, "viewer1", "another secret")
    users.reset_password(database, actors[Role.OWNER], viewer.user_id or 0, "given by the owner")
    assert users.sign_in(database, "viewer1", "given by the owner")


def test_the_rate_limit_slides(clock: Clock) -> None:
    limiter = RateLimiter(3, timedelta(minutes=1), clock.elapsed)
    assert [limiter.allows("a") for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("b")
    clock.turn(seconds=59)
    assert not limiter.allows("a")
    clock.turn(seconds=1)
    assert limiter.allows("a")


def test_the_second_of_two_editors_is_told(database: Database, actors: dict[Role, Actor]) -> None:
    with begin(database, actors[Role.OWNER]) as work:
        person = people.create(work, PersonData(name="First"))
    with begin(database, actors[Role.OWNER]) as work:
        people.change(work, person.id, 1, PersonData(name="Second"))
    with pytest.raises(ConflictError, match="Someone else"), begin(database, actors[Role.CLINICIAN]) as work:
        people.change(work, person.id, 1, PersonData(name="Third"))
    with begin(database, actors[Role.OWNER]) as work:
        assert people.see(work, person.id).name == "Second"


def test_a_changed_audit_log_is_found_out(database: Database, actors: dict[Role, Actor]) -> None:
    with database.transaction() as session:
        before = audit.verify(session)
    assert before.entries == 3
    for statement in ("UPDATE audit SET user_id = 9", "DELETE FROM audit"):
        with pytest.raises(Exception, match="only grows"), database.transaction() as session:
            session.connection().exec_driver_sql(statement)
    for harm, entry in (("UPDATE audit SET user_id = 9 WHERE id = 2", 2), ("DELETE FROM audit WHERE id = 1", 1)):
        with database.transaction() as session:
            for trigger in ("audit_no_update", "audit_no_delete"):
                session.connection().exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
            session.connection().exec_driver_sql(harm)
            with pytest.raises(StationError, match=f"changed at entry {entry}"):
                audit.verify(session)
            session.rollback()


def test_guesses_of_the_old_password_lock_the_account(database: Database, actors: dict[Role, Actor]) -> None:
    for _ in range(5):
        with pytest.raises(UsageError):
            users.change_own_password(database, actors[Role.VIEWER], "not the old one", "another secret")
    with pytest.raises(UsageError, match="locked"):
        users.change_own_password(database, actors[Role.VIEWER], "secret of viewer", "another secret")


def test_a_lock_is_taken_off_at_the_command_line(database: Database, actors: dict[Role, Actor]) -> None:
    for _ in range(5):
        with pytest.raises(NotAllowedError):
            users.sign_in(database, "owner1", "wrong password")
    with pytest.raises(NotAllowedError):
        users.sign_in(database, "owner1", "secret of owner")
    with pytest.raises(NotAllowedError), begin(database, actors[Role.CLINICIAN]) as work:
        users.unlock(work, "owner1")
    with pytest.raises(NotAllowedError):
        users.reset_password(database, actors[Role.CLINICIAN], actors[Role.OWNER].user_id or 0, "other words here")
    with begin(database, COMMAND_LINE) as work:
        users.unlock(work, " OWNER1")
    assert users.sign_in(database, "owner1", "secret of owner")
    assert actions(database)[-2:] == ["unlocked", "signed in"]
    with pytest.raises(StationError, match="no user"), begin(database, COMMAND_LINE) as work:
        users.unlock(work, "nobody")


def test_a_clock_that_is_set_back_locks_nobody_out_and_nobody_in(
    database: Database, actors: dict[Role, Actor], sessions: Sessions, clock: Clock
) -> None:
    limiter = RateLimiter(1, timedelta(minutes=1), clock.elapsed)
    assert limiter.allows("a")
    ticket = sessions.sign_in("viewer1", "secret of viewer")
    for _ in range(5):
        with pytest.raises(NotAllowedError):
            users.sign_in(database, "clinician1", "wrong password")
    clock.set_back(hours=24)
    assert users.sign_in(database, "clinician1", "secret of clinician"), "locked for a day and a quarter of an hour"
    clock.turn(minutes=2)
    assert limiter.allows("a")
    assert sessions.presence(ticket.token) is BrowserState.HERE
    clock.turn(minutes=9)
    assert sessions.presence(ticket.token) is BrowserState.LOCKED
    clock.set_back(hours=24)
    clock.turn(hours=12)
    assert sessions.presence(ticket.token) is BrowserState.NOBODY


def test_the_timer_never_goes_back() -> None:
    times = [elapsed() for _ in range(1000)]
    assert times == sorted(times)
    assert times[-1] - times[0] < timedelta(seconds=5)


def test_nobody_waits_while_a_password_is_looked_at(database: Database, actors: dict[Role, Actor]) -> None:
    """Looking takes long on purpose; strangers who try one after another must not keep the database from who works in it."""
    slow = replace(database, settings=replace(database.settings, password_cost=ArgonCost(65_536, 30, 1)))

    def guess() -> None:
        for _ in range(2):
            with pytest.raises(NotAllowedError):
                users.sign_in(slow, "nobody at all", "wrong password")

    start = time.perf_counter()
    guess()
    alone = time.perf_counter() - start
    stranger = Thread(target=guess)
    stranger.start()
    longest, saved = 0.0, 0
    while stranger.is_alive():
        start = time.perf_counter()
        with begin(database, actors[Role.CLINICIAN]) as work:
            people.create(work, PersonData(name="Someone"))
        longest, saved = max(longest, time.perf_counter() - start), saved + 1
    stranger.join()
    assert saved > 10
    assert longest < alone / 4, f"waited {longest:.2f} s; one look takes {alone / 2:.2f} s"


def test_pins_at_the_same_time_are_no_more_than_are_allowed(database: Database, sessions: Sessions) -> None:
    ticket = sessions.sign_in("clinician1", "secret of clinician")
    users.set_pin(database, sessions.require(ticket.token), "4711")
    sessions.lock(ticket.token)
    refused: list[str] = []

    def guess() -> None:
        try:
            sessions.unlock(ticket.token, "1234")
        except NotAllowedError as error:
            refused.append(error.message)

    run_together(*[guess] * 20)
    assert len(refused) == 20
    assert actions(database).count("failed") <= 5
    assert sessions.presence(ticket.token) is BrowserState.NOBODY
