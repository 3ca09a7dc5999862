"""Which leg carries the body in a front or back view, and when the foot that carries it leaves the floor.

The higher foot is nearly always the lifted one. Three things break that rule: a person on a step, whose free foot hangs below
the one that stands; a foot that is lifted by only a few centimetres; and a foot that a hand, the other leg or a chair hides. So
the feet are looked at one by one: which of them moved, what lies over them, and whether they were seen at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.kinematics.events import LIFT_ON, MAX_GAP_S, lifted, runs, without_short
from screener.kinematics.signal import MAD_TO_SD, bridgeable, known_median, samples
from screener.model.pose import Bools, Floats, Side
from screener.model.series import frame_interval_s

MIN_LIFT_SHARE = 0.018
"""Height over the other foot, in body heights, from which a foot counts as lifted where more than its height says so: older
people lift a foot by 2 to 3 % of their height."""
MIN_LIFT_WITHOUT_ZERO_SHARE = 0.055
"""Where nobody saw the person stand on both feet: a floor seen from above draws one foot this much higher in a body turned by
30 degrees, for as long as it stands there."""
OFF_SHARE = 0.5
"""Share of the height that makes a lift at which the foot is down again."""
LIFT_SIGMAS = 5.0
"""A lift is this many times as high as the feet of this recording tremble."""
TREMBLE_WINDOW_S = 0.5
"""What stays after the running median over so long is trembling, not movement."""
MIN_SHORTENING_PART = 0.3
"""Part of its height by which a low lifted foot shortens its leg in the picture, or ..."""
MIN_WEIGHT_SHIFT_SHARE = 0.010
"""... movement of the trunk towards the other foot, in body heights: one of both goes with every real lift."""
REFERENCE_S = 2.0
"""Standing on both feet this shortly before or after a lift tells where each foot stood."""
MAX_STANCE_OFFSET_SHARE = 0.07
"""Distance sideways between the trunk and a foot, in body heights, beyond which nobody stands on that foot alone."""
MAX_OTHER_OFFSET_SHARE = 0.035
"""Where the trunk is this near to the other foot, that one carries it."""
MIN_LOAD_DIFFERENCE_SHARE = 0.03
"""Where the lower foot is the one that moved, the trunk must also be this much nearer to the other one, in body heights: a foot
that steps to the camera moves down in the picture as well."""
MIN_LIFT_SEEN_S = 0.15
"""So much of a lift must be seen of both feet; of what follows the model's guess of a hidden foot is believed."""
MIN_HOP_SHARE = 0.020
"""Height of the standing foot over where it stood within the same second, in body heights, from which it has left the floor."""
MIN_HOP_RISE_SHARE = 0.012
"""The hips rise by this share of body height in a hop as well: a foot that seems to rise alone is a landmark that trembles."""
HOP_WINDOW_S = 1.2
HOP_FLOOR_PERCENTILE = 10
MIN_FLIGHT_S = 0.06
MAX_FLIGHT_S = 0.6
"""A hop is over within this time; a heel that is raised, or a landmark that drifts, stays."""
JITTER_SIGMAS = 4.0
"""A hop is this many times as high as the foot's landmark jitters from frame to frame: a small picture jitters more."""


@dataclass(frozen=True)
class Feet:
    """What both feet show, all lengths in body heights.

    Attributes
    ----------
    over : (T,) float
        Height of the left foot over the right one against standing on both, cleaned; hidden feet where the model guesses them.
    height : mapping of Side to (T,) float
        Height of each foot in the picture, + = up, from any zero. NaN where missing.
    leg : mapping of Side to (T,) float
        Distance from hip to ankle in the picture.
    offset : mapping of Side to (T,) float
        Distance of the trunk from the foot, to the right of the picture. NaN where missing.
    seen : mapping of Side to (T,) bool
        Whether the foot was seen.
    zero_known : bool
        Standing on both feet was seen, so that `over` has a zero of its own.
    still_camera_distance : bool
        The person keeps the distance to the camera: a foot that stands keeps its place in the picture.
    """

    over: Floats
    height: Mapping[Side, Floats]
    leg: Mapping[Side, Floats]
    offset: Mapping[Side, Floats]
    seen: Mapping[Side, Bools]
    zero_known: bool = True
    still_camera_distance: bool = True


def stance_legs(feet: Feet, time_s: Floats) -> NDArray[np.str_]:
    """Which leg carries the body.

    Parameters
    ----------
    feet : Feet
        Of a front or back view.
    time_s : (T,) float
        Seconds.

    Returns
    -------
    (T,) str
        "left", "right" (the leg that stands), "both", or "none" where that cannot be told.
    """
    both_seen = feet.seen[Side.LEFT] & feet.seen[Side.RIGHT]
    up = {side: _lifted(feet, side, both_seen, time_s) for side in Side}
    down = ~(up[Side.LEFT] | up[Side.RIGHT])
    out = np.where(bridgeable(both_seen & np.isfinite(feet.over), time_s), "both", "none").astype("<U5")
    for side in Side:
        for first, after in runs(up[side]):
            here = np.zeros(len(time_s), dtype=bool)
            here[first:after] = True
            stands = side if _hangs(feet, side, here, down & both_seen, time_s) else side.other
            out[here & bridgeable(feet.seen[stands], time_s)] = stands.value
            out[here & ~bridgeable(feet.seen[stands], time_s)] = "none"
    return _through_short_gaps(out, time_s)


def _through_short_gaps(stance: NDArray[np.str_], time_s: Floats) -> NDArray[np.str_]:
    """Close gaps up to `MAX_GAP_S` in which no foot tells, where one leg stands before and after; nobody steps that fast."""
    out = stance.copy()
    for first, after in runs(stance == "none"):
        inside = 0 < first and after < len(stance)
        if inside and stance[first - 1] == stance[after] != "both" and time_s[after] - time_s[first - 1] <= MAX_GAP_S:
            out[first:after] = stance[after]
    return out


def tremble(over: Floats, time_s: Floats) -> float:
    """Spread of what is left of a series after its running median over half a second; NaN where too little is known."""
    known = np.isfinite(over)
    width = samples(TREMBLE_WINDOW_S, time_s, odd=True)
    if known.sum() <= width:
        return float("nan")
    filled = np.interp(time_s, time_s[known], over[known])
    from scipy.ndimage import median_filter  # see signal.py

    rest = (filled - median_filter(filled, size=width, mode="nearest"))[known]
    return float(MAD_TO_SD * np.median(np.abs(rest)))


def least_lift(feet: Feet, time_s: Floats) -> float:
    """Height at which a foot may count as lifted, in body heights: lower where the feet lie still and their zero is known."""
    noise = tremble(feet.over, time_s)
    if not feet.zero_known:
        return MIN_LIFT_WITHOUT_ZERO_SHARE
    if not np.isfinite(noise):
        return LIFT_ON
    return float(np.clip(LIFT_SIGMAS * noise, MIN_LIFT_SHARE, LIFT_ON))


def _lifted(feet: Feet, side: Side, both_seen: Bools, time_s: Floats) -> Bools:
    """(T,) whether the foot of one side is the lifted one, as far as heights say."""
    on = least_lift(feet, time_s)
    height = side.sign * feet.over
    up = lifted(height, time_s, on, OFF_SHARE * on)
    step = frame_interval_s(time_s)
    for first, after in runs(up):
        here = slice(first, after)
        clear = bool((height[here] > max(on, LIFT_ON)).any()) or _corroborated(feet, side, np.arange(first, after), time_s)
        seen = float((both_seen[here] & (height[here] > OFF_SHARE * on)).sum()) * step
        if not clear or seen < MIN_LIFT_SEEN_S:
            up[here] = False
    return up


def _corroborated(feet: Feet, side: Side, frames: NDArray[np.int64], time_s: Floats) -> bool:
    """Whether leg or trunk say that a foot which rose only a little was lifted."""
    before = np.flatnonzero((time_s < time_s[frames[0]]) & (time_s >= time_s[frames[0]] - REFERENCE_S))
    after = np.flatnonzero((time_s > time_s[frames[-1]]) & (time_s <= time_s[frames[-1]] + REFERENCE_S))
    around = np.concatenate((before, after))
    if around.size == 0:
        return False

    def moved(values: Floats) -> float:
        pair = [values[index][np.isfinite(values[index])] for index in (frames, around)]
        return float(np.median(pair[0]) - np.median(pair[1])) if pair[0].size and pair[1].size else 0.0

    rise = moved(side.sign * feet.over)
    shorter = moved(feet.leg[side.other]) - moved(feet.leg[side])
    nearer = -moved(np.abs(feet.offset[side.other]))
    return bool(shorter >= MIN_SHORTENING_PART * rise or nearer >= MIN_WEIGHT_SHIFT_SHARE)


def _hangs(feet: Feet, higher: Side, here: Bools, down: Bools, time_s: Floats) -> bool:
    """Whether the higher foot is the one that stands, on a step, and the lower one hangs beside it."""
    start_s, end_s = time_s[here][0], time_s[here][-1]
    near = down & (time_s >= start_s - REFERENCE_S) & (time_s <= end_s + REFERENCE_S)
    moved = {side: known_median(feet.height[side][here]) - known_median(feet.height[side][near]) for side in Side}
    offset = {side: abs(known_median(feet.offset[side][here])) for side in Side}
    if feet.still_camera_distance and np.isfinite(moved[Side.LEFT]) and np.isfinite(moved[Side.RIGHT]):
        sank = -moved[higher.other] > abs(moved[higher])
        return sank and offset[higher.other] - offset[higher] > MIN_LOAD_DIFFERENCE_SHARE
    return offset[higher.other] > MAX_STANCE_OFFSET_SHARE and offset[higher] < MAX_OTHER_OFFSET_SHARE


def airborne(foot_height: Floats, hip_height: Floats, body_height: Floats, time_s: Floats) -> Bools:
    """Frames in which a foot has left the floor together with the body: a hop.

    Parameters
    ----------
    foot_height, hip_height : (T,) float
        Heights in the picture of the foot that stands and of the hips, pixels from any zero, + = up.
    body_height : (T,) float
        Standing height in the picture, pixels.
    time_s : (T,) float
        Seconds.

    Returns
    -------
    (T,) bool
        False where a height is missing.
    """
    least = np.maximum(MIN_HOP_SHARE * body_height, JITTER_SIGMAS * jitter(foot_height))
    risen = _over_floor(foot_height, time_s) >= least
    body = _over_floor(hip_height, time_s) >= MIN_HOP_RISE_SHARE * body_height
    flights = without_short(risen & body, time_s, MIN_FLIGHT_S)
    return np.asarray(flights & ~without_short(flights, time_s, MAX_FLIGHT_S))


def jitter(values: Floats) -> float:
    """Spread of what changes from frame to frame, from second differences: a steady movement has none; 0 where unknown."""
    bends = np.diff(values, 2)
    bends = bends[np.isfinite(bends)]
    return float(MAD_TO_SD * np.median(np.abs(bends)) / np.sqrt(6.0)) if bends.size else 0.0


def _over_floor(height: Floats, time_s: Floats) -> Floats:
    """(T,) height over the low end of the second around; NaN where missing."""
    known = np.isfinite(height)
    if known.sum() < 2:
        return np.full(len(height), np.nan)
    filled = np.interp(time_s, time_s[known], height[known])
    from scipy.ndimage import percentile_filter  # see signal.py

    window = samples(HOP_WINDOW_S, time_s, odd=True)
    return np.where(known, filled - percentile_filter(filled, HOP_FLOOR_PERCENTILE, size=window, mode="nearest"), np.nan)
