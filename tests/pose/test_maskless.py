"""The lighter bundle gives the landmarks of the official one, or is not used."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from screener.model.picture import Frame
from screener.pose.finder import PoseFinder
from screener.pose.landmarker import Landmarker
from screener.pose.models import ModelFile, load_model, maskless
from screener.pose.models.maskless import LANDMARK_NETWORK, MEMBERS, UnexpectedNetworkError, cut_bundle, without_mask
from screener.video.file import VideoFile


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(maskless.platformdirs, "user_cache_dir", lambda _name: str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


def network() -> bytes:
    with zipfile.ZipFile(load_model().path) as bundle:
        return bundle.read(LANDMARK_NETWORK)


def rebuilt(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> ModelFile:
    with zipfile.ZipFile(path, "w", compression) as bundle:
        for name, data in members.items():
            bundle.writestr(name, data)
    return load_model(path=path)


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(load_model().path) as bundle:
        return {name: bundle.read(name) for name in MEMBERS}


def require_same_landmarks(frames: Iterator[Frame], light: ModelFile) -> int:
    """Both bundles over the same frames, to the last bit; the number of frames with a person."""
    found = 0
    with Landmarker(load_model(), with_mask=True) as official, Landmarker(light) as lighter:
        for frame in frames:
            whole, cut = official.detect(frame.rgb, frame.time_s), lighter.detect(frame.rgb, frame.time_s)
            for name in ("pixels", "world_m", "visibility"):
                np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name), strict=True)
            found += cut.found
    return found


def test_a_few_frames_are_bit_identical(cache: Path, samples: Path) -> None:
    light = maskless.maskless(load_model())
    assert light.path.parent == cache
    assert require_same_landmarks(islice(VideoFile(samples / "stance_left_drop9.mp4"), 12), light) == 12


@pytest.mark.slow
def test_every_frame_of_every_bundled_clip_is_bit_identical(cache: Path, samples: Path) -> None:
    light = maskless.maskless(load_model())
    assert light.path.parent == cache
    for clip in sorted(samples.glob("*.mp4")):
        assert require_same_landmarks(iter(VideoFile(clip)), light) > 50, clip.name


def test_a_third_of_the_operators_is_gone_and_nothing_else_changed() -> None:
    from mediapipe.tasks.metadata.schema_py_generated import Model

    whole, cut = network(), without_mask(network())
    graphs = [Model.GetRootAs(bytearray(data), 0).Subgraphs(0) for data in (whole, cut)]
    before, after = (
        [
            (operator.OpcodeIndex(), operator.InputsAsNumpy().tolist(), operator.OutputsAsNumpy().tolist())
            for operator in map(graph.Operators, range(graph.OperatorsLength()))
        ]
        for graph in graphs
    )
    assert 0 < len(after) < len(before)
    assert [operator for operator in before if operator in after] == after
    dropped = {tensor for operator in before if operator not in after for tensor in operator[2]}
    assert not dropped & {tensor for operator in after for tensor in operator[1]}
    outputs = [graph.OutputsAsNumpy().tolist() for graph in graphs]
    assert outputs[1] == [outputs[0][slot] for slot in (0, 1, 3, 3, 4)]
    changed = np.flatnonzero(np.frombuffer(whole, np.uint8) != np.frombuffer(cut, np.uint8))
    assert len(cut) == len(whole)
    assert changed.size < 5 * len(before) + 8


def test_it_keeps_the_name_and_checksum_of_the_model(cache: Path) -> None:
    model = load_model()
    light = maskless.maskless(model)
    assert (light.name, light.sha256) == (model.name, model.sha256)
    assert light.path != model.path
    assert cache.is_dir()


def test_it_is_cut_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = maskless.maskless(load_model())
    monkeypatch.setattr(maskless, "cut_bundle", lambda _path: pytest.fail("cut again"))
    assert maskless.maskless(load_model()) == first
    assert [path.suffix for path in cache.iterdir()] == [".task"]


def test_a_damaged_file_in_the_cache_is_not_used(cache: Path) -> None:
    light = maskless.maskless(load_model())
    data = light.path.read_bytes()
    light.path.write_bytes(data[:-1000] + bytes(1000))
    again = maskless.maskless(load_model())
    assert again.path.read_bytes() == data


def test_where_the_cache_cannot_be_written_the_official_bundle_is_used(cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert maskless.maskless(load_model()) == load_model()


def test_another_network_is_used_whole(cache: Path, tmp_path: Path) -> None:
    parts = members()
    renamed = network().replace(b"Identity_2", b"Identity_9")
    other = {
        "outputs": {**parts, LANDMARK_NETWORK: renamed},
        "no network": {**parts, LANDMARK_NETWORK: b"something else entirely"},
        "empty": {**parts, LANDMARK_NETWORK: b""},
        "one member": {LANDMARK_NETWORK: parts[LANDMARK_NETWORK]},
        "other order": dict(reversed(parts.items())),
        "cut already": {**parts, LANDMARK_NETWORK: without_mask(network())},
    }
    for name, content in other.items():
        model = rebuilt(tmp_path / f"{name}.task", content)
        assert maskless.maskless(model) == model, name
        with pytest.raises(UnexpectedNetworkError):
            cut_bundle(model.path)
    packed = rebuilt(tmp_path / "packed.task", parts, zipfile.ZIP_DEFLATED)
    assert maskless.maskless(packed) == packed
    no_zip = tmp_path / "no_zip.task"
    no_zip.write_bytes(b"PK but not a zip")
    assert maskless.maskless(load_model(path=no_zip)).path == no_zip
    assert not cache.exists()


def test_a_front_view_needs_no_mask_and_a_side_view_does(cache: Path, samples: Path) -> None:
    for name, frontal in (("stance_left_drop9.mp4", True), ("hinge_neutral.mp4", False)):
        frame = next(iter(VideoFile(samples / name)))
        finder = PoseFinder(load_model(), pelvis=frontal, back=not frontal)
        located = finder.locate(frame)
        pose = finder.look(located)
        finder.close()
        assert pose.found
        assert (located.mask is None) == frontal
        assert np.isnan(pose.back_outline).all() == frontal


def test_a_bundle_that_mediapipe_refuses_is_replaced_by_the_official_one(
    tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.pose import landmarker

    broken = tmp_path / "broken.task"
    broken.write_bytes(b"refused")
    official = load_model()
    monkeypatch.setattr(landmarker, "maskless", lambda model: ModelFile(model.name, broken, model.sha256))
    with Landmarker(official) as opened:
        frame = next(iter(VideoFile(samples / "stance_left_drop9.mp4")))
        assert opened.detect(frame.rgb, 0.0).found
