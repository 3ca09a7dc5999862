"""Write the chapter "Real people" of docs/accuracy.md: recordings of real people against labels and markers.

    python studies/real_people.py ../shared/real                             # print it
    python studies/real_people.py ../shared/real --write docs/accuracy.md    # put it into the page

The folder holds labels.csv (what must come out), landmarks/NAME.npz (recordings, no pictures) and markers/CLIP.csv (joint
angles from optical motion capture). Nothing of it is in this repository. Takes about a minute.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from page_parts import replaced, table
from real_labels import Finding, Label, judge, load_labels, on_faults
from real_markers import (
    MAX_FLEXION_DEG,
    MIN_THIGH_SHARE,
    Error,
    KneeTruth,
    TurnTruth,
    at_times,
    both_knees_deg,
    knee_truth,
    load_markers,
    straightest_s,
)

from screener.model.landmarks_file import load_recording
from screener.model.pose import Side
from screener.model.recording import Recording, Sex
from screener.model.results import Quality, ScreeningReport
from screener.workflow.screening import prepare, rescreen

BEGIN, END = "<!-- real people: begin -->", "<!-- real people: end -->"
NONE = "–"
FIRST_RELEASE = {
    "scored, of those that must be": "18 of 22",
    "refused wrongly": "4",
    "scored, of those that must be refused": "1 of 14",
    "repetitions wrong": "25 of 105",
    "stance leg wrong": NONE,
    "values out of their sane range": "21 of 74",
    "sane ranges whose value is not given": NONE,
    "grades against the label": NONE,
    "firm and wrong": "15, in 10 recordings",
    "impossible values": "8",
    "outside, with an interval over the whole scale": NONE,
    "values undecided, of those compared": NONE,
    "places of the knee against the label of its angle": NONE,
}
"""The same recordings and labels; what was not counted then is a dash."""
STANDS = "ocv_STS"
STANDS_S = (1.22, 4.00, 6.71, 9.33, 11.91)
"""When each of the five stands is complete, by the markers."""
FIVE_TIMES_S = 12.17
"""From the first rise to the fifth seat, by the markers."""
OTHER_TURNS = {"ocap_squat_cam0": (19.0, "two cameras"), "lnew_bad_7033": (14.0, "eye"), "lnew_bad_7037": (14.0, "eye")}
"""Degrees against the picture plane, of recordings without markers."""


@dataclass(frozen=True)
class Judged:
    """One recording: its label, its report, and how they compare."""

    label: Label
    report: ScreeningReport
    finding: Finding


@dataclass(frozen=True)
class Stands:
    """Five stands: when each was straightest, read and by the markers' curve, and the time of the whole."""

    read_s: Sequence[float]
    curve_s: Sequence[float]
    five_times_s: float
    five_times_u95_s: float


def asked_as(recording: Recording, label: Label) -> Recording:
    """The recording with the test, side and person of its label."""
    sex = Sex(label.sex) if label.sex else None
    update = {"test": label.test, "side": label.side, "age_years": label.age_years, "sex": sex}
    return replace(recording, request=recording.request.model_copy(update=update))


def judged(label: Label, folder: Path) -> Judged:
    """Screen one recording anew and compare the report with the label."""
    recording = load_recording(folder / "landmarks" / f"{label.name}.npz")
    report = rescreen(asked_as(recording, label)).report
    return Judged(label, report, judge(label, report))


def sums(rows: Sequence[Judged]) -> dict[str, str]:
    """The sums over all recordings, in the order of the first release's."""
    wanted = [row.finding for row in rows if row.label.expect == "scored"]
    unwanted = [row.finding for row in rows if row.label.expect == "refused"]
    every = [row.finding for row in rows]
    stood = [found.stance_wrong for found in every if found.stance_wrong is not None]
    firm = [found.firm_wrong for found in every if found.firm_wrong]
    undecided = sum(found.undecided for found in every)
    return {
        "scored, of those that must be": f"{sum(found.scored for found in wanted)} of {len(wanted)}",
        "refused wrongly": str(sum(not found.scored for found in wanted)),
        "scored, of those that must be refused": f"{sum(found.scored for found in unwanted)} of {len(unwanted)}",
        "repetitions wrong": f"{sum(found.count_error for found in wanted)} of {sum(found.count_true for found in wanted)}",
        "stance leg wrong": f"{sum(stood)} of {len(stood)}",
        "values out of their sane range": f"{_total(every, 'outside')} of {sum(found.bounds_checked for found in every)}",
        "sane ranges whose value is not given": str(_total(every, "bounds_silent")),
        "grades against the label": f"{_total(every, 'contradicted')} of {sum(found.grades_checked for found in every)}",
        "firm and wrong": f"{sum(map(len, firm))}, in {len(firm)} recordings" if firm else "0",
        "impossible values": str(_total(every, "impossible")),
        "outside, with an interval over the whole scale": str(_total(every, "too_wide")),
        "values undecided, of those compared": f"{undecided} of {undecided + sum(found.graded for found in every)}",
        "places of the knee against the label of its angle": f"{_total(every, 'knee_places')} of "
        f"{sum(found.places_checked for found in every)}",
    }


def _total(findings: Sequence[Finding], name: str) -> int:
    return sum(len(getattr(found, name)) for found in findings)


def side_by_side(now: dict[str, str]) -> str:
    """Table of the first release's sums and today's."""
    return table(("", "release 0.1.0", "now"), [(name, FIRST_RELEASE[name], value) for name, value in now.items()])


def rows_table(rows: Sequence[Judged]) -> str:
    """One short line a recording."""
    header = ("recording, test", "outcome", "repetitions", "values: firm, undecided", "in range", "grades held")
    return table(header, [_row(row) for row in rows])


def _row(row: Judged) -> tuple[str, ...]:
    found = row.finding
    counts = ", ".join(f"{_letter(side)}{number} of {_range(low, high)}" for side, number, low, high in found.counts)
    return (
        f"{row.label.name}, {row.label.test}",
        outcome(row),
        counts or NONE,
        f"{found.values}: {found.firm}, {found.undecided}" if found.values else NONE,
        _share(found.bounds_checked - len(found.outside), found.bounds_checked),
        _share(found.grades_checked - len(found.contradicted), found.grades_checked),
    )


def outcome(row: Judged) -> str:
    """What became of a recording, and what its label wants where that differs."""
    got = "scored" if row.finding.scored else "refused"
    if row.label.expect == got:
        return got
    return f"{got} (either)" if row.label.expect == "either" else f"**{got}**, must be {row.label.expect}"


def _letter(side: str) -> str:
    return "" if side == "both" else f"{side} "


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else NONE


def refused_table(rows: Sequence[Judged]) -> str:
    """Every refusal: what the label says, and the program's words."""
    refused = [row for row in rows if not row.finding.scored]
    return table(
        ("recording", "must be", "by eye or markers", "the program's reason"),
        [(row.label.name, row.label.expect, row.label.why or NONE, " ".join(row.finding.reasons)) for row in refused],
    )


def mistakes(rows: Sequence[Judged]) -> str:
    """Every wrong outcome, wrong count, and value out of its range or against its label, one line each."""
    lines = [f"- {row.label.name}: {text}" for row in rows for text in _mistakes(row)]
    return "\n".join(lines) or "None."


def _mistakes(row: Judged) -> list[str]:
    found = row.finding
    counts = [count for count in found.counts if not count[2] <= count[1] <= count[3]]
    counted = [f"{_letter(side)}{number} repetitions, true {_range(*true)}" for side, number, *true in counts]
    wrong = ["another leg was measured"] if found.stance_wrong else []
    if row.label.expect == "refused" and found.scored:
        wrong.append(f"scored, though the label says: {row.label.why}")
    if row.label.expect == "scored" and not found.scored:
        wrong.append("refused wrongly")
    told = (
        ("out of range", found.outside),
        ("against the label", found.contradicted),
        ("impossible", found.impossible),
        ("wider than the scale", found.too_wide),
        ("place of the knee against the label of its angle", found.knee_places),
    )
    return [*wrong, *counted, *(f"{name}: {text}" for name, texts in told for text in texts)]


def silent(rows: Sequence[Judged]) -> str:
    """How often each measure has a sane range and no value."""
    each = Counter(measure for row in rows for measure in row.finding.bounds_silent)
    return ", ".join(f"{measure} {count}" for measure, count in each.most_common()) or "none"


def faults_table(rows: Sequence[Judged]) -> str:
    """What the labels call outside, and what the program says of it."""
    return table(
        ("recording", "fault by its label", "the program"),
        [(row.label.name, *fault) for row in rows for fault in on_faults(row.label, row.report)],
    )


def flexion_table(knees: Sequence[KneeTruth]) -> str:
    """Bend of the knees against markers."""
    rows = [(knee.clip, knee.side.value, str(knee.flexion.frames), *_agreement(knee.flexion)) for knee in knees]
    return table(("clip", "knee", "frames", "MAE", "bias", "r"), rows)


def angle_table(knees: Sequence[KneeTruth]) -> str:
    """Projected angle of the knees against markers."""
    return table(
        ("clip, knee", "read in frames", "true", "picture: MAE, bias, r", "corrected: MAE, bias"),
        [_angle_row(knee) for knee in knees],
    )


def _angle_row(knee: KneeTruth) -> tuple[str, ...]:
    return (
        f"{knee.clip}, {knee.side}",
        f"{knee.picture.frames} of {knee.defined}",
        f"{knee.lowest:.0f} to {knee.highest:.0f}",
        ", ".join(_agreement(knee.picture)),
        ", ".join(_agreement(knee.corrected)[:2]),
    )


def _agreement(of: Error) -> tuple[str, str, str]:
    return _one(of.mean_absolute), NONE if np.isnan(of.bias) else f"{of.bias:+.1f}", _two(of.correlation)


def _one(value: float) -> str:
    return NONE if np.isnan(value) else f"{value:.1f}"


def _two(value: float) -> str:
    return NONE if np.isnan(value) else f"{value:.2f}"


def stands_table(stands: Stands) -> str:
    """Moments of five stands and the time of all."""
    rows = [
        (f"stand {number}, straightest", f"{true:.2f}", f"{curve:.2f}", f"{read:.2f}")
        for number, (true, curve, read) in enumerate(zip(STANDS_S, stands.curve_s, stands.read_s, strict=True), 1)
    ]
    whole = (
        "first rise to fifth seat",
        f"{FIVE_TIMES_S:.2f}",
        NONE,
        f"{stands.five_times_s:.2f} ± {stands.five_times_u95_s:.2f}",
    )
    return table(("seconds", "true", "least bend of the markers' knees", "read"), [*rows, whole])


def turns_table(turns: Sequence[TurnTruth]) -> str:
    """True turns against readings."""
    return table(
        ("recording", "true, by", "read", "holds the truth"),
        [
            (turn.clip, f"{turn.true:.0f}, {turn.source}", f"{turn.read:.0f} ± {turn.u95:.0f}", "yes" if turn.holds else "no")
            for turn in turns
        ],
    )


def measure_markers(folder: Path) -> tuple[list[KneeTruth], list[TurnTruth], Stands, list[str]]:
    """Compare every clip with a marker table; also the names of those without a recording."""
    knees: list[KneeTruth] = []
    turns: list[TurnTruth] = []
    missing = []
    for path in sorted((folder / "markers").glob("*.csv")):
        source = folder / "landmarks" / f"{path.stem}.npz"
        if not source.is_file():
            missing.append(path.stem)
            continue
        assessed, motion = prepare(load_recording(source))
        true = at_times(load_markers(path), motion.time_s)
        knees += [knee_truth(path.stem, side, motion, true) for side in Side]
        turns.append(_turn(path.stem, "markers", float(np.nanmedian(np.abs(true["x_body_turn_deg"]))), assessed.quality))
    for name, (true_deg, source_of) in OTHER_TURNS.items():
        quality = prepare(load_recording(folder / "landmarks" / f"{name}.npz"))[0].quality
        turns.append(_turn(name, source_of, true_deg, quality))
    return knees, turns, measure_stands(folder), missing


def _turn(clip: str, source: str, true_deg: float, quality: Quality) -> TurnTruth:
    unknown = float("nan")
    read, u95 = (unknown if value is None else value for value in (quality.body_turn_deg, quality.body_turn_u95_deg))
    return TurnTruth(clip, source, true_deg, read, u95)


def measure_stands(folder: Path) -> Stands:
    """Compare the five stands of the clip that has them."""
    screening = rescreen(load_recording(folder / "landmarks" / f"{STANDS}.npz"))
    series, (result,) = screening.series, screening.report.tests
    true = at_times(load_markers(folder / "markers" / f"{STANDS}.csv"), series.time_s)
    spans = [(span.start_s, span.end_s) for span in result.repetitions]
    five = next(measure for measure in result.measures if measure.key == "five_times_s")
    read, curve = (straightest_s(both_knees_deg(of), series.time_s, spans) for of in (vars(series), true))
    return Stands(read, curve, five.value or float("nan"), five.uncertainty or float("nan"))


def sources(labels: Sequence[Label]) -> str:
    """Repositories of the films with their licences, in one line."""
    kept = dict.fromkeys((label.repository, label.licence.replace("none", "no licence stated")) for label in labels)
    return "; ".join(f"{repository}: {licence}" for repository, licence in kept)


def chapter(rows: Sequence[Judged], folder: Path) -> str:
    """Everything between the marks."""
    knees, turns, stands, missing = measure_markers(folder)
    held = sum(turn.holds for turn in turns)
    parts = (
        f"{len(rows)} recordings, one test each; of the labels {_expected(rows, 'scored')} must be scored, "
        f"{_expected(rows, 'refused')} refused, and {_expected(rows, 'either')} may be either.",
        side_by_side(sums(rows)),
        "Out of range, wrongly counted, or against a label:",
        mistakes(rows),
        f"Ranges whose value is not given, by measure: {silent(rows)}.",
        "What the labels call a fault:",
        faults_table(rows),
        "### Each recording",
        rows_table(rows),
        "### What was refused, and why",
        refused_table(rows),
        "### Against markers",
        "Bend of the knees, degrees:",
        flexion_table(knees),
        f"Projected angle of the knees, degrees, + = inwards, where it is defined: the thigh at least {MIN_THIGH_SHARE} on the "
        f"picture, the knee bent by up to {MAX_FLEXION_DEG:.0f}:",
        angle_table(knees),
        f"Five times from sitting to standing, {STANDS}:",
        stands_table(stands),
        f"Turn of the body against the picture plane, degrees; {held} of {len(turns)} intervals hold the truth:",
        turns_table(turns),
        f"Marker tables without a recording, not compared: {', '.join(missing) or 'none'}.",
        f"Where the films come from: {sources([row.label for row in rows])}.",
    )
    return "\n\n".join(parts)


def _expected(rows: Sequence[Judged], what: str) -> int:
    return sum(row.label.expect == what for row in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the chapter, or put it into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    given = parser.parse_args(arguments)
    rows = [judged(label, given.folder) for label in load_labels(given.folder / "labels.csv")]
    text = chapter(rows, given.folder)
    if given.write is None:
        print(text)
        return
    page = given.write.read_text(encoding="utf-8")
    given.write.write_text(replaced(page, BEGIN, END, text), encoding="utf-8")


if __name__ == "__main__":
    main()
