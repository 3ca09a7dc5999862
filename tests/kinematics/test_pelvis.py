from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.stickman import ramp, times
from screener.kinematics.hip_correction import BodyLines, Correction, Term, body_lines, features, shipped_correction
from screener.kinematics.pelvis import (
    SPREAD_UNIT_DEG,
    SURFACE_SLIP,
    TURN_SHARE,
    Z95,
    ZERO_SD_DEG,
    Obliquity,
    SurfaceObliquity,
    SurfaceTurn,
    change_from_quiet,
    from_landmarks,
    from_markers,
    from_surface,
    fuse,
    pelvic_obliquity,
)
from screener.kinematics.planar import rotate
from screener.model.pose import Floats

T = times(6.0)
QUIET = T < 1.0
NEVER = np.zeros(T.size, dtype=bool)
TRUE = 8.0 * ramp(T, 1.5, 2.5, 4.0, 5.0)  # the left hip goes lower
MIDDLE = 95
ZERO, NAN = np.zeros(T.size), np.full(T.size, np.nan)
EXACT = Correction((), 4.0)  # believes the hip line


def lines(hip: Floats, **other: Floats) -> BodyLines:
    names = ("shoulder", "trunk", "thigh_left", "thigh_right", "leg_ratio")
    return BodyLines(hip=hip, **{name: other.get(name, np.zeros_like(hip)) for name in names})


def tracked(turn: Floats, spread: float = 0.5, segment: Floats | None = None, body_turn: Floats = ZERO) -> SurfaceTurn:
    number = np.zeros(T.size, dtype=np.int64) if segment is None else segment.astype(np.int64)
    return SurfaceTurn(turn, np.where(np.isfinite(turn), spread, np.nan), number, body_turn)


LOST = tracked(NAN)


# The joints of one frame, in pixels: left, right.
HIPS = (np.array([[347.0, 250.0]]), np.array([[310.0, 246.0]]))
SHOULDERS = (np.array([[370.0, 131.0]]), np.array([[300.0, 137.0]]))
KNEES = (np.array([[352.0, 340.0]]), np.array([[296.0, 325.0]]))
ANKLES = (np.array([[350.0, 420.0]]), np.array([[300.0, 385.0]]))


def turned(pair: tuple[Floats, Floats], roll: float) -> tuple[Floats, Floats]:
    return rotate(pair[0], roll), rotate(pair[1], roll)


def mirrored(pair: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    left, right = (side * [-1.0, 1.0] + [640.0, 0.0] for side in pair)
    return right, left


def read(*pairs: tuple[Floats, Floats], view: int = 1) -> float:
    return float(shipped_correction().obliquity_deg(body_lines(*pairs, view))[0])


BODY = (HIPS, SHOULDERS, KNEES, ANKLES)
BEHIND = tuple((left * [-1.0, 1.0], right * [-1.0, 1.0]) for left, right in BODY)


@pytest.mark.parametrize("roll", [-25.0, -3.0, 14.0])
def test_a_turn_of_the_whole_picture_is_added_exactly(roll: float) -> None:
    assert read(*(turned(pair, roll) for pair in BODY)) == pytest.approx(read(*BODY) + roll, abs=1e-9)
    assert read(*(turned(pair, roll) for pair in BEHIND), view=-1) == pytest.approx(read(*BODY) - roll, abs=1e-9)


def test_the_mirror_image_has_the_negative() -> None:
    assert read(*(mirrored(pair) for pair in BODY)) == pytest.approx(-read(*BODY), abs=1e-9)


def test_every_feature_is_odd_and_does_not_see_the_roll() -> None:
    seen = features(body_lines(*BODY, 1))
    mirror = features(body_lines(*(mirrored(pair) for pair in BODY), 1))
    rolled = features(body_lines(*(turned(pair, 11.0) for pair in BODY), 1))
    for name, value in seen.items():
        assert np.abs(value[0]) > 0.1
        assert mirror[name] == pytest.approx(-value, abs=1e-9)
        assert rolled[name] == pytest.approx(value, abs=1e-9)


def test_from_behind_the_same_body_reads_the_same() -> None:
    assert read(*BEHIND, view=-1) == pytest.approx(read(*BODY), abs=1e-9)


def test_every_feature_is_the_same_from_behind() -> None:
    front, back = features(body_lines(*BODY, 1)), features(body_lines(*BEHIND, -1))
    for name, value in front.items():
        assert back[name] == pytest.approx(value, abs=1e-9)


def test_scale_does_not_matter() -> None:
    assert read(*((2.0 * left, 2.0 * right) for left, right in BODY)) == pytest.approx(read(*BODY), abs=1e-9)


def test_the_lines_have_their_signs() -> None:
    got = body_lines(*BODY, 1)
    assert got.hip[0] == pytest.approx(np.degrees(np.arctan2(4.0, 37.0)))  # left hip lower
    assert got.shoulder[0] == pytest.approx(-np.degrees(np.arctan2(6.0, 70.0)))
    assert got.trunk[0] == pytest.approx(np.degrees(np.arctan2(6.5, 114.0)))  # towards the left
    assert got.thigh_left[0] == pytest.approx(-np.degrees(np.arctan2(5.0, 90.0)))
    assert got.thigh_right[0] == pytest.approx(np.degrees(np.arctan2(14.0, 79.0)))
    assert got.leg_ratio[0] > 0.0  # the right leg is lifted
    assert features(got)["stance"][0] > 0.9


@pytest.mark.parametrize(("ratio", "stands", "hangs"), [(1.0, 10.0, 4.0), (-1.0, 4.0, 10.0), (0.0, 7.0, 7.0)])
def test_the_thigh_of_the_leg_that_looks_longer_is_that_of_the_stance(ratio: float, stands: float, hangs: float) -> None:
    """The left thigh leans by 10 degrees, the right one by 4; on both feet neither of them stands for one leg."""
    one = np.ones(1)
    found = features(BodyLines(0 * one, 0 * one, 0 * one, thigh_left=10.0 * one, thigh_right=4.0 * one, leg_ratio=ratio * one))
    assert found["stance_thigh"] == pytest.approx(stands)
    assert found["lifted_thigh"] == pytest.approx(hangs)
    assert found["thighs"] == pytest.approx(14.0)


def test_the_shipped_table_undoes_what_the_hip_line_lacks() -> None:
    """The left hip sinks by 8 with the trunk upright: the hip line shows 3, the shoulders lean the other way."""
    known = {term.feature: term for term in shipped_correction().terms}
    assert set(known) == {"hip", "shoulder", "stance"}
    # Cross-talk: with level shoulders and a leaning trunk the hip line follows the trunk; part of it is taken back.
    assert -1.0 < known["hip"].weight < -0.2
    # An evenly bent spine: the shoulder line leans against the pelvis.
    assert -1.1 < known["shoulder"].weight < -0.4
    # On the left leg (stance +1) the lifted right hip is drawn too high, as if the left one were lower.
    assert -4.0 < known["stance"].weight < -1.0
    assert all(term.limit > 0 for term in known.values())
    one = np.ones(1)
    got = shipped_correction().obliquity_deg(lines(3.0 * one, shoulder=-4.0 * one, leg_ratio=-0.2 * one))
    assert 6.0 < got[0] < 10.0
    assert shipped_correction().sd_deg > 2.0


def test_the_terms_add_up_to_their_limits() -> None:
    model = Correction((Term("shoulder", -0.5, 6.0), Term("stance", -2.0, 1.0)), 3.0)
    one = np.ones(1)
    assert model.obliquity_deg(lines(one, shoulder=4.0 * one))[0] == pytest.approx(1.0 - 2.0)
    assert model.obliquity_deg(lines(one, shoulder=40.0 * one))[0] == pytest.approx(1.0 - 3.0)
    assert model.obliquity_deg(lines(one, shoulder=-40.0 * one))[0] == pytest.approx(1.0 + 3.0)
    assert model.obliquity_deg(lines(one, leg_ratio=9.0 * one))[0] == pytest.approx(1.0 - 2.0)
    assert model.u_deg(lines(one, shoulder=6.0 * one))[0] == pytest.approx(3.0)
    assert model.u_deg(lines(one, shoulder=-14.0 * one))[0] == pytest.approx(5.0)  # 0.5 * 8 cut off


def test_a_missing_joint_stays_in_its_frame() -> None:
    hip = np.array([1.0, np.nan, 2.0])
    got = from_landmarks(lines(hip), np.array([True, False, False]), 0.0, shipped_correction())
    assert np.isnan(got.deg).tolist() == [False, True, False]
    assert np.isnan(got.u95_deg).tolist() == [False, True, False]
    assert np.isfinite(body_lines(*BODY, 1).leg_ratio).all()
    assert np.isnan(body_lines(HIPS, SHOULDERS, KNEES, HIPS, 1).leg_ratio).all()  # a leg of no length


@pytest.mark.parametrize("view", [1, -1])
def test_surface_and_landmarks_that_agree_give_the_change_from_quiet_standing(view: int) -> None:
    got = pelvic_obliquity(tracked(view * TRUE + 25.0), lines(TRUE + 3.0), QUIET, view, 2.0, EXACT)
    assert got.deg == pytest.approx(TRUE, abs=1e-9)
    assert (got.u95_deg < 2.0).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_covers_a_surface_that_slips_as_much_as_assumed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slip = 1.0 + rng.normal(0.0, SURFACE_SLIP, 400)
    zero = rng.normal(0.0, ZERO_SD_DEG, 400)
    level = rng.normal(0.0, EXACT.sd_deg, 400)
    inside = []
    for k in range(400):
        turn = np.where(QUIET, zero[k], slip[k] * TRUE)
        line = np.where(QUIET, 0.0, TRUE + level[k])
        got = pelvic_obliquity(tracked(turn, spread=0.1), lines(line), QUIET, 1, 0.0, EXACT)
        inside.append(abs(got.deg[MIDDLE] - TRUE[MIDDLE]) <= got.u95_deg[MIDDLE])
    assert 0.92 <= np.mean(inside) <= 1.0


def test_the_parts_of_the_surface_interval() -> None:
    landmarks = Obliquity(ZERO, np.full(T.size, 8.0))
    body_turn = np.where(QUIET, -3.0, 9.0)  # turned by 12 since quiet standing
    got = from_surface(tracked(TRUE, 1.2, body_turn=body_turn), QUIET, landmarks, 1)
    quiet = Z95 * np.hypot(1.2**2 / SPREAD_UNIT_DEG, ZERO_SD_DEG)
    assert got.u95_deg[0] == pytest.approx(quiet)
    parts = [1.2**2 / SPREAD_UNIT_DEG, SURFACE_SLIP * 8.0, TURN_SHARE * 12.0, ZERO_SD_DEG]
    assert got.u95_deg[MIDDLE] == pytest.approx(Z95 * np.sqrt(np.sum(np.square(parts))))
    wide = from_surface(tracked(TRUE, 2.4), QUIET, landmarks, 1)
    assert wide.u95_deg[0] > 4.0  # plain clothes, hands in the way: the tracker doubts itself


def test_the_fusion_is_narrower_than_either_and_leans_to_the_surer() -> None:
    surface, line = tracked(TRUE), lines(TRUE + 2.0 * (TRUE / 8.0))
    got = pelvic_obliquity(surface, line, QUIET, 1, 0.0, EXACT)
    landmarks = from_landmarks(line, QUIET, 0.0, EXACT)
    alone = from_surface(surface, QUIET, landmarks, 1)
    assert (got.u95_deg < alone.u95_deg).all()
    assert (got.u95_deg < landmarks.u95_deg).all()
    weight = alone.u95_deg[MIDDLE] ** -2 / (alone.u95_deg[MIDDLE] ** -2 + landmarks.u95_deg[MIDDLE] ** -2)
    assert got.deg[MIDDLE] == pytest.approx(weight * 8.0 + (1 - weight) * 10.0)
    assert got.u95_deg[MIDDLE] == pytest.approx((alone.u95_deg[MIDDLE] ** -2 + landmarks.u95_deg[MIDDLE] ** -2) ** -0.5)


def test_a_contradiction_widens_the_interval() -> None:
    line = np.where(QUIET, 0.0, -30.0)
    agree = pelvic_obliquity(tracked(TRUE), lines(TRUE), QUIET, 1, 0.0, EXACT)
    fight = pelvic_obliquity(tracked(TRUE), lines(line), QUIET, 1, 0.0, EXACT)
    assert fight.u95_deg[MIDDLE] > 3.0 * agree.u95_deg[MIDDLE]


def test_without_a_surface_the_landmarks_stand_in_with_a_wide_interval() -> None:
    got = pelvic_obliquity(LOST, lines(3.0 + TRUE), QUIET, 1, 5.0, EXACT)
    assert got.deg == pytest.approx(TRUE, abs=1e-9)
    assert got.u95_deg == pytest.approx(np.full(T.size, Z95 * EXACT.sd_deg))


def test_without_landmarks_the_surface_stands_alone() -> None:
    got = pelvic_obliquity(tracked(TRUE), lines(NAN), QUIET, 1, 0.0, EXACT)
    assert got.deg == pytest.approx(TRUE, abs=1e-9)
    assert (got.u95_deg < 2.5).all()


def test_a_segment_without_quiet_standing_borrows_its_level_and_the_doubt_of_it() -> None:
    segment = (T >= 3.0).astype(np.int64)
    turn = np.where(T < 3.0, TRUE, TRUE - 40.0)
    shaky = TRUE + np.where(T < 3.0, 0.0, 2.0 * np.resize([1.0, -1.0], T.size))
    got = pelvic_obliquity(tracked(turn, segment=segment), lines(shaky), QUIET, 1, 0.0, EXACT)
    late = T >= 3.0
    assert np.abs(got.deg[late] - TRUE[late]).max() < 0.2  # the surface steadies the landmarks
    assert (got.u95_deg[~late] < 2.5).all()
    assert (got.u95_deg[late] >= Z95 * EXACT.sd_deg - 1e-9).all()


def test_without_any_quiet_standing_the_level_is_the_landmarks_and_the_camera_roll_adds_its_doubt() -> None:
    got = pelvic_obliquity(tracked(TRUE - 40.0), lines(TRUE), NEVER, 1, 5.0, EXACT)
    assert got.deg == pytest.approx(TRUE, abs=1e-6)
    assert (got.u95_deg >= np.hypot(Z95 * EXACT.sd_deg, 5.0) - 1e-9).all()
    alone = from_landmarks(lines(TRUE), NEVER, 5.0, EXACT)
    assert alone.deg == pytest.approx(TRUE)
    assert alone.u95_deg[0] == pytest.approx(np.hypot(Z95 * EXACT.sd_deg, 5.0))


def test_lost_frames_fall_back_and_unknown_frames_stay_unknown() -> None:
    turn, line = TRUE.copy(), TRUE.copy()
    turn[60:90] = np.nan
    line[80:95] = np.nan
    got = pelvic_obliquity(tracked(turn), lines(line), QUIET, 1, 0.0, EXACT)
    assert (got.u95_deg[60:80] > 7.0).all()
    assert np.isnan(got.deg[80:90]).all()
    assert np.isnan(got.u95_deg[80:90]).all()
    assert np.isfinite(np.delete(got.deg, np.s_[80:90])).all()
    assert np.isfinite(np.delete(got.u95_deg, np.s_[80:90])).all()


def test_a_surface_that_no_one_can_level_is_not_used() -> None:
    got = pelvic_obliquity(tracked(TRUE), lines(NAN), NEVER, 1, 0.0, EXACT)
    assert np.isnan(got.deg).all()
    assert np.isnan(got.u95_deg).all()


def test_the_sign_of_the_surface_follows_the_view() -> None:
    front = from_surface(tracked(TRUE), QUIET, Obliquity(ZERO, ZERO + 8.0), 1)
    back = from_surface(tracked(TRUE), QUIET, Obliquity(ZERO, ZERO + 8.0), -1)
    assert front.deg[MIDDLE] == pytest.approx(8.0)
    assert back.deg[MIDDLE] == pytest.approx(-8.0)


def test_mirror_and_roll_of_the_whole_estimate() -> None:
    hip, shoulder, trunk = 0.4 * TRUE + 1.0, -0.5 * TRUE, 0.2 * TRUE
    ratio = 0.2 * TRUE / 8.0
    body = lines(hip, shoulder=shoulder, trunk=trunk, thigh_left=ZERO + 2.0, thigh_right=ZERO - 5.0, leg_ratio=ratio)
    other = BodyLines(-hip, -shoulder, -trunk, ZERO + 5.0, ZERO - 2.0, -ratio)
    one = pelvic_obliquity(tracked(TRUE), body, QUIET, 1)
    mirror = pelvic_obliquity(tracked(-TRUE), other, QUIET, 1)
    assert mirror.deg == pytest.approx(-one.deg, abs=1e-9)
    assert mirror.u95_deg == pytest.approx(one.u95_deg, abs=1e-9)
    directions = ("hip", "shoulder", "trunk", "thigh_left", "thigh_right")
    rolled = replace(body, **{name: getattr(body, name) + 7.0 for name in directions})
    unheld = [pelvic_obliquity(LOST, moved, NEVER, 1).deg for moved in (body, rolled)]
    assert unheld[1] == pytest.approx(unheld[0] + 7.0, abs=1e-9)


def test_fusing_nothing_gives_nothing() -> None:
    nothing = SurfaceObliquity(NAN, NAN, NAN, NEVER)
    got = fuse(nothing, Obliquity(NAN, NAN))
    assert np.isnan(got.deg).all()
    assert np.isnan(got.u95_deg).all()


def test_change_from_quiet_needs_quiet() -> None:
    values = np.array([3.0, 3.0, 8.0, np.nan])
    assert change_from_quiet(values, np.array([True, True, False, False])) == pytest.approx([0, 0, 5, np.nan], nan_ok=True)
    assert change_from_quiet(values, np.zeros(4, dtype=bool)) == pytest.approx(values, nan_ok=True)


@pytest.mark.parametrize(("surface", "line", "factor"), [(6.0, 6.0, 1.0), (6.0, -6.0, 12.0 / 5.0), (-6.0, -6.0, 1.0)])
def test_only_readings_that_contradict_one_another_widen_the_interval(surface: float, line: float, factor: float) -> None:
    one, three, four = np.ones(1), np.full(1, 3.0), np.full(1, 4.0)
    seen = SurfaceObliquity(surface * one, three, three, np.ones(1, dtype=bool))
    assert fuse(seen, Obliquity(line * one, four)).u95_deg[0] == pytest.approx(2.4 * factor)


def test_a_borrowed_level_does_not_narrow_the_interval() -> None:
    one, two, three, four = np.ones(1), np.full(1, 2.0), np.full(1, 3.0), np.full(1, 4.0)
    borrowed = SurfaceObliquity(6.0 * one, three, two, np.zeros(1, dtype=bool))
    weight = 4.0**2 / (4.0**2 + 2.0**2)
    got = fuse(borrowed, Obliquity(6.0 * one, four))
    assert got.u95_deg[0] == pytest.approx(weight * 3.0 + (1.0 - weight) * 4.0)
    assert got.deg[0] == pytest.approx(6.0)


SWAYING = np.where(QUIET, np.where(np.arange(T.size) % 2, 1.5, -1.5), 0.0)
"""A zero whose readings differ by 3 degrees."""
SWAY_U95 = Z95 * float(np.std(SWAYING[QUIET], ddof=1))


def test_the_doubt_of_the_zero_is_in_the_interval_of_the_landmarks() -> None:
    calm, shaky = (from_landmarks(lines(hip), QUIET, 3.0, EXACT, 1.0).u95_deg[MIDDLE] for hip in (TRUE, TRUE + SWAYING))
    assert calm == pytest.approx(Z95 * 4.0)
    assert shaky == pytest.approx(np.hypot(calm, SWAY_U95 / np.sqrt(2.0)))  # a second holds two readings of their own
    short = from_landmarks(lines(TRUE + SWAYING), QUIET, 3.0, EXACT).u95_deg[MIDDLE]
    assert short == pytest.approx(np.hypot(calm, SWAY_U95))


def test_the_doubt_of_the_zero_is_in_the_interval_of_the_surface() -> None:
    landmarks = Obliquity(ZERO, ZERO + 8.0)
    found = [from_surface(tracked(turn, 0.1), QUIET, landmarks, 1, 1.0) for turn in (TRUE, TRUE + SWAYING)]
    calm, shaky = (one.u95_deg[MIDDLE] for one in found)
    assert shaky**2 - calm**2 == pytest.approx(SWAY_U95**2 / 2.0)
    assert found[1].own_u95_deg[MIDDLE] == pytest.approx(found[0].own_u95_deg[MIDDLE])
    segment = np.where(T < 0.5, 0.0, 1.0)  # half of the standing is another segment's: one reading of its own
    half = from_surface(tracked(TRUE + SWAYING, 0.1, segment), QUIET, landmarks, 1, 1.0).u95_deg[MIDDLE]
    assert half**2 - calm**2 == pytest.approx(SWAY_U95**2, rel=0.05)


def test_the_doubt_of_the_zero_is_in_the_interval_of_the_stickers() -> None:
    spread = np.full(T.size, 0.1)
    calm, shaky = (from_markers(tilt, spread, QUIET, 1, 0.0, 5.0, 1.0).u95_deg[MIDDLE] for tilt in (TRUE, TRUE + SWAYING))
    assert shaky**2 - calm**2 == pytest.approx(SWAY_U95**2 / 2.0)
    without = from_markers(TRUE + SWAYING, spread, NEVER, 1, 0.0, 5.0, 1.0).u95_deg[MIDDLE]
    assert without == pytest.approx(np.hypot(5.0, Z95 * np.hypot(0.1, 0.05 * 8.0)))


def test_how_long_one_stood_is_told_to_every_witness() -> None:
    wide, narrow = (pelvic_obliquity(LOST, lines(TRUE + SWAYING), QUIET, 1, 0.0, EXACT, s).u95_deg[MIDDLE] for s in (0.5, 8.0))
    assert wide > narrow > Z95 * 4.0
    wide, narrow = (
        pelvic_obliquity(tracked(TRUE + SWAYING), lines(NAN), QUIET, 1, 0.0, EXACT, s).u95_deg[MIDDLE] for s in (0.5, 8.0)
    )
    assert wide > narrow
