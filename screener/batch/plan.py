"""Which clips there are, and what to ask of each: from their names, or from a manifest."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field, ValidationError

from screener.batch.locations import ClipLocation, clip_location
from screener.errors import UnreadableInputError, UsageError, printable
from screener.model.pose import Side
from screener.model.recording import VIDEO_SUFFIXES, Request, Sex
from screener.tests_clinical import TESTS
from screener.workflow.plan import ClipSettings
from screener.workflow.user_file import TypedWholeNumber, csv_rows, parsed_toml, shown

MANIFESTS = ("manifest.csv", "manifest.toml")
OUTSIDE = "It lies outside the folder of the manifest; give --trust-manifest if you know who wrote the manifest."
BESIDE = ("file", "person")
"""Columns of a manifest for the clip itself."""


@dataclass(frozen=True)
class Clip:
    """One video of the batch.

    Attributes
    ----------
    name : str
        How the tables call it: its place under the input, or as the manifest writes it.
    place : ClipLocation
        Where it is.
    person : str
        Who it shows, as far as is known: clips of one person are compared left to right.
    request : Request, optional
        What is asked of it; None where that cannot be told.
    reason : str
        Why it cannot be told.
    unread : tuple of str
        Columns of its row in a manifest that mean nothing here.
    """

    name: str
    place: ClipLocation
    person: str
    request: Request | None
    reason: str = ""
    unread: tuple[str, ...] = ()


class ManifestColumns(ClipSettings):
    """The columns of a manifest that say what is asked of a clip; those of `BESIDE` come beside them, others are not read."""

    age: TypedWholeNumber = Field(default=None, ge=1, le=120)
    sex: Sex | None = None


def find_clips(source: str, *, trust_manifest: bool = False) -> tuple[Clip, ...]:
    """Find the clips of a folder or a manifest, in order of their names or of the manifest.

    Parameters
    ----------
    source : str
        A folder, a manifest (.csv or .toml), a single video, or an address of one of these.
    trust_manifest : bool
        Also take what a manifest names outside its own folder. A manifest may come with the clips, from anyone: by itself it
        must reach no other file of this machine and no address of its network.

    Raises
    ------
    UsageError
        The source is empty, or an address of a kind that is not opened.
    UnreadableInputError
        There is nothing, or no video in it, or the manifest cannot be read.
    """
    if not source.strip():  # an unset variable of a shell script must not mean the folder one stands in
        raise UsageError("No folder and no manifest was named.", "Name one; a dot stands for this folder.")
    place = clip_location(source)
    if place.is_folder():
        clips = _of_folder(place, trust_manifest)
    elif place.ending in ("csv", "toml"):
        clips = list(_of_manifest(place, trust_manifest))
    elif place.exists():
        clips = [_by_name(place, place.name)]
    else:
        raise UnreadableInputError(f"There is no folder or manifest {source}.", "Check the name.")
    if not clips:
        raise UnreadableInputError(f"There are no videos in {source}.", "Name a folder with videos, or a manifest of them.")
    return tuple(clips)


def _of_folder(folder: ClipLocation, trusted: bool) -> list[Clip]:
    """Clips of the manifest in a folder first, then the others that lie in it."""
    listed: list[Clip] = []
    for name in MANIFESTS:
        if (manifest := folder / name).exists():
            listed += _of_manifest(manifest, trusted)
    known = {clip.place.within(folder) for clip in listed}
    found = (place for place in folder.files() if place.ending in VIDEO_SUFFIXES and place.within(folder) not in known)
    return listed + [_by_name(place, place.within(folder)) for place in found]


def _by_name(place: ClipLocation, name: str) -> Clip:
    name = printable(name)
    test, side, person = told_by_name(name)
    if test is None:
        return Clip(name, place, person, None, "The name does not say which test it shows; see: screener tests")
    return Clip(name, place, person, Request(test=test, side=side))


def told_by_name(name: str) -> tuple[str | None, Any, str]:
    """Read test, side and person from the name of a clip, its folders included.

    Parameters
    ----------
    name : str
        Such as `anna/single-leg-stance left 2.mp4`.

    Returns
    -------
    test : str or None
        The longest key of a test that stands in the name, as whole words.
    side : str
        "left" or "right" where exactly one of these words stands in it, otherwise "auto".
    person : str
        The name without side and ending: the same for the left and the right clip of a pair.
    """
    stem = unicodedata.normalize("NFC", str(PurePosixPath(name).with_suffix("")))
    stem = re.sub(r"(?<=[^\W_A-Z])(?=[A-Z])", "_", stem).lower()  # SingleLegSquat
    plain = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
    test = max((key for key in TESTS if re.search(rf"(^|_){key}(_|\d|$)", plain)), key=len, default=None)
    all_sides = {side.value for side in Side}
    sides = all_sides & set(plain.split("_"))
    person = "_".join(word for word in re.split(r"[\W_]+", stem) if word and word not in all_sides)
    return test, sides.pop() if len(sides) == 1 else "auto", person


def _of_manifest(manifest: ClipLocation, trusted: bool) -> Iterator[Clip]:
    rows = _csv_rows(manifest) if manifest.ending == "csv" else _toml_rows(manifest)
    for number, row in enumerate(rows, 1):
        file = str(row.get("file") or "").strip()
        if not row:
            continue  # spreadsheets end in rows of separators
        if not file or "\0" in file:
            raise _without_file(number, row, manifest)
        clip = _by_row(manifest.parent.join(file), file, row)
        is_reached = trusted or clip.place.is_inside(manifest.parent)
        yield clip if is_reached else replace(clip, request=None, reason=OUTSIDE)


def _without_file(number: int, row: Mapping[str, Any], manifest: ClipLocation) -> UnreadableInputError:
    there = shown(", ".join(row))
    return UnreadableInputError(
        f"Row {number} of {manifest.name} names no file.", f"Fill in its column `file`; what it has is: {there}."
    )


def _csv_rows(manifest: ClipLocation) -> list[Mapping[str, Any]]:
    try:
        return csv_rows(manifest.text())
    except csv.Error as error:
        raise UnreadableInputError(
            f"{manifest.name} is not CSV that can be read ({error}).", "Check that every quotation mark is closed again."
        ) from error


def _toml_rows(manifest: ClipLocation) -> list[Mapping[str, Any]]:
    try:
        rows = parsed_toml(manifest.text()).get("clip")
    except ValueError as error:
        raise UnreadableInputError(
            f"{manifest.name} is not TOML that can be read: {shown(error)}.", "Write each clip as [[clip]] with its file."
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableInputError(f"{manifest.name} lists no clips.", "Write each clip as [[clip]] with its file.")
    return rows


def _by_row(place: ClipLocation, name: str, row: Mapping[str, Any]) -> Clip:
    test, side, person = told_by_name(name)
    person = str(row.get("person") or person)
    unread = tuple(column for column in row if column not in (*BESIDE, *ManifestColumns.model_fields))
    asked = {"test": test, "side": side}
    asked |= {column: row[column] for column in ManifestColumns.model_fields if row.get(column) not in (None, "")}
    if asked["test"] is None:
        return Clip(name, place, person, None, "Neither the manifest nor the name says which test it shows.", unread)
    try:
        listed = ManifestColumns.model_validate({column: _as_written_here(column, value) for column, value in asked.items()})
    except ValidationError as error:
        wrong = "; ".join(
            f"{problem['loc'][0]} = {shown(problem['input'])} {problem['msg'].removeprefix('Input ')}"
            for problem in error.errors()
        )
        return Clip(name, place, person, None, f"The manifest cannot be understood here: {wrong}.", unread)
    if listed.test not in TESTS:
        return Clip(name, place, person, None, f"There is no test {shown(asked['test'])}; see: screener tests", unread)
    return Clip(name, place, person, listed.request(listed.age, listed.sex), unread=unread)


def _as_written_here(column: str, value: object) -> object:
    """Key of a word however it is written: Left, FEMALE, Single-leg stance."""
    if not isinstance(value, str) or column not in ("test", "side", "sex"):
        return value
    return re.sub(r"[\W_]+", "_", value.lower()).strip("_")


def limited(clips: tuple[Clip, ...], limit: int | None) -> tuple[Clip, ...]:
    """Return the first so many clips; UsageError for none."""
    if limit is not None and limit < 1:
        raise UsageError("A limit of no clips leaves nothing to do.", "Give --limit at least 1.")
    return clips[:limit]
