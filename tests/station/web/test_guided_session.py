"""Pure parts of the guided recording: who sits here, which recordings, where they are kept."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from screener.errors import StationError, UsageError
from screener.live.guide import flow
from screener.live.guide.flow import Act, CameraObservation, PlannedTest, Stage
from screener.live.guide.movements import sides_to_record
from screener.live.guide.view_state import LiveOutcome
from screener.live.results.context import Outbox, ScreeningContext
from screener.model.pose import Side
from screener.model.recording import Request as Asked
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import Database
from screener.station.storage.tables import Purpose
from screener.station.web.routes.guide import plan_of
from screener.station.web.services.guided_session import VisitSink, sits_here
from screener.tests_clinical import TESTS
from screener.workflow.screening import Screening

SIDES = {key: sides_to_record(test) for key, test in TESTS.items()}
LEFT, RIGHT = PlannedTest("single_leg_stance", Side.LEFT), PlannedTest("single_leg_stance", Side.RIGHT)


def request(client: str | None, server: str = "192.168.1.5", **headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": sent, "client": client and (client, 5), "server": (server, 8460)})


@pytest.mark.parametrize(
    ("client", "headers", "here"),
    [
        ("127.0.0.1", {}, True),
        ("127.8.8.8", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("192.168.1.5", {}, True),  # its own address in the network
        ("192.168.1.6", {}, False),
        ("10.0.0.1", {}, False),
        ("testclient", {}, False),
        (None, {}, False),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
    ],
)
def test_only_the_machine_of_the_station_has_its_camera(client: str | None, headers: dict[str, str], here: bool) -> None:
    assert sits_here(request(client, **headers)) is here


def test_the_plan_has_each_side_or_the_one_asked_for() -> None:
    assert plan_of(["single_leg_stance"], "auto") == (LEFT, RIGHT)
    assert plan_of(["single_leg_stance"], "both") == (LEFT, RIGHT)
    assert plan_of(["single_leg_stance"], "right") == (RIGHT,)
    assert plan_of(["squat", "single_leg_stance", "squat"], "left") == (LEFT, PlannedTest("squat", None))
    for wrong in (lambda: plan_of(["moon_walk"], "left"), lambda: plan_of(["squat"], "up")):
        with pytest.raises(UsageError):
            wrong()


@pytest.mark.parametrize("side", ["auto", "both", "left", "right"])
@pytest.mark.parametrize("test", sorted(TESTS))
def test_every_test_can_be_guided_on_every_side(test: str, side: str) -> None:
    assert plan_of([test], side)


def test_a_given_plan_begins_at_the_camera_and_leads_to_no_choosing() -> None:
    state = flow.given((LEFT, RIGHT))
    assert (state.stage, state.given) == (Stage.CAMERA, True)
    assert flow.act(state, Act.BACK, SIDES) == state
    for what in (Act.NEXT, Act.NEXT, Act.NEXT, Act.NEXT, Act.NEXT):
        state = flow.act(state, what, SIDES)
    assert (state.stage, state.number) == (Stage.RESULT, 0)
    state = flow.act(state, Act.NEXT, SIDES)
    assert (state.stage, state.item) == (Stage.CAMERA, RIGHT)
    state = flow.act(flow.act(state, Act.STOP, SIDES), Act.NEXT, SIDES)
    assert state.stage is Stage.REPORT
    assert flow.act(state, Act.RESTART, SIDES) == state
    assert flow.tick(state, CameraObservation(), 1000.0).stage is Stage.REPORT
    with pytest.raises(ValueError, match="at least one"):
        flow.given(())


def test_what_is_asked_of_a_recording_has_the_person_in_it(screening: Screening) -> None:
    occasion = ScreeningContext(Refusing(0), (LEFT,), Asked(test="squat", age_years=57, markers=True))
    assert occasion.request(RIGHT) == Asked(test="single_leg_stance", side="right", age_years=57, markers=True)
    assert ScreeningContext(Refusing(0)).request(PlannedTest("squat", None)) == Asked(test="squat", side="both")
    assert ScreeningContext(Refusing(0)).start.stage is Stage.SAFETY


class Refusing:
    """A keeper whose disk is full for a while."""

    folder = None

    def __init__(self, times: int) -> None:
        self.left, self.kept, self.begun, self.finished = times, list[LiveOutcome](), 0, 0

    def begin(self) -> None:
        self.begun += 1

    def keep(self, outcome: LiveOutcome) -> None:
        if self.left:
            self.left -= 1
            raise StationError("The disk is full.", "Free some space.")
        self.kept.append(outcome)

    def finish(self, outcomes: object) -> None:
        self.finished += 1


def test_what_could_not_be_kept_is_kept_with_the_next_one_in_order(screening: Screening) -> None:
    keeper = Refusing(2)
    kept = Outbox(keeper)
    first, second = LiveOutcome(LEFT, screening, "a"), LiveOutcome(RIGHT, screening, "b")
    kept.add(0, first)
    assert kept.problem == "The disk is full. Free some space."
    kept.finish()
    assert (kept.problem != "", keeper.finished, keeper.kept) == (True, 0, [])
    kept.add(1, second)
    assert (kept.problem, keeper.kept, keeper.begun) == ("", [first, second], 1)
    kept.finish()
    assert (keeper.kept, keeper.finished) == ([first, second], 1)


def test_an_outcome_is_in_the_visit_at_once_and_each_one_once(database: Database, screening: Screening) -> None:
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData())
        consents.give(work, person.id, Purpose.SCREENING)
        visit = visits.begin(work, person.id)
        other = visits.begin(work, person.id)
    kept = Outbox(VisitSink(database, COMMAND_LINE, visit.id))
    kept.add(0, LiveOutcome(LEFT, screening, ""))
    kept.finish()
    with begin(database, COMMAND_LINE) as work:
        (stored,) = visits.load(work, visit.id).recordings
        assert recordings.report_of(work, stored.id) == screening.report
        assert visits.load(work, other.id).recordings == ()
        visits.remove(work, visit.id)
    kept.add(1, LiveOutcome(RIGHT, screening, ""))
    assert "not there any more" in kept.problem
