"""Figures on the floor: a bridge on the back, and a clamshell on the side. Built from joint angles, as tests/stickman.py."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers import stickman as sm
from screener.model.pose import Floats, Landmark

FLOOR = 0.1
"""Height of shoulders and hips of a lying body over the floor, metres."""


def _limb(points: Floats, side: str, **where: Floats) -> None:
    for joint, place in where.items():
        points[:, Landmark[f"{side}_{joint.upper()}"]] = place


def _hand(points: Floats, side: str, wrist: Floats) -> None:
    _limb(points, side, wrist=wrist, pinky=wrist + [0.08, 0, 0], index=wrist + [0.09, 0, 0], thumb=wrist + [0.05, 0, 0])


@dataclass(frozen=True)
class Bridge:
    """On the back along x, head towards -x (the camera sees the right side), knees bent, hips lifted; face down with `prone`.

    line: angle shoulder, hip, knee, degrees; 120 lying, 180 straight.
    """

    time_s: Floats
    line: Floats
    prone: bool = False

    def joints(self) -> Floats:
        count = len(self.time_s)
        points = np.zeros((count, 33, 3))
        rise = np.radians(self.line - 120.0) * 0.45  # the trunk turns up by about half of the opening
        shoulder = np.tile([0.5, -FLOOR, 0.0], (count, 1))
        hip = shoulder + sm.TRUNK * np.stack([-np.cos(rise), -np.sin(rise), 0 * rise], axis=1)
        fold = rise + np.radians(180.0 - self.line)
        knee = hip + sm.THIGH * np.stack([-np.cos(fold), -np.sin(fold), 0 * fold], axis=1)
        foot = np.array([float(knee[0, 0]), -sm.ANKLE_HEIGHT, 0.0])
        for name, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
            out = np.array([0.0, 0.0, sign * sm.HIP_HALF])
            arm = shoulder + [0, 0, sign * sm.SHOULDER_HALF]
            _limb(points, name, shoulder=arm, elbow=arm + [-0.28, 0.05, 0], hip=hip + out, knee=knee + out)
            _limb(points, name, ankle=np.tile(foot + out, (count, 1)), heel=np.tile(foot + out + [0.05, 0.06, 0], (count, 1)))
            _limb(points, name, foot_index=np.tile(foot + out + [-0.15, 0.07, 0], (count, 1)))
            _limb(points, name, ear=shoulder + [0.22, 0, sign * 0.07])
            _hand(points, name, arm + [-0.5, 0.05, 0])
        along = np.tile([1.0, 0.0, 0.0], (count, 1))
        sm.put_face(points, shoulder, along, np.array([0.0, -1.0, 0.0]))
        return points * ([1.0, 1.0, 1.0] if self.prone else [-1.0, 1.0, 1.0])  # with the head the other way the chest is below


@dataclass(frozen=True)
class Clamshell:
    """On one side along x, head towards +x for the left side down (right leg on top), chest towards the camera.

    opening: angle between the thighs. feet: gap of the ankles, metres. top: the leg that opens. roll: turn of
    the pelvis away from the camera, degrees.
    """

    time_s: Floats
    opening: Floats
    feet: Floats | float = 0.1
    top: str = "right"
    roll: Floats | float = 0.0

    def joints(self) -> Floats:
        count = len(self.time_s)
        points = np.zeros((count, 33, 3))
        along = 1.0 if self.top == "right" else -1.0
        flexed, opening = np.radians(45.0), np.radians(self.opening)
        feet = np.broadcast_to(np.asarray(self.feet, float), count)
        for name in ("LEFT", "RIGHT"):
            upper = name == self.top.upper()
            roll = np.radians(np.broadcast_to(np.asarray(self.roll, float), count))
            across = 2 * sm.HIP_HALF * np.stack([0 * roll, -np.cos(roll), np.sin(roll)], axis=1)
            hip = np.array([0.0, -FLOOR, 0.0]) + (across if upper else 0.0 * across)
            shoulder = np.tile([along * sm.TRUNK, -FLOOR - (2 * sm.SHOULDER_HALF if upper else 0.0), 0.0], (count, 1))
            turn = opening if upper else np.zeros(count)
            # The thigh points forward and away from the head; opening turns it up about the line of the trunk.
            thigh = np.stack(
                [
                    np.full(count, -along * np.cos(flexed)),
                    -np.sin(flexed) * np.sin(turn / np.sin(flexed)),
                    -np.sin(flexed) * np.cos(turn / np.sin(flexed)),
                ],
                axis=1,
            )
            knee = hip + sm.THIGH * thigh
            foot = np.stack(
                [np.full(count, -along * 0.62), -FLOOR - (feet if upper else 0.0 * feet), np.full(count, 0.1)], axis=1
            )
            _limb(points, name, shoulder=shoulder, elbow=shoulder + [0, 0.05, -0.25], hip=hip, knee=knee, ankle=foot)
            _limb(points, name, heel=foot + [-along * 0.05, 0, 0.05], foot_index=foot + [-along * 0.1, 0, -0.12])
            _limb(points, name, ear=shoulder + [along * 0.22, 0, 0])
            _hand(points, name, shoulder + [0, 0.1, -0.4])
        chest = np.tile([along * sm.TRUNK, -FLOOR - sm.SHOULDER_HALF, 0.0], (count, 1))
        sm.put_face(points, chest, np.tile([along, 0.0, 0.0], (count, 1)), np.array([0.0, 0.0, -1.0]))
        return points
