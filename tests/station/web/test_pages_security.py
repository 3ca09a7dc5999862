"""Nobody gets in: what a hostile request, browser, text or file tries, each refused."""

from __future__ import annotations

import gc
import importlib
import io
import pkgutil
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

import screener.live
import screener.station
from helpers.station_served import PASSPHRASE, PASSWORD, PIN, Served, Visitor, serving
from screener.cli import main
from screener.errors import StationError
from screener.report.page import script_hash
from screener.station.access import users
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.address import Address
from screener.station.measuring.incoming import incoming_folder
from screener.station.records import people
from screener.station.storage.database import DatabaseLocation, open_database
from screener.station.storage.tables import AuditEntry, PersonRow, StoredPicture, StoredRecording, User, VisitRow
from screener.station.web.context import FormData, own_address
from screener.station.web.guard import BIGGEST_FORM_BYTES
from screener.station.web.serving import door_of, serve

SECRET_PAGES = ("/people", "/people/new", "/settings", "/users", "/log", "/me")


def rows(served: Served, table: type) -> int:
    with served.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def add_person(served: Served, name: str, notes: str = "") -> int:
    with begin(served.database, COMMAND_LINE) as work:
        return people.create(work, people.PersonData(name=name, notes=notes)).id


# Sign-in.


def test_the_cookie_is_kept_from_scripts_and_other_pages(station: Served) -> None:
    answer = station.client().post("/sign-in", data={"login": "owner", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert PASSWORD not in answer.text


def test_a_token_that_was_there_before_the_sign_in_is_worth_nothing(station: Served) -> None:
    client = station.client()
    client.cookies.set("station", "chosen-by-the-attacker")
    answer = client.post("/sign-in", data={"login": "owner", "password": PASSWORD})
    fresh = answer.cookies["station"]
    assert fresh != "chosen-by-the-attacker"
    attacker = station.client()
    attacker.cookies.set("station", "chosen-by-the-attacker")
    assert attacker.get("/people").headers["location"].startswith("/sign-in")
    again = station.client(station=fresh)
    again.post("/sign-in", data={"login": "owner", "password": PASSWORD})
    stolen = station.client()
    stolen.cookies.set("station", fresh)
    assert stolen.get("/people").status_code == 303


def test_signing_out_ends_the_session_on_the_server(station: Served) -> None:
    visitor = station.signed_in("owner")
    token = visitor.client.cookies["station"]
    visitor.client.post("/sign-out")
    thief = station.client()
    thief.cookies.set("station", token)
    assert thief.get("/people").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("page", SECRET_PAGES)
def test_nobody_sees_a_page_without_signing_in(station: Served, page: str) -> None:
    answer = station.client().get(page)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize(("login", "password"), [("owner", "wrong password"), ("nobody", PASSWORD), ("owner' OR '1'='1", "x")])
def test_a_wrong_sign_in_does_not_tell_what_was_wrong(station: Served, login: str, password: str) -> None:
    answer = station.client().post("/sign-in", data={"login": login, "password": password})
    assert answer.status_code == 403
    assert "The name or the password is wrong, or the account is locked." in answer.text
    assert "set-cookie" not in answer.headers


def test_sign_ins_are_limited_for_an_address(station: Served) -> None:
    client = station.client()
    tries = [client.post("/sign-in", data={"login": f"name{n}", "password": "guess guess"}).status_code for n in range(30)]
    most = station.database.settings.sign_ins
    assert tries[:most].count(403) == most
    assert set(tries[most:]) == {429}
    station.clock.ahead += timedelta(minutes=2)
    assert client.post("/sign-in", data={"login": "owner", "password": PASSWORD}).status_code == 303


def test_a_refused_try_leaves_no_typed_password_in_memory(station: Served) -> None:
    client, typed = station.client(), "a guess that must go"
    tries = [client.post("/sign-in", data={"login": f"name{n}", "password": typed}).status_code for n in range(25)]
    assert tries[-1] == 429
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, FormData) and typed in one.values.values()]
    assert not kept


def test_no_error_is_made_once_to_be_raised_again() -> None:
    """It would hold on to the frames of every time, and with them to what was typed."""
    for package in (screener.station, screener.live):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                values = vars(importlib.import_module(found.name)).values()
                assert not [one for one in values if isinstance(one, BaseException)], found.name


def test_an_account_is_locked_after_wrong_tries(station: Served) -> None:
    client = station.client()
    for _ in range(station.database.settings.tries):
        client.post("/sign-in", data={"login": "viewer", "password": "a wrong guess"})
    assert client.post("/sign-in", data={"login": "viewer", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(next_: str) -> None:
    assert own_address(next_) == "/people"
    assert own_address("/visits/3") == "/visits/3"


def test_the_first_user_needs_the_start_code_and_comes_once(empty: Served) -> None:
    form = {"login": "mallory", "password": PASSWORD, "again": PASSWORD}
    assert empty.client().post("/first", data=form | {"code": "guess"}).status_code == 403
    assert rows(empty, User) == 0
    assert empty.client().post("/first", data=form | {"code": "start-code"}).headers["location"] == "/me"
    assert empty.client().post("/first", data=form | {"login": "second", "code": "start-code"}).status_code == 403
    assert rows(empty, User) == 1


# The idle lock.


def test_an_idle_screen_locks_and_opens_with_the_pin(peopled: Served) -> None:
    visitor = peopled.signed_in("clinician")
    path = f"/people/{peopled.person_id}"
    assert visitor.get(path).status_code == 200
    csrf = visitor.csrf
    peopled.clock.ahead += timedelta(minutes=11)
    answer = visitor.get(path)
    assert answer.headers["location"] == f"/locked?next={path.replace('/', '%2F')}" or answer.headers["location"].endswith(path)
    before = rows(peopled, VisitRow)
    assert visitor.client.post(f"{path}/visits", data={"csrf": csrf}).headers["location"].startswith("/locked")
    assert rows(peopled, VisitRow) == before
    picture = visitor.get("/pictures/1")
    assert picture.headers["location"].startswith("/locked")
    assert visitor.client.post("/locked", data={"pin": "0000"}).status_code == 403
    assert visitor.client.post("/locked", data={"pin": PIN, "next": path}).headers["location"] == path
    assert visitor.get(path).status_code == 200


def test_what_a_page_asks_by_itself_does_not_keep_the_screen_open(station: Served) -> None:
    visitor = station.signed_in("viewer")
    for _ in range(3):
        station.clock.ahead += timedelta(minutes=4)
        answer = visitor.get("/presence").json()
    assert answer == "locked"


def test_too_many_wrong_pins_sign_out(station: Served) -> None:
    visitor = station.signed_in("viewer")
    visitor.post("/lock")
    for _ in range(station.database.settings.pin_tries):
        answer = visitor.client.post("/locked", data={"pin": "0000"})
    assert "you are signed out" in answer.text
    assert visitor.get("/presence").json() == "nobody"


# Forms of other pages.

CHANGES: list[tuple[str, Callable[[Served], str]]] = [
    ("new person", lambda s: "/people/new"),
    ("details", lambda s: f"/people/{s.person_id}"),
    ("consent", lambda s: f"/people/{s.person_id}/consents"),
    ("withdraw", lambda s: f"/people/{s.person_id}/withdraw"),
    ("visit", lambda s: f"/people/{s.person_id}/visits"),
    ("export", lambda s: f"/people/{s.person_id}/export"),
    ("erase", lambda s: f"/people/{s.person_id}/erase"),
    ("comment", lambda s: f"/visits/{s.visit_ids[0]}"),
    ("draft", lambda s: f"/visits/{s.visit_ids[0]}/draft"),
    ("forgotten draft", lambda s: f"/visits/{s.visit_ids[0]}/draft/drop"),
    ("guided recording", lambda s: f"/visits/{s.visit_ids[0]}/guide"),
    ("its end", lambda s: f"/visits/{s.visit_ids[0]}/guide/end"),
    ("consent in a visit", lambda s: f"/visits/{s.visit_ids[0]}/consent"),
    ("delete visit", lambda s: f"/visits/{s.visit_ids[0]}/delete"),
    ("delete recording", lambda s: "/recordings/1/delete"),
    ("practice", lambda s: "/settings"),
    ("add user", lambda s: "/users"),
    ("change user", lambda s: "/users/1"),
    ("reset password", lambda s: "/users/1/password"),
    ("pin", lambda s: "/me/pin"),
    ("password", lambda s: "/me/password"),
    ("lock", lambda s: "/lock"),
    ("verify", lambda s: "/log/verify"),
    ("cancelled measurement", lambda s: "/jobs/{key}/cancel"),
]


def test_every_form_needs_the_token_of_the_sign_in(peopled: Served) -> None:
    owner, other = peopled.signed_in("owner"), peopled.signed_in("owner")
    for what, path in CHANGES:
        for csrf in ({}, {"csrf": ""}, {"csrf": other.csrf}):
            assert owner.client.post(path(peopled), data={"x": "1"} | csrf).status_code == 403, what
    assert rows(peopled, PersonRow) == 6
    assert rows(peopled, StoredRecording) == 6


def test_every_changing_page_is_in_the_list_above(peopled: Served) -> None:
    from screener.station.web.app import PAGES

    known = {path(peopled) for _what, path in CHANGES} | {"/sign-in", "/first", "/locked", "/sign-out"}
    for one in PAGES:
        for route in one.router.routes:
            if "POST" in route.methods and not route.path.startswith("/intake"):
                filled = route.path
                for name, value in (("person_id", peopled.person_id), ("visit_id", peopled.visit_ids[0])):
                    filled = filled.replace(f"{{{name}}}", str(value))
                assert filled.replace("{recording_id}", "1").replace("{user_id}", "1") in known, route.path


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_of_another_page_is_refused(station: Served, origin: str | None) -> None:
    visitor = station.signed_in("owner")
    csrf = visitor.csrf
    client = station.client(origin, **dict(visitor.client.cookies))
    assert client.post("/people/new", data={"csrf": csrf, "name": "Forged"}).status_code == 403
    assert rows(station, PersonRow) == 0


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1"])
def test_another_name_of_this_machine_is_refused(station: Served, host: str) -> None:
    answer = station.client().get("/sign-in", headers={"host": host})
    assert answer.status_code == 421
    assert "Password" not in answer.text


# Roles.


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "does not allow this" in answer.text


def test_a_viewer_changes_and_exports_nothing(peopled: Served) -> None:
    viewer = peopled.signed_in("viewer")
    person, visit = peopled.person_id, peopled.visit_ids[0]
    assert viewer.get(f"/people/{person}").status_code == 200
    assert viewer.get(f"/visits/{visit}").status_code == 200
    counts = [rows(peopled, table) for table in (PersonRow, VisitRow, StoredRecording, User)]
    assert refused(viewer.get("/people/new"))
    for path in (f"/people/{person}", f"/people/{person}/visits", f"/people/{person}/export", f"/people/{person}/erase",
                 f"/visits/{visit}", f"/visits/{visit}/delete", "/recordings/1/delete", "/people/new"):  # fmt: skip
        assert refused(viewer.post(path, version="2", typed="delete", name="X")), path
    assert refused(viewer.post(f"/people/{person}/consents", consent_screening="yes"))
    assert refused(viewer.post(f"/people/{person}/withdraw", purpose="screening"))
    for form in ("pdf", "fhir", "csv", "zip"):
        assert refused(viewer.get(f"/visits/{visit}/download/{form}")), form
    assert refused(viewer.get("/recordings/1/video"))
    assert [rows(peopled, table) for table in (PersonRow, VisitRow, StoredRecording, User)] == counts


@pytest.mark.parametrize("login", ["viewer", "clinician"])
def test_only_an_owner_manages_users_settings_log_and_erases(peopled: Served, login: str) -> None:
    visitor = peopled.signed_in(login)
    for path in ("/users", "/settings", "/log"):
        assert refused(visitor.get(path)), path
    assert refused(visitor.post("/users", login="friend", password=PASSWORD, role="owner"))
    assert refused(visitor.post("/users/2", role="owner", version="1", active="yes"))
    assert refused(visitor.post("/users/1/password", password=PASSWORD))
    settings = {"name": "Mine", "version": "1", "video_days": "30", "idle_minutes": "240"}
    assert refused(visitor.post("/settings", **settings))
    assert refused(visitor.post("/log/verify"))
    assert refused(visitor.post(f"/people/{peopled.person_id}/erase", typed="whatever"))
    assert refused(visitor.post(f"/visits/{peopled.visit_ids[0]}/delete", typed="delete"))
    with peopled.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 3
        assert session.scalar(select(User.role).where(User.login == login)) == login


def test_a_role_that_was_taken_away_counts_at_once(station: Served) -> None:
    clinician, owner = station.signed_in("clinician"), station.signed_in("owner")
    token = clinician.client.cookies["station"]
    with station.database.transaction() as session:
        user = session.scalar(select(User).where(User.login == "clinician"))
        assert user is not None
        number, version = user.id, user.version
    owner.post(f"/users/{number}", role="viewer", active="yes", version=str(version), full_name="Ben")
    assert station.site.sessions.find(token) is None


def test_a_new_password_ends_what_is_open_at_another_station(peopled: Served) -> None:
    """Sessions are in the memory of each station; whether they still count is not."""
    place = DatabaseLocation(peopled.database.file)
    with (
        open_database(place, PASSPHRASE, peopled.database.settings) as database,
        serving(database) as (app, port),
    ):
        there = Served(f"http://127.0.0.1:{port}", database, app.state.site, peopled.clock)
        visitor = there.signed_in("clinician")
        person = f"/people/{peopled.person_id}"
        assert visitor.get(person).status_code == visitor.post(f"{person}/export").status_code == 200
        with begin(database, COMMAND_LINE) as work:
            clinician = next(user.id for user in users.every(work) if user.login == "clinician")
        csrf = visitor.csrf
        changed = peopled.signed_in("owner").post(f"/users/{clinician}/password", password="other words here")
        assert changed.status_code == 303
        answer = visitor.client.post(f"{person}/export", data={"csrf": csrf})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?said=password")
        assert visitor.get("/presence").json() == "nobody"
        assert visitor.get(person).headers["location"].startswith("/sign-in")
        for client in there.clients:
            client.close()


def test_a_zero_byte_is_refused_with_a_sentence_in_every_form(peopled: Served) -> None:
    """SQLite takes it; a server refuses it as if it were a fault of the program."""
    owner = peopled.signed_in("owner")
    form = {"csrf": owner.csrf, "login": "a\0b", "name": "Mara\0", "given_by": "her\0mother", "password": "x\0y"}
    for path in ("/sign-in", "/first", "/locked", *(path(peopled) for _, path in CHANGES)):
        answer = owner.client.post(path, data=form)
        assert answer.status_code == 400, path
        assert "characters that cannot be shown" in answer.text
    assert rows(peopled, PersonRow) == 6


@pytest.mark.parametrize(
    "path", ["/people?q=a%00b", "/people%00", "/sign-in?next=%00", "/visits/1%00", "/visits/1/download/zip%00.db"]
)
def test_a_zero_byte_in_an_address_is_refused(peopled: Served, path: str) -> None:
    answer = peopled.signed_in("owner").get(path)
    assert (answer.status_code, answer.text) == (400, "The address holds characters that cannot be read.")


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**40])
@pytest.mark.parametrize(
    "path", ["/people/{}", "/visits/{}", "/visits/{}/report", "/pictures/{}", "/log?before={}", "/people?at={}"]
)
def test_a_number_that_no_row_has_is_not_there(peopled: Served, path: str, number: int) -> None:
    answer = peopled.signed_in("owner").get(path.format(number))
    assert answer.status_code == (200 if "?" in path else 404)


def test_one_users_upload_is_not_anothers(peopled: Served) -> None:
    from contextlib import ExitStack

    job = peopled.site.jobs.start(1, peopled.visit_ids[0], lambda job: None, ExitStack())
    assert peopled.signed_in("clinician").get(f"/jobs/{job.key}").json()["problem"]
    assert not peopled.signed_in("owner").get(f"/jobs/{job.key}").json()["problem"]


def test_visits_of_two_people_are_not_compared(peopled: Served) -> None:
    with peopled.database.transaction() as session:
        other = session.scalar(select(VisitRow.id).where(VisitRow.person_id != peopled.person_id))
    clinician = peopled.signed_in("clinician")
    answer = clinician.get(f"/people/{peopled.person_id}/compare?before={other}&now={peopled.visit_ids[0]}")
    assert answer.status_code == 400
    assert "someone else" in answer.text


# Paths and files.


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../site.py", "/assets/%2e%2e/site.py", "/assets/..%2fsite.py", "/assets//etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2fcipher.py", "/assets/", "/pictures/../../station.db", "/pictures/..%2f..%2fstation.db",
        "/visits/1/download/..%2f..%2fstation.db", "/station.db", "/incoming/",
        "/openapi.json", "/docs",
    ],
)  # fmt: skip
def test_nothing_of_the_disk_is_served(peopled: Served, path: str) -> None:
    answer = peopled.signed_in("owner").get(path)
    assert answer.status_code in (404, 405), path
    assert b"SignedOutError" not in answer.content
    assert b"root:" not in answer.content


def test_downloads_are_called_by_the_pseudonym_and_open_clean(peopled: Served) -> None:
    clinician = peopled.signed_in("clinician")
    answer = clinician.get(f"/visits/{peopled.visit_ids[2]}/download/zip")
    assert answer.status_code == 200
    name = answer.headers["content-disposition"]
    assert "Lindqvist" not in name
    assert name.count('"') == 2
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {"report.html", "report.pdf", "report.fhir.json", "measures.csv"} <= set(archive.namelist())
        assert not [one for one in archive.namelist() if one.startswith("/") or ".." in one]


def intake(served: Served, visitor: Visitor, content: bytes, name: str, **wanted: str) -> httpx.Response:
    asked = {"name": name, "test": "single_leg_stance"} | wanted
    return visitor.client.post(
        f"/intake/{served.visit_ids[0]}", params=asked, content=content, headers={"x-csrf": visitor.csrf}
    )


def ended(visitor: Visitor, key: str) -> dict[str, Any]:
    """Wait until a video was measured, or refused."""
    for _ in range(600):
        told: dict[str, Any] = visitor.get(f"/jobs/{key}").json()
        if told["done"]:
            return told
        time.sleep(0.1)
    raise AssertionError("it is still measured")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("clip.mp4", b"<html><script>alert(1)</script>"),
        ("clip.mp4", b""),
        ("clip.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 4000),
        ("../../../../etc/cron.d/evil.mp4", b"not a video"),
        ("..\\..\\evil.mp4", b"not a video"),
        ("shell.php", b"<?php"),
        ("a" * 5000 + ".mp4", b"not a video"),
        ("playlist.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
        ("clip.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
        ("clip.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
    ],
)
def test_a_hostile_file_is_refused_and_leaves_nothing(peopled: Served, name: str, content: bytes) -> None:
    clinician = peopled.signed_in("clinician")
    before = rows(peopled, StoredRecording)
    answer = intake(peopled, clinician, content, name)
    assert answer.status_code in (200, 400)
    problem = answer.json().get("problem") or ended(clinician, answer.json()["job"])["problem"]
    assert problem
    assert "internal error" not in problem
    assert "root:" not in problem
    assert rows(peopled, StoredRecording) == before
    folder = incoming_folder(peopled.database)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_zero_byte_in_the_name_of_an_upload_is_refused(peopled: Served) -> None:
    assert intake(peopled, peopled.signed_in("clinician"), b"x", "clip.mp4\x00.html").status_code == 400


def test_an_upload_needs_role_consent_and_token(peopled: Served) -> None:
    clip = b"\x00" * 100
    assert intake(peopled, peopled.signed_in("viewer"), clip, "clip.mp4").status_code == 403
    clinician = peopled.signed_in("clinician")
    with peopled.database.transaction() as session:
        other = session.scalar(select(VisitRow.id).where(VisitRow.person_id != peopled.person_id))
    asked = {"name": "clip.mp4", "test": "single_leg_stance"}
    no_token = clinician.client.post(f"/intake/{peopled.visit_ids[0]}", params=asked, content=clip)
    assert no_token.status_code == 403
    no_consent = clinician.client.post(f"/intake/{other}", params=asked, content=clip, headers={"x-csrf": clinician.csrf})
    assert no_consent.status_code == 403
    assert "has not agreed" in no_consent.json()["problem"]
    assert intake(peopled, clinician, clip, "clip.mp4", test="../etc").status_code == 400
    assert intake(peopled, clinician, clip, "clip.mp4", side="up").status_code == 400


def test_a_form_that_is_too_large_is_not_read(station: Served) -> None:
    visitor = station.signed_in("owner")
    answer = visitor.client.post("/settings", content=b"x" * (BIGGEST_FORM_BYTES + 1))
    assert answer.status_code == 413
    endless = visitor.client.post("/settings", content=iter([b"x" * 10]))
    assert endless.status_code == 411


def test_a_logo_that_is_no_picture_is_refused(station: Served) -> None:
    visitor = station.signed_in("owner")
    form = {"csrf": visitor.csrf, "version": "1", "video_days": "30", "idle_minutes": "10"}
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    version = visitor.get("/settings").text.split('name="version" value="')[1].split('"')[0]
    answer = visitor.client.post("/settings", data=form | {"version": version}, files={"logo": ("logo.png", svg)})
    assert answer.status_code == 400
    assert "logo is not a picture" in answer.text
    assert visitor.get("/settings/logo").status_code == 404


def test_a_logo_that_would_fill_the_memory_is_refused(station: Served) -> None:
    """Some hundred bytes that unpack to 400 million pixels."""
    visitor = station.signed_in("owner")
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    version = visitor.get("/settings").text.split('name="version" value="')[1].split('"')[0]
    form = {"csrf": visitor.csrf, "version": version, "video_days": "30", "idle_minutes": "10"}
    answer = visitor.client.post("/settings", data=form, files={"logo": ("logo.png", bomb)})
    assert answer.status_code == 400
    assert "The logo is too large." in answer.text


# Texts.

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</textarea><script>1</script>")


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_notes_are_text(station: Served, text: str) -> None:
    person = add_person(station, text, text)
    owner = station.signed_in("owner")
    for path in ("/people", f"/people/{person}", f"/people/{person}/progress"):
        shown = owner.get(path).text
        assert "<script>" not in shown
        assert "<img src=x" not in shown
        assert ">49<" not in shown
    shown = owner.client.get("/people", params={"q": text}).text
    assert "<script>" not in shown
    assert "<img src=x" not in shown


@pytest.mark.parametrize("q", ["' OR 1=1 --", "%", "_", "\\", "'; DROP TABLE people; --", "\x00Zoe", "a" * 5000])
def test_search_is_only_text(station: Served, q: str) -> None:
    add_person(station, "Mara Lindqvist")
    answer = station.signed_in("viewer").client.get("/people", params={"q": q})
    assert answer.status_code in (200, 400)
    assert "Mara" not in answer.text
    assert rows(station, PersonRow) == 1


def test_pages_load_nothing_from_elsewhere_and_are_not_kept(peopled: Served) -> None:
    answer = peopled.signed_in("owner").get(f"/people/{peopled.person_id}")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    report = peopled.signed_in("owner").get(f"/visits/{peopled.visit_ids[2]}/report")
    rules = dict(rule.strip().split(" ", 1) for rule in report.headers["content-security-policy"].split(";"))
    assert rules["script-src"] == script_hash()  # its own script, and no other
    assert "allow-same-origin" not in rules["sandbox"]
    assert rules["default-src"] == "'none'"


def test_what_was_seen_exported_and_refused_is_in_the_log(peopled: Served) -> None:
    peopled.signed_in("clinician").get(f"/visits/{peopled.visit_ids[0]}/download/csv")
    peopled.signed_in("viewer").get(f"/visits/{peopled.visit_ids[0]}/download/csv")
    owner = peopled.signed_in("owner")
    with peopled.database.transaction() as session:
        last = [f"{one.action} {one.kind}" for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert "exported visit" in last
    assert any(one.startswith("refused") for one in last)
    assert "The log is intact" in owner.post("/log/verify").text


def test_a_picture_needs_a_sign_in(peopled: Served) -> None:
    assert rows(peopled, StoredPicture) > 0
    assert peopled.client().get("/pictures/1").status_code == 303
    assert peopled.signed_in("viewer").get("/pictures/1").content.startswith(b"\xff\xd8")


def looks(served: Served) -> list[tuple[int | None, str]]:
    """Who saw which visit, as the log has it."""
    with served.database.transaction() as session:
        seen = (
            select(AuditEntry)
            .where(AuditEntry.action == Action.SAW, AuditEntry.kind == ObjectKind.VISIT)
            .order_by(AuditEntry.id)
        )
        return [(one.user_id, one.detail) for one in session.scalars(seen)]


def test_a_picture_that_is_looked_at_without_its_page_is_in_the_log(peopled: Served) -> None:
    first, second, _last = (str(one) for one in peopled.visit_ids)
    viewer, clinician = peopled.signed_in("viewer"), peopled.signed_in("clinician")
    with peopled.database.transaction() as session:
        ids = {user.login: user.id for user in session.scalars(select(User))}
        join = select(StoredPicture.id).join(StoredRecording, StoredRecording.id == StoredPicture.recording_id)
        of_first, of_second = (
            session.scalars(join.where(StoredRecording.visit_id == int(one))).all() for one in (first, second)
        )
    assert len(of_first) > 1
    for picture in of_first:
        viewer.get(f"/pictures/{picture}")
    expected = [(ids["viewer"], first)]
    assert looks(peopled) == expected
    viewer.get(f"/pictures/{of_second[0]}")
    clinician.get(f"/pictures/{of_first[0]}")
    expected += [(ids["viewer"], second), (ids["clinician"], first)]
    assert looks(peopled) == expected
    peopled.clock.ahead += timedelta(hours=2)
    viewer = peopled.signed_in("viewer")
    viewer.get(f"/pictures/{of_first[0]}")
    assert looks(peopled) == [*expected, (ids["viewer"], first)]


def test_the_pictures_of_a_page_are_one_look_with_it(peopled: Served) -> None:
    viewer, visit = peopled.signed_in("viewer"), peopled.visit_ids[0]
    for _time in range(2):
        shown = re.findall(r'src="(/pictures/\d+)"', viewer.get(f"/visits/{visit}").text)
        assert len(shown) > 1
        assert {viewer.get(picture).status_code for picture in shown} == {200}
    assert [seen for _user, seen in looks(peopled)] == [str(visit)] * 2


# Where it is served.


@pytest.mark.parametrize("name", ["127.0.0.2", "localhost"])
def test_it_answers_at_the_address_that_it_announces(empty: Served, name: str) -> None:
    with serving(empty.database, host="127.0.0.2") as (_app, port):
        status = {
            host: httpx.get(f"http://127.0.0.2:{port}/first", headers={"host": f"{host}:{port}"}).status_code
            for host in (name, "127.0.0.3")
        }
    assert status == {name: 200, "127.0.0.3": 421}


def test_at_port_80_a_browser_leaves_the_port_out() -> None:
    assert {"127.0.0.1", "127.0.0.1:80", "localhost"} <= set(door_of(Address("127.0.0.1", 80), 80).hosts)
    assert "127.0.0.1" not in door_of(Address("127.0.0.1", 8000), 8000).hosts


def test_it_is_not_served_in_clear_beyond_this_machine(empty: Served, tmp_path: Path) -> None:
    with pytest.raises(StationError, match="without encryption"):
        serve(empty.database, Address("0.0.0.0", 0))
    assert main(["station", "--host", "0.0.0.0", "--database", str(tmp_path / "none.db")]) == 2
    assert DatabaseLocation.parse("x.db").file == Path("x.db")
