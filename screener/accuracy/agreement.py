"""How well two measurements of the same thing agree: the statistics of method comparison, as plain numbers."""

from __future__ import annotations

import numpy as np

from screener.model.pose import Z95, Floats
from screener.model.results import Record


class Agreement(Record):
    """Estimate against truth over paired values; null where it cannot be computed.

    Bland and Altman 1986 (bias, limits of agreement), Shrout and Fleiss 1979 (ICC(2,1)), Weir 2005 (SEM, MDC).
    """

    column: str
    unit: str
    clips: int
    pairs: int
    mean_absolute_error: float
    bias: float
    slope: float | None
    residual_sd: float | None
    limits_of_agreement: tuple[float, float]
    icc_2_1: float | None
    sem: float
    mdc95: float
    coverage: float | None
    mean_half_width: float | None


class ClipAgreement(Record):
    """One clip: frame errors of the estimate and of the raw hip line, and the peak that decides the flag."""

    clip: str
    test: str
    side: str
    frames: int
    mean_absolute_error: float | None
    hip_line_error: float | None
    coverage: float | None
    sign_right: float | None
    true_peak: float | None
    measured_peak: float | None
    peak_half_width: float | None
    flagged: bool | None
    firm: bool | None
    reason: str | None = None


class FlagAgreement(Record):
    """The 5-degree flag against the truth, clips as cases."""

    limit: float
    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    sensitivity: float | None
    specificity: float | None
    firm: int
    firm_wrong: int


def compare(column: str, unit: str, clips: int, estimate: Floats, truth: Floats, half_width: Floats | None = None) -> Agreement:
    """Agreement of paired values.

    Parameters
    ----------
    column, unit : str
        What was measured.
    clips : int
        How many recordings the pairs come from.
    estimate, truth : (N,) float
        Pairs with a NaN are left out.
    half_width : (N,) float, optional
        Stated 95 % half widths of the estimates.

    Raises
    ------
    ValueError
        Fewer than two pairs.
    """
    known = np.isfinite(estimate) & np.isfinite(truth)
    a, b = estimate[known], truth[known]
    if a.size < 2:
        raise ValueError("at least two pairs are needed")
    difference = a - b
    bias, spread = float(difference.mean()), float(difference.std(ddof=1))
    slope, residual = _line(b, a)
    widths = half_width[known] if half_width is not None else np.array([])
    stated = np.isfinite(widths)
    return Agreement(
        column=column,
        unit=unit,
        clips=clips,
        pairs=int(a.size),
        mean_absolute_error=float(np.abs(difference).mean()),
        bias=bias,
        slope=slope,
        residual_sd=residual,
        limits_of_agreement=(bias - Z95 * spread, bias + Z95 * spread),
        icc_2_1=icc_2_1(a, b),
        sem=spread / np.sqrt(2.0),
        mdc95=Z95 * spread,
        coverage=float((np.abs(difference[stated]) <= widths[stated]).mean()) if stated.any() else None,
        mean_half_width=float(widths[stated].mean()) if stated.any() else None,
    )


def _line(truth: Floats, estimate: Floats) -> tuple[float | None, float | None]:
    """Slope of the estimate on the truth and the spread about that line; None where the truth does not vary."""
    if truth.size < 3 or np.ptp(truth) < 1.0:
        return None, None
    slope, offset = np.polyfit(truth, estimate, 1)
    return float(slope), float(np.std(estimate - slope * truth - offset, ddof=2))


def icc_2_1(first: Floats, second: Floats) -> float | None:
    """Intraclass correlation, two-way random effects, absolute agreement, single measurement.

    Parameters
    ----------
    first, second : (N,) float
        Two measurements of N cases, no NaN.

    Returns
    -------
    float or None
        None for fewer than three cases or when nothing varies.
    """
    table = np.stack([first, second], axis=1)
    n, k = table.shape
    if n < 3:
        return None
    grand = table.mean()
    rows = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    rest = ((table - grand) ** 2).sum() - rows * (n - 1) - columns * (k - 1)
    error = rest / ((n - 1) * (k - 1))
    whole = rows + (k - 1) * error + k * (columns - error) / n
    return float((rows - error) / whole) if whole > 0 else None


def compare_flags(clips: tuple[ClipAgreement, ...], limit: float) -> FlagAgreement:
    """Sensitivity and specificity of the flag over clips with a true peak."""
    judged = [clip for clip in clips if clip.true_peak is not None and clip.flagged is not None]
    positive = [clip for clip in judged if (clip.true_peak or 0.0) > limit]
    negative = [clip for clip in judged if (clip.true_peak or 0.0) <= limit]
    hits = sum(bool(clip.flagged) for clip in positive)
    false_alarms = sum(bool(clip.flagged) for clip in negative)
    wrong = sum(bool(clip.firm) and bool(clip.flagged) != ((clip.true_peak or 0.0) > limit) for clip in judged)
    return FlagAgreement(
        limit=limit,
        true_positive=hits,
        false_positive=false_alarms,
        true_negative=len(negative) - false_alarms,
        false_negative=len(positive) - hits,
        sensitivity=hits / len(positive) if positive else None,
        specificity=1.0 - false_alarms / len(negative) if negative else None,
        firm=sum(bool(clip.firm) for clip in judged),
        firm_wrong=wrong,
    )
