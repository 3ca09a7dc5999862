"""A guided recording inside a visit: the live page, served beside the station for the browser at the station's own machine.

The live page draws with NiceGUI, which needs a looser policy than the station's, so it has a port and a token of its own and
lives as long as one recording. It knows neither the person nor the station: it gets a plan, a keeper for outcomes and an
address to lead back to.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from screener.errors import ConflictError
from screener.live.guide.flow import RECORDING, Stage
from screener.live.guide.view_state import LiveOutcome
from screener.live.results.context import ScreeningContext
from screener.station.access.roles import Actor
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.storage.database import Database

if TYPE_CHECKING:
    from screener.live.controller import LiveController
    from screener.live.web.server import HostedPage

LANGUAGE = "en"
"""Of the station."""
WATCH_S = 0.5
OPENING_S = 60.0
"""A page that was never opened for so long is not coming."""
LEFT_S = 10.0
"""A page that is being loaded again is back before."""


FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of a proxy, behind which anyone could sit."""


def sits_here(request: Request) -> bool:
    """Whether the browser runs on the machine of the station. What a proxy passes on never does."""
    client, server = request.client, request.scope.get("server")
    if client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback) or (server is not None and client.host == server[0])


class VisitSink:
    """Saves each outcome in a visit as soon as it is known, in a transaction of its own; there are no files.

    Parameters
    ----------
    database : Database
        Of the station.
    actor : Actor
        Who started the recording; the role, the consent and the visit are checked again each time.
    visit_id : int
        Where to.
    """

    folder: Path | None = None

    def __init__(self, database: Database, actor: Actor, visit_id: int) -> None:
        self._database, self._actor, self._visit_id = database, actor, visit_id

    def begin(self) -> None:
        """Do nothing: the visit is there."""

    def keep(self, outcome: LiveOutcome) -> None:
        """Save a test, stopped ones as stopped; ScreenerError where it cannot be saved."""
        with begin(self._database, self._actor) as work:
            recordings.add(work, self._visit_id, outcome.screening)

    def finish(self, outcomes: Sequence[LiveOutcome]) -> None:
        """Do nothing: the visit makes its report itself."""


class GuidePresence(Protocol):
    """Whether who started the recording is still signed in, the screen not locked."""

    def __call__(self, *, touch: bool) -> bool:
        """Look; `touch` keeps the screen open."""


class GuidedRecording:
    """One guided recording, from the opened camera to its end, which one thread brings about.

    It ends when the page was left, when who started it signed out or was locked out, when it is told to, and by a mistake of
    the program; the outcomes so far are in the visit.

    Parameters
    ----------
    visit_id : int
        Of the visit that it belongs to.
    user_id : int, optional
        Who started it.
    occasion : ScreeningContext
        Plan, keeper and way back.
    camera : str
        As `source_of` takes it.
    present : Presence
        Of who started it.
    host : str
        Name of this machine in the address, 127.0.0.1 or localhost.

    Attributes
    ----------
    broken : bool
        It ended by a mistake of the program, which the terminal shows.
    """

    def __init__(
        self, visit_id: int, user_id: int | None, occasion: ScreeningContext, camera: str, present: GuidePresence, host: str
    ) -> None:  # fmt: skip
        from screener.live.camera.sources import source_of
        from screener.live.controller import LiveController
        from screener.live.language import load_language
        from screener.live.web.server import HostedPage  # NiceGUI: only a station that guides needs it
        from screener.pose.models import load_model

        self.visit_id, self.user_id, self._present = visit_id, user_id, present
        self._ending = threading.Event()
        self.broken, self._lead_back = False, True
        source, words = Path(camera).name if Path(camera).is_file() else "", load_language(LANGUAGE)
        conductor = LiveController(source_of(camera), load_model(), words, occasion, self._break_off)
        try:
            hosted = HostedPage(conductor, source, host)
        except BaseException:
            conductor.close()
            raise
        self.address, self.origin = hosted.address, hosted.origin
        self._conductor: LiveController | None = conductor
        self._thread = threading.Thread(target=self._run, args=(conductor, hosted), name="guided recording", daemon=True)
        self._thread.start()

    @property
    def watched(self) -> bool:
        """Whether its page is open somewhere."""
        conductor = self._conductor
        return conductor is not None and conductor.stream.watched

    @property
    def done(self) -> bool:
        """Whether its last page is shown: nothing more is recorded."""
        conductor = self._conductor
        return conductor is None or conductor.shown().state.stage is Stage.REPORT

    @property
    def over(self) -> bool:
        """Whether it has ended, camera and port released."""
        return not self._thread.is_alive()

    def _break_off(self) -> None:
        self.broken = True
        self._ending.set()

    def end(self, *, lead_back: bool = True) -> None:
        """End it, and wait until camera and port are released. A test that runs is lost; a save that runs is finished.

        Parameters
        ----------
        lead_back : bool
            Send its page back to the visit; without, it says that the recording has ended.
        """
        self._lead_back = lead_back
        self._ending.set()
        self._thread.join()

    def _run(self, conductor: LiveController, hosted: HostedPage) -> None:
        try:
            self._watch(conductor)
        finally:
            try:
                hosted.close(lead_back=self._lead_back)
            finally:
                conductor.close()
                self._conductor = None  # and with it what was recorded

    def _watch(self, conductor: LiveController) -> None:
        """Return when it has to end."""
        seen_at, patience_s, before = time.monotonic(), OPENING_S, None
        while not self._ending.wait(WATCH_S):
            state = conductor.shown().state
            if self.watched:
                seen_at, patience_s = time.monotonic(), 2 * WATCH_S if state.stage is Stage.REPORT else LEFT_S
            place = (state.stage, state.number)
            busy = state.stage in RECORDING or place != before
            if not self._present(touch=busy and self.watched) or time.monotonic() - seen_at > patience_s:
                return
            before = place


class GuideService:
    """The guided recordings of a station, one at a time: there is one camera.

    Parameters
    ----------
    camera : str
        As `source_of` takes it.
    """

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.possible = importlib.util.find_spec("nicegui") is not None
        self._running: GuidedRecording | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> GuidedRecording | None:
        """The recording that has not ended."""
        running = self._running
        return running if running is not None and not running.over else None

    def broke(self, visit_id: int) -> bool:
        """Whether the newest recording was of this visit and broke off."""
        newest = self._running
        return newest is not None and newest.broken and newest.visit_id == visit_id

    def start(self, make: Callable[[], GuidedRecording]) -> GuidedRecording:
        """Start a recording; one that is done, or whose page was left, is ended first.

        Raises
        ------
        ConflictError
            Another one is under way.
        """
        with self._lock:
            running = self.running
            if running is not None and running.watched and not running.done:
                raise ConflictError(
                    "A guided recording is under way in another tab or window.", "Continue there, or end it here first."
                )
            if running is not None:
                running.end()
            self._running = make()
            return self._running

    def end(self, *, lead_back: bool = True) -> None:
        """End the recording that runs, if any, and release the camera; `lead_back` as in `Guided.end`."""
        with self._lock:
            if self._running is not None:
                self._running.end(lead_back=lead_back)
                self._running = None
