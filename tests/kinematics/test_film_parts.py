from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.errors import UsageError
from screener.kinematics.film_parts import (
    MAX_CALM_SHARE,
    MAX_PARTS,
    MIN_AWAY_S,
    MIN_AWAY_SIZES,
    MIN_CUT_SIZES,
    MIN_PART_S,
    cuts_of,
    parts_of,
    trimmed,
)
from screener.kinematics.standing import body_size_px
from screener.model.pose import Floats, PoseSequence
from screener.model.results import Status
from screener.workflow.screening import rescreen


def moved(poses: PoseSequence, shift_sizes: Floats) -> PoseSequence:
    """The same recording with the whole body elsewhere in the picture, in sizes of trunk and leg."""
    size = float(np.median(body_size_px(poses.pixels)))
    pixels = poses.pixels + np.stack([shift_sizes * size, 0.0 * shift_sizes], axis=1)[:, None]
    return poses.with_landmarks(pixels, poses.world_m, poses.visibility)


def filmed(seconds: float = 10.0) -> PoseSequence:
    return sm.film(sm.stance("left", 8.0, seconds=seconds), noise_px=0.2)


@pytest.mark.parametrize(("jump", "cuts"), [(MIN_CUT_SIZES + 0.01, 1), (MIN_CUT_SIZES - 0.01, 0), (-0.3, 1)])
def test_a_jump_of_the_whole_body_that_stays_is_a_cut(jump: float, cuts: int) -> None:
    poses = filmed()
    found = cuts_of(moved(poses, np.where(poses.time_s >= 4.0, jump, 0.0)))
    assert len(found) == cuts
    assert found == pytest.approx([4.0] * cuts, abs=0.02)


def test_a_jump_that_goes_back_is_none() -> None:
    poses = filmed()
    away = (poses.time_s >= 4.0) & (poses.time_s < 4.1)
    assert len(cuts_of(moved(poses, np.where(away, 0.3, 0.0)))) == 0


@pytest.mark.parametrize(("share", "cuts"), [(MAX_CALM_SHARE - 0.05, 1), (MAX_CALM_SHARE + 0.05, 0)])
def test_a_body_that_is_followed_badly_does_not_cut(share: float, cuts: int) -> None:
    poses = filmed()
    twitch = np.where(np.abs(poses.time_s - 4.2) < 0.017, 0.3 * share, 0.0)
    assert len(cuts_of(moved(poses, np.where(poses.time_s >= 4.0, 0.3, 0.0) + twitch))) == cuts


@pytest.mark.parametrize(
    ("away_s", "away", "cuts"),
    [
        (MIN_AWAY_S + 0.2, MIN_AWAY_SIZES + 0.05, 1),
        (MIN_AWAY_S + 0.2, MIN_AWAY_SIZES - 0.05, 0),
    ],
)
def test_who_comes_back_elsewhere_is_in_another_picture(away_s: float, away: float, cuts: int) -> None:
    poses = filmed()
    poses = moved(poses, np.where(poses.time_s >= 4.0, away, 0.0))
    lost = (poses.time_s >= 4.0) & (poses.time_s < 4.0 + away_s)
    pixels, world = poses.pixels.copy(), poses.world_m.copy()
    pixels[lost], world[lost] = np.nan, np.nan
    assert len(cuts_of(poses.with_landmarks(pixels, world, poses.visibility))) == cuts


@pytest.mark.parametrize("motion", [sm.stance(), sm.leg_squats(), sm.hinges()])
def test_a_person_who_moves_is_in_one_picture(motion: sm.Motion) -> None:
    camera = sm.Camera(yaw=-90.0) if np.ptp(np.asarray(motion.incline)) > 0 else sm.Camera()
    poses = sm.film(motion, camera, 0.5)
    assert len(cuts_of(poses)) == 0
    (whole,) = parts_of(poses)
    assert (whole.start_s, whole.end_s) == (poses.time_s[0], poses.time_s[-1])


def test_nobody_and_one_frame_have_no_cut() -> None:
    poses = filmed(6.0)
    empty = poses.with_landmarks(np.full_like(poses.pixels, np.nan), np.full_like(poses.world_m, np.nan), 0 * poses.visibility)
    assert len(cuts_of(empty)) == 0
    assert len(parts_of(empty)) == 1
    one = trimmed(recording(poses, "squat"), 2.0, 2.01).poses
    assert len(one) == 1
    assert len(parts_of(one)) == 1


def test_short_parts_are_left_out_and_the_longest_are_kept() -> None:
    poses = filmed(20.0)
    edges = [1.0, 1.5, 4.0, 6.2, 8.5, 11.0, 13.9, 17.0]  # 0.5 s is too short; of the other eight the five longest
    steps = sum(np.where(poses.time_s >= edge, 0.3 * (-1) ** number, 0.0) for number, edge in enumerate(edges))
    parts = parts_of(moved(poses, np.asarray(steps)))
    assert len(parts) == MAX_PARTS
    assert all(part.duration_s >= MIN_PART_S for part in parts)
    assert [round(part.start_s, 1) for part in parts] == [1.5, 8.5, 11.0, 13.9, 17.0]


def test_a_film_with_a_cut_is_judged_by_its_best_part_and_says_so() -> None:
    poses = sm.film(sm.stance("left", 8.0, seconds=14.0), noise_px=0.2)
    seen = recording(moved(poses, np.where(poses.time_s < 1.6, -0.4, 0.0)), "single_leg_stance")
    found = rescreen(seen)
    assert only(found).status is Status.SCORED
    assert measure(only(found), "hold_time_s").value == pytest.approx(10.0, abs=0.2)
    (warning,) = [text for text in found.report.quality.warnings if "contains a cut" in text]
    assert "1.6 to 14.0 s" in warning
    assert found.series.time_s[0] == pytest.approx(1.6, abs=0.05)
    assert len(found.recording.poses) == len(poses)
    whole = rescreen(recording(poses, "single_leg_stance"))
    assert not any("contains a cut" in text for text in whole.report.quality.warnings)


def test_the_part_with_more_repetitions_is_the_better_one() -> None:
    t = sm.times(18.0)
    deep = sum(sm.ramp(t, a, a + 0.8, a + 1.0, a + 1.8) for a in (2.0, 8.5, 11.0, 13.5))
    poses = sm.film(sm.Motion(t, bend=4.0 + 70.0 * deep), noise_px=0.2)
    cut = moved(poses, np.where(t >= 6.5, 0.3, 0.0))
    tests = screened(cut, "squat").report.tests
    assert {len(test.repetitions) for test in tests} == {3}


def test_a_trimmed_recording_keeps_its_times() -> None:
    seen = recording(filmed(), "single_leg_stance")
    part = trimmed(seen, 2.0, 7.0)
    assert part.poses.time_s[0] == pytest.approx(2.0, abs=0.02)
    assert part.poses.time_s[-1] == pytest.approx(7.0, abs=0.02)
    assert trimmed(seen, 2.0, None).poses.time_s[-1] == seen.poses.time_s[-1]
    assert trimmed(seen, None, 7.0).poses.time_s[0] == 0.0
    assert trimmed(seen, None, None) is seen
    edge = float(seen.poses.time_s[60])
    assert trimmed(seen, edge, edge).poses.time_s.tolist() == [edge]
    with pytest.raises(UsageError, match="no pictures between"):
        trimmed(seen, 50.0, 60.0)
