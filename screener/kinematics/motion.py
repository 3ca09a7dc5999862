"""From landmarks to the angles of every frame: what all clinical tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from screener.kinematics import frontal, knees, sagittal
from screener.kinematics.body_in_view import EQUAL_LEGS_SHARE, BodyInView, body_in_view
from screener.kinematics.body_turn import BodyTurn, body_turn, chest_up, facing_of
from screener.kinematics.clothing import NOT_LOOKED_AT, Clothing, clothing_of
from screener.kinematics.events import LIFT_ON, inside, seconds_of, spans, stance
from screener.kinematics.feet import feet_of, hops
from screener.kinematics.hip_correction import BodyLines, body_lines
from screener.kinematics.pelvis import Obliquity, SurfaceTurn, change_from_quiet, from_markers, pelvic_obliquity
from screener.kinematics.planar import direction_deg, distance, midpoint, rotate
from screener.kinematics.ranges import possible
from screener.kinematics.rounding import LowBackTurn, Rounding, outline_curve_deg, spine_rounding
from screener.kinematics.signal import bridgeable, clean, known_median
from screener.kinematics.stance_leg import stance_legs
from screener.kinematics.standing import MAX_FLOOR_SHARE, above_floor
from screener.kinematics.turned import turned_pelvis_u95_deg
from screener.model.pose import BACK_STATIONS, Bools, Floats, Joint, Landmark, PoseSequence, Side, View
from screener.model.results import Method, Quality
from screener.model.series import Series

FLOOR_DEG = 3.0
"""A sample within this of its running median is never an outlier."""
SURFACE_CUTOFF_HZ = 4.0
OUTLINE_CUTOFF_HZ = 3.0
MIN_STANCE_S = 1.0
NEARER_U95_DEG = 15.0
"""Per natural logarithm of the growth. A level pelvis reads 2 degrees in a step of half a metre at three metres (rendered)."""
MIN_MARKERS_SEEN = 0.8
"""Stickers seen in fewer frames are not used at all: the pelvis is not pieced together from two methods."""


@dataclass(frozen=True)
class Motion:
    """A recording as the clinical tests see it: angles and positions with camera roll removed.

    Attributes
    ----------
    series : Series
        The angles.
    points : (T, 33, 2) float
        Landmarks in pixels, roll removed, NaN where not seen.
    quiet : (T,) bool
        Quiet two-leg standing.
    rest : (T,) bool
        The part of it that is the zero of the angles: half a second and more, the arms at rest. All False where the recording
        holds none, and the zero is borrowed.
    body_height_px : float
        Standing height in the picture.
    growth : (T,) float
        Size of the body in the picture over its usual one; 1 where the person keeps the distance to the camera.
    view : View
        From where the camera sees the person.
    mediolateral_sign : int
        +1 where the person's left is right in the picture, -1 from behind; 0 in other views.
    near_side : Side
        The side towards the camera (side view).
    roll_u95_deg : float
        95 % half width of the camera roll that was removed.
    rounding_u95_deg : (T,) float
        95 % half width of the rounding of the back.
    feet_over : (T,) float
        Height of the left foot over the right one against standing on both, in body heights; guessed where one foot is hidden.
    turn : BodyTurn
        Turn of the body against the picture plane; NaN in a side view and of a lying body.
    chest_up : float
        Upward part of the direction of the chest: 1 lying on the back, -1 face down; NaN where nobody was found.
    pelvis_method : Method
        Whether stickers or the landmarks with the surface gave the pelvis.
    cloth_share : float
        Share of the weight that the tracked cloth has in the pelvis, usually; the rest is the landmarks'. NaN without both.
    clothing : Clothing
        What covers the hips.
    pelvis_roll_deg : (T,) float
        Of a body that lies on its side in front of the camera: turn of the pelvis about its own length, + = the person's left
        hip is further from the camera. NaN elsewhere.
    straight_first : bool
        The first hinge was done with a stick along the back, as the person's own straight one.
    hops : mapping of Side to (T,) bool
        Frames in which a foot and the hips have risen together from where they were.
    signal_s : float
        When the person was told to start; nothing before it is an attempt.
    """

    series: Series
    points: Floats
    quiet: Bools
    rest: Bools
    body_height_px: float
    growth: Floats
    pelvis_roll_deg: Floats
    view: View
    mediolateral_sign: int
    near_side: Side
    roll_u95_deg: float
    rounding_u95_deg: Floats
    feet_over: Floats
    turn: BodyTurn
    chest_up: float
    pelvis_method: Method = Method.LANDMARKS
    cloth_share: float = float("nan")
    clothing: Clothing = NOT_LOOKED_AT
    straight_first: bool = False
    hops: Mapping[Side, Bools] = field(default_factory=dict)
    signal_s: float = 0.0

    @property
    def time_s(self) -> Floats:
        """(T,) seconds."""
        return self.series.time_s

    @property
    def anteroposterior_sign(self) -> int:
        """+1 where a person seen from the side faces the right of the picture, -1 where the left."""
        return _anteroposterior_sign(self.near_side)

    def joint(self, joint: Joint, side: Side) -> Floats:
        """(T, 2) position of a joint."""
        return self.points[:, joint.on(side)]

    def middle(self, joint: Joint) -> Floats:
        """(T, 2) point half way between a joint of both sides."""
        return midpoint(self.joint(joint, Side.LEFT), self.joint(joint, Side.RIGHT))

    def column(self, name: str) -> Floats:
        """(T,) one column of the series."""
        return np.asarray(getattr(self.series, name), dtype=np.float64)


def compute_motion(poses: PoseSequence, quality: Quality, body: BodyInView | None = None, *, two_legs: bool = False) -> Motion:
    """Compute the angles of every frame.

    Parameters
    ----------
    poses : PoseSequence
        Sides consistent.
    quality : Quality
        View and camera roll of the recording.
    body : BodyInView, optional
        Of the same poses and quality, where it is known already.
    two_legs : bool
        The movement stands on both legs, so that a foot counts as lifted only where the slope of the floor cannot explain it.

    Returns
    -------
    Motion
        Columns that the view does not show are NaN.
    """
    time_s, view = poses.time_s, View(quality.view)
    mediolateral_sign = view.mediolateral_sign
    body = body or body_in_view(poses, quality)
    points, visible, near, size, growth = body.points, body.visible, body.near_side, body.size, body.growth
    height, quiet, rest = body.height_px, body.quiet, body.rest
    legs = np.stack([distance(points[:, Joint.HIP.on(side)], points[:, Joint.ANKLE.on(side)]) for side in Side])
    feet = above_floor(_foot_height(points, time_s, height * growth), legs, rest, time_s, EQUAL_LEGS_SHARE)
    blank = np.full(len(time_s), np.nan)
    columns = {name: blank for name in COLUMNS}
    turn = _body_turn(poses, view, quality)
    columns["body_turn_deg"] = turn.each_deg
    rounding, cloth_share = Rounding(blank, blank), float("nan")
    clothing = clothing_of(poses) if mediolateral_sign else NOT_LOOKED_AT
    if mediolateral_sign and not quality.sideways:  # of a lying body the front shows none of these angles
        lines = _lines(points, time_s, mediolateral_sign)
        obliquity = _pelvis(poses, lines, rest, mediolateral_sign, quality, clothing)
        columns |= _frontal(points, lines, obliquity, mediolateral_sign, quality)
        cloth_share = known_median(obliquity.cloth_share)
        columns |= knees.knee_columns(points, time_s, mediolateral_sign, height * growth)
        turned = turned_pelvis_u95_deg(columns["pelvic_obliquity_deg"], turn, rest)
        widths = columns["pelvic_obliquity_u95_deg"], _nearer_u95_deg(size, rest), turned
        columns["pelvic_obliquity_u95_deg"] = np.sqrt(np.sum(np.square(widths), axis=0))
    elif view is View.SIDE:
        columns |= _sagittal(points, time_s, rest, near)
        rounding = _rounding(poses, columns["trunk_inclination_deg"], rest, near)
        columns["spine_rounding_deg"] = rounding.value_deg
    usable = visible & (view in (View.FRONT, View.BACK, View.SIDE))
    guessed = rotate(poses.pixels, -quality.camera_roll_deg)
    own = feet_of(points, guessed, feet, quiet, height * growth, time_s)
    del guessed  # of an hour: 60 MB
    if view is View.SIDE or two_legs:
        standing = np.where(bridgeable(visible, time_s), stance(feet, time_s, MAX_FLOOR_SHARE if two_legs else LIFT_ON), "none")
    else:
        standing = stance_legs(own, time_s)
    if view is not View.SIDE and not quality.sideways:  # an oblique view shows no angle, but squats can still be counted
        columns |= _without_lifted_legs(columns, standing) | _stance_flexion(points, standing, time_s)
    columns = {name: possible(name, values) for name, values in columns.items()}
    series = Series(time_s=time_s, stance=standing, usable=usable, **columns)
    lean_u95 = float(np.hypot(quality.camera_roll_u95_deg, quality.camera_turn_u95_deg))
    method = Method.MARKERS if markers_seen(poses) >= MIN_MARKERS_SEEN else Method.LANDMARKS
    lying = bool(mediolateral_sign) and quality.sideways
    roll = _pelvis_roll(poses) if lying else np.full(len(time_s), np.nan)
    return Motion(
        series=series,
        points=points,
        quiet=quiet,
        rest=rest,
        body_height_px=height,
        growth=growth,
        pelvis_roll_deg=roll,
        view=view,
        mediolateral_sign=mediolateral_sign,
        near_side=near,
        roll_u95_deg=lean_u95,
        rounding_u95_deg=rounding.u95_deg,
        pelvis_method=method,
        cloth_share=cloth_share,
        clothing=clothing,
        feet_over=own.over,
        turn=turn,
        chest_up=chest_up(poses),
        hops=hops(points, height * growth, time_s),
    )


def _body_turn(poses: PoseSequence, view: View, quality: Quality) -> BodyTurn:
    if view in (View.SIDE, View.UNKNOWN) or quality.sideways:
        return BodyTurn(float("nan"), float("nan"), np.full(len(poses), np.nan))
    return body_turn(poses, facing_of(poses), quality.subject_height_px or float("nan"))


COLUMNS = tuple(name for name in Series.__dataclass_fields__ if name not in ("time_s", "stance", "usable"))
ANGLES = tuple(name for name in COLUMNS if name.endswith("_deg"))


def _pelvis_roll(poses: PoseSequence) -> Floats:
    """(T,) turn of a lying body's hips towards or away from the camera, from the model's depth."""
    across: Floats = np.asarray(poses.world_m[:, Landmark.LEFT_HIP] - poses.world_m[:, Landmark.RIGHT_HIP], dtype=np.float64)
    return clean(direction_deg(np.abs(across[:, 1]), across[:, 2]), poses.time_s, FLOOR_DEG)


def _nearer_u95_deg(size: Floats, quiet: Bools) -> Floats:
    """(T,) what coming nearer than in quiet standing adds to the 95 % half width of the pelvis: it is seen from elsewhere."""
    if not quiet.any():
        return np.zeros(len(size))
    return np.asarray(NEARER_U95_DEG * np.abs(np.log(size / np.median(size[quiet]))))


def _foot_height(points: Floats, time_s: Floats, height: Floats) -> Floats:
    """(T,) height of the left foot over the right one in body heights."""
    left, right = points[:, Landmark.LEFT_ANKLE], points[:, Landmark.RIGHT_ANKLE]
    return clean((right[:, 1] - left[:, 1]) / height, time_s, floor=0.01)


def _frontal(
    points: Floats, lines: BodyLines, obliquity: Obliquity, mediolateral_sign: int, quality: Quality
) -> dict[str, Floats]:
    hip = {side: points[:, Joint.HIP.on(side)] for side in Side}
    return {
        "hip_line_deg": frontal.hip_line_deg(hip[Side.LEFT], hip[Side.RIGHT], mediolateral_sign),
        "pelvic_obliquity_deg": obliquity.deg,
        "pelvic_obliquity_u95_deg": np.hypot(obliquity.u95_deg, quality.camera_turn_u95_deg),
        "trunk_lean_deg": lines.trunk,
    }


def markers_seen(poses: PoseSequence) -> float:
    """Share of the frames with a person in which the stickers were seen; 0 where they were not looked for."""
    seen = np.isfinite(poses.marker_tilt_deg)
    return float(seen[poses.found].mean()) if seen.any() else 0.0


def _pelvis(
    poses: PoseSequence, lines: BodyLines, quiet: Bools, mediolateral_sign: int, quality: Quality, clothing: Clothing
) -> Obliquity:
    if markers_seen(poses) >= MIN_MARKERS_SEEN:
        tilt, spread = (clean(of, poses.time_s, FLOOR_DEG) for of in (poses.marker_tilt_deg, poses.marker_u_deg))
        roll = quality.camera_roll_deg, quality.camera_roll_u95_deg
        return from_markers(tilt, np.abs(spread), quiet, mediolateral_sign, *roll, seconds_of(quiet, poses.time_s))
    surface = SurfaceTurn(
        rotation_deg=_surface_turn(poses, SURFACE_CUTOFF_HZ, of_back=False),
        u_deg=poses.surface_u_deg,
        segment=poses.surface_segment,
        body_turn_deg=_shoulder_turn(poses, mediolateral_sign),
        clothing=clothing,
    )
    quiet_s = seconds_of(quiet, poses.time_s)
    return pelvic_obliquity(surface, lines, quiet, mediolateral_sign, quality.camera_roll_u95_deg, quiet_s=quiet_s)


def _surface_turn(poses: PoseSequence, cutoff_hz: float, *, of_back: bool) -> Floats:
    """(T,) turn of the tracked surface, NaN where another one was tracked.

    Each segment is cleaned alone: it has its own zero, and a filter must not reach across.
    """
    turn = np.full(len(poses), np.nan)
    if poses.looked_at_back is not of_back:
        return turn
    for number in np.unique(poses.surface_segment):
        here = poses.surface_segment == number
        turn[here] = clean(poses.surface_rotation_deg[here], poses.time_s[here], FLOOR_DEG, cutoff_hz)
    return np.where(np.isfinite(poses.surface_u_deg), turn, np.nan)


def _lines(points: Floats, time_s: Floats, mediolateral_sign: int) -> BodyLines:
    """Directions of the body's lines, cleaned over time."""
    hips, shoulders, knees, ankles = (
        (points[:, joint.on(Side.LEFT)], points[:, joint.on(Side.RIGHT)])
        for joint in (Joint.HIP, Joint.SHOULDER, Joint.KNEE, Joint.ANKLE)
    )
    lines = body_lines(hips, shoulders, knees, ankles, mediolateral_sign)
    used = {name: clean(getattr(lines, name), time_s, FLOOR_DEG) for name in ("hip", "shoulder", "trunk", "leg_ratio")}
    return replace(lines, **used)


def _shoulder_turn(poses: PoseSequence, mediolateral_sign: int) -> Floats:
    """(T,) turn of the shoulders about the vertical, 0 facing the camera or away from it, degrees."""
    across = poses.world(Landmark.LEFT_SHOULDER) - poses.world(Landmark.RIGHT_SHOULDER)
    return clean(direction_deg(mediolateral_sign * across[:, 0], mediolateral_sign * across[:, 2]), poses.time_s, FLOOR_DEG)


def straight_leg(leg: Floats, mask: Bools) -> float:
    """Length of a straight leg in the picture: the long end of what is seen in some frames; NaN without any."""
    seen = leg[mask & np.isfinite(leg)]
    return float(np.percentile(seen, 90)) if seen.size else float("nan")


def _stance_flexion(points: Floats, standing: NDArray[np.str_], time_s: Floats) -> dict[str, Floats]:
    """Knee flexion of the standing leg, each stance against its own straight leg.

    The person may stand nearer or further than in the quiet standing before, and the hip landmark of a carried pelvis sits
    lower than that of one on two legs.
    """
    out = {}
    for side in Side:
        leg = distance(points[:, Joint.HIP.on(side)], points[:, Joint.ANKLE.on(side)])
        leg = clean(leg, time_s, floor=0.03 * straight_leg(leg, np.isfinite(leg)))
        flexion = frontal.shortening_flexion_deg(leg, straight_leg(leg, standing == "both"))
        for span in spans(standing == side, time_s, MIN_STANCE_S):
            here = inside(time_s, span)
            flexion[here] = frontal.shortening_flexion_deg(leg[here], straight_leg(leg, here))
        out[f"knee_flexion_{side}_deg"] = np.where(standing == side.other, np.nan, flexion)
    return out


def _without_lifted_legs(columns: dict[str, Floats], standing: NDArray[np.str_]) -> dict[str, Floats]:
    """Valgus of a leg that hangs in the air means nothing."""
    names = {side: f"knee_valgus_{side}_deg" for side in Side}
    return {name: np.where(standing == side.other, np.nan, columns[name]) for side, name in names.items()}


def _sagittal(points: Floats, time_s: Floats, quiet: Bools, near: Side) -> dict[str, Floats]:
    shoulder, hip = points[:, Joint.SHOULDER.on(near)], points[:, Joint.HIP.on(near)]
    inclination = sagittal.trunk_inclination_deg(hip, shoulder, _anteroposterior_sign(near))
    out = {"trunk_inclination_deg": change_from_quiet(clean(inclination, time_s, FLOOR_DEG), quiet)}
    for side in Side:
        shoulder, hip = points[:, Joint.SHOULDER.on(side)], points[:, Joint.HIP.on(side)]
        knee, ankle = points[:, Joint.KNEE.on(side)], points[:, Joint.ANKLE.on(side)]
        out[f"knee_flexion_{side}_deg"] = clean(sagittal.knee_flexion_deg(hip, knee, ankle), time_s, FLOOR_DEG)
        out[f"hip_flexion_{side}_deg"] = clean(sagittal.hip_flexion_deg(shoulder, hip, knee), time_s, FLOOR_DEG)
    return out


def _anteroposterior_sign(near: Side) -> int:
    """With the right side towards the camera the person faces the right of the picture."""
    return -near.sign


def _rounding(poses: PoseSequence, inclination: Floats, quiet: Bools, near: Side) -> Rounding:
    curve = clean(outline_curve_deg(poses.back_outline, BACK_STATIONS), poses.time_s, FLOOR_DEG, OUTLINE_CUTOFF_HZ)
    turn = _anteroposterior_sign(near) * _surface_turn(poses, OUTLINE_CUTOFF_HZ, of_back=True)
    low_back = LowBackTurn(turn, poses.surface_u_deg, poses.surface_segment)
    return spine_rounding(curve, low_back, inclination, quiet)
