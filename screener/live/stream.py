"""The websocket to the one page that is in use: pictures with their skeleton, the gauge, words to say; keys come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from fastapi import WebSocket, WebSocketDisconnect

from screener.live.camera.capture import Shot
from screener.model.pose import SEEN_VISIBILITY, Pose

MAX_PX = 960
JPEG_QUALITY = 80
MAX_ON_THE_WAY = 2
"""Pictures sent that the page has not drawn yet; more would only be older ones."""
MAX_WORDS = 100
SECOND_TAB = 4001
TAKEN = 4002

Message = Mapping[str, Any]


@dataclass(frozen=True)
class NumberedPose:
    """A pose and the number of the picture it was found in."""

    number: int
    pose: Pose


def pack(shot: Shot, found: NumberedPose | None) -> bytes:
    """Picture and skeleton in one message: length of the head (4 bytes), head as JSON, JPEG.

    Parameters
    ----------
    shot : Shot
        As the camera gave it; not mirrored.
    found : NumberedPose, optional
        The newest pose; points that the model did not see are null.
    """
    scale = _scale(shot)
    bgr = cv2.cvtColor(shot.frame.rgb, cv2.COLOR_RGB2BGR)
    if scale < 1.0:
        height, width = (max(1, round(side * scale)) for side in bgr.shape[:2])
        bgr = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    points, of = (_points(found.pose, scale), found.number) if found else ([], 0)
    head = json.dumps({"number": shot.number, "pose": of, "points": points}).encode()
    return struct.pack("<I", len(head)) + head + jpeg.tobytes()


def _scale(shot: Shot) -> float:
    width: int = shot.frame.rgb.shape[1]
    return min(1.0, MAX_PX / width)


def _points(pose: Pose, scale: float) -> list[list[int] | None]:
    if not pose.found:
        return []
    seen = (pose.visibility >= SEEN_VISIBILITY) & np.isfinite(pose.pixels[:, 0])
    return [
        [round(float(x) * scale), round(float(y) * scale)] if known else None
        for (x, y), known in zip(pose.pixels, seen, strict=True)
    ]


class _Tab:
    """One browser tab: the newest picture, and words in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.on_the_way = 0
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._picture: bytes | None = None
        self._words: deque[str] = deque(maxlen=MAX_WORDS)

    def show(self, picture: bytes) -> None:
        with self._lock:
            self._picture = picture
        self._wake()

    def tell(self, message: Message) -> None:
        with self._lock:
            self._words.append(json.dumps(message))
        self._wake()

    def drawn(self) -> None:
        self.on_the_way = max(0, self.on_the_way - 1)
        self._news.set()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, the page with it
            self._loop.call_soon_threadsafe(self._news.set)

    async def next(self) -> tuple[list[str], bytes | None]:
        """Wait for words, or for a picture that the page is ready for."""
        while True:
            await self._news.wait()
            self._news.clear()
            with self._lock:
                words = list(self._words)
                self._words.clear()
                picture = self._picture if self.on_the_way < MAX_ON_THE_WAY else None
                self._picture = None if picture else self._picture
            if words or picture:
                return words, picture


class PageStream:
    """Sends to the tab in use. Pictures may be given from any thread.

    Parameters
    ----------
    on_act : callable
        Called with the name of what a key asked for.
    greet : callable
        Messages that a page needs when it (re)connects.
    """

    def __init__(self, on_act: Callable[[str], None], greet: Callable[[], tuple[Message, ...]]) -> None:
        self._on_act, self._greet = on_act, greet
        self._tab: _Tab | None = None
        self._socket: WebSocket | None = None
        self._sent, self._scale = 0, 1.0

    @property
    def watched(self) -> bool:
        """Whether a page is open."""
        return self._tab is not None

    def picture(self, shot: Shot, found: NumberedPose | None) -> None:
        """Show a picture, unless a newer one has been shown or nobody looks."""
        tab = self._tab
        if tab is None or shot.number <= self._sent:
            return
        self._sent, self._scale = shot.number, _scale(shot)
        tab.show(pack(shot, found))

    def skeleton(self, found: NumberedPose) -> None:
        """Show a skeleton on the newest picture, where its own has been shown without it."""
        self.tell({"kind": "found", "pose": found.number, "points": _points(found.pose, self._scale)})

    def tell(self, message: Message) -> None:
        """Tell the page something."""
        if self._tab is not None:
            self._tab.tell(message)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        await socket.accept()
        try:
            hello = await socket.receive_json()
            await self._serve(socket, str(hello.get("tab", "")), take=bool(hello.get("take")))
        except (WebSocketDisconnect, RuntimeError):  # the tab was closed, before or while something was sent to it
            return

    async def _serve(self, socket: WebSocket, name: str, *, take: bool) -> None:
        before, old = self._tab, self._socket
        if before is not None and old is not None:
            if before.name != name and not take:
                await socket.close(SECOND_TAB)
                return
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await old.close(TAKEN)
        tab = _Tab(name)
        self._tab, self._socket = tab, socket
        for message in self._greet():
            tab.tell(message)
        sending = asyncio.create_task(_send(socket, tab))
        try:
            while True:
                self._take(tab, await socket.receive_json())
        finally:
            sending.cancel()
            if self._tab is tab:
                self._tab, self._socket = None, None

    def _take(self, tab: _Tab, message: Mapping[str, Any]) -> None:
        if "drawn" in message:
            tab.drawn()
        elif "act" in message:
            self._on_act(str(message["act"]))


async def _send(socket: WebSocket, tab: _Tab) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the reader sees the end of the connection too
        while True:
            words, picture = await tab.next()
            for word in words:
                await socket.send_text(word)
            if picture is not None:
                tab.on_the_way += 1
                await socket.send_bytes(picture)
