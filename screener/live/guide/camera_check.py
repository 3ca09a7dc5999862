"""Help with placing the camera: from the last second of poses to one thing to do. Pure; the words are the language file's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.clothing import LOOSE_FROM, clothing_of
from screener.kinematics.planar import midpoint
from screener.kinematics.recording_quality import DARK_LEVEL, FAR_SHARE, FRAMED, TILTED_DEG, assess
from screener.kinematics.side_repair import repair_sides
from screener.live.guide.movements import movement
from screener.model.pose import Joint, PoseSequence, Side, View
from screener.model.recording import FOCAL_SHARE, CameraTilt
from screener.model.results import Quality
from screener.tests_clinical.definition import ClinicalTest
from screener.tests_clinical.gates import MAX_TURN_DEG, MIN_BRIGHTNESS, MIN_RATE_HZ, recording_gate

MIN_POSES = 5
MIN_FOUND = 0.7
NEAR_SHARE = 0.97
"""A body that fills more of the picture's height leaves no room for arms and a step."""
PLAIN_SPREAD_DEG = 2.5
"""Spread of the tracked cloth, standard deviation, from which its own 95 % error is above 5 degrees."""
HEIGHT_TOLERANCE = 0.25
"""How far above or below the hips the lens may be, in body heights (a third of a metre turns 20 degrees of turn into 2)."""
CENTRE_SHARE = 0.30
"""How far from the middle of the picture the hips may be, as a share of its width."""


@dataclass(frozen=True)
class PoseWindow:
    """The last second of poses while the camera is being placed."""

    poses: PoseSequence
    tilt: CameraTilt


@dataclass(frozen=True)
class CameraAdvice:
    """What to do next.

    Attributes
    ----------
    key : str
        Text `check.KEY` of the language file.
    good : bool
        Nothing is left that must be done.
    detail : str
        The advice in the words of the gate that would refuse the recording; empty where the key says it.
    """

    key: str
    good: bool = False
    detail: str = ""


def advise(look: PoseWindow, test: ClinicalTest) -> CameraAdvice:
    """Say the one thing to do next, the most important first.

    Parameters
    ----------
    look : PoseWindow
        The last second.
    test : ClinicalTest
        The test to come: it wants a view.
    """
    poses = look.poses
    if len(poses) < MIN_POSES:
        return CameraAdvice("looking")
    quality = assess(repair_sides(poses), look.tilt, None).quality
    for applies, key in _problems(poses, look.tilt, quality, test):
        if applies:
            return CameraAdvice(key)
    refusal = recording_gate(quality, test.views, test.camera, lying=test.lying, by_view=test.by_view)
    if refusal is not None:
        return CameraAdvice("gate", detail=refusal.advice)
    return CameraAdvice(_sharper(look.poses, test) or "good", good=True)


def _sharper(poses: PoseSequence, test: ClinicalTest) -> str:
    """What would make the pelvis sharper, where the test shows it; the recording is accepted without."""
    if not any(measure.of_pelvis for measure in test.measures):
        return ""
    if clothing_of(poses).looseness >= LOOSE_FROM:
        return "tuck_in"
    spread = poses.surface_u_deg[np.isfinite(poses.surface_u_deg)]
    return "plain" if spread.size and float(np.median(spread)) > PLAIN_SPREAD_DEG else ""


def _problems(poses: PoseSequence, tilt: CameraTilt, quality: Quality, test: ClinicalTest) -> tuple[tuple[bool, str], ...]:
    height = (quality.subject_height_px or np.nan) / poses.height
    left, right, above_or_below = _outside(poses)
    raised = lens_above_hips(poses, tilt, quality.subject_height_px or float("nan"))
    return (
        (MIN_BRIGHTNESS > (quality.brightness or 0.0), "light"),
        (quality.found_fraction < MIN_FOUND, "nobody"),
        (quality.people > 1, "one_person"),
        (left != right, "middle"),
        (left or right or above_or_below or height > NEAR_SHARE, "step_back"),
        (height < (FAR_SHARE / 2 if movement(test.key).starts_far else FAR_SHARE), "come_closer"),
        *_view_problems(quality, test),
        ((quality.brightness or 0.0) < DARK_LEVEL, "light"),
        (abs(_off_centre(poses)) > CENTRE_SHARE, "middle"),
        (quality.fps < MIN_RATE_HZ, "slow"),
        (abs(quality.camera_roll_deg) > TILTED_DEG, "level"),
        (raised < -HEIGHT_TOLERANCE, "raise"),
        (raised > HEIGHT_TOLERANCE, "lower"),
    )


def _view_problems(quality: Quality, test: ClinicalTest) -> tuple[tuple[bool, str], ...]:
    view, turn = View(quality.view), quality.largest_turn_deg
    if test.by_view and view is View.SIDE:
        return ()
    if not test.frontal:
        return ((view not in test.views, "side_on"),)
    front_only = View.BACK not in test.views
    return (
        (view is View.BACK and front_only, "face_camera"),
        (view not in (View.FRONT, View.BACK) or turn > MAX_TURN_DEG, "squarely" if not front_only else "face_camera"),
    )


def _outside(poses: PoseSequence) -> tuple[bool, bool, bool]:
    """Whether the body reaches out of the picture to the left, to the right, and above or below, in most frames."""
    points = poses.pixels[poses.found][:, list(FRAMED)]
    if len(points) == 0:
        return False, False, False
    left, right = (points[..., 0] < 0).any(axis=1), (points[..., 0] > poses.width).any(axis=1)
    beyond = ((points[..., 1] < 0) | (points[..., 1] > poses.height)).any(axis=1)
    return tuple(bool(np.median(which) > 0) for which in (left, right, beyond))  # type: ignore[return-value]


def _mid_hip(poses: PoseSequence) -> tuple[float, float]:
    hips = midpoint(*(poses.pixels[poses.found, Joint.HIP.on(side)] for side in Side))
    return (float("nan"), float("nan")) if len(hips) == 0 else (float(np.median(hips[:, 0])), float(np.median(hips[:, 1])))


def _off_centre(poses: PoseSequence) -> float:
    return _mid_hip(poses)[0] / poses.width - 0.5


def lens_above_hips(poses: PoseSequence, tilt: CameraTilt, body_height_px: float) -> float:
    """How far the lens is above the hips, in body heights.

    The horizon of the picture lies at the height of the lens on everything; where it is follows from the pitch of the camera.

    Parameters
    ----------
    poses : PoseSequence
        A standing person.
    tilt : CameraTilt
        Pitch from the room's verticals.
    body_height_px : float
        Standing height in the picture.

    Returns
    -------
    float
        Positive: the lens is above the hips. NaN where the pitch is not known.
    """
    focal = FOCAL_SHARE * max(poses.width, poses.height)
    horizon = poses.height / 2.0 - focal * np.tan(np.radians(tilt.pitch_deg))
    return float((_mid_hip(poses)[1] - horizon) / body_height_px)
