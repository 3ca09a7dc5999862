from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.signal import bridgeable, clean, low_pass, rolling_median, samples, without_outliers

T = np.arange(0.0, 4.0, 0.02)


def wave(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * T)


def test_samples_come_from_seconds_not_frames() -> None:
    assert samples(1.0, np.arange(0, 2, 0.05)) == 20
    assert samples(1.0, np.arange(0, 2, 0.01)) == 100
    assert samples(1.0, np.arange(0, 2, 0.05), odd=True) == 21
    assert samples(1.0, np.zeros(1)) == 1


def test_slow_movement_passes_and_fast_trembling_does_not() -> None:
    middle = slice(50, 150)
    slow, fast = low_pass(wave(1.0), T), low_pass(wave(20.0), T)
    assert np.abs(slow - wave(1.0))[middle].max() < 0.01  # zero phase: not even shifted
    assert np.abs(fast[middle]).max() < 0.02


def test_the_cut_off_is_at_six_hertz_for_the_two_passes() -> None:
    # 2nd order Butterworth twice: 1/2 of the amplitude is left at the cut-off.
    left = np.abs(low_pass(wave(6.0), T))[50:150].max()
    assert left == pytest.approx(0.5, abs=0.03)


def test_uneven_times_are_filtered_on_an_even_grid() -> None:
    uneven = np.sort(T + np.random.default_rng(1).uniform(-0.008, 0.008, T.size))
    slow = low_pass(np.sin(2 * np.pi * uneven), uneven)
    assert np.abs(slow - np.sin(2 * np.pi * uneven))[50:150].max() < 0.05


def test_too_slow_a_rate_is_left_alone() -> None:
    t = np.arange(0, 3, 0.2)
    assert low_pass(t**2, t).tolist() == (t**2).tolist()


def test_one_wild_sample_is_missing_and_its_neighbours_are_not() -> None:
    values = np.sin(T)
    values[77] += 40.0
    cleaned = without_outliers(values, T, floor=0.5)
    assert np.isnan(cleaned[77])
    assert np.isfinite(np.delete(cleaned, 77)).all()


def test_a_movement_out_of_rest_is_no_outlier() -> None:
    values = np.where(T < 2.0, 0.0, 2.0)
    assert np.isfinite(without_outliers(values, T, floor=3.0)).all()


def test_short_gaps_are_filled_and_long_ones_are_put_back() -> None:
    values = 10 * np.sin(T)
    values[40:50] = np.nan  # 0.2 s
    values[100:130] = np.nan  # 0.6 s
    cleaned = clean(values, T, 3.0)
    assert np.abs(cleaned[40:50] - 10 * np.sin(T[40:50])).max() < 0.1
    assert np.isnan(cleaned[100:130]).all()
    assert np.isfinite(cleaned[131:]).all()


def test_gaps_at_the_ends_stay_missing() -> None:
    known = np.ones(T.size, dtype=bool)
    known[:5] = known[-5:] = False
    bridged = bridgeable(known, T)
    assert not bridged[:5].any()
    assert not bridged[-5:].any()


@given(st.floats(-1e6, 1e6))
def test_what_stands_in_a_missing_frame_changes_nothing(garbage: float) -> None:
    values = np.sin(T)
    missing = values.copy()
    missing[60:90] = np.nan
    reference = clean(missing, T)
    other = np.where(np.isnan(missing), np.nan, values)
    other[60:90] = np.where(True, np.nan, garbage)
    assert np.array_equal(clean(other, T), reference, equal_nan=True)


def test_nothing_known_gives_nothing() -> None:
    assert np.isnan(clean(np.full(T.size, np.nan), T)).all()


@pytest.mark.parametrize("rate_hz", [10, 20, 30, 60])
def test_rolling_median_ignores_what_lasts_less_than_half_its_window(rate_hz: int) -> None:
    t = np.arange(0, 6, 1 / rate_hz)
    values = np.where((t > 2.0) & (t < 2.4), 9.0, 1.0)
    held = rolling_median(values, t, 1.0)
    assert np.nanmax(held) == 1.0
    assert np.isnan(held[0])
    assert np.isnan(held[-1])


def test_rolling_median_needs_most_of_its_window() -> None:
    values = np.ones(T.size)
    values[60:80] = np.nan  # 0.4 of a 1-s window
    held = rolling_median(values, T, 1.0)
    assert np.isnan(held[70])
    assert held[130] == 1.0


def test_a_rate_that_changes_does_not_change_what_passes() -> None:
    """Two seconds at 60 frames a second, then two at 20."""
    t = np.concatenate((np.arange(0.0, 2.0, 1 / 60), np.arange(2.0, 4.0, 1 / 20)))
    wave = np.sin(2 * np.pi * 1.5 * t)
    middle = (t > 0.5) & (t < 3.5)
    assert np.abs(low_pass(wave, t) - wave)[middle].max() < 0.1


@pytest.mark.parametrize(("missing", "known"), [(1, True), (2, False)])
def test_four_fifths_of_a_window_are_enough(missing: int, known: bool) -> None:
    values = np.ones(5)
    values[1 : 1 + missing] = np.nan
    assert np.isfinite(rolling_median(values, np.arange(5.0), 5.0)[2]) == known


def test_an_outlier_is_judged_by_the_spread_around_it() -> None:
    noisy = np.random.default_rng(3).normal(0.0, 1.0, T.size)
    noisy[100] = 8.0
    cleaned = without_outliers(noisy, T)
    assert np.isnan(cleaned[100])
    assert np.isfinite(cleaned).mean() > 0.93


@pytest.mark.parametrize("ticks_per_s", [12288, 15360, 90000])
def test_a_series_as_slow_as_the_filter_is_returned_as_it_is_whatever_the_container_rounds(ticks_per_s: int) -> None:
    t = np.round(np.arange(300) * ticks_per_s / 12.0) / ticks_per_s
    assert low_pass(t**2, t).tolist() == (t**2).tolist()


@pytest.mark.parametrize("hole_s", [2.0, 3600.0, 1e7])
def test_parts_far_apart_are_filtered_one_by_one(hole_s: float) -> None:
    part = np.cumsum(np.random.default_rng(2).choice([0.03, 0.04], 60))
    values = np.random.default_rng(3).standard_normal(60)
    time_s = np.concatenate([part, part[-1] + hole_s + part])
    whole = low_pass(np.concatenate([values, values[::-1]]), time_s)
    assert whole[:60] == pytest.approx(low_pass(values, part), abs=1e-3)
    assert whole[60:] == pytest.approx(low_pass(values[::-1], part), abs=1e-3)


def test_times_that_are_nowhere_even_ask_for_no_endless_grid() -> None:
    time_s = np.sort(np.concatenate([np.arange(100) * 1e-7, 0.9 * np.arange(1, 50)]))
    assert len(low_pass(np.ones(len(time_s)), time_s)) == len(time_s)
