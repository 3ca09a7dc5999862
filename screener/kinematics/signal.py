"""Cleaning of a series over time, before anything is summarised.

Windows are given in seconds and turned into samples with the median interval; series may carry trailing axes. scipy is loaded
where it is used: it takes 60 MB, which a long recording needs while it runs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from screener.model.pose import Bools, Floats
from screener.model.series import frame_interval_s

OUTLIER_WINDOW_S = 0.35
OUTLIER_SIGMAS = 3.0
MAX_GAP_S = 0.25
CUTOFF_HZ = 6.0
MAD_TO_SD = 1.4826
LONGEST_STEP_S = 1.0
"""Frames further apart are filtered apart: nothing moves smoothly across so long, and an even grid would have no end."""
MAX_GRID = 50
"""Samples of an even grid for each frame; times that ask for more are not even nearly even."""
WINDOWS_AT_ONCE = 8192
"""The windows of an hour of video, all written out, would take 150 MB."""


def known_median(values: Floats) -> float:
    """Median of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def samples(seconds: float, time_s: Floats, *, odd: bool = False) -> int:
    """Count the samples that cover a stretch of time, at least one.

    Parameters
    ----------
    seconds : float
        Length of the stretch.
    time_s : (T,) float
        Times of the series.
    odd : bool
        Round up to an odd number.
    """
    if len(time_s) < 2:
        return 1
    count = max(1, round(seconds / frame_interval_s(time_s)))
    return count + 1 if odd and count % 2 == 0 else count


def without_outliers(values: Floats, time_s: Floats, floor: float = 0.0) -> Floats:
    """Hampel filter: samples far from their running median become NaN.

    Parameters
    ----------
    values : (T,) float
        Any unit.
    time_s : (T,) float
        Seconds.
    floor : float
        Deviations up to this size are never outliers, in the unit of the values. A series at rest has next to no spread of
        its own; without a floor its first honest movement would be thrown away.

    Returns
    -------
    (T,) float
        Copy with outliers NaN. NaN stays NaN and does not spread.

    References
    ----------
    .. [1] Hampel FR. The influence curve and its role in robust estimation. JASA 1974;69:383-393.
    """
    known = np.isfinite(values)
    width = samples(OUTLIER_WINDOW_S, time_s, odd=True)
    if width < 3 or known.sum() < width:
        return values.copy()
    filled = values if known.all() else np.interp(time_s, time_s[known], values[known])
    if np.abs(np.diff(filled)).max() <= floor:  # nothing jumps
        return values.copy()
    from scipy.ndimage import median_filter

    centre = median_filter(filled, size=width, mode="nearest")
    deviation = np.abs(filled - centre)
    if deviation.max() <= floor:
        return values.copy()
    scale = MAD_TO_SD * median_filter(deviation, size=width, mode="nearest")
    outlier = deviation > np.maximum(OUTLIER_SIGMAS * scale, floor)
    return np.where(known & ~outlier, values, np.nan)


def bridgeable(known: Bools, time_s: Floats, longest_s: float = MAX_GAP_S) -> Bools:
    """Mark samples that are known or lie in a gap between known samples no longer than `longest_s`.

    Parameters
    ----------
    known : (T,) bool
    time_s : (T,) float
        Seconds.
    longest_s : float
        Longest distance between the known neighbours of a gap.

    Returns
    -------
    (T,) bool
        Gaps at the ends are never bridged: there is nothing on the other side.
    """
    index = np.flatnonzero(known)
    if index.size == 0:
        return known.copy()
    before = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    after = np.minimum.accumulate(np.where(known, np.arange(len(known)), len(known))[::-1])[::-1]
    inside = (before >= 0) & (after < len(known))
    gap_s = time_s[np.minimum(after, len(known) - 1)] - time_s[np.maximum(before, 0)]
    return known | (inside & (gap_s <= longest_s))


@lru_cache(maxsize=32)
def _butterworth(cutoff_hz: float, rate_hz: float) -> Floats:
    from scipy.signal import butter

    return np.asarray(butter(2, cutoff_hz, fs=rate_hz, output="sos"))


def low_pass(values: Floats, time_s: Floats, cutoff_hz: float = CUTOFF_HZ) -> Floats:
    """Zero-phase Butterworth filter of 4th order (2nd order, forwards and backwards).

    Parameters
    ----------
    values : (T,) float
        No NaN.
    time_s : (T,) float
        Seconds, may be uneven: the series is filtered on an even grid and read back at its own times.
    cutoff_hz : float
        Frequencies above are damped. A series too slow to hold them (rate <= 2 * cutoff) or too short is returned as it is;
        parts more than `LONGEST_STEP_S` apart are filtered one by one.

    Returns
    -------
    (T,) float
    """
    if len(time_s) < 3:
        return values.copy()
    intervals = np.diff(time_s)
    step = float(np.median(intervals))
    apart = np.flatnonzero(intervals > LONGEST_STEP_S) + 1
    if len(apart) == 0 or step > LONGEST_STEP_S:
        return _low_pass(values, time_s, cutoff_hz, step)
    parts = zip(np.split(values, apart), np.split(time_s, apart), strict=True)
    return np.concatenate([_low_pass(part, at, cutoff_hz, step) for part, at in parts])


def _low_pass(values: Floats, time_s: Floats, cutoff_hz: float, step: float) -> Floats:
    """Filter one stretch of frames, which usually lie a step apart."""
    rate_hz = round(1.0 / step, 3)  # times of a video are rounded: 12 frames a second may read 12.00000000000001
    span = time_s[-1] - time_s[0]
    if rate_hz <= 2.0 * cutoff_hz or span > MAX_GRID * step * len(time_s):
        return values.copy()
    from scipy.signal import sosfiltfilt

    sos = _butterworth(cutoff_hz, rate_hz)
    even = len(time_s) > 1 and np.ptp(np.diff(time_s)) < 0.02 * step
    grid = time_s if even else np.arange(time_s[0], time_s[-1] + step / 2, step)
    on_grid = values if even else np.interp(grid, time_s, values)
    padding = 9
    if len(grid) <= padding:
        return values.copy()
    smooth = np.asarray(sosfiltfilt(sos, on_grid, padlen=padding), dtype=np.float64)
    return smooth if even else np.interp(time_s, grid, smooth)


def clean(values: Floats, time_s: Floats, floor: float = 0.0, cutoff_hz: float = CUTOFF_HZ) -> Floats:
    """Outliers out, short gaps filled, low pass, longer gaps NaN again.

    Parameters
    ----------
    values : (T,) float
        Any unit, NaN where missing.
    time_s : (T,) float
        Seconds.
    floor : float
        See `without_outliers`.
    cutoff_hz : float
        See `low_pass`.

    Returns
    -------
    (T,) float
        NaN where no known sample lies within reach. What stood in a missing frame has no influence.
    """
    kept = without_outliers(values, time_s, floor)
    known = np.isfinite(kept)
    if known.all():
        return low_pass(kept, time_s, cutoff_hz)
    if known.sum() < 2:
        return kept
    smooth = low_pass(np.interp(time_s, time_s[known], kept[known]), time_s, cutoff_hz)
    return np.where(bridgeable(known, time_s), smooth, np.nan)


def rolling_median(values: Floats, time_s: Floats, window_s: float) -> Floats:
    """Median over a window centred on each sample.

    Parameters
    ----------
    values : (T,) float
        Any unit.
    time_s : (T,) float
        Seconds.
    window_s : float
        Length of the window.

    Returns
    -------
    (T,) float
        NaN where the window reaches past an end of the series or less than 80 % of it is known.
    """
    width = samples(window_s, time_s, odd=True)
    out = np.full(len(values), np.nan)
    if len(values) < width:
        return out
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    centre = np.full(len(windows), np.nan)
    for start in range(0, len(windows), WINDOWS_AT_ONCE):
        part = windows[start : start + WINDOWS_AT_ONCE]
        enough = np.flatnonzero(np.isfinite(part).mean(axis=1) >= 0.8)
        if enough.size:
            centre[start + enough] = np.nanmedian(part[enough], axis=1)
    half = width // 2
    out[half : half + len(windows)] = centre
    return out
