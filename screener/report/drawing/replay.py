"""What the replay of a report needs: the skeleton over time as small whole numbers, for the page's own script to draw."""

from __future__ import annotations

import json

import numpy as np

from screener.model.pose import SEEN_VISIBILITY, Floats, Joint, Landmark, PoseSequence, Side, View
from screener.model.results import Quality, Span, TestResult
from screener.model.series import Series
from screener.report.drawing.curve import MARGINS

RATE_HZ = 30.0
LONGEST_S = 60.0
"""The page stays small: so many poses a second, of so long a window at most."""
UNITS = 1000
"""Positions count from 0 to this across the larger side of what is shown."""
MARGIN = 0.06
JOINTS = (Joint.SHOULDER, Joint.ELBOW, Joint.WRIST, Joint.HIP, Joint.KNEE, Joint.ANKLE, Joint.HEEL, Joint.FOOT_INDEX)
BONES = (
    (Joint.SHOULDER, Joint.ELBOW), (Joint.ELBOW, Joint.WRIST), (Joint.SHOULDER, Joint.HIP), (Joint.HIP, Joint.KNEE),
    (Joint.KNEE, Joint.ANKLE), (Joint.ANKLE, Joint.HEEL), (Joint.HEEL, Joint.FOOT_INDEX), (Joint.ANKLE, Joint.FOOT_INDEX),
)  # fmt: skip
POINTS = (Landmark.NOSE, *(joint.on(side) for side in Side for joint in JOINTS))


def replay_json(test: TestResult, poses: PoseSequence, series: Series, quality: Quality, window: Span) -> str:
    """Return the skeleton over the window of a test as JSON; empty where nobody was seen in it.

    Parameters
    ----------
    test : TestResult
        Gives repetitions, holds and the key moment.
    poses : PoseSequence
        Of the recording, sides put right.
    series : Series
        Gives the measured pelvis.
    quality : Quality
        View and camera roll.
    window : Span
        What the curves show.

    Returns
    -------
    str
        Times in hundredths of a second; of each pose the points of `POINTS` as x, y from 0 to `UNITS`, null where a point was
        not seen, and the pelvis in tenths of a degree clockwise. Safe inside a script element.
    """
    end_s = min(window.end_s, window.start_s + LONGEST_S)
    frames = np.flatnonzero((poses.time_s >= window.start_s) & (poses.time_s <= end_s))
    frames = frames[_kept(poses.time_s[frames])]
    points = poses.pixels[frames][:, list(POINTS)]
    points = np.where(poses.visibility[frames][:, list(POINTS), None] >= SEEN_VISIBILITY, points, np.nan)
    if not np.isfinite(points).any():
        return ""
    low, high = np.nanmin(points, axis=(0, 1)), np.nanmax(points, axis=(0, 1))
    size = float(max(high - low)) * (1.0 + 2.0 * MARGIN) or 1.0
    scaled = (points - (low + high) / 2.0) / size * UNITS + UNITS / 2.0
    sign = View(quality.view).mediolateral_sign
    pelvis = sign * series.pelvic_obliquity_deg[frames] + quality.camera_roll_deg if sign else np.full(len(frames), np.nan)
    spans = test.repetitions or test.holds
    left = [POINTS.index(joint.on(Side.LEFT)) for joint in JOINTS]
    return json.dumps(
        {
            "t": _whole(100.0 * poses.time_s[frames]),
            "p": [_whole(pose.ravel()) for pose in scaled],
            "pelvis": _whole(10.0 * pelvis),
            "bones": [[POINTS.index(a.on(side)), POINTS.index(b.on(side))] for side in Side for a, b in BONES],
            "left": left,
            "across": [[POINTS.index(joint.on(side)) for side in Side] for joint in (Joint.SHOULDER, Joint.HIP)],
            "spans": [_whole(100.0 * np.array([span.start_s, span.end_s])) for span in spans],
            "plot": [MARGINS["left"], MARGINS["right"]],
            "key": None if test.key_moment_s is None else round(100 * test.key_moment_s),
        },
        separators=(",", ":"),
    ).replace("<", "\\u003c")


def _kept(time_s: Floats) -> list[int]:
    """Frames so far apart that there are at most `RATE_HZ` a second."""
    kept: list[int] = []
    for number, now_s in enumerate(time_s):
        if not kept or now_s - time_s[kept[-1]] >= 1.0 / RATE_HZ - 1e-6:
            kept.append(number)
    return kept


def _whole(values: Floats) -> list[int | None]:
    return [round(float(value)) if np.isfinite(value) else None for value in values]
