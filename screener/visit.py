"""Several recordings of one visit in one report, and one visit against an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from screener.errors import UsageError
from screener.report.picture import KeyPicture
from screener.results import Change, MeasureResult, RecordingFacts, ScreeningReport, TestResult
from screener.screening import Screening, summary_of


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

    Sides that were filmed apart are compared with one another; the score is over all that was assessed.

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
    tests = tuple(
        test.model_copy(update={"recording": number}) for number, report in enumerate(reports) for test in report.tests
    )
    return ScreeningReport(
        created_at=max(report.created_at for report in reports),
        software=first.software,
        source=first.source,
        quality=first.quality,
        recordings=tuple(RecordingFacts(source=report.source, quality=report.quality) for report in reports),
        **summary_of(tests),
    )


def compare(now: ScreeningReport, before: ScreeningReport) -> ScreeningReport:
    """Add to a report what changed since an earlier one.

    A change is one only beyond the error of both readings, which is taken as independent: what one body always adds or takes
    away cancels in fact, so that this is on the safe side.

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
            "Nothing was measured in both recordings, so they cannot be compared.",
            "Give the landmarks.npz of the same test and side with --compare.",
        )
    return now.model_copy(update={"changes": tuple(changes)})


def _change(test: TestResult, now: MeasureResult, before: MeasureResult | None) -> Change | None:
    if before is None or before.value is None or now.value is None:
        return None
    known = now.uncertainty is not None and before.uncertainty is not None
    own = float(np.hypot(now.uncertainty or 0.0, before.uncertainty or 0.0))
    difference = now.value - before.value
    return Change(
        test=test.key,
        side=test.side,
        measure=now.key,
        label=now.label,
        unit=now.unit,
        before=before.value,
        after=now.value,
        difference=round(difference, 3),
        uncertainty=round(own, 3) if known else None,
        changed=abs(difference) > own if known else None,
    )
