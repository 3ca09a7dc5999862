"""What damaged and hostile files do to the command line: an exit code, a sentence, and how much memory and time.

    python studies/fuzz_inputs.py FOLDER [--seed N] [--files N] [--minutes M] [--write SECURITY.md]

Writes changed landmarks.npz, plans and manifests (N of each kind) and, for M minutes, changed clips of several containers and
codecs (made with ffmpeg from samples/videos) into FOLDER, and gives each to the command line in a process of its own, with a
limit of memory and time. An input falls where the exit code is none of the documented ones, or what is printed has a traceback
or steers the terminal; those stay in FOLDER, with what was printed. Linux and macOS.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib.figure  # noqa: F401  # loaded once, not in each process
import numpy as np
import scipy.signal  # noqa: F401

from screener.cli import run
from screener.report import page  # noqa: F401

SAMPLES = Path(__file__).parent.parent / "samples" / "videos"
CLIP = SAMPLES / "stance_left_stable.mp4"
LANDMARKS = Path(__file__).parent.parent / "tests" / "golden" / "stance_left_stable.npz"
CODES = (0, 2, 3, 4)
MEMORY_BYTES = 3_000_000_000
TIME_S = 90
START, END = "<!-- fuzzing:start -->", "<!-- fuzzing:end -->"
VALUES = (None, True, -1, 0, 10**30, 1e308, "", "\x1b[2J", "x" * 10_000, [], {}, [[[]]], float("nan"))
WORDS = ("[", "]", "{", "}", '"', "'", "=", ",", ";", "\t", "\n", "\r", "\0", "\x1b]0;x\x07", "\u202e", "nan", "inf", "-1",
         "1e999", "0x" + "f" * 5000, "9" * 5000, "[" * 2000, "a." * 1000, "true", "WAHR", "1,5", "../../x", "/etc/passwd", "file:///x",
         "s3://b/x", "http://127.0.0.1:9/x", "\ufeff", "ä", "𝔊")  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1")
PLAN = """age = 54
sex = "female"
[[recording]]
video = "missing.mp4"
test = "single_leg_stance"
side = "left"
vertical = 1.5
markers = false
"""
MANIFEST_CSV = (
    "file,test,side,age,sex,person,vertical,markers\na.mp4,squat,left,54,female,anna,1.5,true\nb.mp4,hip_hinge,,,,,,\n"
)
MANIFEST_TOML = (
    '[[clip]]\nfile = "a.mp4"\ntest = "squat"\nage = 54\n[[clip]]\nfile = "b.mp4"\ntest = "hip_hinge"\nmarkers = true\n'
)
ENCODERS = {
    "h264.mp4": "-c:v libx264", "h264.ts": "-c:v libx264", "h264.flv": "-c:v libx264",
    "hevc.mov": "-c:v libx265 -x265-params log-level=none",
    "vp8.webm": "-c:v libvpx", "vp9.mkv": "-c:v libvpx-vp9 -deadline realtime", "mpeg4.avi": "-c:v mpeg4",
    "mpeg2.mpg": "-c:v mpeg2video",
    "mjpeg.avi": "-c:v mjpeg", "wmv2.wmv": "-c:v wmv2", "theora.ogv": "-c:v libtheora", "h263.3gp": "-c:v h263 -s 352x288",
    "ffv1.mkv": "-c:v ffv1", "prores.mov": "-c:v prores",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    code: int
    said: str
    seconds: float
    bytes_used: int

    @property
    def fault(self) -> str:
        """Why the input fell; empty where it was dealt with."""
        if self.code not in CODES:
            return f"ended with {self.code}"
        steering = set(self.said) & set("\x1b\x07\x9b\u202e\r\x00")
        if steering or "Traceback" in self.said:
            return "steers the terminal" if steering else "a traceback"
        return ""


@dataclass
class Tally:
    """What became of the inputs of one kind."""

    codes: Counter[int] = field(default_factory=Counter)
    fallen: int = 0
    seconds: float = 0.0
    bytes_used: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.codes[outcome.code] += 1
        self.fallen += bool(outcome.fault)
        self.seconds = max(self.seconds, outcome.seconds)
        self.bytes_used = max(self.bytes_used, outcome.bytes_used)


def tried(arguments: Sequence[str], printed: Path) -> Outcome:
    """Run the command line in a process of its own, within limits."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_command_line(arguments, printed)
    _, status, used = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    said = printed.read_text(encoding="utf-8", errors="replace")
    return Outcome(os.waitstatus_to_exitcode(status), said, time.monotonic() - start, used.ru_maxrss * unit)


def _be_the_command_line(arguments: Sequence[str], printed: Path) -> None:
    """Never returns: the process ends as the command would."""
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_AS if sys.platform == "darwin" else resource.RLIMIT_DATA, (MEMORY_BYTES,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(TIME_S)
        with printed.open("wb") as file:
            for stream in (1, 2):
                os.dup2(file.fileno(), stream)
        sys.argv = ["screener", *arguments]
        run()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def changed_bytes(data: bytes, chance: np.random.Generator) -> bytes:
    """Change a file as a bad disk, a broken upload or an attacker would; the beginning more often than the rest."""
    out = bytearray(data)
    for _ in range(int(chance.integers(1, 6))):
        if not out:
            break
        reach = len(out) if chance.random() < 0.6 else min(len(out), 2000)
        at = int(chance.integers(reach))
        span = int(min(chance.choice([1, 2, 4, 50, 1000]), len(out) - at))
        match int(chance.integers(6)):
            case 0:
                out[at : at + span] = chance.bytes(span)
            case 1:
                del out[at : at + span]
            case 2:
                out[at:at] = out[at : at + span]
            case 3:
                del out[max(at, 10) :]
            case 4:
                out[at : at + span] = chance.choice([b"\x00", b"\xff"]) * span
            case _:
                out[at] ^= 1 << int(chance.integers(8))
    return bytes(out)


def changed_text(text: str, chance: np.random.Generator) -> bytes:
    """Change a text with what TOML, CSV and terminals take amiss, and save it in some encoding."""
    for _ in range(int(chance.integers(1, 5))):
        at = int(chance.integers(len(text) + 1))
        word = str(chance.choice(WORDS))
        match int(chance.integers(4)):
            case 0:
                text = text[:at] + word + text[at:]
            case 1:
                text = text[:at] + word + text[at + len(word) :]
            case 2:
                lines = text.splitlines(keepends=True) or [""]
                chance.shuffle(lines)
                text = "".join(lines)
            case _:
                text = text[:at] + text[at + int(chance.integers(1, 30)) :]
    data = text.encode(str(chance.choice(ENCODINGS)), "replace")
    return changed_bytes(data, chance) if chance.random() < 0.2 else data


def changed_landmarks(data: bytes, chance: np.random.Generator) -> bytes:
    """Change the bytes of a landmarks file, or its arrays and facts and write it whole again."""
    if chance.random() < 0.3:
        return changed_bytes(data, chance)
    with np.load(io.BytesIO(data)) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for _ in range(int(chance.integers(1, 4))):
        name = str(chance.choice([*arrays, "facts"]))
        if name not in arrays:
            continue
        arrays[name] = _changed_facts(arrays[name], chance) if name == "facts" else _changed_array(arrays[name], chance)
        if arrays[name] is None:
            del arrays[name]
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _changed_array(values: np.ndarray, chance: np.random.Generator) -> np.ndarray | None:
    with np.errstate(all="ignore"):
        changes: list[Callable[[], np.ndarray | None]] = [
            lambda: None,
            lambda: values[: int(chance.integers(len(values) + 1))],
            lambda: values[::-1],
            lambda: values * chance.choice([-1, 0, 1e3, 1e9, 1e300]),
            lambda: np.full_like(values, chance.choice([0, -1, 1e6])),
            lambda: np.where(chance.random(values.shape) < 0.3, chance.choice([np.nan, np.inf, -1e12]), values),
            lambda: values + chance.normal(0, chance.choice([0.1, 100]), values.shape),
            lambda: values.astype(str(chance.choice(["float16", "float32", "int8", "complex128", "U5", "bool", "longdouble"]))),
            lambda: values.reshape(-1),
            lambda: np.stack([values, values]),
            lambda: np.repeat(values, 2, axis=0),
            lambda: np.zeros(0),
        ]
        return changes[int(chance.integers(len(changes)))]()


def _changed_facts(facts: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    told = json.loads(str(facts)) if str(facts).startswith("{") else {}
    spots = list(_spots(told))
    if not spots or chance.random() < 0.1:
        return np.array(str(chance.choice(WORDS)).replace("\0", ""))
    holder, key = spots[int(chance.integers(len(spots)))]
    holder[key] = VALUES[int(chance.integers(len(VALUES)))]
    return np.array(json.dumps(told))


def _spots(told: dict | list) -> Iterator[tuple[dict | list, str | int]]:
    for key, value in told.items() if isinstance(told, dict) else enumerate(told):
        yield told, key
        if isinstance(value, dict | list):
            yield from _spots(value)


def encoded_clips(folder: Path) -> dict[str, bytes]:
    """Encode two seconds in every container and codec that this ffmpeg knows."""
    found = {}
    for name, options in ENCODERS.items():
        path = folder / name
        command = [
            "ffmpeg",
            "-v",
            "quiet",
            "-y",
            "-i",
            str(CLIP),
            "-t",
            "2",
            "-an",
            "-vf",
            "scale=320:240",
            *options.split(),
            str(path),
        ]
        if subprocess.run(command, check=False).returncode == 0:
            found[name] = path.read_bytes()
        path.unlink(missing_ok=True)
    return found


def fuzzed(folder: Path, kind: str, content: bytes, name: str, words: Sequence[str], tally: Tally) -> None:
    """Try one input; it stays in the folder where it falls."""
    path, printed = folder / name, folder / f"{name}.txt"
    path.write_bytes(content)
    outcome = tried([*(word.format(file=path, out=folder / "out") for word in words)], printed)
    tally.add(outcome)
    if outcome.fault:
        print(f"{kind}: {path} {outcome.fault}", flush=True)
    else:
        path.unlink()
        printed.unlink()


def table_of(tallies: dict[str, Tally]) -> str:
    """Write what became of each kind as Markdown."""
    rows = ["| input | tried | exit 0 | 2 | 3 | 4 | fell | most memory | longest |", "| --- |" + " ---: |" * 8]
    for kind, tally in tallies.items():
        counts = " | ".join(str(tally.codes[code]) for code in CODES)
        worst = f"{tally.bytes_used / 1e6:.0f} MB | {tally.seconds:.1f} s"
        rows.append(f"| {kind} | {tally.codes.total()} | {counts} | {tally.fallen} | {worst} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=300, help="of each of landmarks, plans and the two kinds of manifest")
    parser.add_argument("--minutes", type=float, default=10.0, help="for clips")
    parser.add_argument("--write", type=Path, help="page whose table is replaced")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng([asked.seed, 0])
    landmarks = LANDMARKS.read_bytes()
    kinds: dict[str, tuple[str, tuple[str, ...], Callable[[], bytes]]] = {
        "landmarks.npz": ("npz", ("report", "{file}", "--out", "{out}"), lambda: changed_landmarks(landmarks, chance)),
        "plan": ("toml", ("analyze", "--plan", "{file}", "--out", "{out}"), lambda: changed_text(PLAN, chance)),
        "manifest, CSV": (
            "csv",
            ("batch", "{file}", "--out", "{out}", "--dry-run"),
            lambda: changed_text(MANIFEST_CSV, chance),
        ),
        "manifest, TOML": (
            "toml",
            ("batch", "{file}", "--out", "{out}", "--dry-run"),
            lambda: changed_text(MANIFEST_TOML, chance),
        ),
    }
    tallies = {kind: Tally() for kind in (*kinds, "clip")}
    for kind, (ending, words, make) in kinds.items():
        for number in range(asked.files):
            fuzzed(
                asked.folder, kind, make(), f"{kind.split('.')[0].replace(', ', '-')}-{number}.{ending}", words, tallies[kind]
            )
    clips = list(encoded_clips(asked.folder).items())
    chance = np.random.default_rng([asked.seed, 1])  # the same clips, however many files there were
    words = ("analyze", "{file}", "--test", "single_leg_stance", "--out", "{out}")
    end, number = time.monotonic() + 60 * asked.minutes, 0
    while time.monotonic() < end:
        name, data = clips[number % len(clips)]
        fuzzed(asked.folder, "clip", changed_bytes(data, chance), f"{number}-{name}", words, tallies["clip"])
        number += 1
    table = table_of(tallies)
    print(table)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        before, after = text.split(START)[0], text.split(END)[1]
        asked.write.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")
    return 1 if any(tally.fallen for tally in tallies.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
