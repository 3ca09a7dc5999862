"""Recorded landmarks of rendered clips against their exact angles: the whole core without the pose network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.reference import Truth, load_truth
from helpers.screened import measure, only
from screener.model.landmarks_file import load_recording
from screener.model.pose import Floats
from screener.model.results import Grade
from screener.model.series import Series
from screener.workflow.screening import Screening, rescreen

GOLDEN = Path(__file__).parent.parent / "golden"
STANCES = {
    "stance_left_drop9": ("left", 9.0),
    "stance_left_drop8_back": ("left", 8.0),
    "stance_right_drop12": ("right", 12.0),
    "stance_right_drop4_lean9": ("right", 4.0),
    "stance_left_stable": ("left", 1.5),
}
SQUATS = {"slsquat_left_valgus16": ("left", 16.0, 6.0), "slsquat_right_good": ("right", 3.0, 1.5)}
HINGES = ("hinge_neutral", "hinge_rounded45")


def load(name: str) -> tuple[Screening, Truth]:
    return rescreen(load_recording(GOLDEN / f"{name}.npz")), load_truth(GOLDEN / f"{name}.csv")


def errors(series: Series, truth: Truth, column: str, true_column: str = "") -> Floats:
    difference = getattr(series, column) - truth.column(true_column or column)
    return np.asarray(difference[np.isfinite(difference)])


@pytest.mark.parametrize("name", STANCES)
def test_the_stance_leg_is_right_in_every_frame_of_the_hold(name: str) -> None:
    screening, truth = load(name)
    held = np.isin(truth.stance, ["left", "right"])
    held[:-3] &= held[3:]  # the foot leaves and meets the floor within a few frames of the 4 cm of the truth
    held[3:] &= held[:-3]
    assert held.sum() > 80
    assert (screening.series.stance[held] == truth.stance[held]).all()


@pytest.mark.parametrize("name", STANCES)
def test_the_side_is_found_and_the_drop_is_measured_within_its_interval(name: str) -> None:
    side, drop = STANCES[name]
    result = only(load(name)[0])
    assert result.side == side
    found = measure(result, "pelvic_drop_deg")
    assert found.value is not None
    assert found.uncertainty is not None
    assert abs(found.value - drop) <= found.uncertainty
    assert abs(found.value - drop) <= 1.5


@pytest.mark.parametrize("name", STANCES)
def test_the_flag_is_right_and_firm_is_never_wrong(name: str) -> None:
    drop = STANCES[name][1]
    found = measure(only(load(name)[0]), "pelvic_drop_deg")
    assert (found.grade is Grade.OUTSIDE) == (drop > 5.0)
    if found.firm:
        assert (found.value or 0.0) > 5.0 if drop > 5.0 else (found.value or 9.0) < 5.0


def test_trunk_lean_is_measured_to_one_degree() -> None:
    pooled = np.concatenate([errors(*_series(name), "trunk_lean_deg") for name in (*STANCES, *SQUATS)])
    assert np.abs(pooled).mean() <= 1.0
    lean = measure(only(load("stance_right_drop4_lean9")[0]), "trunk_lean_deg")
    assert lean.value == pytest.approx(3.7, abs=1.0)  # 9 degrees of spine bend move the shoulders by 3.7


def _series(name: str) -> tuple[Series, Truth]:
    screening, truth = load(name)
    return screening.series, truth


def test_knee_valgus_is_measured_to_two_degrees() -> None:
    pooled = [errors(*_series(name), f"knee_valgus_{side}_deg") for name, (side, _, _) in SQUATS.items()]
    assert np.abs(np.concatenate(pooled)).mean() <= 2.0


@pytest.mark.parametrize("name", SQUATS)
def test_squats_are_counted_and_valgus_lies_in_its_interval(name: str) -> None:
    side, valgus, drop = SQUATS[name]
    result = only(load(name)[0])
    assert result.side == side
    assert len(result.repetitions) == 2
    for key, true in (("knee_valgus_deg", valgus), ("pelvic_drop_deg", drop)):
        found = measure(result, key)
        assert found.value is not None
        assert abs(found.value - true) <= (found.uncertainty or 0.0)


@pytest.mark.parametrize("name", HINGES)
def test_hinges_are_counted_and_the_trunk_is_measured_to_three_degrees(name: str) -> None:
    screening, truth = load(name)
    assert len(only(screening).repetitions) == 1
    assert np.abs(errors(screening.series, truth, "trunk_inclination_deg")).mean() <= 3.0


def test_the_back_view_has_the_signs_of_the_front_view() -> None:
    screening, truth = load("stance_left_drop8_back")
    assert screening.report.quality.view == "back"
    true = truth.column("pelvic_obliquity_deg")
    clear = np.abs(true) >= 3.0
    assert (np.sign(screening.series.pelvic_obliquity_deg[clear]) == np.sign(true[clear])).all()
    assert np.abs(errors(screening.series, truth, "trunk_lean_deg")).mean() <= 1.0


@pytest.mark.parametrize("name", [*STANCES, *SQUATS])
def test_pelvic_obliquity_beats_the_hip_line(name: str) -> None:
    screening, truth = load(name)
    estimate = np.abs(errors(screening.series, truth, "pelvic_obliquity_deg")).mean()
    hip_line = np.abs(errors(screening.series, truth, "hip_line_deg", "pelvic_obliquity_deg")).mean()
    assert estimate <= 1.0
    assert estimate < hip_line


def test_a_report_made_again_is_the_same() -> None:
    recording = load_recording(GOLDEN / "stance_left_drop9.npz")
    first, second = rescreen(recording), rescreen(recording)
    assert first.report.model_dump(exclude={"created_at"}) == second.report.model_dump(exclude={"created_at"})
