from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from screener.errors import ModelError, UsageError
from screener.pose import models
from screener.pose.models import PUBLISHED, PublishedModel, load_model, sha256_of


def test_the_embedded_model_is_the_published_one() -> None:
    model = load_model()
    assert model.sha256 == "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad"
    assert model.path.stat().st_size == 9_398_198
    assert sha256_of(model.path) == model.sha256


def test_a_damaged_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "pose_landmarker_full.task"
    shutil.copy(PUBLISHED["full"].path, damaged)
    with damaged.open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01")
    monkeypatch.setattr(PublishedModel, "path", property(lambda _self: damaged))
    with pytest.raises(ModelError, match="checksum"):
        load_model()


def test_a_model_that_is_not_there_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.platformdirs, "user_data_dir", lambda _name: str(tmp_path))
    with pytest.raises(ModelError) as caught:
        load_model("heavy")
    assert "screener models fetch heavy" in caught.value.advice


def test_an_unknown_model_is_wrong_use() -> None:
    with pytest.raises(UsageError):
        load_model("huge")


def test_a_download_that_is_not_the_published_file_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.task"
    other.write_bytes(b"not the model")
    monkeypatch.setattr(models.platformdirs, "user_data_dir", lambda _name: str(tmp_path))
    monkeypatch.setattr(PublishedModel, "address", property(lambda _self: other.as_uri()))
    with pytest.raises(ModelError, match="not the published file"):
        models.fetch_model("lite", lambda _done, _total: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_download_is_checked_and_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = PUBLISHED["full"].path
    target = PublishedModel("lite", sha256_of(source))
    monkeypatch.setitem(models.PUBLISHED, "lite", target)
    monkeypatch.setattr(models.platformdirs, "user_data_dir", lambda _name: str(tmp_path))
    monkeypatch.setattr(PublishedModel, "address", property(lambda _self: source.as_uri()))
    seen: list[int] = []
    model = models.fetch_model("lite", lambda done, _total: seen.append(done))
    assert model.path == tmp_path / "models" / "pose_landmarker_lite.task"
    assert seen[-1] == 9_398_198
    assert load_model("lite").sha256 == target.sha256
