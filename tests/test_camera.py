"""A camera at an address: a video file served by this machine stands in for it."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from screener.cli import main


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def streamable(source: Path, target: Path) -> None:
    """The same pictures with the index in front, so that they can be read as they come."""
    with av.open(str(source)) as given, av.open(str(target), "w", options={"movflags": "faststart"}) as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                made.mux(packet)


@pytest.fixture
def address(samples: Path, tmp_path: Path) -> Iterator[str]:
    served = tmp_path / "served"
    served.mkdir()
    streamable(samples / "stance_left_drop9.mp4", served / "stance_left_drop9.mp4")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(served)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/stance_left_drop9.mp4"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.slow
def test_a_camera_is_recorded_until_it_stops_and_nothing_is_lost(address: str, tmp_path: Path) -> None:
    code = main(["analyze", address, "--test", "single_leg_stance", "--seconds", "60", "--out", str(tmp_path)])
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["source"]["file"] == "camera"
    assert report["source"]["frames"] == 148
    assert any("stopped giving pictures" in warning for warning in report["quality"]["warnings"])
    (result,) = report["tests"]
    assert (code, result["side"], result["status"]) == (0, "left", "scored")
    assert result["measures"][0]["grade"] == "outside"
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text(encoding="utf-8")
