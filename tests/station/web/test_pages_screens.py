"""Every screen, in a real browser: no serious fault of accessibility, nothing wider than the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from helpers.station_served import PASSWORD, Served, faults, sign_in

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


def screens(served: Served) -> dict[str, str]:
    person, (first, _second, last) = f"/people/{served.person_id}", served.visit_ids
    return {
        "people": "/people",
        "search": "/people?q=mara",
        "nobody": "/people?q=zzz",
        "new-person": "/people/new",
        "person": person,
        "visit": f"/visits/{last}",
        "progress": f"{person}/progress",
        "compare": f"{person}/compare?before={first}&now={last}",
        "practice": "/settings",
        "users": "/users",
        "me": "/me",
        "log": "/log",
        "not-there": "/people/99999",
    }


def look_at_a_telephone(page: Any, keep: Path, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=keep / f"{name}-small.png", full_page=True)
    assert not faults(page), name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.set_viewport_size({"width": 1280, "height": 800})


def test_every_screen(peopled: Served, browser_page: Any, tmp_path: Path) -> None:
    keep = Path(os.environ.get("SCREENS", tmp_path))
    browser_page.goto(peopled.address + "/sign-in")
    browser_page.screenshot(path=keep / "sign-in.png")
    assert not faults(browser_page)
    sign_in(browser_page, peopled)
    for name, path in screens(peopled).items():
        browser_page.goto(peopled.address + path)
        browser_page.wait_for_load_state("networkidle")
        browser_page.screenshot(path=keep / f"{name}.png", full_page=name in ("visit", "progress", "compare", "person"))
        assert not faults(browser_page), name
        assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        look_at_a_telephone(browser_page, keep, name)
    browser_page.goto(peopled.address + "/me")
    browser_page.get_by_role("button", name="Lock").click()
    browser_page.screenshot(path=keep / "locked.png")
    assert not faults(browser_page)


def test_panels_that_are_folded_at_first(peopled: Served, browser_page: Any, tmp_path: Path) -> None:
    page, keep = browser_page, Path(os.environ.get("SCREENS", tmp_path))

    def look(name: str) -> None:
        page.screenshot(path=keep / f"{name}.png", full_page=True)
        assert not faults(page), name
        look_at_a_telephone(page, keep, name)

    sign_in(page, peopled)
    page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}")
    page.get_by_text("The safety list", exact=True).click()
    assert "a leg has recently become numb" in page.locator(".way").first.inner_text()
    page.get_by_text("More tests, one after another").click()
    look("visit-unfolded")
    page.get_by_role("button", name="Guide with the camera").click()
    assert "The safety list comes first." in page.get_by_role("alert").inner_text()
    look("visit-refused")
    page.goto(f"{peopled.address}/people/{peopled.person_id}")
    pseudonym = page.locator("h1 .id").inner_text()
    for panel in ("Details and notes", "Consents", "Export and erase"):
        page.get_by_text(panel, exact=True).click()
    look("person-unfolded")
    page.get_by_label("to erase").fill(pseudonym)
    page.get_by_role("button", name="Erase for ever").click()
    look("erased")


def test_the_first_start(empty: Served, browser_page: Any, tmp_path: Path) -> None:
    page, keep = browser_page, Path(os.environ.get("SCREENS", tmp_path))
    page.goto(f"{empty.address}/first?code=wrong")
    page.screenshot(path=keep / "first.png")
    look_at_a_telephone(page, keep, "first")
    page.get_by_label("Sign-in name").fill("olga")
    for name in ("password", "again"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Create the owner").click()
    assert "The start code is wrong." in page.get_by_role("alert").inner_text()
    look_at_a_telephone(page, keep, "first-wrong")
    page.get_by_label("Start code").fill("start-code")
    for name in ("password", "again"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Create the owner").click()
    page.wait_for_url("**/me")
    look_at_a_telephone(page, keep, "me")


def test_the_picture_of_the_readme(peopled: Served, browser_page: Any) -> None:
    """docs/station.png is a page of invented people; PICTURES=1 makes it anew."""
    picture = ROOT / "docs" / "station.png"
    sign_in(browser_page, peopled, "clinician")
    browser_page.goto(f"{peopled.address}/people/{peopled.person_id}/progress")
    assert browser_page.locator("section.course").count() >= 3
    if os.environ.get("PICTURES"):
        browser_page.screenshot(path=picture)
    with Image.open(picture) as made:
        assert made.size == (1280, 800)
