"""Who is signed in, in the memory of the server: a restart signs everyone out, and no token is ever stored.

The browser holds a random token in a cookie; the server knows only its SHA-256. A sign-in always gives a new token, so that one
that was planted in a browser before is worth nothing (session fixation).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from threading import RLock

from screener.errors import NotAllowedError
from screener.station.access import audit, users
from screener.station.access.audit import Action, AuditNote, ObjectKind
from screener.station.access.roles import Actor
from screener.station.storage.database import Database

TOKEN_BYTES = 32
ENDED = ("You are not signed in any more.", "Sign in again.")


class BrowserState(Enum):
    """What a browser with its token may see."""

    NOBODY = "nobody"
    LOCKED = "locked"
    HERE = "here"


@dataclass(frozen=True)
class SignInSession:
    """One signed-in browser.

    Attributes
    ----------
    csrf : str
        Every form and every changing request carries it.
    began, seen : timedelta
        When it began and was last used, by `StationSettings.timer`.
    locked : bool
        The screen is closed until the PIN is typed.
    pins : int
        Tried since it was opened last.
    """

    actor: Actor
    csrf: str
    began: timedelta
    seen: timedelta
    locked: bool = False
    pins: int = 0


@dataclass(frozen=True)
class Ticket:
    """What a browser is given at sign-in: the token for its cookie (HttpOnly, SameSite=Strict), and the CSRF token."""

    token: str
    csrf: str


class Sessions:
    """Everyone who is signed in at this server; safe to use from several threads.

    Parameters
    ----------
    database : Database
        For PINs and the audit log.
    idle : timedelta
        After so long without a request the screen locks.
    """

    def __init__(self, database: Database, idle: timedelta = timedelta(minutes=10)) -> None:
        self.idle = idle
        self._database, self._settings = database, database.settings
        self._open: dict[str, SignInSession] = {}
        self._lock = RLock()

    def sign_in(self, login: str, password: str, old_token: str = "") -> Ticket:
        """Sign in; whatever token the browser had before is worth nothing afterwards.

        Raises
        ------
        NotAllowedError
            As `users.sign_in`.
        """
        actor = users.sign_in(self._database, login, password)
        now = self._settings.timer()
        ticket = Ticket(secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES))
        with self._lock:
            self._forget_old(now)
            self._open.pop(_digest(old_token), None)
            self._open[_digest(ticket.token)] = SignInSession(actor, ticket.csrf, now, now)
        return ticket

    def find(self, token: str, *, touch: bool = True) -> SignInSession | None:
        """Return who holds a token; None when it is unknown or too old. The screen may be locked: look at `locked`.

        Parameters
        ----------
        token : str
            From the cookie.
        touch : bool
            False for what a page asks by itself: it does not keep the screen open.
        """
        now = self._settings.timer()
        with self._lock:
            key = _digest(token)
            found = self._open.get(key)
            if found is None or now - found.began >= self._settings.session_lasts:
                self._open.pop(key, None)
                return None
            if now - found.seen >= self.idle:
                found = replace(found, locked=True)
            elif touch and not found.locked:
                found = replace(found, seen=now)
            self._open[key] = found
            return found

    def require(self, token: str, *, touch: bool = True) -> Actor:
        """Return who may work with this token; NotAllowedError for nobody, and for a locked screen."""
        found = self.find(token, touch=touch)
        if found is None:
            raise NotAllowedError(*ENDED)
        if found.locked:
            raise NotAllowedError("The screen is locked.", "Type your PIN, or sign in again.")
        return found.actor

    def presence(self, token: str) -> BrowserState:
        """What the browser with this token may see; does not keep the screen open."""
        found = self.find(token, touch=False)
        if found is None:
            return BrowserState.NOBODY
        return BrowserState.LOCKED if found.locked else BrowserState.HERE

    def is_here(self, token: str, *, touch: bool) -> bool:
        """Whether the browser with this token is signed in and not locked; `touch` as in `find`."""
        found = self.find(token, touch=touch)
        return found is not None and not found.locked

    def is_csrf(self, token: str, given: str) -> bool:
        """Whether a request carries the CSRF token of its session."""
        found = self.find(token, touch=False)
        return found is not None and hmac.compare_digest(found.csrf.encode(), given.encode())

    def lock(self, token: str) -> None:
        """Lock the screen now."""
        with self._lock:
            found = self._open.get(_digest(token))
            if found is not None:
                self._open[_digest(token)] = replace(found, locked=True)

    def unlock(self, token: str, pin: str) -> None:
        """Open a locked screen with the user's PIN.

        Raises
        ------
        NotAllowedError
            The PIN is wrong; too many wrong ones end the session.
        """
        user_id = self._count_pin(token)
        fits = users.pin_fits(self._database, user_id, pin)
        self._note(user_id, Action.UNLOCKED if fits else Action.FAILED)
        with self._lock:
            found = self._open.get(_digest(token))
            if found is None:
                raise NotAllowedError(*ENDED)
            if fits:
                self._open[_digest(token)] = replace(found, locked=False, seen=self._settings.timer(), pins=0)
                return
            if found.pins >= self._settings.pin_tries:
                del self._open[_digest(token)]
                raise NotAllowedError("Too many wrong PINs; you are signed out.", "Sign in with your password.")
        raise NotAllowedError("The PIN is wrong, or you have none.", "Type it again, or sign in with your password.")

    def _count_pin(self, token: str) -> int:
        """Count a PIN before it is looked at; returns whose it must be.

        Looking takes long on purpose; nobody who only asks who is here waits for it. Several may be looked at at once, never
        more than are allowed.
        """
        with self._lock:
            found = self.find(token, touch=False)
            if found is None or found.actor.user_id is None or found.pins >= self._settings.pin_tries:
                raise NotAllowedError(*ENDED)
            self._open[_digest(token)] = replace(found, pins=found.pins + 1)
            return found.actor.user_id

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._lock:
            found = self._open.pop(_digest(token), None)
        if found is not None and found.actor.user_id is not None:
            self._note(found.actor.user_id, Action.SIGNED_OUT)

    def end(self, token: str) -> None:
        """Forget a session that is over, such as one whose password was changed at another station."""
        with self._lock:
            self._open.pop(_digest(token), None)

    def end_all_of(self, user_id: int) -> None:
        """End every session of a user: the password, the role or the account was changed."""
        with self._lock:
            for key in [key for key, one in self._open.items() if one.actor.user_id == user_id]:
                del self._open[key]

    def _forget_old(self, now: timedelta) -> None:
        for key in [key for key, one in self._open.items() if now - one.began >= self._settings.session_lasts]:
            del self._open[key]

    def _note(self, user_id: int, action: Action) -> None:
        note = AuditNote(action, ObjectKind.USER, str(user_id), "PIN" if action is Action.FAILED else "")
        with self._database.transaction() as session:
            audit.append(session, user_id, self._settings.clock(), [note])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
