"""The hip line of the landmarks, corrected by what the rest of the body shows.

MediaPipe's hip line shows less than half of a pelvic drop, because it follows the trunk. What the pelvis did besides can be
guessed from the lines around it: a spine that bends evenly meets the line from mid-hip to mid-shoulder at equal and opposite
angles at both ends, so the shoulder line leans one way as the pelvis leans the other; and on one leg the hip of the lifted
side is drawn too high. The model is linear, fitted on rendered people, and does not extrapolate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from screener.kinematics.frontal import hip_line_deg, trunk_lean_deg
from screener.kinematics.planar import distance, midpoint, wrap_deg
from screener.model.pose import Floats

TABLE = "landmark_correction.json"
LEG_SHARE = 0.05
"""Log ratio of the seen leg lengths at which one leg counts as lifted."""


@dataclass(frozen=True)
class BodyLines:
    """Directions of the body's lines in the picture, (T,) each; NaN where a joint is missing.

    All are positive towards the person's left: a picture turned clockwise (front view) adds the same to each of them.

    Attributes
    ----------
    hip, shoulder : (T,) float
        Degrees, tilt of the line through both joints; positive: the left one is lower.
    trunk : (T,) float
        Degrees, mid-hip to mid-shoulder against the vertical.
    thigh_left, thigh_right : (T,) float
        Degrees, knee to hip against the vertical.
    leg_ratio : (T,) float
        Log of the length hip to ankle of the left leg over that of the right one, as seen.
    """

    hip: Floats
    shoulder: Floats
    trunk: Floats
    thigh_left: Floats
    thigh_right: Floats
    leg_ratio: Floats


@dataclass(frozen=True)
class Term:
    """One term of the landmark correction: `weight` times the feature, which counts up to `limit` on either side."""

    feature: str
    weight: float
    limit: float


@dataclass(frozen=True)
class Correction:
    """What is added to the hip line.

    Attributes
    ----------
    terms : tuple of Term
        Features by name, see `features`.
    sd_deg : float
        Error on a body that was not fitted, one standard deviation.
    """

    terms: tuple[Term, ...]
    sd_deg: float

    def obliquity_deg(self, lines: BodyLines) -> Floats:
        """(T,) obliquity in degrees, positive: the person's left hip is lower. NaN where a joint is missing."""
        known = features(lines)
        added = [term.weight * np.clip(known[term.feature], -term.limit, term.limit) for term in self.terms]
        return np.asarray(lines.hip + np.sum(added, axis=0))

    def u_deg(self, lines: BodyLines) -> Floats:
        """(T,) error, one standard deviation; what was cut off at the limits adds to it. NaN where a joint is missing."""
        known = features(lines)
        cut = [term.weight * np.fmax(np.abs(known[term.feature]) - term.limit, 0.0) for term in self.terms]
        doubt = np.sqrt(self.sd_deg**2 + np.sum(np.square(cut), axis=0))
        seen = np.isfinite(lines.hip + np.sum([known[term.feature] for term in self.terms], axis=0))
        return np.where(seen, doubt, np.nan)


@lru_cache(maxsize=1)
def shipped_correction() -> Correction:
    """Read the table of the package, made by studies/fit_landmark_correction.py."""
    text = resources.files("screener.kinematics").joinpath("tables", TABLE).read_text(encoding="utf-8")
    table = json.loads(text)
    return Correction(tuple(Term(**term) for term in table["terms"]), float(table["sd_deg"]))


def body_lines(
    hips: tuple[Floats, Floats],
    shoulders: tuple[Floats, Floats],
    knees: tuple[Floats, Floats],
    ankles: tuple[Floats, Floats],
    mediolateral_sign: int,
) -> BodyLines:
    """Directions of the lines of a body.

    Parameters
    ----------
    hips, shoulders, knees, ankles : pair of (T, 2) float
        Pixels, x right, y down; the person's left joint, then the right one. NaN where missing.
    mediolateral_sign : int
        +1 front view, -1 back view.
    """
    legs = [distance(hip, ankle) for hip, ankle in zip(hips, ankles, strict=True)]
    legs = [np.where(leg > 0, leg, np.nan) for leg in legs]
    thighs = [trunk_lean_deg(knee, hip, mediolateral_sign) for knee, hip in zip(knees, hips, strict=True)]
    return BodyLines(
        hip=hip_line_deg(*hips, mediolateral_sign),
        shoulder=hip_line_deg(*shoulders, mediolateral_sign),
        trunk=trunk_lean_deg(midpoint(*hips), midpoint(*shoulders), mediolateral_sign),
        thigh_left=thighs[0],
        thigh_right=thighs[1],
        leg_ratio=np.log(legs[0]) - np.log(legs[1]),
    )


def features(lines: BodyLines) -> dict[str, Floats]:
    """Return what the landmark correction is built from, (T,) each.

    Only differences of lines enter, so a turn of the whole picture changes nothing; each is odd: a mirrored body (signs of
    all lines turned, left and right exchanged) has the negative of each. NaN where one of its joints is missing.
    """
    hip, shoulder = wrap_deg(lines.hip - lines.trunk), wrap_deg(lines.shoulder - lines.trunk)
    left, right = wrap_deg(lines.thigh_left - lines.trunk), wrap_deg(lines.thigh_right - lines.trunk)
    # -1 where the left leg looks shorter and is the lifted one, +1 where the right one is, near 0 on both feet.
    stance = np.tanh(lines.leg_ratio / LEG_SHARE)
    return {
        "hip": hip,
        "shoulder": shoulder,
        "stance": stance,
        "thighs": left + right,
        "stance_thigh": (left + right + stance * (left - right)) / 2.0,
        "lifted_thigh": (left + right - stance * (left - right)) / 2.0,
        "hip_lifted": hip * np.abs(stance),
    }
