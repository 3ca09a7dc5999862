"""A camera at an address: a clip that this machine plays at its own pace stands in for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.network_camera import NetworkCamera
from screener.cli import main


@pytest.fixture
def address(samples: Path) -> Iterator[str]:
    camera = NetworkCamera(samples / "stance_left_drop9.mp4", endless=False)
    camera.switch_on()
    yield camera.address
    camera.switch_off()


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
