"""Wrong use, files that are not what they should be, output that cannot be written, and runs that are broken off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from helpers.bad_clips import SAMPLES, STANCE, pictures, write_clip
from helpers.console import Console
from screener.cli import main
from screener.errors import OutputError
from screener.extras import install_command
from screener.files import LOCK_SUFFIX, STAGE_PREFIX, stage_in, user_temporary_folder

CONTRACT = {"report.json", "report.html", "timeseries.csv", "landmarks.npz"}
TEST = ("--test", "single_leg_stance")
AS_ANYONE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Puts root under the permissions of files like everyone else."""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="uses signals, limits or mounts of Linux")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of three frames."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", pictures(STANCE, 0, 3))


@pytest.fixture(scope="module")
def landmarks(clip: Path) -> Path:
    """The landmarks of that clip."""
    assert main(["analyze", str(clip), *TEST, "--out", str(clip.parent / "run")]) == 3
    return clip.parent / "run" / "landmarks.npz"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own with hardly any room."""
    folder = Path(tempfile.mkdtemp())
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


def files(folder: Path) -> set[str]:
    """Names of everything in a folder, hidden files too."""
    return {file.name for file in folder.iterdir()}


def program(*arguments: str, before: str = "", wrapper: tuple[str, ...] = (), cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start the command line in a process of its own, with a line of Python before it."""
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's background job ignores Ctrl-C
    code = f"{heard}\n{before}\nfrom screener.cli import run\nrun()"
    command = [*wrapper, sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until_it_watches(process: subprocess.Popen[str]) -> None:
    """Wait until the pose network is loaded and some frames have gone through it."""
    maps = Path(f"/proc/{process.pid}/maps")
    for _ in range(300):
        if "mediapipe" in maps.read_text():
            break
        time.sleep(0.1)
    time.sleep(1.5)
    assert process.poll() is None


WRONG_USE = (
    (("analyze", "{clip}", "--test", "nonsense"), "There is no test nonsense.", "single_leg_stance"),
    (("analyze", "{clip}"), "No test was named.", "screener tests"),
    (("analyze", "{clip}", "--test"), "Option '--test' requires an argument.", "screener tests"),
    (("analyze", *TEST), "No video was named.", "--plan"),
    (("analyze", "{clip}", *TEST, "--nonsense"), "No such option: --nonsense", "screener analyze --help"),
    (("analyze", "{clip}", *TEST, "--side", "middle"), "Invalid value for '--side': 'middle' is not one of", "--help"),
    (("analyze", "{clip}", *TEST, "--age", "200"), "Invalid value for '--age'", "--help"),
    (("analyze", "{clip}", *TEST, "--vertical", "nan"), "Invalid value for '--vertical'", "--help"),
    (("analyze", "ftp://127.0.0.1/clip.mp4", *TEST), "ftp://127.0.0.1/clip.mp4 is not the address", "rtsp://"),
    (("nonsense",), "No such command 'nonsense'.", "screener --help"),
    (("demo", "--clip", "nonsense"), "There is no bundled clip nonsense.", "--clip"),
)


@pytest.mark.parametrize(("arguments", "sentence", "advice"), WRONG_USE)
def test_wrong_use(console: Console, clip: Path, arguments: tuple[str, ...], sentence: str, advice: str) -> None:
    said = console(*(word.format(clip=clip) for word in arguments))
    said.require(2)
    assert said.sentence.startswith(sentence)
    assert advice in said.advice


def test_a_model_that_is_none(console: Console, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "model.task").write_text("not a model")
    arguments = ("analyze", str(clip), *TEST, "--out", str(tmp_path / "out"), "--model-path")
    console(*arguments, str(tmp_path / "model.task")).require(4, "The model file model.task is not a pose landmarker bundle.")
    console(*arguments, str(tmp_path / "missing.task")).require(4, "There is no model file missing.task.")
    assert files(tmp_path) == {"model.task"}


@pytest.mark.parametrize("source", ["97", "http://127.0.0.1:9/stream", "rtsp://127.0.0.1:9/stream"])
def test_no_camera(clip: Path, tmp_path: Path, source: str) -> None:
    process = program("analyze", source, *TEST, "--out", str(tmp_path / "out"))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert err.splitlines()[0] == f"No camera answers at {source}."
    assert len(err.splitlines()) == 2
    assert files(tmp_path) == set()


def test_debug_shows_where_it_went_wrong(console: Console, tmp_path: Path) -> None:
    said = console("analyze", str(tmp_path / "clip.mp4"), *TEST, "--out", str(tmp_path / "out"), "--debug")
    assert said.code == 4
    assert "Traceback" in said.err
    assert said.err.splitlines()[-2:] == ["There is no file clip.mp4.", "Check the name and the folder."]


@pytest.mark.parametrize(
    "name", ["my clip (1).mp4", "Größe 日本 😀.mp4", 'it\'s "quoted".mp4', "[red].mp4", "$(echo).mp4", "-clip.mp4", "42"]
)
def test_odd_names_work(console: Console, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shutil.copy(clip, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    said = console("analyze", name, *TEST)
    said.require(3)
    assert name in said.out
    assert files(tmp_path / "screening" / Path(name).stem) == CONTRACT


@linux_only
def test_a_name_that_is_no_text(console: Console, clip: Path, tmp_path: Path) -> None:
    bad = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.mp4")
    shutil.copy(clip, bad)
    console("analyze", bad, *TEST, "--out", str(tmp_path / "out")).require(4)


def other_version(data: bytes, path: Path) -> None:
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["facts"] = np.array(str(arrays["facts"]).replace('"version": 1', '"version": 99'))
    np.savez_compressed(path, **arrays)


LANDMARK_FILES: tuple[tuple[Callable[[bytes, Path], object], str], ...] = (
    (lambda _data, path: path.unlink(), "There is no file landmarks.npz."),
    (lambda data, path: (path.unlink(), path.mkdir()), "landmarks.npz is a folder, not a landmarks file."),
    (lambda data, path: path.write_bytes(b""), "landmarks.npz is not a landmarks file of this program, or it is damaged."),
    (lambda data, path: path.write_text("text"), "landmarks.npz is not a landmarks file of this program, or it is damaged."),
    (
        lambda data, path: path.write_bytes(data[: len(data) // 2]),
        "landmarks.npz is not a landmarks file of this program, or it is damaged.",
    ),
    (
        lambda data, path: path.write_bytes(data[:3000] + bytes(200) + data[3200:]),
        "landmarks.npz is not a landmarks file of this program, or it is damaged.",
    ),
    (
        lambda data, path: np.savez(path, other=np.zeros(3)),
        "landmarks.npz is not a landmarks file of this program, or it is damaged.",
    ),
    (other_version, "landmarks.npz has version 99 of the landmarks format; this program reads 1."),
)


@pytest.mark.parametrize(("change", "sentence"), LANDMARK_FILES)
def test_landmarks_file(
    console: Console, landmarks: Path, tmp_path: Path, change: Callable[[bytes, Path], object], sentence: str
) -> None:
    path = Path(shutil.copy(landmarks, tmp_path))
    change(path.read_bytes(), path)
    console("report", str(path), "--out", str(tmp_path / "out")).require(4, sentence)
    assert not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be(console: Console, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    for out in (tmp_path / "out", tmp_path / "out" / "deeper"):
        console("analyze", str(clip), *TEST, "--out", str(out)).require(2, f"{tmp_path / 'out'} is a file, not a folder.")
    assert (tmp_path / "out").read_text() == "mine"


@linux_only
@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
def test_no_permission_to_write(landmarks: Path, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    process = program("report", str(landmarks), "--out", str(folder / "out"), wrapper=AS_ANYONE)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert err.splitlines() == [
        f"The folder {folder / 'out'} cannot be written (Permission denied).",
        "Choose a folder you may write to with --out.",
    ]
    assert files(folder) == set()


@linux_only
def test_read_only_disk(console: Console, landmarks: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    said = console("report", str(landmarks), "--out", str(small_disk))
    said.require(2, f"The folder {small_disk} cannot be written (Read-only file system).")


@linux_only
def test_full_disk(console: Console, landmarks: Path, small_disk: Path) -> None:
    said = console("report", str(landmarks), "--out", str(small_disk / "out"))
    said.require(2, f"The disk of {small_disk / 'out'} is full; nothing was written.")
    assert files(small_disk) == set()


@linux_only
def test_full_disk_in_the_overlay(console: Console, landmarks: Path, clip: Path, small_disk: Path) -> None:
    needed_kb = sum(4 * (file.stat().st_size // 4096 + 1) for file in landmarks.parent.iterdir())
    subprocess.run(["mount", "-o", f"remount,size={needed_kb + 8}k", small_disk], check=True)
    said = console("analyze", str(clip), *TEST, "--overlay", "--out", str(small_disk / "out"))
    said.require(2, f"The disk of {small_disk / 'out'} is full; nothing was written.")
    assert files(small_disk) == set()


@linux_only
def test_no_room_for_a_file_and_an_earlier_report_stays(landmarks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["report", str(landmarks), "--out", str(out)]) == 3
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))"
    process = program("report", str(landmarks), "--out", str(out), before=limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"The folder {out} cannot be written (File too large)." in err.splitlines()
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_files_of_an_earlier_run_do_not_stay_beside_a_newer_report(console: Console, landmarks: Path, tmp_path: Path) -> None:
    mine, recording = {"notes.csv", "report-of-mine.pdf"}, {"landmarks-2.npz"}
    for name in mine | recording | {"report.pdf", "overlay.mp4", "overlay-2.mp4", "report.fhir.json", "timeseries-2.csv"}:
        (tmp_path / name).write_text("earlier")
    console("report", str(landmarks), "--out", str(tmp_path), "--export", "trc").require(3)
    written = {"report.json", "report.html", "landmarks.npz", "timeseries.csv", "landmarks.trc"}
    assert files(tmp_path) == mine | recording | written


def test_when_one_file_cannot_be_put_in_place_the_earlier_ones_come_back(
    console: Console, landmarks: Path, tmp_path: Path
) -> None:
    (tmp_path / "landmarks.npz").write_text("earlier")
    (tmp_path / "report.pdf").write_text("earlier")
    (tmp_path / "report.json").mkdir()
    (tmp_path / "report.json" / "mine").touch()
    said = console("report", str(landmarks), "--out", str(tmp_path))
    said.require(2, f"The folder {tmp_path} cannot be written (report.json in it is a folder).")
    assert files(tmp_path) == {"landmarks.npz", "report.json", "report.pdf"}
    assert (tmp_path / "landmarks.npz").read_text() == "earlier"
    assert files(tmp_path / "report.json") == {"mine"}


@linux_only
@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl_c", "kill_9"])
def test_broken_off_in_the_middle(tmp_path: Path, how: signal.Signals) -> None:
    process = program("analyze", str(SAMPLES / "slsquat_left_valgus16.mp4"), "--test", "single_leg_squat", cwd=tmp_path)
    wait_until_it_watches(process)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert files(tmp_path) == set()
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert err.splitlines() == ["Stopped; nothing half-written is left behind.", "Start it again when you like."]


@linux_only
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_broken_off_while_writing(console: Console, landmarks: Path, tmp_path: Path, how: str) -> None:
    out = tmp_path / "out"
    stop = (
        "import os, signal, time, screener.workflow.output as output\n"
        f"output.timeseries_csv = lambda series: os.kill(os.getpid(), signal.{how}) or time.sleep(9)"
    )
    process = program("report", str(landmarks), "--out", str(out), before=stop)
    process.communicate(timeout=60)
    if how == "SIGINT":
        assert process.returncode == 130
        assert not out.exists()
        return
    left = files(out)
    assert left
    assert all(name.startswith(STAGE_PREFIX) for name in left)
    console("report", str(landmarks), "--out", str(out)).require(3)
    assert files(out) == CONTRACT


def test_the_stage_of_a_run_that_goes_on_is_left_alone(console: Console, landmarks: Path, tmp_path: Path) -> None:
    (tmp_path / f"{STAGE_PREFIX}mine").mkdir()
    with stage_in(tmp_path) as stage:
        console("report", str(landmarks), "--out", str(tmp_path)).require(3)
        assert files(tmp_path) == CONTRACT | {stage.name, f"{stage.name}{LOCK_SUFFIX}", f"{STAGE_PREFIX}mine"}
    assert files(tmp_path) == CONTRACT | {f"{STAGE_PREFIX}mine"}


@linux_only
def test_a_temporary_folder_of_someone_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = user_temporary_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert user_temporary_folder() == folder
    folder.chmod(0o755)
    with pytest.raises(OutputError, match="is not this user's alone"):
        user_temporary_folder()
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(OutputError, match="is not this user's alone"):
        user_temporary_folder()


@pytest.mark.parametrize(
    ("command", "library", "what", "extra"),
    [
        (("batch", "clips", "--out", "out"), "fsspec", "A batch", "batch"),
        (("station", "init"), "argon2", "The station", "station"),
    ],
)
def test_a_command_without_its_libraries_says_what_to_install(
    command: tuple[str, ...], library: str, what: str, extra: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    said = console(*command)
    said.require(2, f"{what} needs {library}, which is not installed.")
    assert said.advice == f"Install it: {install_command(extra)}"
