"""How good a recording is: view, framing, distance, roll, light, frame rate, who is in it. Facts only; tests decide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.body_turn import body_turn, chests, facing_of
from screener.kinematics.planar import direction_deg, lean_deg, midpoint
from screener.kinematics.side_repair import SideRepair
from screener.kinematics.standing import LEG_AND_TRUNK_SHARE, body_size_px
from screener.model.pose import Bools, Landmark, PoseSequence, View
from screener.model.recording import RECORD_U95_DEG, CameraTilt
from screener.model.results import Quality

FRONTAL_TURN_DEG = 28.0
"""Up to this turn of the shoulders a view counts as front or back; MediaPipe reads about 0.7 of a true turn."""
SIDE_TURN_DEG = 30.0
"""Up to this turn from the exact side a view counts as side."""
GIVEN_ROLL_U95_DEG = 0.5
UNKNOWN_ROLL_U95_DEG = 5.0
STANDING_ROLL_U95_DEG = 2.5
"""Lean of the whole body in quiet standing: people do not stand perfectly upright."""
UNKNOWN_ROLL_WARNING = (
    "The tilt of the camera is not known. Film with a door or window frame in the picture, or give --vertical."
)
DARK_LEVEL = 45.0
FAR_SHARE = 0.30
TILTED_DEG = 10.0
SIDEWAYS_FROM_DEG = 45.0
UPSIDE_DOWN_FROM_DEG = 135.0
"""Usual lean of the body from which it lies, or the picture does, and from which it is upside down."""
FRAMED = (
    Landmark.NOSE,
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
    Landmark.LEFT_KNEE,
    Landmark.RIGHT_KNEE,
    Landmark.LEFT_ANKLE,
    Landmark.RIGHT_ANKLE,
)


@dataclass(frozen=True)
class AssessedRecording:
    """A recording made ready for the tests.

    Attributes
    ----------
    poses : PoseSequence
        Sides put back; frames that cannot be told are NaN.
    quality : Quality
        What is known of the recording.
    """

    poses: PoseSequence
    quality: Quality


def assess(repair: SideRepair, tilt: CameraTilt, vertical_deg: float | None, notes: tuple[str, ...] = ()) -> AssessedRecording:
    """Describe a recording.

    Parameters
    ----------
    repair : SideRepair
        Result of `repair_sides`.
    tilt : CameraTilt
        What the room says about the camera.
    vertical_deg : float, optional
        Roll given by the user (+ = the picture is turned clockwise); it goes before everything else.
    notes : tuple of str
        Warnings from elsewhere, such as a file that breaks off.
    """
    poses = repair.poses
    roll, roll_u95, roll_source = _camera_roll(tilt, vertical_deg)
    lean = _body_lean_deg(poses)
    lying = SIDEWAYS_FROM_DEG < lean <= UPSIDE_DOWN_FROM_DEG
    turn = lying_turn_deg(poses) if lying else body_turn_deg(poses, tilt)
    view = view_of(turn)
    upright = view not in (View.SIDE, View.UNKNOWN) and not lying
    found = poses.found | repair.left_out
    whole = whole_body(repair.poses)
    height = subject_height_px(poses)
    seen_turn = body_turn(poses, facing_of(poses), height) if upright else None
    counted = poses.people[poses.people > 0]
    quality = Quality(
        view=view.value,
        body_turn_deg=_rounded(abs(seen_turn.deg) if seen_turn else _turn_from(view, turn)),
        body_turn_u95_deg=_rounded(seen_turn.u95_deg) if seen_turn else None,
        usable_fraction=float(whole.mean()) if len(poses) else 0.0,
        fps=round(poses.rate_hz, 2),
        camera_roll_deg=round(roll, 2),
        camera_roll_u95_deg=roll_u95,
        camera_moved_deg=round(tilt.moved_deg, 2),
        camera_roll_source=roll_source,
        subject_height_px=_rounded(height),
        brightness=_rounded(float(np.nanmedian(poses.brightness)) if np.isfinite(poses.brightness).any() else np.nan),
        side_swaps_repaired=int(repair.exchanged.sum()),
        found_fraction=float(found.mean()) if len(poses) else 0.0,
        whole_body_fraction=float(whole[poses.found].mean()) if poses.found.any() else 0.0,
        people=int(np.median(counted)) if counted.size else 1,
        upside_down=lean > UPSIDE_DOWN_FROM_DEG,
        sideways=lying,
    )
    warnings = notes + _warnings(quality, poses, int(repair.left_out.sum()), int(poses.people.max(initial=0)))
    return AssessedRecording(poses, quality.model_copy(update={"warnings": warnings}))


def _rounded(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None


def _camera_roll(tilt: CameraTilt, vertical_deg: float | None) -> tuple[float, float, str]:
    if vertical_deg is not None:
        return vertical_deg, GIVEN_ROLL_U95_DEG, "given"
    if np.isfinite(tilt.roll_deg):
        return tilt.roll_deg, RECORD_U95_DEG, "scene"
    return 0.0, UNKNOWN_ROLL_U95_DEG, "none"


def body_turn_deg(poses: PoseSequence, tilt: CameraTilt) -> float:
    """Turn of the shoulders about the vertical, over the whole recording.

    Parameters
    ----------
    poses : PoseSequence
        Sides consistent.
    tilt : CameraTilt
        Roll and pitch, to find the horizontal; taken as level where unknown.

    Returns
    -------
    float
        0 facing the camera, 180 facing away, +90 with the left side towards the camera, -90 with the right. NaN when
        nobody was found.
    """
    roll, pitch = np.radians(np.nan_to_num([-tilt.roll_deg, tilt.pitch_deg]))
    down = np.array([np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), np.sin(pitch)])
    right = np.cross(down, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    ahead = np.cross(right, down)
    across = poses.world(Landmark.LEFT_SHOULDER) - poses.world(Landmark.RIGHT_SHOULDER)
    across = across[np.isfinite(across[:, 0])]
    if len(across) == 0:
        return float("nan")
    across /= np.linalg.norm(across, axis=1)[:, None]
    turned = np.median(across @ np.stack([right, -ahead], axis=1), axis=0)
    return float(direction_deg(turned[0], turned[1]))


def lying_turn_deg(poses: PoseSequence) -> float:
    """Turn of the chest about the length of the trunk, for a body that lies, over the whole recording.

    Returns
    -------
    float
        0 chest towards the camera, 180 back towards it, +90 with the left side towards it, -90 with the right. NaN when
        nobody was found.
    """
    chest = chests(poses)
    if len(chest) == 0:
        return float("nan")
    towards = np.median(-chest[:, 2])
    across = poses.world_m[:, Landmark.LEFT_SHOULDER] - poses.world_m[:, Landmark.RIGHT_SHOULDER]
    left_near = 1.0 if np.nanmedian(across[:, 2]) <= 0 else -1.0
    return float(left_near * direction_deg(towards, np.sqrt(max(0.0, 1.0 - float(towards) ** 2))))


def view_of(turn_deg: float) -> View:
    """View that belongs to a body turn (see `body_turn_deg`)."""
    if not np.isfinite(turn_deg):
        return View.UNKNOWN
    if abs(turn_deg) <= FRONTAL_TURN_DEG:
        return View.FRONT
    if abs(turn_deg) >= 180.0 - FRONTAL_TURN_DEG:
        return View.BACK
    if abs(abs(turn_deg) - 90.0) <= SIDE_TURN_DEG:
        return View.SIDE
    return View.OBLIQUE


def _turn_from(view: View, turn_deg: float) -> float:
    """Turn away from the nearest of facing, facing away and, in a side view, from the exact side; unsigned."""
    if view is View.UNKNOWN:
        return float("nan")
    return abs(abs(turn_deg) - 90.0) if view is View.SIDE else min(abs(turn_deg), 180.0 - abs(turn_deg))


def whole_body(poses: PoseSequence) -> Bools:
    """(T,) whether head, trunk and both feet lie inside the picture."""
    points = poses.pixels[:, list(FRAMED)]
    inside = (points >= 0) & (points <= np.array([poses.width, poses.height]))
    return np.asarray(inside.all(axis=(1, 2)))


def subject_height_px(poses: PoseSequence) -> float:
    """Standing height in the picture, from the longest trunk and legs seen; NaN when nobody was found."""
    size = body_size_px(poses.pixels)
    if not np.isfinite(size).any():
        return float("nan")
    return float(np.nanpercentile(size, 90)) / LEG_AND_TRUNK_SHARE


def _body_lean_deg(poses: PoseSequence) -> float:
    """Usual lean of the line from the ankles to the shoulders, unsigned: 0 upright, 90 lying, 180 head down; NaN unknown."""
    p = poses.pixels
    shoulder = midpoint(p[:, Landmark.LEFT_SHOULDER], p[:, Landmark.RIGHT_SHOULDER])
    ankle = midpoint(p[:, Landmark.LEFT_ANKLE], p[:, Landmark.RIGHT_ANKLE])
    lean = lean_deg(ankle, shoulder)
    known = lean[np.isfinite(lean)]
    return float(np.median(np.abs(known))) if known.size else float("nan")


def _warnings(quality: Quality, poses: PoseSequence, left_out: int, most_people: int) -> tuple[str, ...]:
    checks = (
        (
            quality.brightness is not None and quality.brightness < DARK_LEVEL,
            "The picture is dark. Turn on a light in front of you, not behind.",
        ),
        (
            abs(quality.camera_roll_deg) > TILTED_DEG,
            f"The camera was tilted by {abs(quality.camera_roll_deg):.0f} degrees; every angle was corrected for it. "
            "Hold it level next time.",
        ),
        (
            quality.camera_turn_u95_deg > 0,
            f"The camera turned by {quality.camera_moved_deg:.1f} degrees while it filmed, so every value is less certain. "
            "Put it on something firm.",
        ),
        (
            quality.found_fraction > 0 and quality.whole_body_fraction < 0.95,
            f"Head or feet were outside the picture in {100 * (1 - quality.whole_body_fraction):.0f} % of the frames. "
            "Move the camera back.",
        ),
        (
            quality.camera_roll_source == "none" and quality.found_fraction > 0,
            UNKNOWN_ROLL_WARNING,
        ),
        (
            quality.subject_height_px is not None and quality.subject_height_px < FAR_SHARE * poses.height,
            "The person is small in the picture. Move the camera closer, so that the body fills most of the height.",
        ),
        (
            quality.side_swaps_repaired + left_out > 0,
            f"Left and right were swapped by the tracker in {quality.side_swaps_repaired + left_out} frames; "
            f"{quality.side_swaps_repaired} were corrected, {left_out} left out.",
        ),
        (
            quality.people == 1 < most_people,
            "Somebody else was in the picture; the person who was there first was measured. "
            "Keep others out of the picture: their faces are not blurred.",
        ),
        (
            0.0 < quality.found_fraction < 0.95,
            f"The person was not found in {100 * (1 - quality.found_fraction):.0f} % of the frames. "
            "Keep the whole body in the picture.",
        ),
    )
    return tuple(text for applies, text in checks if applies)


def fuse_roll(assessed: AssessedRecording, quiet: Bools) -> AssessedRecording:
    """Let quiet standing add what it knows of the camera roll.

    A person who stands quietly has the shoulders above the ankles, to `STANDING_ROLL_U95_DEG`. Roll given by the user is
    left alone; with the room's verticals the two are weighted by their precision.

    Parameters
    ----------
    assessed : AssessedRecording
        Result of `assess`.
    quiet : (T,) bool
        Frames of quiet two-leg standing.

    Returns
    -------
    AssessedRecording
        The same object where standing adds nothing (side and oblique views, no quiet standing, roll given).
    """
    quality = assessed.quality
    frontal = quality.view in (View.FRONT.value, View.BACK.value)
    standing = _standing_roll_deg(assessed.poses, quiet)
    if quality.camera_roll_source == "given" or not frontal or not np.isfinite(standing):
        return assessed
    precision = np.array([quality.camera_roll_u95_deg, STANDING_ROLL_U95_DEG]) ** -2.0
    known = quality.camera_roll_source == "scene"
    roll = float(np.average([quality.camera_roll_deg, standing], weights=precision)) if known else standing
    width = float(precision.sum() ** -0.5) if known else STANDING_ROLL_U95_DEG
    update = {
        "camera_roll_deg": round(roll, 2),
        "camera_roll_u95_deg": round(width, 2),
        "camera_roll_source": "scene" if known else "standing",
        "warnings": tuple(text for text in quality.warnings if text != UNKNOWN_ROLL_WARNING),
    }
    return AssessedRecording(assessed.poses, quality.model_copy(update=update))


def _standing_roll_deg(poses: PoseSequence, quiet: Bools) -> float:
    """Lean of the line from the ankles to the shoulders in quiet standing, + = clockwise; NaN without such frames."""
    p = poses.pixels[quiet]
    shoulder = midpoint(p[:, Landmark.LEFT_SHOULDER], p[:, Landmark.RIGHT_SHOULDER])
    ankle = midpoint(p[:, Landmark.LEFT_ANKLE], p[:, Landmark.RIGHT_ANKLE])
    lean = lean_deg(ankle, shoulder)
    return float(np.nanmedian(lean)) if np.isfinite(lean).any() else float("nan")
