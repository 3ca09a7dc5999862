"""A person at the page: reads, ticks, chooses, presses keys."""

from __future__ import annotations

import re
import time
from typing import Any

PATIENCE_MS = 30_000


class Walker:
    """One browser tab on the page."""

    def __init__(
        self, browser: Any, address: str, *, width: int = 1280, height: int = 720, beside: Walker | None = None, **context: Any
    ) -> None:
        size = {"width": width, "height": height}
        self.context = beside.context if beside is not None else browser.new_context(viewport=size, **context)
        self.context.set_default_timeout(PATIENCE_MS)
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.goto(address)
        self.page.wait_for_selector("#heading")

    def close(self) -> None:
        self.context.close()

    @property
    def stage(self) -> str:
        found = re.search(r"at-(\w+)", self.page.get_attribute(".screen", "class") or "")
        return found.group(1) if found else ""

    @property
    def words(self) -> str:
        return str(self.page.inner_text(".screen"))

    def wait(self, stage: str, seconds: float = 30.0) -> None:
        """Wait until the page shows a stage, and its panel has been drawn."""
        self.page.wait_for_selector(f".at-{stage} #heading", timeout=1000 * seconds)
        time.sleep(0.15)

    def tick_all(self) -> None:
        for box in self.page.query_selector_all("#panel input[type=checkbox]"):
            if not box.is_checked():
                box.click()
        self.page.wait_for_selector("#panel .primary[aria-disabled=false]")

    def choose(self, *tests: str) -> None:
        for box in self.page.query_selector_all("#panel .card input"):
            if box.is_checked() != (box.get_attribute("name") in tests):
                box.click()

    def forward(self) -> None:
        """Press the button that goes on."""
        self.page.click("#panel .primary")

    def to_camera(self, *tests: str) -> None:
        """From the first page to the camera check."""
        self.wait("safety")
        self.tick_all()
        self.forward()
        self.wait("choose")
        self.choose(*tests)
        self.forward()
        self.wait("camera")

    def to_test(self) -> None:
        """From the camera check to the start signal; the example is passed over."""
        self.wait("example")
        self.forward()
        self.wait("baseline", 20)
        self.wait("countdown", 40)
        self.wait("test", 20)

    def numbers(self) -> int:
        """Number of the picture that is drawn."""
        return int(self.page.evaluate("document.getElementById('picture').dataset.number || 0"))
