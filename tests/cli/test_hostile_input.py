"""Files made to do harm end in one sentence and one piece of advice, and neither fill the memory nor steer a terminal."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console as RichConsole

from helpers import stickman as sm
from helpers.bad_clips import write_clip
from helpers.console import Console
from helpers.screened import recording
from screener.cli.console import SafeConsole
from screener.errors import UnreadableInputError, printable, printable_lines
from screener.model.landmarks_file import MAX_FRAMES, load_recording, save_recording
from screener.workflow.plan import read_plan

Arrays = dict[str, Any]
CLEAR_AND_RENAME = "\x1b[2J\x1b]0;owned\x07\x9b1m\u202e\rx"


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Arrays:
    """What a whole landmarks file holds."""
    path = tmp_path_factory.mktemp("whole") / "landmarks.npz"
    save_recording(recording(sm.film(sm.stance("left", 8.0)), "single_leg_stance"), path)
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def facts(arrays: Arrays, **changed: object) -> Arrays:
    """The same with other facts."""
    return arrays | {"facts": np.array(json.dumps(json.loads(str(arrays["facts"])) | changed))}


def part(name: str, values: Callable[[Any], Any]) -> Callable[[Arrays], Arrays]:
    """The same with one array changed."""
    return lambda arrays: arrays | {name: values(arrays[name])}


HOSTILE: dict[str, Callable[[Arrays], Arrays]] = {
    "nested facts": lambda arrays: arrays | {"facts": np.array("[" * 200_000)},
    "huge facts": lambda arrays: arrays | {"facts": np.array("x" * 2_000_000)},
    "digits in the facts": lambda arrays: arrays | {"facts": np.array("[" + "9" * 100_000 + "]")},
    "facts are a list": lambda arrays: arrays | {"facts": np.array("[1, 2]")},
    "facts are a word": lambda arrays: arrays | {"facts": np.array('"word"')},
    "size is words": lambda arrays: facts(arrays, size=["a", "b"]),
    "size is huge": lambda arrays: facts(arrays, size=[10**30, 480]),
    "size is negative": lambda arrays: facts(arrays, size=[-640, 480]),
    "tilt is a word": lambda arrays: facts(arrays, tilt_deg=["x", 0.0, 0.0]),
    "tilt is a list of lists": lambda arrays: facts(arrays, tilt_deg=[[1], [2], [3]]),
    "origin is a number": lambda arrays: facts(arrays, origin=3),
    "objects": part("brightness", lambda values: values.astype(object)),
    "words": part("brightness", lambda values: values.astype("U8")),
    "complex": part("time_s", lambda values: values.astype(complex)),
    "infinite": part("pixels", lambda values: np.full_like(values, np.inf)),
    "no length": part("time_s", lambda values: np.array(1.0)),
    "two-dimensional time": part("time_s", lambda values: np.stack([values, values])),
    "shorter": part("people", lambda values: values[:-1]),
    "segments with fractions": part("surface_segment", lambda values: values + 0.5),
    "time goes backwards": part("time_s", lambda values: values[::-1]),
    "time is missing": part("time_s", lambda values: np.full_like(values, np.nan)),
}


@pytest.mark.parametrize("harm", HOSTILE)
def test_hostile_landmarks_are_told_in_one_sentence(console: Console, arrays: Arrays, tmp_path: Path, harm: str) -> None:
    path = tmp_path / "landmarks.npz"
    np.savez_compressed(path, **HOSTILE[harm](arrays))
    console("report", str(path), "--out", str(tmp_path / "out")).require(
        4, "landmarks.npz is not a landmarks file of this program, or it is damaged."
    )


def test_a_gigabyte_of_zeros_is_refused_before_it_is_unpacked(
    arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "landmarks.npz"
    np.savez_compressed(path, **arrays)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("more.npy", "w") as file:
        for _ in range(MAX_FRAMES * 2_000 // 2**24 + 1):
            file.write(bytes(2**24))
    assert path.stat().st_size < 3_000_000
    monkeypatch.setattr(np, "load", lambda *_given, **_named: pytest.fail("it was unpacked"))
    with pytest.raises(UnreadableInputError):
        load_recording(path)


def test_the_head_of_an_array_that_claims_the_memory_is_refused(console: Console, arrays: Arrays, tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)})
    path = tmp_path / "landmarks.npz"
    np.savez_compressed(path, **{name: values for name, values in arrays.items() if name != "time_s"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("time_s.npy", head.getvalue())
    console("report", str(path), "--out", str(tmp_path / "out")).require(4)


PLANS = {
    "deep brackets": f"a = {'[' * 5000}{']' * 5000}",
    "deep tables": f"a = {'{b=' * 5000}1{'}' * 5000}",
    "digits": f"age = {'9' * 100_000}",
    "hexadecimal digits": f'age = 0x{"f" * 100_000}\n[[recording]]\nvideo = "a.mp4"\ntest = "squat"',
    "deep names": f"{'.'.join('a' * 3000)} = 1",
    "zero byte": "\0",
    "escape sequence": '[[recording]]\n"\\u001b[2J" = 1\nvideo = "a.mp4"\ntest = "squat"',
}


@pytest.mark.parametrize("harm", PLANS)
def test_hostile_plans_are_told_in_one_sentence(console: Console, tmp_path: Path, harm: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLANS[harm], encoding="utf-8")
    said = console("analyze", "--plan", str(plan), "--out", str(tmp_path / "out"))
    assert said.code == 4
    assert len(said.sentence) < 300
    assert "\x1b" not in said.err
    assert "Something went wrong" not in said.err
    with pytest.raises(UnreadableInputError):
        read_plan(plan)


@pytest.mark.parametrize("value", [f"{'[' * 5000}{']' * 5000}", "9" * 100_000])
def test_hostile_manifests_are_told_in_one_sentence(console: Console, tmp_path: Path, value: str) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(f'[[clip]]\nfile = "a.mp4"\nage = {value}\n', encoding="utf-8")
    console("batch", str(manifest), "--out", str(tmp_path / "out"), "--dry-run").require(4)


def test_a_huge_number_in_a_manifest_is_its_row_s_fault(console: Console, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(f'[[clip]]\nfile = "a.mp4"\ntest = "squat"\nage = 0x{"f" * 100_000}\n', encoding="utf-8")
    said = console("batch", str(manifest), "--out", str(tmp_path / "out"), "--dry-run")
    assert said.code == 0
    assert "a huge" in said.out  # a narrow table breaks the line


def test_a_name_that_is_too_long_is_no_file(console: Console, tmp_path: Path) -> None:
    name = "x" * 5000
    out = ("--out", str(tmp_path / "out"))
    (tmp_path / "m.csv").write_text(f"file,test\n{name}.mp4,squat\n")
    said = console("batch", str(tmp_path / "m.csv"), *out, "--dry-run")
    assert (said.code, said.err) == (0, "")
    (tmp_path / "plan.toml").write_text(f'[[recording]]\nvideo = "{name}.mp4"\ntest = "squat"\n')
    for arguments in (
        ("analyze", f"{name}.mp4", "--test", "squat"), ("analyze", "--plan", str(tmp_path / "plan.toml")),
        ("analyze", "--plan", f"{name}.toml"), ("report", f"{name}.npz"), ("batch", name),
    ):  # fmt: skip
        console(*arguments, *out).require(4)
    console("batch", str(tmp_path / "m.csv"), "--out", name).require(2)


@pytest.mark.parametrize("size", [(30_000, 2), (2, 30_000)])
def test_a_picture_of_a_line_is_no_person(console: Console, tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    line = np.full((height, width, 3), 90, np.uint8)
    clip = write_clip(tmp_path / "clip.avi", [line] * 3, codec="rawvideo")
    console("analyze", str(clip), "--test", "squat", "--out", str(tmp_path / "out")).require(3)


def test_nothing_that_steers_a_terminal_is_printable() -> None:
    assert printable(f"a{CLEAR_AND_RENAME}\nb") == "a?[2J?]0;owned??1m??x?b"
    assert printable_lines(f"a{CLEAR_AND_RENAME}\n\tb") == "a?[2J?]0;owned??1m??x\n\tb"
    assert printable("Jürgen 走る.mp4") == "Jürgen 走る.mp4"


def test_the_console_shows_texts_without_what_steers_a_terminal_and_keeps_its_own_colours() -> None:
    file = io.StringIO()
    shown = SafeConsole(file=file, force_terminal=True, width=80)
    from rich.table import Table

    table = Table(CLEAR_AND_RENAME)
    table.add_row(CLEAR_AND_RENAME)
    shown.print(CLEAR_AND_RENAME, markup=False)
    shown.print(table)
    shown.print("[bold]whole[/bold]")
    said = file.getvalue()
    assert "\x1b[1mwhole\x1b[0m" in said
    for dangerous in ("\x1b[2J", "\x1b]0;", "\x07", "\x9b", "\u202e", "\r"):
        assert dangerous not in said
    assert issubclass(SafeConsole, RichConsole)


def test_escape_sequences_of_names_and_of_landmarks_do_not_reach_the_terminal(
    console: Console, arrays: Arrays, tmp_path: Path
) -> None:
    origin = json.loads(str(arrays["facts"]))["origin"]
    origin["source"]["file"] = f"{CLEAR_AND_RENAME}\nReport: forged"
    origin["notes"] = [CLEAR_AND_RENAME]
    folder = tmp_path / "a\x1b[2Jb"
    folder.mkdir()
    np.savez_compressed(folder / "landmarks.npz", **facts(arrays, origin=origin))
    said = console("report", str(folder / "landmarks.npz"), "--out", str(folder / "out"))
    missing = console("report", str(tmp_path / "\x1b]0;owned\x07.npz"))
    for text in (said.out, said.err, missing.err):
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(text)
    assert said.code == 0
    assert "\nReport: forged" not in said.out
    missing.require(4, "There is no file ?]0;owned?.npz.")
