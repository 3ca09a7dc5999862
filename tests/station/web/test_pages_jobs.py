"""Videos that wait for each other: who waits sees for how many, may cancel, and the station ends within seconds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest

from helpers.bad_clips import write_clip
from helpers.station_served import PASSPHRASE, PASSWORD, Served, Visitor, sign_in
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring.incoming import incoming_folder
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import DatabaseLocation, create_database
from screener.station.storage.tables import Purpose

PATIENCE_S = 60.0
ENDING_S = 8.0
CANCELLED = "The measurement was cancelled; nothing was saved. Upload the video again when you like."


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of a thousand small pictures a second: minutes of work in a little file."""
    grey = np.full((48, 64, 3), 90, np.uint8)
    path = tmp_path_factory.mktemp("clips") / "endless.mp4"
    return write_clip(path, (grey for _ in range(20_000)), times_s=[number / 1000 for number in range(20_000)], rate_hz=1000)


def sent(served: Served, visitor: Visitor, clip: Path) -> str:
    answer = visitor.client.post(
        f"/intake/{served.visit_ids[0]}", params={"name": "a.mp4", "test": "squat"}, content=clip.read_bytes(),
        headers={"x-csrf": visitor.csrf},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["job"]
    return key


def told_when(visitor: Visitor, key: str, what: str) -> dict[str, Any]:
    """Ask until something is true of a job."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        told: dict[str, Any] = visitor.get(f"/jobs/{key}").json()
        if told[what]:
            return told
        time.sleep(0.1)
    raise AssertionError(f"never {what}: {told}")


def test_who_waits_sees_for_how_many_and_whoever_measures_can_cancel(peopled: Served, endless: Path) -> None:
    clinician, owner = peopled.signed_in("clinician"), peopled.signed_in("owner")
    first, second = sent(peopled, clinician, endless), sent(peopled, owner, endless)
    third = sent(peopled, owner, endless)
    told_when(clinician, first, "seconds")
    for ahead, (visitor, key) in enumerate(((clinician, first), (owner, second), (owner, third))):
        assert visitor.get(f"/jobs/{key}").json()["ahead"] == ahead
    owner.post(f"/jobs/{first}/cancel")  # not the owner's own
    assert not clinician.get(f"/jobs/{first}").json()["done"]
    assert owner.post(f"/jobs/{second}/cancel").json()["problem"] == CANCELLED  # it had not begun
    assert owner.get(f"/jobs/{third}").json()["ahead"] == 1
    begun = time.monotonic()
    clinician.post(f"/jobs/{first}/cancel")
    assert told_when(clinician, first, "done")["problem"] == CANCELLED
    assert time.monotonic() - begun < 3.0
    told_when(owner, third, "seconds")
    owner.post(f"/jobs/{third}/cancel")
    assert told_when(owner, third, "done")["problem"] == CANCELLED
    assert list(incoming_folder(peopled.database).iterdir()) == []


@pytest.mark.slow
def test_the_page_shows_the_queue_and_a_button_to_cancel(peopled: Served, endless: Path, browser_page: Any) -> None:
    clinician = peopled.signed_in("clinician")
    first = sent(peopled, clinician, endless)
    sign_in(browser_page, peopled)
    browser_page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}")
    browser_page.locator("input[name=video]").set_input_files(str(endless))
    browser_page.get_by_role("button", name="Measure", exact=True).click()
    browser_page.get_by_text("Waiting to be measured: 1 video is measured before it.").wait_for()
    browser_page.get_by_role("button", name="Cancel").click()
    browser_page.get_by_text(CANCELLED).wait_for()
    clinician.post(f"/jobs/{first}/cancel")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A station in a process of its own, with a visit, and its address."""
    with create_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE) as database:
        users.create_owner(database, "owner", PASSWORD)
        with begin(database, COMMAND_LINE) as work:
            person = people.create(work, PersonData())
            consents.give(work, person.id, Purpose.SCREENING)
            assert visits.begin(work, person.id).id == 1
    words = ["station", "--port", "0", "--database", "station.db"]
    run = [sys.executable, "-c", "from screener.cli import run; run()", *words]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "SCREENER_PASSPHRASE": PASSPHRASE}
    server = subprocess.Popen(run, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        address = re.search(r"http://\S+:\d+", server.stdout.readline())
        assert address, server.communicate(timeout=PATIENCE_S)
        yield server, address.group()
    finally:
        server.kill()
        server.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_station_that_measures_ends_within_seconds_and_leaves_nothing(
    running: tuple[subprocess.Popen[str], str], endless: Path, tmp_path: Path, how: signal.Signals
) -> None:
    server, address = running
    with httpx.Client(base_url=address, headers={"origin": address}, follow_redirects=False) as client:
        assert client.post("/sign-in", data={"login": "owner", "password": PASSWORD}).status_code == 303
        visitor = Visitor(client)
        served = Served(address, None, None, None)  # type: ignore[arg-type]
        served.visit_ids = [1]
        keys = [sent(served, visitor, endless) for _ in range(2)]
        told_when(visitor, keys[0], "seconds")
    children = psutil.Process(server.pid).children(recursive=True)
    assert all(PASSPHRASE not in child.environ().values() for child in children)
    begun = time.monotonic()
    server.send_signal(how)
    _said, complained = server.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - begun < ENDING_S
    assert (server.returncode, complained) == (0, "")
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert list((tmp_path / "incoming").iterdir()) == []
