"""A station that is being served, and a plain client of it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI

from screener.station.address import Address
from screener.station.settings import elapsed
from screener.station.storage.database import Database
from screener.station.web.app import make_app
from screener.station.web.context import StationApp
from screener.station.web.serving import door_of, listen, server_config

PASSPHRASE = "correct horse battery staple"
PASSWORD = "violet tractor sings"
PIN = "4711"
LOGINS = {"owner": "Dr. Ada Winter", "clinician": "Ben Castell", "viewer": "Front desk"}


class Clock:
    """The time, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def elapsed(self) -> timedelta:
        return elapsed() + self.ahead


@dataclass
class Served:
    """A station at an address."""

    address: str
    database: Database
    site: StationApp
    clock: Clock
    person_id: int = 0
    visit_ids: list[int] = field(default_factory=list)

    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, origin: str | None = "", **cookies: str) -> httpx.Client:
        """Return a browser without scripts, that sends the origin of the station unless another one is named."""
        headers = {} if origin is None else {"origin": origin or self.address}
        self.clients.append(httpx.Client(base_url=self.address, headers=headers, timeout=120, cookies=cookies))
        return self.clients[-1]

    def signed_in(self, login: str) -> Visitor:
        """Return someone who is signed in."""
        client = self.client()
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return Visitor(client)


@contextmanager
def serving(database: Database, camera: str = "0", host: str = "127.0.0.1") -> Iterator[tuple[FastAPI, int]]:
    """Serve a station in this process until the block ends; gives its pages and its port."""
    listening = listen(Address(host, 0))
    port = listening.getsockname()[1]
    app = make_app(database, door_of(Address(host, 0), port), "start-code", camera)
    listening.listen()
    server = uvicorn.Server(server_config(app, Address(host, 0)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield app, port
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()


@dataclass
class Visitor:
    """A signed-in client."""

    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    @property
    def csrf(self) -> str:
        """The token of the forms of this sign-in."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/me").text)
        assert found
        return found.group(1)

    def post(self, path: str, **values: Any) -> httpx.Response:
        """Send a form as its page would."""
        return self.client.post(path, data={"csrf": self.csrf} | values)


def sign_in(page: Any, served: Served, login: str = "owner") -> None:
    page.goto(served.address + "/sign-in")
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/people")


def faults(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")]
