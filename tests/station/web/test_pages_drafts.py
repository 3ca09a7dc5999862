"""A comment that was typed and not saved outlives the lock of the screen, for who typed it, and nowhere but in the station."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helpers.station_served import PASSWORD, PIN, Served, faults, sign_in
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.records import visits
from screener.station.records.forms import Comment
from screener.station.settings import StationSettings
from screener.station.storage.tables import VisitRow
from screener.station.web.services.drafts import MAX_KEPT, CommentDrafts

TEXT = "Knee gives way on stairs since Tuesday."


def comment_of(served: Served, visit_id: int) -> str:
    with served.database.transaction() as session:
        visit = session.get(VisitRow, visit_id)
        assert visit is not None
        return visit.comment


def box(page: Any) -> Any:
    return page.get_by_role("textbox", name="comment")


def type_comment(page: Any, served: Served) -> str:
    path = f"/visits/{served.visit_ids[0]}"
    page.goto(served.address + path)
    with page.expect_response("**/draft") as kept:
        box(page).fill(TEXT)
    assert kept.value.status == 200
    return path


@pytest.mark.slow
def test_a_lock_loses_nothing_that_was_typed(peopled: Served, browser_page: Any, tmp_path: Path) -> None:
    page = browser_page
    sign_in(page, peopled, "clinician")
    path = type_comment(page, peopled)
    peopled.clock.ahead += timedelta(minutes=11)
    page.wait_for_url("**/locked**", timeout=20_000)
    assert TEXT not in page.content()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**{path}")
    assert box(page).input_value() == TEXT
    assert "did not save it" in page.locator(".theirs").inner_text()
    assert not faults(page)
    assert comment_of(peopled, peopled.visit_ids[0]) != TEXT
    page.get_by_role("button", name="Save comment").click()
    page.wait_for_url("**said=saved")
    assert comment_of(peopled, peopled.visit_ids[0]) == TEXT
    assert page.locator(".theirs").count() == 0
    assert not [one for one in tmp_path.iterdir() if TEXT.encode() in one.read_bytes()]


@pytest.mark.slow
def test_who_has_no_pin_signs_in_again_and_finds_it(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled, "clinician")
    path = type_comment(page, peopled)
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name="Sign in with a password").click()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.get_by_label("Sign-in name").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/people")
    page.goto(peopled.address + path)
    assert box(page).input_value() == TEXT
    page.get_by_role("button", name="Discard it").click()
    assert box(page).input_value() == "Went well; a little unsure on the left."
    assert page.locator(".theirs").count() == 0


@pytest.mark.slow
def test_what_someone_else_saved_meanwhile_is_not_written_over_unseen(peopled: Served, browser_page: Any) -> None:
    page, visit_id = browser_page, peopled.visit_ids[0]
    sign_in(page, peopled, "clinician")
    path = type_comment(page, peopled)
    with begin(peopled.database, COMMAND_LINE) as work:
        visits.change(work, visit_id, 2, comment=Comment(comment="From the other room."))
    page.goto(peopled.address + path)
    assert box(page).input_value() == TEXT
    page.get_by_role("button", name="Save comment").click()
    assert "From the other room." in page.locator(".theirs").first.inner_text()
    assert box(page).input_value() == TEXT


@pytest.mark.slow
def test_a_draft_is_its_writers_alone_and_goes_with_the_person(peopled: Served) -> None:
    visit_id = peopled.visit_ids[0]
    clinician, owner, viewer = (peopled.signed_in(who) for who in ("clinician", "owner", "viewer"))
    assert clinician.post(f"/visits/{visit_id}/draft", comment=TEXT, version="2").json() == "kept"
    assert TEXT in clinician.get(f"/visits/{visit_id}").text
    assert TEXT not in owner.get(f"/visits/{visit_id}").text
    assert TEXT not in clinician.get(f"/visits/{visit_id}/report").text
    assert viewer.post(f"/visits/{visit_id}/draft", comment=TEXT, version="2").status_code == 403
    assert clinician.post("/visits/99999/draft", comment=TEXT, version="2").status_code == 400
    assert clinician.post(f"/visits/{visit_id}/draft", comment="x" * 20_000, version="2").status_code == 400
    (found,) = peopled.site.drafts._kept.values()
    assert found.text == TEXT
    page = owner.get(f"/people/{peopled.person_id}").text
    pseudonym = page.split('<strong class="id">')[1].split("<")[0]
    assert owner.post(f"/people/{peopled.person_id}/erase", typed=pseudonym).status_code == 200
    assert not peopled.site.drafts._kept


def test_drafts_end_with_their_time_and_the_oldest_of_too_many_goes() -> None:
    passed = [timedelta()]
    drafts = CommentDrafts(StationSettings(timer=lambda: passed[0]))
    for visit in range(MAX_KEPT + 1):
        drafts.keep(1, visit, "text", 1)
    assert drafts.find(1, 0) is None
    assert drafts.find(1, 1) is not None
    assert drafts.find(2, 1) is None
    passed[0] += timedelta(hours=12)
    assert drafts.find(1, 1) is None
    drafts.keep(1, 7, "", 3)
    kept = drafts.find(1, 7)
    assert kept is not None
    assert (kept.text, kept.version) == ("", 3)
    drafts.drop(1, 7)
    assert drafts.find(1, 7) is None
