from __future__ import annotations

import numpy as np
import pytest

from screener.model.series import Interval
from screener.tests_clinical.summaries import common_moments

T = np.arange(0.0, 20.0, 0.05)
LIFTS = [Interval(2.0 + 3.0 * k, 4.0 + 3.0 * k) for k in range(5)]


def bump(height: float, at: float = 0.25) -> np.ndarray:
    return np.sum([height * np.exp(-(((T - lift.start_s - at * 2.0) / 0.3) ** 2)) for lift in LIFTS], axis=0)


def read(values: np.ndarray, moments: np.ndarray) -> float:
    return float(np.median(np.interp(moments, T, values)))


def test_the_moment_of_a_true_peak_is_found_in_every_stretch() -> None:
    moments = common_moments(bump(8.0), T, LIFTS)
    assert moments == pytest.approx([lift.start_s + 0.5 for lift in LIFTS], abs=0.06)
    assert read(bump(8.0), moments) == pytest.approx(8.0, abs=0.2)


def test_a_level_pelvis_in_noise_reads_level_in_the_mean() -> None:
    rng = np.random.default_rng(3)
    fair, highest = [], []
    for _ in range(200):
        noise = np.convolve(rng.normal(0.0, 4.0, T.size), np.ones(4) / 4, "same")
        fair.append(read(noise, common_moments(noise, T, LIFTS)))
        highest.append(np.median([noise[(T >= lift.start_s) & (T <= lift.end_s)].max() for lift in LIFTS]))
    assert abs(float(np.mean(fair))) < 0.3
    assert float(np.mean(highest)) > 3.0  # what the highest point of each would have said


def test_a_stretch_alone_chooses_for_itself_and_an_unknown_one_is_read_in_its_middle() -> None:
    assert common_moments(bump(8.0), T, LIFTS[:1]) == pytest.approx([2.5], abs=0.06)
    assert common_moments(np.full(T.size, np.nan), T, LIFTS[:2]) == pytest.approx([3.0, 6.0])


def test_an_unknown_stretch_is_read_where_the_others_say() -> None:
    values = np.where((T > 5.0) & (T < 7.0), np.nan, bump(8.0))
    assert common_moments(values, T, LIFTS)[1] == pytest.approx(5.5, abs=0.06)
