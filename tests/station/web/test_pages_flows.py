"""A day at the front desk, in a real browser: what is typed, clicked and seen."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from helpers.station_served import PASSWORD, PIN, Served, faults, sign_in
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.records.forms import PersonData
from screener.station.records.people import change
from screener.station.records.visits import change as change_visit
from screener.station.storage.tables import AuditEntry, Consent, PersonRow, StoredRecording, VisitRow

pytestmark = pytest.mark.slow
MEASURING_MS = 240_000


def heading(page: Any) -> str:
    return page.locator("h1").inner_text()


def test_first_start_makes_the_owner_who_sets_a_pin(empty: Served, browser_page: Any) -> None:
    browser_page.goto(empty.address + "/first?code=start-code")
    browser_page.get_by_label("Your name").fill("Dr. Ada Winter")
    browser_page.get_by_label("Sign-in name").fill("ada")
    browser_page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    browser_page.get_by_label("Password again").fill(PASSWORD)
    assert not faults(browser_page)
    browser_page.get_by_role("button", name="Create the owner").click()
    browser_page.locator("[name=pin]").fill(PIN)
    browser_page.get_by_role("button", name="Set PIN").click()
    assert "The PIN is set." in browser_page.get_by_role("status").inner_text()


def test_from_sign_in_over_an_imported_video_to_the_report(station: Served, browser_page: Any, samples: Path) -> None:
    """The way of a new patient, by keyboard: four actions to the first test."""
    page = browser_page
    sign_in(page, station, "clinician")
    page.keyboard.press("n")  # 1
    page.wait_for_url("**/people/new")
    page.keyboard.type("Mara Lindqvist")  # 2
    page.get_by_label("Consent to the screening").check()  # 3
    page.get_by_label("Name").press("Enter")  # 4
    page.wait_for_url("**/visits/*")
    assert page.get_by_role("heading", name="Do a test").is_visible()
    page.locator("[name=test]").select_option("single_leg_stance")
    page.locator("[name=side]").select_option("left")
    page.get_by_label("Recorded video").set_input_files(samples / "stance_left_stable.mp4")
    page.get_by_role("button", name="Measure").click()
    page.get_by_role("heading", name="Single-leg stance, left").wait_for(timeout=MEASURING_MS)
    assert "was measured and saved" in page.locator(".said").inner_text()
    page.get_by_role("textbox", name="comment").fill("Steady <b>today</b>.")
    page.get_by_role("button", name="Save comment").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Report").click()
    report = opened.value
    report.get_by_role("heading", name="The numbers").wait_for()
    report.get_by_text("Replay and curves").click()
    report.locator(".replay canvas").wait_for()  # its own script runs in the sandbox, and no other
    assert "Steady <b>today</b>." in report.locator(".comment").inner_text()
    report.close()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Zip").click()
    with zipfile.ZipFile(Path(coming.value.path())) as archive:
        assert archive.testzip() is None
        assert archive.read("report.pdf").startswith(b"%PDF")
    assert not faults(page)


def test_a_known_patient_is_found_and_a_visit_begun_in_four_actions(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled, "clinician")
    page.keyboard.press("/")  # 1
    page.keyboard.type("lindq")  # 2
    page.keyboard.press("Enter")  # 3: the only one found
    page.wait_for_url(f"**/people/{peopled.person_id}")
    page.keyboard.press("v")  # 4
    page.wait_for_url("**/visits/*")
    page.keyboard.press("t")
    assert page.evaluate("document.activeElement.name") == "test"


def test_enter_again_opens_the_first_of_several(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled)
    page.keyboard.press("/")
    page.keyboard.type("19")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=19**")
    assert page.locator("tbody tr").count() == 4
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{peopled.person_id}")


def test_slash_reaches_the_search_from_anywhere(peopled: Served, browser_page: Any) -> None:
    sign_in(browser_page, peopled)
    browser_page.goto(f"{peopled.address}/people/{peopled.person_id}")
    browser_page.keyboard.press("/")
    browser_page.wait_for_url("**/people#search")
    assert browser_page.evaluate("document.activeElement.id") == "search"


def test_nothing_is_recorded_before_the_consent(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    with peopled.database.transaction() as session:
        other = session.scalar(select(VisitRow.id).where(VisitRow.person_id != peopled.person_id))
    sign_in(page, peopled, "clinician")
    page.goto(f"{peopled.address}/visits/{other}")
    assert page.get_by_role("heading", name="Consent first").is_visible()
    assert page.get_by_role("button", name="Measure").count() == 0
    page.get_by_role("button", name="The person agrees").click()
    assert page.get_by_role("button", name="Measure").is_visible()
    with peopled.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 3


def test_a_file_that_is_no_video_is_explained(peopled: Served, browser_page: Any, tmp_path: Path) -> None:
    bad = tmp_path / "holiday.mp4"
    bad.write_bytes(b"this is not a video")
    sign_in(browser_page, peopled, "clinician")
    browser_page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}")
    browser_page.get_by_label("Recorded video").set_input_files(bad)
    browser_page.get_by_role("button", name="Measure").click()
    browser_page.locator(".job .bad").wait_for()
    assert "video" in browser_page.locator(".job .bad").inner_text()
    assert browser_page.get_by_role("button", name="Measure").is_enabled()


def test_the_second_writer_is_told_and_loses_nothing(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled, "clinician")
    page.goto(f"{peopled.address}/people/{peopled.person_id}")
    page.get_by_text("Details and notes").click()
    with begin(peopled.database, COMMAND_LINE) as work:
        change(
            work,
            peopled.person_id,
            2,
            PersonData(name="Mara Lindqvist", birth_year=1968, notes="Written at the other station."),
        )
    page.get_by_label("Notes").fill("Typed here.")
    page.get_by_role("button", name="Save details").click()
    assert "Someone else changed this" in page.get_by_role("alert").inner_text()
    assert "Written at the other station." in page.locator(".theirs").inner_text()
    assert page.get_by_label("Notes").input_value() == "Typed here."
    assert not faults(page)
    page.get_by_role("button", name="Save details").click()
    assert page.locator("main > .notes").inner_text() == "Typed here."


def test_a_comment_written_twice_is_not_lost(peopled: Served, browser_page: Any) -> None:
    page, visit = browser_page, peopled.visit_ids[1]
    sign_in(page, peopled, "clinician")
    page.goto(f"{peopled.address}/visits/{visit}")
    from screener.station.records.forms import Comment

    with begin(peopled.database, COMMAND_LINE) as work:
        change_visit(work, visit, 2, comment=Comment(comment="From the other room."))
    page.get_by_role("textbox", name="comment").fill("Mine.")
    page.get_by_role("button", name="Save comment").click()
    assert "From the other room." in page.locator(".theirs").inner_text()
    assert page.get_by_role("textbox", name="comment").input_value() == "Mine."


def test_the_browser_runs_no_text_of_a_person(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    text = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    with begin(peopled.database, COMMAND_LINE) as work:
        change(work, peopled.person_id, 2, PersonData(name=text, notes=text))
    sign_in(page, peopled)
    for path in (
        "/people",
        f"/people/{peopled.person_id}",
        f"/people/{peopled.person_id}/progress",
        f"/visits/{peopled.visit_ids[0]}",
    ):
        page.goto(peopled.address + path)
        assert text in page.locator("main").inner_text()
    page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}/report")
    assert not asked


def test_progress_says_changed_only_beyond_the_error(peopled: Served, browser_page: Any) -> None:
    """The invented pelvic drop of the left leg fell by 7.5 degrees, of the right by 2.5; 3 can be told apart."""
    page = browser_page
    sign_in(page, peopled, "viewer")
    page.goto(f"{peopled.address}/people/{peopled.person_id}/progress")
    drop = page.locator("section.course").first
    left, right, sides = drop.locator(".changes li").all_inner_texts()
    assert "Left against right, 5 Oct 2026: no difference beyond the error of 3.0° (1.0°)" in sides
    assert re.search(r"▼ Left: changed: down 7\.5° \(more than the error of 3\.0°\) since the first visit", left)
    assert "Right: no change beyond the error of 3.0° (2.5°)" in right
    assert drop.locator("svg .bar-u").count() == 6
    assert len(drop.locator("tbody:not(.tally) tr").all()) == 3
    page.get_by_role("button", name="Side by side").click()
    page.wait_for_url("**/compare?**")
    pictures = page.locator(".pair").first.locator("img")
    assert pictures.count() == 2
    for number in range(2):
        pictures.nth(number).scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=pictures.nth(number).element_handle())


def test_the_letterhead_stands_on_the_report(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    from PIL import Image

    logo = io.BytesIO()
    Image.new("RGB", (60, 20), "navy").save(logo, format="PNG")
    sign_in(page, peopled)
    page.goto(peopled.address + "/settings")
    page.get_by_label("Name of the practice").fill("Practice at the Mill")
    page.get_by_label("Address").fill("Mill Lane 3\nOldtown")
    page.get_by_label("Logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": logo.getvalue()})
    page.get_by_role("button", name="Save").click()
    page.get_by_alt_text("Current logo").wait_for()
    page.goto(f"{peopled.address}/visits/{peopled.visit_ids[2]}/report")
    assert "Practice at the Mill" in page.locator(".letterhead").inner_text()
    assert "Lindqvist" not in page.locator(".letterhead").inner_text()


def test_an_owner_adds_a_user_who_signs_in(station: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, station)
    page.goto(station.address + "/users")
    add = page.get_by_role("region", name="Add a user")
    add.get_by_label("Sign-in name").fill("carla")
    add.get_by_label("Name", exact=True).fill("Carla Rossi")
    add.get_by_label("Password").fill("three odd words")
    add.get_by_role("button", name="Add").click()
    assert page.get_by_role("status").inner_text().endswith("Added.")
    assert station.client().post("/sign-in", data={"login": "carla", "password": "three odd words"}).status_code == 303


def test_a_person_is_exported_and_erased(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled)
    page.goto(f"{peopled.address}/people/{peopled.person_id}")
    pseudonym = page.locator("h1 .id").inner_text()
    page.get_by_text("Export and erase").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Export the person").click()
    with zipfile.ZipFile(Path(coming.value.path())) as archive:
        assert archive.testzip() is None
        assert "Mara Lindqvist" in archive.read("person.json").decode()
    page.get_by_label("to erase").fill("wrong")
    page.get_by_role("button", name="Erase for ever").click()
    assert "nothing was erased" in page.get_by_role("alert").inner_text()
    page.get_by_label("to erase").fill(pseudonym)
    page.get_by_role("button", name="Erase for ever").click()
    assert heading(page) == f"{pseudonym} was erased"
    with peopled.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(PersonRow)) == 5
        assert session.scalar(select(func.count()).select_from(StoredRecording)) == 0
        assert session.scalar(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1))
    page.goto(f"{peopled.address}/people?q=lindqvist")
    assert "Nobody was found" in page.locator(".empty").inner_text()


def test_an_idle_page_covers_itself_and_opens_with_the_pin(peopled: Served, browser_page: Any) -> None:
    page = browser_page
    sign_in(page, peopled, "clinician")
    page.goto(f"{peopled.address}/people/{peopled.person_id}")
    peopled.clock.ahead += timedelta(minutes=11)
    page.wait_for_url("**/locked**", timeout=20_000)
    assert "Lindqvist" not in page.content()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**/people/{peopled.person_id}")
    assert "Lindqvist" in heading(page)
    page.go_back()
    page.wait_for_load_state()
