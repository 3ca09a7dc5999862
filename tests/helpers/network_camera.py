"""A network camera of the kind that phones and cheap cameras offer: JPEGs one after the other over HTTP."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path

import cv2

from screener.video.file import VideoFile

INTERVAL_S = 1 / 25


class NetworkCamera:
    """Plays a clip at an address of this machine; the port stays the same when it is switched off and on.

    Parameters
    ----------
    clip : Path
        What it sees.
    endless : bool
        Play the clip over and over, else once and hang up.
    """

    def __init__(self, clip: Path, *, endless: bool = True) -> None:
        self._endless = endless
        self._pictures = [cv2.imencode(".jpg", frame.rgb[..., ::-1])[1].tobytes() for frame in VideoFile(clip)]
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self._on = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/camera.mjpg"

    def switch_on(self) -> None:
        played, on = (cycle if self._endless else iter), self._on
        pictures = self._pictures

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Send pictures until switched off or hung up on."""
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
                self.end_headers()
                for picture in played(pictures):
                    if not on.is_set():
                        return
                    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                    try:
                        self.wfile.write(head.encode() + picture + b"\r\n")
                    except OSError:
                        return
                    time.sleep(INTERVAL_S)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        ThreadingHTTPServer.allow_reuse_address = True
        self._on.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def switch_off(self) -> None:
        self._on.clear()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = None
