"""Beyond this machine the station is served with TLS, and its cookie goes over nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from helpers.station_served import PASSPHRASE, PASSWORD
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.address import Address
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import DatabaseLocation, create_database
from screener.station.storage.tables import Purpose

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60
DIRECT: dict[str, Any] = {"timeout": PATIENCE_S, "trust_env": False}
"""A client that no proxy and no certificate of the environment stands between."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with cert.pem and key.pem, signed by itself, for this machine."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    folder = tmp_path_factory.mktemp("tls")
    names = f"subjectAltName=DNS:localhost,DNS:{socket.gethostname()},IP:127.0.0.1"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-addext", names, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*make, *files], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def served(tmp_path: Path, certificate: Path, samples: Path) -> Iterator[tuple[list[str], str]]:
    """What `screener station --host 0.0.0.0` prints, and its address on this machine; it is ended whatever the test does."""
    with create_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE) as database:
        users.create_owner(database, "owner", PASSWORD)
        with begin(database, COMMAND_LINE) as work:
            person = people.create(work, PersonData())
            consents.give(work, person.id, Purpose.SCREENING)
            assert visits.begin(work, person.id).id == 1
    (tmp_path / "pass").write_text(PASSPHRASE + "\n")
    words = ["station", "--host", "0.0.0.0", "--port", "0", "--database", "station.db", "--passphrase-file", "pass",
             "--camera", str(samples / "stance_left_drop9.mp4"),
             "--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem")]  # fmt: skip
    run = [sys.executable, "-c", "from screener.cli import run; run()", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(run, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        printed = [server.stdout.readline(), server.stdout.readline()]
        port = re.search(r":(\d+)/", printed[0])
        assert port, server.communicate(timeout=PATIENCE_S)
        yield printed, f"https://localhost:{port.group(1)}"
        server.send_signal(signal.SIGINT)
        _said, complained = server.communicate(timeout=PATIENCE_S)
        assert (server.returncode, complained) == (0, "")
    finally:
        server.kill()
        server.communicate()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A tab that takes a certificate that nobody vouches for, as a practice's browser is told to."""
    context = chromium.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_it_answers_with_tls_and_its_cookie_goes_over_nothing_else(served: tuple[list[str], str], certificate: Path) -> None:
    printed, address = served
    assert f"https://{socket.gethostname()}:" in printed[0]
    assert "0.0.0.0" not in "".join(printed)
    assert "certificate contains it" in printed[1]
    trusted = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    with httpx.Client(
        base_url=address, verify=trusted, headers={"origin": address}, timeout=PATIENCE_S, trust_env=False
    ) as client:
        answer = client.post("/sign-in", data={"login": "owner", "password": PASSWORD})
        assert answer.status_code == 303
        cookie = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
        assert {"secure", "httponly", "samesite=strict", "path=/"} <= cookie
        people_page = client.get("/people")
        assert people_page.status_code == 200
        assert int(people_page.headers["strict-transport-security"].removeprefix("max-age=")) >= 31_536_000
        old = client.post("/people/new", data={"name": "x"}, headers={"origin": address.replace("https", "http")})
        assert old.status_code == 403
    with (
        httpx.Client(**DIRECT) as stranger,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        stranger.get(address)
    with httpx.Client(**DIRECT) as plain, pytest.raises(httpx.RemoteProtocolError):
        plain.get(address.replace("https", "http"))


@pytest.mark.slow
def test_a_guided_recording_finds_its_way_back_with_tls(tab: Any, served: tuple[list[str], str]) -> None:
    """To a browser the live page is another site there, from which a link carries no cookie that is for links of this site.

    At the end a recording is under way: Ctrl-C ends the station all the same, and it has nothing to complain of.
    """
    (_printed, address), page = served, tab
    page.set_default_timeout(1000 * PATIENCE_S)
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/people")
    page.goto(f"{address}/visits/1")
    page.get_by_label("We went through the safety list").check()
    page.get_by_role("button", name="Guide with the camera").click()
    page.wait_for_selector(".at-camera #heading")
    assert page.url.startswith("http://localhost:")
    page.locator(".bar").get_by_role("link", name="Back to the visit").click()
    page.wait_for_url(f"{address}/visits/1")
    assert "under way in this visit" in page.locator(".way").first.inner_text()
    page.get_by_role("link", name="Go back to it").click()
    page.wait_for_selector(".screen #heading")


@pytest.mark.parametrize(
    ("host", "name", "everywhere", "local"),
    [
        ("127.0.0.1", "127.0.0.1", False, True),
        ("::1", "[::1]", False, True),
        ("localhost", "localhost", False, True),
        ("practice.example", "practice.example", False, False),
        ("0.0.0.0", socket.gethostname(), True, False),
        ("::", socket.gethostname(), True, False),
    ],
)
def test_the_printed_address_is_one_that_can_be_typed(host: str, name: str, everywhere: bool, local: bool) -> None:
    address = Address(host)
    assert (address.name, address.is_everywhere, address.is_local) == (name, everywhere, local)
