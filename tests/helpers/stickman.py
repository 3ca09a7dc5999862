"""A posable figure: motion from joint angles, projected by a pinhole camera. Knows nothing of the program's formulas.

Axes as MediaPipe's world: x right in the picture, y down, z away from the camera. At yaw 0 the figure faces the camera, so
that its left is right in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from screener.model.pose import BACK_STATIONS, Floats, Landmark, PoseSequence

THIGH = SHANK = 0.42
TRUNK = 0.50
HIP_HALF = 0.09
SHOULDER_HALF = 0.18
ANKLE_HEIGHT = 0.08


@dataclass(frozen=True)
class Motion:
    """Joint angles over time, (T,) each or scalars; degrees and metres.

    obliquity: + = left hip lower. lean: + = towards the figure's left. incline: + = forward. bend: knee flexion of the
    standing leg(s). lift_left / lift_right: height of the foot over the floor. knee_in_left / right: the knee plane turned
    towards the midline. shift: hips towards the left. ahead: way walked towards the camera. foot_left / foot_right: foot in
    front of the body's middle; NaN for under it, and behind it while lifted.
    """

    time_s: Floats
    obliquity: Floats | float = 0.0
    lean: Floats | float = 0.0
    incline: Floats | float = 0.0
    bend: Floats | float = 4.0
    lift_left: Floats | float = 0.0
    lift_right: Floats | float = 0.0
    knee_in_left: Floats | float = 0.0
    knee_in_right: Floats | float = 0.0
    shift: Floats | float = 0.0
    hips_back: Floats | float = 0.0
    rounding: Floats | float = 0.0
    ahead: Floats | float = 0.0
    foot_left: Floats | float = np.nan
    foot_right: Floats | float = np.nan

    def joints(self) -> Floats:
        return body(self)


class Figure(Protocol):
    """Whatever moves: times, and the joints at each."""

    @property
    def time_s(self) -> Floats: ...

    def joints(self) -> Floats:
        """(T, 33, 3) metres."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; roll + = picture turned clockwise; yaw of the figure, 180 = seen from behind, 90 = left side near."""

    distance: float = 3.0
    height: float = 1.0
    yaw: float = 0.0
    roll: float = 0.0
    width: int = 640
    picture_height: int = 480
    focal: float = field(default=515.0)


def columns(motion: Motion) -> Motion:
    """Every angle as a (T,) array."""
    count = len(motion.time_s)
    names = [name for name in Motion.__dataclass_fields__ if name != "time_s"]
    return replace(motion, **{name: np.broadcast_to(np.asarray(getattr(motion, name), float), count) for name in names})


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def _knee(hip: Floats, ankle: Floats, inward: Floats, side: float) -> Floats:
    """Two bones between hip and ankle; the knee points forward (-z), turned inwards by `inward` degrees."""
    along = ankle - hip
    length = np.minimum(np.linalg.norm(along, axis=1), (THIGH + SHANK) * 0.9999)
    axis = _unit(along)
    angle = np.radians(inward)
    pole = np.stack([-side * np.sin(angle), np.zeros_like(angle), -np.cos(angle)], axis=1)
    pole = _unit(pole - axis * (pole * axis).sum(axis=1, keepdims=True))
    reach = (THIGH**2 - SHANK**2 + length**2) / (2 * length)
    out = np.sqrt(np.maximum(THIGH**2 - reach**2, 0.0))
    return hip + axis * reach[:, None] + pole * out[:, None]


def body(motion: Motion) -> Floats:
    """(T, 33, 3) joints in metres; the floor is y = 0 and the figure stands at the origin, facing the camera."""
    m = columns(motion)
    count = len(m.time_s)
    leg = 2 * THIGH * np.cos(np.radians(m.bend) / 2)
    standing_left, standing_right = m.lift_left <= m.lift_right, m.lift_right <= m.lift_left
    o = np.radians(m.obliquity)
    # The hip over the standing foot carries the pelvis; with both feet down its middle does.
    offset = (
        HIP_HALF * np.sin(o) * np.where(standing_left & ~standing_right, -1, np.where(standing_right & ~standing_left, 1, 0))
    )
    middle = np.stack([m.shift, -(ANKLE_HEIGHT + leg) + offset, m.hips_back - m.ahead], axis=1)
    across = np.stack([np.cos(o), np.sin(o), np.zeros(count)], axis=1) * HIP_HALF
    hip = {"LEFT": middle + across, "RIGHT": middle - across}
    lean, incline = np.radians(m.lean), np.radians(m.incline)
    up = np.stack([np.sin(lean) * np.cos(incline), -np.cos(lean) * np.cos(incline), -np.sin(incline)], axis=1)
    chest = middle + TRUNK * up
    side_way = np.stack([np.cos(lean), np.sin(lean), np.zeros(count)], axis=1)
    points = np.zeros((count, 33, 3))
    for name, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        lift = m.lift_left if sign > 0 else m.lift_right
        inward = m.knee_in_left if sign > 0 else m.knee_in_right
        foot = m.foot_left if sign > 0 else m.foot_right
        behind = np.where(np.isfinite(foot), -foot, np.where(lift > 1e-6, 0.25, 0.0))
        ankle = np.stack([np.full(count, sign * HIP_HALF), -(ANKLE_HEIGHT + lift), behind - m.ahead], axis=1)
        shoulder = chest + sign * SHOULDER_HALF * side_way
        elbow, wrist = shoulder + [sign * 0.08, 0.28, 0.0], shoulder + [sign * 0.1, 0.52, -0.05]
        put = {
            "HIP": hip[name],
            "KNEE": _knee(hip[name], ankle, inward, sign),
            "ANKLE": ankle,
            "HEEL": ankle + [0, 0.06, 0.05],
            "FOOT_INDEX": ankle + [0, 0.07, -0.15],
            "SHOULDER": shoulder,
            "ELBOW": elbow,
            "WRIST": wrist,
            "PINKY": wrist + [0, 0.08, 0],
            "INDEX": wrist + [0, 0.09, -0.02],
            "THUMB": wrist + [0, 0.06, -0.03],
            "EAR": chest + 0.22 * up + sign * 0.07 * side_way,
        }
        for joint, where in put.items():
            points[:, Landmark[f"{name}_{joint}"]] = where
    put_face(points, chest, up, np.array([0.0, 0.0, -1.0]))
    return points


def put_face(points: Floats, chest: Floats, up: Floats, ahead: Floats) -> None:
    """Eyes, mouth and nose above the chest, looking `ahead`."""
    for name, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        for number, part in enumerate(("EYE_INNER", "EYE", "EYE_OUTER"), 1):
            points[:, Landmark[f"{name}_{part}"]] = chest + 0.25 * up + [sign * 0.015 * number, 0, 0] + 0.09 * ahead
        points[:, Landmark[f"MOUTH_{name}"]] = chest + 0.17 * up + [sign * 0.02, 0, 0] + 0.09 * ahead
    points[:, Landmark.NOSE] = chest + 0.21 * up + 0.11 * ahead


def _turned(points: Floats, yaw: float) -> Floats:
    """Turn about the vertical: yaw 90 brings the figure's left side (+x) towards the camera (-z)."""
    angle = np.radians(yaw)
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.stack([x * np.cos(angle) + z * np.sin(angle), y, -x * np.sin(angle) + z * np.cos(angle)], axis=-1)


def _is_sideways(yaw: float) -> bool:
    return abs(np.sin(np.radians(yaw))) > abs(np.cos(np.radians(yaw)))


def _back(motion: Motion, yaw: float) -> Floats:
    """Outline of a back that bulges as the spine rounds: a parabola over the hip-shoulder line, in trunk lengths."""
    if not _is_sideways(yaw):
        return np.full((len(motion.time_s), len(BACK_STATIONS)), np.nan)
    s = BACK_STATIONS[None]
    curve = np.radians(np.asarray(motion.rounding))[:, None] * 0.58
    return 0.2 + curve / 2 * s * (1 - s)


def _surface(motion: Motion, yaw: float) -> Floats:
    """Turn of the pelvis on the picture: it drops to a side, or bends forward less than the trunk as the spine rounds."""
    facing, sideways = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    if _is_sideways(yaw):
        return -np.sign(sideways) * (np.asarray(motion.incline) * (1 - 7.5 / 75) - 0.63 * np.asarray(motion.rounding))
    return np.sign(facing) * np.asarray(motion.obliquity)


def film(motion: Figure, camera: Camera | None = None, noise_px: float = 0.0, seed: int = 0) -> PoseSequence:
    """Project the figure, as a perfect landmark model and a perfect surface tracker would see it."""
    camera = camera or Camera()
    points = _turned(motion.joints(), camera.yaw)
    depth = points[..., 2] + camera.distance
    x = camera.focal * points[..., 0] / depth
    y = camera.focal * (points[..., 1] + camera.height) / depth
    roll = np.radians(camera.roll)
    pixels = np.stack(
        [
            x * np.cos(roll) - y * np.sin(roll) + camera.width / 2,
            x * np.sin(roll) + y * np.cos(roll) + camera.picture_height / 2,
        ],
        axis=-1,
    )
    if noise_px:
        pixels = pixels + np.random.default_rng(seed).normal(0, noise_px, pixels.shape)
    count = len(motion.time_s)
    hips = points[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1, keepdims=True)
    upright = columns(motion) if isinstance(motion, Motion) else columns(Motion(motion.time_s))
    return PoseSequence(
        time_s=np.asarray(motion.time_s, float),
        pixels=pixels,
        world_m=points - hips,
        visibility=np.ones((count, 33)),
        surface_rotation_deg=_surface(upright, camera.yaw),
        surface_u_deg=np.full(count, 0.3),
        surface_segment=np.zeros(count, dtype=np.int64),
        marker_tilt_deg=np.full(count, np.nan),
        marker_u_deg=np.full(count, np.nan),
        brightness=np.full(count, 120.0),
        people=np.zeros(count, dtype=np.int64),
        back_outline=_back(upright, camera.yaw),
        hem_step=np.full(count, np.nan),
        hem_contrast=np.full(count, np.nan),
        width=camera.width,
        height=camera.picture_height,
    )


def ramp(time_s: Floats, *moments: float) -> Floats:
    """0 before the first moment, rising to 1 at the second, 1 to the third, 0 from the fourth on (smoothly)."""
    start, up, hold, end = moments

    def ease(x: Floats) -> Floats:
        return 0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0, 1))

    return ease((time_s - start) / (up - start)) - ease((time_s - hold) / (end - hold))


def times(seconds: float, rate_hz: float = 30.0) -> Floats:
    return np.arange(0.0, seconds, 1.0 / rate_hz)


def stance(side: str = "left", drop: float = 0.0, lean: float = 0.0, seconds: float = 9.0, rate_hz: float = 30.0) -> Motion:
    """Quiet for 2 s, on one leg from 2.5 s to 2 s before the end; `lean` is towards the stance leg."""
    t = times(seconds, rate_hz)
    up = ramp(t, 2.0, 2.5, seconds - 2.5, seconds - 2.0)
    held = ramp(t, 2.8, 3.3, seconds - 3.3, seconds - 2.8)
    sign = 1.0 if side == "left" else -1.0
    lifts = {"lift_right" if side == "left" else "lift_left": 0.2 * up}
    return Motion(t, obliquity=-sign * drop * held, lean=sign * lean * held, **lifts)


def leg_squats(side: str = "left", count: int = 3, drop: float = 0.0, knee_in: float = 0.0, rate_hz: float = 30.0) -> Motion:
    """Squats of 2.5 s on one leg, 1 s apart, quiet for 2 s before and after."""
    t = times(6.0 + 3.5 * count, rate_hz)
    up = ramp(t, 1.5, 2.0, t[-1] - 2.0, t[-1] - 1.5)
    deep = sum(ramp(t, 2.5 + 3.5 * k, 3.6 + 3.5 * k, 3.9 + 3.5 * k, 5.0 + 3.5 * k) for k in range(count))
    sign = 1.0 if side == "left" else -1.0
    other = "right" if side == "left" else "left"
    return Motion(
        t,
        obliquity=-sign * drop * deep,
        bend=4.0 + 50.0 * deep,
        **{f"lift_{other}": 0.2 * up, f"knee_in_{side}": knee_in * deep},
    )


def hinges(count: int = 3, incline: float = 70.0, bend: float = 20.0, rounding: float = 0.0, rate_hz: float = 30.0) -> Motion:
    """Hinges of 3 s, 1 s apart, quiet for 2 s before and after."""
    t = times(4.0 + 4.0 * count, rate_hz)
    deep = sum(ramp(t, 2.0 + 4.0 * k, 3.3 + 4.0 * k, 3.7 + 4.0 * k, 5.0 + 4.0 * k) for k in range(count))
    return Motion(t, incline=incline * deep, bend=4.0 + bend * deep, hips_back=0.15 * deep, rounding=rounding * deep)
