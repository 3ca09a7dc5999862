"""What a batch found as a whole: distributions, flags, failures, and how left and right agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from screener.batch.rows import ResultRow
from screener.batch.summary_page import BatchSummary, Distribution, FailureReason, FlaggedValue, SideAgreement
from screener.batch.work import FAILED, is_measured
from screener.model.pose import Z95, Side
from screener.model.results import Grade, Status
from screener.tests_clinical import TESTS

MAX_FLAGGED = 200
"""Flagged clips that the page lists; results.csv has all."""
MIN_PAIRS = 3
"""Fewer people with both sides say nothing of agreement."""


def summarise(clips: Sequence[Sequence[ResultRow]], total: int, copies: int = 0) -> BatchSummary:
    """Describe a batch.

    Parameters
    ----------
    clips : sequence of sequence of Row
        The rows, at least one, of each clip that was come to.
    total : int
        Clips of the whole batch.
    copies : int
        How many of those that were come to ask the same of the same content as another one.
    """
    rows = list(chain.from_iterable(clips))
    flagged = [row for row in rows if row.grade == Grade.OUTSIDE.value]
    return BatchSummary(
        clips=total,
        done=len(clips),
        scored=sum(is_measured(of_one) for of_one in clips),
        failed=sum(of_one[0].status == FAILED for of_one in clips),
        copies=copies,
        hours=sum(of_one[0].duration_s or 0.0 for of_one in clips) / 3600.0,
        distributions=_distributions(rows),
        flagged=tuple(_flagged(row) for row in sorted(flagged, key=lambda row: (not row.firm, row.file))[:MAX_FLAGGED]),
        flags_in_all=len(flagged),
        pairings=_pairings(rows),
        problems=_problems(clips),
    )


def _about(row: ResultRow) -> dict[str, Any]:
    """Test and measure of a row, by key and in the words of its report."""
    test = TESTS.get(row.test)
    labels = {measure.key: measure.label for measure in test.measures} if test else {}
    return {
        "test": row.test,
        "title": test.title if test else _spaced(row.test),
        "measure": row.measure,
        "label": labels.get(row.measure, _spaced(row.measure)),
        "unit": row.unit,
    }


def _spaced(key: str) -> str:
    """Words of a key that this version does not know."""
    return key.replace("_", " ")


def _flagged(row: ResultRow) -> FlaggedValue:
    return FlaggedValue(
        file=row.file,
        folder=row.folder,
        **_about(row),
        side=row.side,
        value=row.value or 0.0,
        uncertainty=row.uncertainty,
        firm=bool(row.firm),
    )


def _distributions(rows: Sequence[ResultRow]) -> tuple[Distribution, ...]:
    found: dict[tuple[str, str], list[ResultRow]] = defaultdict(list)
    for row in rows:
        if row.value is not None:
            found[row.test, row.measure].append(row)
    return tuple(_distribution(found[key]) for key in sorted(found))


def _distribution(rows: Sequence[ResultRow]) -> Distribution:
    values = np.array([row.value for row in rows], dtype=np.float64)
    grades = Counter(row.grade for row in rows)
    low, median, high = np.percentile(values, [5, 50, 95])
    limits = {(row.norm_within, row.norm_outside) for row in rows if row.norm_outside is not None}
    within, outside = limits.pop() if len(limits) == 1 else (None, None)
    return Distribution(
        **_about(rows[0]),
        values=tuple(values.tolist()),
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        p5=float(low),
        median=float(median),
        p95=float(high),
        within=grades[Grade.WITHIN.value],
        watch=grades[Grade.WATCH.value],
        outside=grades[Grade.OUTSIDE.value],
        undecided=grades[Grade.UNDECIDED.value],
        firm_outside=sum(row.grade == Grade.OUTSIDE.value and bool(row.firm) for row in rows),
        limit_within=within,
        limit_outside=outside,
    )


def _pairings(rows: Sequence[ResultRow]) -> tuple[SideAgreement, ...]:
    """Left against right of the same person, the mean of several clips of a side."""
    sides: dict[tuple[str, str], dict[str, dict[str, list[float]]]] = {}
    about = {(row.test, row.measure): row for row in rows}
    for row in rows:
        if row.value is not None and row.side in set(Side):
            people = sides.setdefault((row.test, row.measure), {})
            people.setdefault(row.person, {}).setdefault(row.side, []).append(row.value)
    pairings = []
    for key, people in sorted(sides.items()):
        both = [found for found in people.values() if len(found) == 2]
        if len(both) >= MIN_PAIRS:
            left, right = (np.array([np.mean(found[side.value]) for found in both]) for side in (Side.LEFT, Side.RIGHT))
            pairings.append(_pairing(about[key], left, right))
    return tuple(pairings)


def _pairing(row: ResultRow, left: np.ndarray, right: np.ndarray) -> SideAgreement:
    difference = left - right
    varies = left.std() > 0 and right.std() > 0
    spread = Z95 * float(difference.std(ddof=1))
    return SideAgreement(
        **_about(row),
        left=tuple(left.tolist()),
        right=tuple(right.tolist()),
        mean_difference=float(difference.mean()),
        lower=float(difference.mean()) - spread,
        upper=float(difference.mean()) + spread,
        correlation=float(np.corrcoef(left, right)[0, 1]) if varies else None,
    )


def _problems(clips: Sequence[Sequence[ResultRow]]) -> tuple[FailureReason, ...]:
    """Reasons why clips gave no score, the most frequent first."""
    files: dict[tuple[str, str], list[str]] = defaultdict(list)
    for of_one in clips:
        for status, reason in {(row.status, row.reason) for row in of_one if row.status != Status.SCORED.value}:
            files[status, reason].append(of_one[0].file)
    return tuple(
        FailureReason(status=status, reason=reason, files=tuple(sorted(names)))
        for (status, reason), names in sorted(files.items(), key=lambda item: (-len(item[1]), item[0]))
    )
