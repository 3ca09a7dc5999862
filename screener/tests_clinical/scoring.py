"""The only code that gates, grades and scores a clinical test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from screener.kinematics.attempts import MovementAttempt
from screener.kinematics.events import inside
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import why_impossible
from screener.model.pose import Side
from screener.model.recording import Person
from screener.model.results import Attempt as AttemptResult
from screener.model.results import Grade, MeasureResult, Method, Norm, Quality, Span, Status, TestResult, Tier
from screener.model.series import Interval
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value
from screener.tests_clinical.gates import recording_gate

MIN_USABLE = 0.80
UNDECIDED_REASON = "the error is so large that the value may lie within or outside the guide range"


def run_test(test: ClinicalTest, side: Side | None, motion: Motion, quality: Quality, person: Person) -> TestResult:
    """Gate, evaluate, grade and score one test on one side.

    A gate that fails gives `not_assessed` with the reason and the advice, never a grade.
    """
    refusal = recording_gate(quality, test.views, test.camera, lying=test.lying, by_view=test.by_view)
    if refusal is not None:
        counted = test.evaluate(motion, side) if refusal.countable else None
        return _not_assessed(test, side, refusal.reason, refusal.advice, counted)
    finding = test.evaluate(motion, side)
    if finding.window is None:
        return _not_assessed(test, side, finding.missing, finding.advice, finding)
    usable = _best_seen(finding, finding.window, motion)
    if usable < MIN_USABLE:
        return _not_assessed(
            test,
            side,
            f"Only {int(100 * usable)} % of the frames of the movement could be used; {100 * MIN_USABLE:.0f} % are needed.",
            "Keep the whole body in the picture and nothing between you and the camera.",
            finding,
        )
    values = {value.key: value for value in finding.values}
    measures = tuple(_judge(measure, values[measure.key], person) for measure in test.measures if measure.key in values)
    return _result(test, side, finding, measures)


def _best_seen(finding: Finding, window: Interval, motion: Motion) -> float:
    """Usable share of the repetition that was seen best; of the whole window where there are none.

    Between the repetitions of one side lie those of the other, in which the leg may hide: they do not count.
    """
    seen = motion.series.usable if finding.usable is None else finding.usable
    parts = [seen[inside(motion.time_s, part)] for part in finding.repetitions or (window,)]
    return max((float(part.mean()) for part in parts if part.size), default=0.0)


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
        attempts=_attempts(finding) if finding else (),
    )


def stopped_test(test: ClinicalTest, side: Side | None) -> TestResult:
    """Return the result of a test that the person stopped: no score, and no failure."""
    return TestResult(
        key=test.key,
        title=test.title,
        side=side.value if side else "both",
        status=Status.STOPPED,
        reason="You stopped the test.",
        advice="Continue only if you feel well; if something hurts or worries you, ask a health professional.",
        score=None,
        summary="Stopped on purpose, not scored.",
    )


def _judge(measure: Measure, value: Value, person: Person) -> MeasureResult:
    impossible = why_impossible(measure.possible, value.value, value.u95, measure.unit)
    if impossible is not None:
        value = replace(value, value=float("nan"), u95=float("nan"), reason=impossible)
    # What is shown, graded and worded is one number.
    value = replace(value, value=round(value.value, 3), u95=round(value.u95, 3))
    known = bool(np.isfinite(value.value))
    norm = measure.norm(person) if known and value.compared else None
    grade = _grade(value, norm)
    clear = norm is not None and abs(value.value - norm.outside) > np.nan_to_num(value.u95)
    firm = bool(grade.decided and clear)
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
        statement=_statement(measure, value, norm, grade),
        reason=_why_not_graded(value, norm, grade),
    )


def _grade(value: Value, norm: Norm | None) -> Grade:
    if norm is None or not np.isfinite(value.value) or value.usable < MIN_USABLE:
        return Grade.NOT_ASSESSED
    if norm.spanned_by(value.value, value.u95):
        return Grade.UNDECIDED
    sign = 1.0 if norm.higher_is_worse else -1.0
    excess = sign * value.value
    if excess <= sign * norm.within:
        return Grade.WITHIN
    if value.at_least and not norm.higher_is_worse:
        return Grade.NOT_ASSESSED
    return Grade.OUTSIDE if excess > sign * norm.outside else Grade.WATCH


def _why_not_graded(value: Value, norm: Norm | None, grade: Grade) -> str | None:
    if grade.decided:
        return None
    if grade is Grade.UNDECIDED:
        return UNDECIDED_REASON
    if not np.isfinite(value.value):
        return value.reason or "it was not seen well enough"
    if value.usable < MIN_USABLE:
        return f"only {100 * value.usable:.0f} % of the frames could be used"
    if norm is None:
        return value.reason or "there is no norm for it"
    return "the recording or the test ended before the hold did"


def _statement(measure: Measure, value: Value, norm: Norm | None, grade: Grade) -> str:
    if not np.isfinite(value.value):
        return f"{measure.label} could not be measured because {value.reason or 'it was not seen well enough'}."
    if grade is Grade.UNDECIDED and norm is not None:
        return _what_can_be_told(measure, value, norm)
    shown = abs(value.value) if measure.worded_below_zero(value.value) else value.value
    text = f"{shown:z.{measure.decimals}f}"  # never minus zero
    if np.isfinite(value.u95) and value.u95 > 0:
        text += f" ± {value.u95:.{measure.decimals}f}"
    text = f"{'at least ' if value.at_least else ''}{text} {measure.unit}".strip()
    guide = f"; the guide line is {norm.outside:g}" if norm is not None else ""
    return f"{measure.said(value.value, text, value.where)}{guide}."


def _what_can_be_told(measure: Measure, value: Value, norm: Norm) -> str:
    """Both ends of the interval against the guide line, in the sign of the measure: the direction itself is not known."""
    low, high = (f"{end:z.{measure.decimals}f}" for end in (value.value - value.u95, value.value + value.u95))
    unit = f" {measure.unit}" if measure.unit else ""
    line = f"the guide line is {norm.outside:g}"
    return f"{measure.label} could be anything from {low} to {high}{unit}; {line}, and the value may lie on either side."


def _result(test: ClinicalTest, side: Side | None, finding: Finding, measures: tuple[MeasureResult, ...]) -> TestResult:
    """Score what could be compared; a value without a norm is shown, and is a result all the same."""
    usable = [measure for measure in measures if measure.value is not None and measure.usable_fraction >= MIN_USABLE]
    if not usable and finding.completed:
        reasons = "; ".join(f"{m.label.lower()}: {m.reason}" for m in measures if m.reason)
        return _not_assessed(
            test, side, f"None of its measures could be graded ({reasons}).", "Film it again as described.", finding
        )
    shown = [measure for measure in test.measures if measure.key in {result.key for result in measures}]
    curves = tuple(curve for measure in shown if (curve := measure.curve(side)) is not None)
    return TestResult(
        key=test.key,
        title=test.title,
        side=side.value if side else "both",
        status=Status.SCORED,
        reason=None,
        score=_score(measures, completed=finding.completed),
        summary=_summary(measures, completed=finding.completed),
        window=_span(finding.window) if finding.window else None,
        repetitions=tuple(_span(span) for span in finding.repetitions),
        attempts=_attempts(finding),
        holds=tuple(_span(span) for span in finding.holds),
        key_moment_s=finding.key_moment_s,
        measures=measures,
        curves=curves,
    )


def _attempts(finding: Finding) -> tuple[AttemptResult, ...]:
    tried = finding.attempts or tuple(MovementAttempt(span) for span in finding.repetitions)
    return tuple(AttemptResult(**_span(one.interval).model_dump(), complete=one.complete, lacking=one.lacking) for one in tried)


def _span(interval: Interval) -> Span:
    return Span(start_s=round(interval.start_s, 3), end_s=round(interval.end_s, 3))


def _score(measures: Sequence[MeasureResult], *, completed: bool) -> int | None:
    """3 all within, 2 something to watch, 1 something outside, 0 not carried through.

    None where nothing was decided, or where all that was decided is within and the first of the compared measures, the one
    that the test is about, is undecided: an undecided value costs no points, and earns none either.
    """
    if not completed:
        return 0
    compared = [measure.grade for measure in measures if measure.grade is not Grade.NOT_ASSESSED]
    if Grade.OUTSIDE in compared:
        return 1
    if Grade.WATCH in compared:
        return 2
    return 3 if compared and compared[0] is Grade.WITHIN else None


def _summary(measures: Sequence[MeasureResult], *, completed: bool) -> str:
    if not completed:
        return "The movement could not be completed."
    decided = [measure for measure in measures if measure.grade.decided]
    undecided = [measure for measure in measures if measure.grade is Grade.UNDECIDED]
    untold = f" Too uncertain to grade: {_listed([m.label.lower() for m in undecided])}." if undecided else ""
    for grade in (Grade.OUTSIDE, Grade.WATCH):
        found = [measure for measure in decided if measure.grade is grade]
        if found:
            return " ".join(_with_doubt(measure) for measure in found) + untold
    if decided:
        doubtful = [measure.label.lower() for measure in decided if not measure.firm]
        doubt = f" Not certain for {_listed(doubtful)}: the error reaches the guide line." if doubtful else ""
        return f"Everything that could be judged is within the guide range.{doubt}{untold}"
    shown = [measure for measure in measures if measure.value is not None and measure.grade is Grade.NOT_ASSESSED]
    words = [*(measure.statement for measure in undecided), *(_not_compared(measure) for measure in shown)]
    return " ".join(words)


def _not_compared(measure: MeasureResult) -> str:
    return f"{measure.statement.rstrip('.')} (not compared{f': {measure.reason}' if measure.reason else ''})."


def _with_doubt(measure: MeasureResult) -> str:
    return (
        measure.statement if measure.firm else f"{measure.statement} The error reaches the guide line, so this is not certain."
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
