"""The only code that gates, grades and scores a clinical test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.kinematics.events import inside
from screener.kinematics.motion import Motion
from screener.model.pose import Side
from screener.model.recording import Person
from screener.model.results import Grade, MeasureResult, Method, Norm, Quality, Span, Status, TestResult, Tier
from screener.model.series import Interval
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value
from screener.tests_clinical.gates import recording_gate

MIN_USABLE = 0.80


def run_test(test: ClinicalTest, side: Side | None, motion: Motion, quality: Quality, person: Person) -> TestResult:
    """Gate, evaluate, grade and score one test on one side.

    A gate that fails gives `not_assessed` with the reason and the advice, never a grade.
    """
    refusal = recording_gate(quality, test.views, test.camera, lying=test.lying)
    if refusal is not None:
        counted = test.evaluate(motion, side) if refusal.countable else None
        return _not_assessed(test, side, refusal.reason, refusal.advice, counted)
    finding = test.evaluate(motion, side)
    if finding.window is None:
        return _not_assessed(test, side, finding.missing, finding.advice)
    here = inside(motion.time_s, finding.window)
    seen = motion.series.usable if finding.usable is None else finding.usable
    usable = float(seen[here].mean()) if here.any() else 0.0
    if usable < MIN_USABLE:
        return _not_assessed(
            test,
            side,
            f"Only {100 * usable:.0f} % of the frames of the movement could be used; {100 * MIN_USABLE:.0f} % are needed.",
            "Keep the whole body in the picture and nothing between you and the camera.",
        )
    values = {value.key: value for value in finding.values}
    measures = tuple(_judge(measure, values[measure.key], person) for measure in test.measures)
    return _result(test, side, finding, measures)


def _not_assessed(
    test: ClinicalTest, side: Side | None, reason: str, advice: str, finding: Finding | None = None
) -> TestResult:
    """Give the reason instead of a grade; repetitions that were found all the same are still counted."""
    return TestResult(
        key=test.key,
        title=test.title,
        side=side.value if side else "both",
        status=Status.NOT_ASSESSED,
        reason=reason,
        advice=advice,
        score=None,
        summary=f"Could not be measured: {reason[0].lower()}{reason[1:]}",
        repetitions=tuple(_span(span) for span in finding.repetitions) if finding else (),
    )


def stopped_test(test: ClinicalTest, side: Side | None) -> TestResult:
    """Return the result of a test that the person stopped: no score, and no failure."""
    return TestResult(
        key=test.key,
        title=test.title,
        side=side.value if side else "both",
        status=Status.STOPPED,
        reason="You stopped the test.",
        advice="Go on only if you feel well; if something hurts or worries you, ask a health professional.",
        score=None,
        summary="Stopped on purpose, not scored.",
    )


def _judge(measure: Measure, value: Value, person: Person) -> MeasureResult:
    # What is shown, graded and worded is one number.
    value = replace(value, value=round(value.value, 3), u95=round(value.u95, 3))
    known = bool(np.isfinite(value.value))
    norm = measure.norm(person) if known else None
    grade = _grade(value, norm)
    clear = norm is not None and abs(value.value - norm.outside) > np.nan_to_num(value.u95)
    firm = bool(grade is not Grade.NOT_ASSESSED and clear)
    return MeasureResult(
        key=measure.key,
        label=measure.label,
        unit=measure.unit,
        value=value.value if known else None,
        uncertainty=value.u95 if known and np.isfinite(value.u95) else None,
        grade=grade,
        firm=firm,
        method=value.method,
        tier=Tier.MODERATE if value.method is Method.MARKERS else measure.tier,
        usable_fraction=round(value.usable, 3),
        norm=norm,
        statement=_statement(measure, value, norm),
        reason=_why_not_graded(value, norm, grade),
    )


def _grade(value: Value, norm: Norm | None) -> Grade:
    if norm is None or not np.isfinite(value.value) or value.usable < MIN_USABLE:
        return Grade.NOT_ASSESSED
    sign = 1.0 if norm.higher_is_worse else -1.0
    excess = sign * value.value
    if excess <= sign * norm.within:
        return Grade.WITHIN
    if value.at_least and not norm.higher_is_worse:
        return Grade.NOT_ASSESSED
    return Grade.OUTSIDE if excess > sign * norm.outside else Grade.WATCH


def _why_not_graded(value: Value, norm: Norm | None, grade: Grade) -> str | None:
    if grade is not Grade.NOT_ASSESSED:
        return None
    if not np.isfinite(value.value):
        return value.reason or "it was not seen well enough"
    if value.usable < MIN_USABLE:
        return f"only {100 * value.usable:.0f} % of the frames could be used"
    if norm is None:
        return value.reason or "there is no norm for it"
    return "the recording or the test was over before it had to end"


def _statement(measure: Measure, value: Value, norm: Norm | None) -> str:
    if not np.isfinite(value.value):
        return f"{measure.label} could not be measured because {value.reason or 'it was not seen well enough'}."
    worded = bool(measure.phrase_below_zero) and value.value < 0
    phrase = measure.phrase_below_zero if worded else measure.phrase
    shown = abs(value.value) if worded else value.value
    text = f"{shown:z.{measure.decimals}f}"  # never minus zero
    if np.isfinite(value.u95) and value.u95 > 0:
        text += f" ± {value.u95:.{measure.decimals}f}"
    text = f"{'at least ' if value.at_least else ''}{text} {measure.unit}".strip()
    sentence = phrase.format(value=text, where=value.where)
    guide = f"; the guide line is {norm.outside:g}" if norm is not None else ""
    return f"{sentence[0].upper()}{sentence[1:]}{guide}."


def _result(test: ClinicalTest, side: Side | None, finding: Finding, measures: tuple[MeasureResult, ...]) -> TestResult:
    graded = [measure for measure in measures if measure.grade is not Grade.NOT_ASSESSED]
    if not graded and finding.completed:
        reasons = "; ".join(f"{m.label.lower()}: {m.reason}" for m in measures if m.value is None)
        return _not_assessed(test, side, f"None of its measures could be graded ({reasons}).", "Film it again as described.")
    curves = tuple(curve for measure in test.measures if (curve := measure.curve(side)) is not None)
    return TestResult(
        key=test.key,
        title=test.title,
        side=side.value if side else "both",
        status=Status.SCORED,
        reason=None,
        score=_score(graded, completed=finding.completed),
        summary=_summary(graded, completed=finding.completed),
        window=_span(finding.window) if finding.window else None,
        repetitions=tuple(_span(span) for span in finding.repetitions),
        holds=tuple(_span(span) for span in finding.holds),
        key_moment_s=finding.key_moment_s,
        measures=measures,
        curves=curves,
    )


def _span(interval: Interval) -> Span:
    return Span(start_s=round(interval.start_s, 3), end_s=round(interval.end_s, 3))


def _score(graded: list[MeasureResult], *, completed: bool) -> int:
    """3 all within, 2 something to watch, 1 something outside, 0 not carried through."""
    if not completed:
        return 0
    grades = {measure.grade for measure in graded}
    return 1 if Grade.OUTSIDE in grades else 2 if Grade.WATCH in grades else 3


def _summary(graded: list[MeasureResult], *, completed: bool) -> str:
    if not completed:
        return "The movement could not be completed."
    for grade in (Grade.OUTSIDE, Grade.WATCH):
        found = [measure for measure in graded if measure.grade is grade]
        if found:
            return " ".join(_with_doubt(measure) for measure in found)
    doubtful = [measure.label.lower() for measure in graded if not measure.firm]
    doubt = f" Not certain for {_listed(doubtful)}: the error reaches the guide line." if doubtful else ""
    return f"Everything that could be judged is within the guide range.{doubt}"


def _with_doubt(measure: MeasureResult) -> str:
    return (
        measure.statement if measure.firm else f"{measure.statement} The error reaches the guide line, so this is not certain."
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
