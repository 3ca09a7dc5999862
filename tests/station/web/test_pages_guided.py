"""A guided recording inside a visit: the real live page, a clip in place of the camera, and everything in the visit."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from helpers.live_walker import Walker
from helpers.station_served import PIN, Served, Visitor, faults, sign_in
from screener.live.guide.flow import Stage
from screener.model.results import Status
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import people
from screener.station.storage.tables import AuditEntry, PersonRow, StoredRecording, User, VisitRow

pytestmark = pytest.mark.slow
THREADS = ("conductor", "camera", "watcher", "live page", "guided recording")
NAME = "Lindqvist"


class Guest(Walker):
    """A walker on a page that is already open."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        page.set_default_timeout(30_000)
        page.on("request", lambda request: self.requests.append(request.url))


def keep(page: Any, name: str) -> None:
    """Keep a picture for who wants to look: SCREENS names the folder."""
    if os.environ.get("SCREENS"):
        page.screenshot(path=Path(os.environ["SCREENS"]) / f"{name}.png")


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in THREADS]


def wait_for(done: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


def stored(served: Served, visit_id: int) -> list[StoredRecording]:
    with served.database.transaction() as session:
        return list(
            session.scalars(select(StoredRecording).where(StoredRecording.visit_id == visit_id).order_by(StoredRecording.id))
        )


def statuses(served: Served, visit_id: int) -> list[Status]:
    with begin(served.database, COMMAND_LINE) as work:
        return [recordings.report_of(work, one.id).tests[0].status for one in stored(served, visit_id)]


def new_visit(served: Served, person_id: int) -> int:
    with begin(served.database, COMMAND_LINE) as work:
        from screener.station.records import visits

        return visits.begin(work, person_id).id


def guide(page: Any, served: Served, visit_id: int, side: str = "left") -> Guest:
    """From the page of a visit to the camera check."""
    page.goto(f"{served.address}/visits/{visit_id}")
    page.get_by_label("Side").select_option(side)
    page.get_by_label("We went through the safety list").check()
    page.get_by_role("button", name="Guide with the camera").click()
    guest = Guest(page)
    guest.wait("camera")
    return guest


@pytest.fixture
def page(peopled: Served, browser_page: Any) -> Any:
    sign_in(browser_page, peopled, "clinician")
    return browser_page


@pytest.fixture(autouse=True)
def nothing_left(peopled: Served) -> Iterator[None]:
    """After each test no recording runs any more."""
    yield
    peopled.site.guiding.end()
    assert threads() == []


def test_from_the_visit_through_a_guided_test_and_back(peopled: Served, page: Any) -> None:
    visit_id = new_visit(peopled, peopled.person_id)
    guest = guide(page, peopled, visit_id)
    assert page.url.startswith("http://127.0.0.1:")
    assert "token" not in page.url
    assert NAME not in page.content()
    assert not faults(page)
    keep(page, "guided-camera")
    guest.to_test()
    page.wait_for_selector("#gauge[data-state=beyond]", timeout=20_000)
    keep(page, "guided-test")
    guest.wait("result", 40)
    page.get_by_text("Saved in the visit.").wait_for()
    assert "The pelvis lowered on the lifted side" in guest.words
    (saved,) = stored(peopled, visit_id)  # before the end
    keep(page, "guided-result")
    assert not faults(page)
    page.get_by_role("button", name="Finish").click()
    guest.wait("report")
    assert "All done" in guest.words
    assert NAME not in page.content()
    assert not faults(page)
    keep(page, "guided-end")
    page.locator("#panel").get_by_role("link", name="Back to the visit").click()
    page.wait_for_url(f"{peopled.address}/visits/{visit_id}")
    assert page.locator("article.done").count() == 1
    assert "pelvis lowered" in page.locator("article.done").inner_text()
    page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")
    wait_for(lambda: threads() == [])
    with begin(peopled.database, COMMAND_LINE) as work:
        report = recordings.report_of(work, saved.id)
        screening = recordings.load(work, saved.id)
        entry = work.session.scalars(
            select(AuditEntry).where(AuditEntry.kind == ObjectKind.RECORDING).order_by(AuditEntry.id)
        ).all()[-1]
        user = work.session.get(User, entry.user_id)
    assert user is not None
    assert (entry.action, entry.detail, user.login) == (Action.CREATED, str(saved.id), "clinician")
    assert report.source.file == "camera"
    assert screening.recording.request.sex == "female"
    assert screening.recording.request.age_years > 50
    assert len(screening.pictures) == 1
    drop = next(one for one in report.tests[0].measures if one.key == "pelvic_drop_deg")
    assert drop.value == pytest.approx(9.0, abs=2.0)
    assert not [url for url in guest.requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]


def test_two_visits_in_a_row_and_stop_is_stored_as_stopped(peopled: Served, page: Any) -> None:
    first, second = new_visit(peopled, peopled.person_id), peopled.visit_ids[0]
    before = len(stored(peopled, second))
    guest = guide(page, peopled, first)
    guest.to_test()
    page.keyboard.press("Escape")
    guest.wait("result")
    page.get_by_text("Saved in the visit.").wait_for()
    assert statuses(peopled, first) == [Status.STOPPED]
    address = page.url
    page.goto(f"{peopled.address}/visits/{first}")
    assert "under way in this visit" in page.locator(".way").first.inner_text()
    page.get_by_role("button", name="End it").click()
    guest = guide(page, peopled, second, side="auto")
    assert page.url != address
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
    assert "Step 1 of 2" in guest.words
    page.keyboard.press("Escape")  # at the camera check, before anything is recorded
    guest.wait("result")
    page.get_by_role("button", name="End here").click()
    guest.wait("report")
    assert statuses(peopled, first) == [Status.STOPPED]
    assert statuses(peopled, second)[before:] == [Status.STOPPED]
    page.locator("#panel").get_by_role("link", name="Back to the visit").click()
    page.wait_for_url(f"{peopled.address}/visits/{second}")
    assert "stopped on purpose, not scored" in page.locator("article.done").first.inner_text()
    page.goto(f"{peopled.address}/visits/{second}/report")
    page.locator("article.test").first.wait_for()  # tries that were scored; the stopped one stands on the page of the visit


def test_one_at_a_time_and_it_ends_from_the_visit(peopled: Served, page: Any) -> None:
    visit_id, other = peopled.visit_ids[:2]
    guide(page, peopled, visit_id)
    tab = page.context.new_page()
    tab.goto(f"{peopled.address}/visits/{other}")
    assert "A guided recording is under way in another visit." in tab.locator(".way").first.inner_text()
    assert tab.get_by_role("button", name="Guide with the camera").count() == 0
    assert not faults(tab)
    keep(tab, "guided-under-way")
    visitor = Visitor(peopled.client(station=token_of(page)))
    answer = visitor.post(f"/visits/{other}/guide", safety="true", test="single_leg_stance")
    assert answer.status_code == 409
    assert "under way in another tab" in answer.text
    assert "single_leg_stance" not in str(peopled.site.guiding.running)
    tab.get_by_role("link", name="Go back to it")
    tab.get_by_role("button", name="End it").click()
    assert tab.get_by_role("status").first.inner_text().endswith("The guided recording has ended.")
    assert threads() == []
    page.wait_for_url(f"{peopled.address}/visits/{visit_id}")  # the page went back by itself
    assert tab.get_by_role("button", name="Guide with the camera").is_visible()


def test_a_page_that_was_open_before_takes_a_left_camera_over(peopled: Served, page: Any) -> None:
    first, second = peopled.visit_ids[:2]
    tab = page.context.new_page()
    tab.goto(f"{peopled.address}/visits/{second}")
    guide(page, peopled, first)
    before = peopled.site.guiding.running
    assert before is not None
    page.goto("about:blank")
    wait_for(lambda: not before.watched, 5)
    tab.get_by_label("We went through the safety list").check()
    tab.get_by_role("button", name="Guide with the camera").click()
    Guest(tab).wait("camera")
    assert before.over
    assert peopled.site.guiding.running is not None
    assert peopled.site.guiding.running.visit_id == second


def token_of(page: Any) -> str:
    return str(next(one["value"] for one in page.context.cookies() if one["name"] == "station"))


def test_a_known_patient_is_found_and_guided_by_keys_alone(peopled: Served, page: Any) -> None:
    """Find, visit, tick, guide: four actions."""
    page.keyboard.press("/")
    page.keyboard.type("lindq")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{peopled.person_id}")
    page.keyboard.press("v")
    page.wait_for_url("**/visits/*")
    page.keyboard.press("s")
    page.keyboard.press("g")
    guest = Guest(page)
    guest.wait("camera")
    assert "Step 1 of 2" in guest.words


def test_a_screen_that_locks_ends_it_and_leads_to_the_lock(peopled: Served, page: Any) -> None:
    visit_id = peopled.visit_ids[0]
    guide(page, peopled, visit_id)
    peopled.clock.ahead += timedelta(minutes=11)
    page.wait_for_url("**/locked**")
    wait_for(lambda: threads() == [])
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**/visits/{visit_id}")


def test_a_running_test_keeps_the_screen_open(peopled: Served, page: Any) -> None:
    guest = guide(page, peopled, peopled.visit_ids[0])
    guest.to_test()
    for _ in range(3):
        peopled.clock.ahead += timedelta(minutes=4)
        time.sleep(1.2)
    assert peopled.site.guiding.running is not None
    page.keyboard.press("Escape")
    guest.wait("result")


def test_without_a_camera_the_page_says_what_to_do(peopled: Served, page: Any) -> None:
    peopled.site.guiding.camera = "http://127.0.0.1:9/"
    guest = guide(page, peopled, peopled.visit_ids[0])
    page.get_by_role("alert").wait_for()
    assert "end the station and start it again with --camera" in guest.words
    assert "screener live" not in guest.words
    assert not faults(page)
    keep(page, "guided-no-camera")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_the_program_ends_the_recording_and_not_the_station(
    peopled: Served, page: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("a mistake")

    visit_id = peopled.visit_ids[0]
    guide(page, peopled, visit_id)
    monkeypatch.setattr("screener.station.measuring.recordings.add", broken)
    page.keyboard.press("Escape")
    page.wait_for_url(f"{peopled.address}/visits/{visit_id}")
    assert "internal error" in page.locator(".way .refusal").inner_text()
    assert "RuntimeError: a mistake" in capsys.readouterr().err
    wait_for(lambda: threads() == [])


def test_nothing_begins_before_the_page_is_there(peopled: Served) -> None:
    assert answer_to(peopled, "clinician", peopled.visit_ids[0]).status_code == 200
    running = peopled.site.guiding.running
    assert running is not None
    conductor = running._conductor
    assert conductor is not None
    wait_for(lambda: conductor.shown().advice is not None and conductor.shown().advice.good, 30)
    time.sleep(3.0)
    assert conductor.shown().state.stage is Stage.CAMERA


def test_the_page_says_so_when_the_station_ends(peopled: Served, page: Any) -> None:
    guest = guide(page, peopled, peopled.visit_ids[0])
    peopled.site.guiding.end(lead_back=False)  # what the station does at its end
    page.get_by_role("dialog").wait_for()
    assert "The guided recording has ended." in guest.page.get_by_role("dialog").inner_text()
    page.get_by_role("dialog").get_by_role("link", name="Back to the visit").click()
    page.wait_for_url(f"{peopled.address}/visits/{peopled.visit_ids[0]}")


def test_signing_out_ends_it(peopled: Served, page: Any) -> None:
    guide(page, peopled, peopled.visit_ids[0])
    peopled.client(station=token_of(page)).post("/sign-out")
    page.wait_for_url("**/sign-in**")
    wait_for(lambda: threads() == [])


def test_a_tab_that_was_closed_gives_the_camera_back(peopled: Served, page: Any) -> None:
    page.goto(peopled.address)
    tab = page.context.new_page()
    guide(tab, peopled, peopled.visit_ids[0])
    tab.wait_for_function("Number(document.getElementById('picture').dataset.number) > 0")  # it is known to be open
    tab.close()
    wait_for(lambda: threads() == [], 60)
    page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}")
    assert page.get_by_role("button", name="Guide with the camera").is_visible()


def test_what_cannot_be_saved_is_said_and_saved_later(peopled: Served, page: Any) -> None:
    from screener.station.records import consents
    from screener.station.storage.tables import Purpose

    visit_id = new_visit(peopled, peopled.person_id)
    guest = guide(page, peopled, visit_id)
    with begin(peopled.database, COMMAND_LINE) as work:
        consents.withdraw(work, peopled.person_id, Purpose.SCREENING)
    page.keyboard.press("Escape")
    guest.wait("result")
    assert "not saved in the visit yet: The person has not agreed" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="Finish").click()
    guest.wait("report")
    assert "not saved" in page.get_by_role("alert").inner_text()
    assert not faults(page)
    assert stored(peopled, visit_id) == []
    with begin(peopled.database, COMMAND_LINE) as work:
        consents.give(work, peopled.person_id, Purpose.SCREENING)
    page.get_by_role("button", name="Save again").click()
    page.get_by_text("Saved in the visit.").wait_for()
    assert statuses(peopled, visit_id) == [Status.STOPPED]


def test_nothing_of_it_touches_the_disk_in_clear(peopled: Served, page: Any, tmp_path: Path) -> None:
    files = {one for one in tmp_path.rglob("*")}
    guest = guide(page, peopled, new_visit(peopled, peopled.person_id))
    page.keyboard.press("Escape")
    guest.wait("result")
    page.get_by_role("button", name="Finish").click()
    guest.wait("report")
    assert {one.name for one in tmp_path.rglob("*") if one not in files} <= {"station.db-wal", "station.db-shm"}
    assert peopled.site.guiding.running is not None
    assert httpx.get(peopled.site.guiding.running.origin + "report/report.html").status_code == 403


# Without a browser: who may not start it.


def answer_to(served: Served, login: str, visit_id: int, **form: str) -> httpx.Response:
    wanted = {"test": "single_leg_stance", "side": "left", "safety": "true"} | form
    return served.signed_in(login).post(f"/visits/{visit_id}/guide", **wanted)


def test_a_viewer_is_refused(peopled: Served) -> None:
    visit_id = peopled.visit_ids[0]
    assert answer_to(peopled, "viewer", visit_id).status_code == 403
    assert "Guide with the camera" not in peopled.signed_in("viewer").get(f"/visits/{visit_id}").text
    assert peopled.signed_in("viewer").post(f"/visits/{visit_id}/guide/end").status_code == 403
    with peopled.database.transaction() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert last.action == Action.REFUSED


def test_nobody_is_recorded_without_consent_or_the_safety_list(peopled: Served) -> None:
    with peopled.database.transaction() as session:
        other = session.scalar(select(VisitRow.id).join(PersonRow).where(PersonRow.name == "Tomas Okafor"))
    assert other is not None
    refused = answer_to(peopled, "clinician", other)
    assert refused.status_code == 403
    assert "The person has not agreed to be screened." in refused.text
    unread = answer_to(peopled, "clinician", peopled.visit_ids[0], safety="")
    assert unread.status_code == 400
    assert "The safety list comes first." in unread.text
    assert answer_to(peopled, "clinician", peopled.visit_ids[0], test="moon_walk").status_code == 400
    assert answer_to(peopled, "clinician", peopled.visit_ids[0], side="up").status_code == 400


def test_a_browser_elsewhere_is_not_offered_it(peopled: Served) -> None:
    """What comes through a proxy of this machine may come from anywhere."""
    visitor = peopled.signed_in("clinician")
    visitor.client.headers["x-forwarded-for"] = "192.168.1.20"
    shown = visitor.get(f"/visits/{peopled.visit_ids[0]}").text
    assert "Guide with the camera" not in shown
    assert "own machine, where its camera is" in shown
    assert "Use the camera" in shown
    answer = visitor.post(f"/visits/{peopled.visit_ids[0]}/guide", safety="true", test="single_leg_stance")
    assert answer.status_code == 403


def test_a_station_without_nicegui_says_so(peopled: Served) -> None:
    peopled.site.guiding.possible = False
    shown = peopled.signed_in("clinician").get(f"/visits/{peopled.visit_ids[0]}").text
    assert "NiceGUI is not installed" in shown
    assert answer_to(peopled, "clinician", peopled.visit_ids[0]).status_code == 403


def test_a_camera_that_is_not_there_is_told(peopled: Served) -> None:
    peopled.site.guiding.camera = "no-such-file.mp4"
    answer = answer_to(peopled, "clinician", peopled.visit_ids[0])
    assert answer.status_code == 400
    assert "There is no camera no-such-file.mp4." in answer.text


def test_the_age_and_sex_of_the_person_go_along(peopled: Served) -> None:
    from screener.model.recording import Request

    with begin(peopled.database, COMMAND_LINE) as work:
        asked = people.request_for(work, peopled.person_id, Request(test="squat", markers=True))
    assert (asked.sex, asked.markers) == ("female", True)


def test_nothing_of_it_stays_in_memory(peopled: Served, page: Any) -> None:
    kept = []
    for visit_id in peopled.visit_ids[:2]:
        guest = guide(page, peopled, visit_id, side="auto")
        running = peopled.site.guiding.running
        assert running is not None
        kept.append(weakref.ref(running._conductor))
        page.keyboard.press("Escape")
        guest.wait("result")
        del running
        page.get_by_role("button", name="End here").click()
        guest.wait("report")
        page.goto(f"{peopled.address}/visits/{visit_id}")
        wait_for(lambda: threads() == [])
    gc.collect()
    assert [one() for one in kept] == [None, None]
