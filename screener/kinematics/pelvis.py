"""The pelvis in the frontal plane: what is known of its obliquity, and how well.

Two witnesses. The turn of cloth and skin over the pelvis since the person's own quiet standing follows the bone, but slips
on it and may be lost. MediaPipe's hip line shows less than half of a true drop and follows the trunk; a small model on
angles relative to the trunk, fitted on rendered people, undoes a part of that. Both are combined by their precision, and
where they contradict one another the interval says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from screener.kinematics.clothing import NOT_LOOKED_AT, Clothing
from screener.kinematics.hip_correction import BodyLines, Correction, shipped_correction
from screener.kinematics.standing import MIN_REST_S, zero_u95_deg
from screener.model.pose import Z95, Bools, Floats, Ints

# Widths of the surface, one standard deviation each. Chosen so that the 95 % interval holds the truth in 90 to 98 % of the
# frames of rendered clips (studies/pelvis_on_clips.py prints them), rather wide than narrow.
ZERO_SD_DEG = 0.10
"""Spread of one body's quiet-standing reading, its median over half a second and more."""
SPREAD_UNIT_DEG = 2.2
"""The tracker's own spread counts by its square over this: where it is small it overstates the error (0.5 for 0.11 degrees),
with hands on the hips or one-colour clothes it does not (2 for 1.8)."""
SURFACE_SLIP = 0.08
"""Share of the turn that cloth may keep to itself; rendered cloth 0.07, real cloth slips more."""
SHIRT_SLIP = 0.15
"""The same of a shirt over the hips that is not tucked in: it lies on the trousers, not on the skin."""
LOOSE_SD_DEG = 7.0
"""Error of a shirt that hangs loose over the hips and need not turn with them: of a pelvis that drops by 8 degrees rendered
shirts show 1 to 6, as they follow it by 0.3 to 0.8."""
MARKER_SLIP = 0.05
"""Share of the turn that skin under a sticker may keep to itself."""
TURN_SHARE = 0.14
"""Error for each degree that the shoulders are read to have turned about the vertical since quiet standing (MediaPipe reads
about 0.7 of a turn)."""


@dataclass(frozen=True)
class Obliquity:
    """Obliquity of the pelvis against the person's own quiet standing.

    Attributes
    ----------
    deg : (T,) float
        Degrees, positive: the person's left hip is lower. NaN where unknown.
    u95_deg : (T,) float
        Half width of the 95 % interval, NaN where `deg` is.
    cloth_share : (T,) float
        Share of the weight that the tracked cloth has in it, the rest is the landmarks'; empty where there is but one witness.
    """

    deg: Floats
    u95_deg: Floats
    cloth_share: Floats = field(default_factory=lambda: np.zeros(0), kw_only=True)


@dataclass(frozen=True)
class SurfaceObliquity(Obliquity):
    """Obliquity from the surface.

    Attributes
    ----------
    own_u95_deg : (T,) float
        Half width without the doubt of the zero.
    own_zero : (T,) bool
        Whether the zero comes from quiet standing in the same segment; if not, it was borrowed from the landmarks.
    """

    own_u95_deg: Floats
    own_zero: Bools


@dataclass(frozen=True)
class SurfaceTurn:
    """The tracked surface over the pelvis, (T,) each.

    Attributes
    ----------
    rotation_deg, u_deg : (T,) float
        Turn on the picture since the segment began, + = clockwise, and its standard uncertainty. NaN where lost.
    segment : (T,) int
        Number of the segment; each has its own zero.
    body_turn_deg : (T,) float
        Turn of the shoulders about the vertical; only its change counts. NaN where unknown.
    clothing : Clothing
        What covers the hips.
    """

    rotation_deg: Floats
    u_deg: Floats
    segment: Ints
    body_turn_deg: Floats
    clothing: Clothing = NOT_LOOKED_AT


def from_landmarks(
    lines: BodyLines, quiet: Bools, roll_u95_deg: float, correction: Correction, quiet_s: float = MIN_REST_S
) -> Obliquity:
    """Obliquity from the landmarks alone.

    Parameters
    ----------
    lines : BodyLines
        Of the person, camera roll removed.
    quiet : (T,) bool
        Frames of quiet two-leg standing; without any, the estimate itself is taken and camera roll adds to its interval.
    roll_u95_deg : float
        95 % half width of the camera roll.
    correction : Correction
        Fitted model.
    quiet_s : float
        How long the quiet standing lasts; the spread of its readings is the doubt of the zero.

    Returns
    -------
    Obliquity
        NaN where one of the joints is missing.
    """
    deg = correction.obliquity_deg(lines)
    has_zero = bool((quiet & np.isfinite(deg)).any())
    u95 = np.hypot(Z95 * correction.u_deg(lines), zero_u95_deg(deg, quiet, quiet_s) if has_zero else roll_u95_deg)
    return Obliquity(change_from_quiet(deg, quiet), u95)


def from_surface(
    surface: SurfaceTurn, quiet: Bools, landmarks: Obliquity, mediolateral_sign: int, quiet_s: float = MIN_REST_S
) -> SurfaceObliquity:
    """Obliquity from the tracked surface, each tracked segment with its own zero.

    Parameters
    ----------
    surface : SurfaceTurn
        As tracked.
    quiet : (T,) bool
        Frames of quiet two-leg standing.
    landmarks : Obliquity
        Lends its level, and with it its width, to a segment that holds no quiet frame.
    mediolateral_sign : int
        +1 front view, -1 back view.
    quiet_s : float
        How long the quiet standing lasts.

    Returns
    -------
    SurfaceObliquity
        NaN where the surface was lost or its zero is not known.
    """
    turn = mediolateral_sign * surface.rotation_deg
    deg, zero_u95 = np.full(len(turn), np.nan), np.full(len(turn), np.nan)
    own_zero = np.zeros(len(turn), dtype=bool)
    for number in np.unique(surface.segment[np.isfinite(turn)]):
        here = (surface.segment == number) & np.isfinite(turn)
        lent = here & np.isfinite(landmarks.deg)
        if (here & quiet).any():
            deg[here] = turn[here] - np.median(turn[here & quiet])
            share = float((here & quiet).sum() / max(1, quiet.sum()))
            spread = zero_u95_deg(turn, here & quiet, share * quiet_s)
            zero_u95[here], own_zero[here] = np.hypot(Z95 * ZERO_SD_DEG, spread), True
        elif lent.any():
            deg[here] = turn[here] - np.median(turn[lent] - landmarks.deg[lent])
            zero_u95[here] = np.median(landmarks.u95_deg[lent])
    body_turn = np.nan_to_num(change_from_quiet(surface.body_turn_deg, quiet))
    share = SHIRT_SLIP if surface.clothing.shirt_over_hips else SURFACE_SLIP
    slip = np.sqrt((share * deg) ** 2 + (TURN_SHARE * body_turn) ** 2 + (LOOSE_SD_DEG * surface.clothing.looseness) ** 2)
    own = Z95 * np.hypot(surface.u_deg**2 / SPREAD_UNIT_DEG, slip)
    return SurfaceObliquity(deg, np.hypot(own, zero_u95), own, own_zero)


def fuse(surface: SurfaceObliquity, landmarks: Obliquity) -> Obliquity:
    """Combine surface and landmarks by their precision.

    With a zero of its own the surface is independent of the landmarks: the combination is narrower than either, and where
    both are further apart than their intervals allow, the interval grows in proportion. A surface whose level was borrowed
    shares the landmarks' error of level: it can only steady the curve, and the interval does not narrow.

    Parameters
    ----------
    surface, landmarks : Obliquity
        One that is known alone is taken as it is.

    Returns
    -------
    Obliquity
        NaN where neither is known.
    """
    known, other = np.isfinite(surface.deg), np.isfinite(landmarks.deg)
    width = np.where(surface.own_zero, surface.u95_deg, surface.own_u95_deg)
    share = np.where(known & other, landmarks.u95_deg**2 / (landmarks.u95_deg**2 + width**2), known)
    first, second = (np.nan_to_num(one.deg) for one in (surface, landmarks))
    first_u95, second_u95 = (np.nan_to_num(one.u95_deg) for one in (surface, landmarks))
    apart = np.nan_to_num(np.abs(surface.deg - landmarks.deg) / np.hypot(surface.u95_deg, landmarks.u95_deg))
    independent = np.hypot(share * first_u95, (1.0 - share) * second_u95) * np.fmax(1.0, apart)
    u95 = np.where(surface.own_zero, independent, share * first_u95 + (1.0 - share) * second_u95)
    nobody = ~(known | other)
    deg = share * first + (1.0 - share) * second
    return Obliquity(np.where(nobody, np.nan, deg), np.where(nobody, np.nan, u95), cloth_share=np.where(nobody, np.nan, share))


def from_markers(
    tilt_deg: Floats,
    u_deg: Floats,
    quiet: Bools,
    mediolateral_sign: int,
    roll_deg: float,
    roll_u95_deg: float,
    quiet_s: float = MIN_REST_S,
) -> Obliquity:
    """Obliquity from two stickers on the front hip bones.

    Parameters
    ----------
    tilt_deg, u_deg : (T,) float
        Tilt on the picture of the line between the stickers, + = the right one on the picture is lower, and its standard
        uncertainty. NaN where they were not seen.
    quiet : (T,) bool
        Frames of quiet two-leg standing; without any, the level itself is taken and camera roll adds to its interval.
    mediolateral_sign : int
        +1 front view, -1 back view.
    roll_deg, roll_u95_deg : float
        Camera roll, + = the picture is turned clockwise, and its 95 % half width.
    quiet_s : float
        How long the quiet standing lasts.

    Returns
    -------
    Obliquity
        NaN where the stickers were not seen.
    """
    level = mediolateral_sign * (tilt_deg - roll_deg)
    has_zero = bool((quiet & np.isfinite(level)).any())
    deg = change_from_quiet(level, quiet)
    own = Z95 * np.hypot(u_deg, MARKER_SLIP * deg)
    zero = float(np.hypot(Z95 * ZERO_SD_DEG, zero_u95_deg(level, quiet, quiet_s)))
    return Obliquity(deg, np.hypot(own, zero if has_zero else roll_u95_deg))


def pelvic_obliquity(
    surface: SurfaceTurn,
    lines: BodyLines,
    quiet: Bools,
    mediolateral_sign: int,
    roll_u95_deg: float = 0.0,
    correction: Correction | None = None,
    quiet_s: float = MIN_REST_S,
) -> Obliquity:
    """Return the best estimate of the pelvis obliquity in every frame.

    Parameters
    ----------
    surface : SurfaceTurn
        As tracked.
    lines : BodyLines
        Of the person, camera roll removed.
    quiet : (T,) bool
        Frames of quiet two-leg standing.
    mediolateral_sign : int
        +1 front view, -1 back view.
    roll_u95_deg : float
        95 % half width of the camera roll.
    correction : Correction, optional
        The shipped table when not given.
    quiet_s : float
        How long the quiet standing lasts.

    Returns
    -------
    Obliquity
        NaN where neither surface nor landmarks are known.
    """
    landmarks = from_landmarks(lines, quiet, roll_u95_deg, correction or shipped_correction(), quiet_s)
    return fuse(from_surface(surface, quiet, landmarks, mediolateral_sign, quiet_s), landmarks)


def change_from_quiet(values: Floats, quiet: Bools) -> Floats:
    """Subtract the median over quiet standing.

    Parameters
    ----------
    values : (T,) float
        Degrees.
    quiet : (T,) bool
        Frames of quiet two-leg standing.

    Returns
    -------
    (T,) float
        Unchanged where no quiet frame is known.
    """
    reference = values[quiet & np.isfinite(values)]
    return values - float(np.median(reference)) if reference.size else values.copy()
