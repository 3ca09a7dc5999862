"""Several recordings of one visit in one report, and one visit against an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screener.errors import UsageError
from screener.model.picture import KeyPicture
from screener.model.results import Change, MeasureResult, RecordingFacts, ScreeningReport, Status, TestResult
from screener.tests_clinical import smallest_detectable_of
from screener.tests_clinical.difference import difference
from screener.workflow.screening import Screening, summary_of


@dataclass(frozen=True)
class Visit:
    """What was recorded of one person on one day: one report over all of it.

    Attributes
    ----------
    report : ScreeningReport
        `TestResult.recording` says which of the screenings shows a test.
    screenings : tuple of Screening
        In the order of `report.recordings`.
    """

    report: ScreeningReport
    screenings: tuple[Screening, ...]

    @property
    def pictures(self) -> tuple[KeyPicture, ...]:
        """Key pictures of all recordings."""
        return tuple(
            replace(picture, recording=number)
            for number, screening in enumerate(self.screenings)
            for picture in screening.pictures
        )


def combine(screenings: Sequence[Screening]) -> Visit:
    """Put the screenings of one visit into one report.

    Sides that were filmed apart are compared with one another; the score is over all that was assessed. What was done again
    counts once, as `counted` says; the recording that is left out says so.

    Parameters
    ----------
    screenings : sequence of Screening
        Of one person, at least one.

    Raises
    ------
    UsageError
        No screening at all.
    """
    return Visit(combine_reports([screening.report for screening in screenings]), tuple(screenings))


def combine_reports(reports: Sequence[ScreeningReport]) -> ScreeningReport:
    """Put the reports of one visit into one, as `combine` does.

    Raises
    ------
    UsageError
        No report at all.
    """
    if not reports:
        raise UsageError("A visit needs at least one recording.", "Name the videos of the visit.")
    first = reports[0]
    if len(reports) == 1:
        return first
    kept = tuple(report.tests if report is not None else () for report in counted(reports))
    tests = tuple(test.model_copy(update={"recording": number}) for number, of in enumerate(kept) for test in of)
    return ScreeningReport(
        created_at=max(report.created_at for report in reports),
        software=first.software,
        source=first.source,
        quality=first.quality,
        recordings=tuple(_facts(report, kept, number) for number, report in enumerate(reports)),
        **summary_of(tests),
    )


def _facts(report: ScreeningReport, kept: Sequence[Sequence[TestResult]], number: int) -> RecordingFacts:
    """Facts of a recording, with a warning for each test for which another one counts instead."""
    counting = {(test.key, test.side): other for other, of in enumerate(kept) for test in of}
    left_out = [test for test in report.tests if test not in kept[number]]
    warnings = tuple(_left_out(test, counting.get((test.key, test.side))) for test in left_out)
    quality = report.quality.model_copy(update={"warnings": (*report.quality.warnings, *warnings)})
    return RecordingFacts(source=report.source, quality=quality)


def _left_out(test: TestResult, counting: int | None) -> str:
    name = f"{test.title}{'' if test.side == 'both' else f' ({test.side})'}"
    here = "could not be assessed." if test.score is None else f"scored {test.score} of 3: {test.summary}"
    if test.score is None and _is_scored(test):
        here = f"got no points: {test.summary}"
    instead = "Another recording" if counting is None else f"Recording {counting + 1}"
    return f"{instead} counts for the {name[0].lower()}{name[1:]}: it is the last one scored. This one {here}"


def counted(reports: Sequence[ScreeningReport]) -> tuple[ScreeningReport | None, ...]:
    """Leave out of the reports of a visit what was done again.

    Of a test and side that was scored several times the last one counts; one that could not be assessed or was stopped is left
    out where it was scored in another try.

    Returns
    -------
    tuple
        A report for each one given, None where nothing of it counts.
    """
    scored = {(test.key, test.side): n for n, report in enumerate(reports) for test in report.tests if _is_scored(test)}
    tried = {(test.key, test.side): n for n, report in enumerate(reports) for test in report.tests}
    done = {key for key, _side in scored}

    def counts(test: TestResult, number: int) -> bool:
        key = (test.key, test.side)
        if key in scored:
            return scored[key] == number and _is_scored(test)
        return tried[key] == number and not (test.side == "both" and test.key in done)

    kept = [tuple(test for test in report.tests if counts(test, n)) for n, report in enumerate(reports)]
    return tuple(
        report if len(tests) == len(report.tests) else report.model_copy(update={**summary_of(tests)}) if tests else None
        for report, tests in zip(reports, kept, strict=True)
    )


def _is_scored(test: TestResult) -> bool:
    return test.status is Status.SCORED


def compare(now: ScreeningReport, before: ScreeningReport) -> ScreeningReport:
    """Add to a report what changed since an earlier one.

    What a change is, `tests_clinical.difference` says.

    Parameters
    ----------
    now, before : ScreeningReport
        Of the same person.

    Raises
    ------
    UsageError
        Nothing was measured in both.
    """
    earlier = {(test.key, test.side): {m.key: m for m in test.measures} for test in before.tests}
    changes = [
        change
        for test in now.tests
        for measure in test.measures
        if (change := _change(test, measure, earlier.get((test.key, test.side), {}).get(measure.key))) is not None
    ]
    if not changes:
        raise UsageError(
            "The two recordings have no measure in common, so they cannot be compared.",
            "Give the landmarks.npz of the same test and side with --compare.",
        )
    return now.model_copy(update={"changes": tuple(changes)})


def _change(test: TestResult, now: MeasureResult, before: MeasureResult | None) -> Change | None:
    if before is None or before.value is None or now.value is None:
        return None
    found = difference(before.value, now.value, before.uncertainty, now.uncertainty, smallest_detectable_of(test.key, now.key))
    return Change(
        test=test.key,
        side=test.side,
        measure=now.key,
        label=now.label,
        unit=now.unit,
        before=before.value,
        after=now.value,
        difference=round(found.value, 3),
        uncertainty=None if found.u95 is None else round(found.u95, 3),
        changed=found.is_change,
    )
