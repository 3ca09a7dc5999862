from __future__ import annotations

import numpy as np
import pytest

from screener.accuracy.agreement import ClipAgreement, compare, compare_flags, icc_2_1

TRUTH = np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0])


def test_bias_limits_and_error_of_a_hand_made_table() -> None:
    estimate = TRUTH + np.array([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    found = compare("pelvic_obliquity_deg", "degrees", 1, estimate, TRUTH, np.full(6, 2.0))
    spread = np.sqrt(6 / 5)
    assert found.bias == pytest.approx(2.0)
    assert found.mean_absolute_error == pytest.approx(2.0)
    assert found.limits_of_agreement == pytest.approx((2 - 1.96 * spread, 2 + 1.96 * spread))
    assert found.sem == pytest.approx(spread / np.sqrt(2))
    assert found.mdc95 == pytest.approx(1.96 * spread)
    assert found.coverage == pytest.approx(0.5)
    assert found.mean_half_width == 2.0


def test_slope_is_of_the_estimate_on_the_truth() -> None:
    found = compare("x", "degrees", 1, 0.43 * TRUTH - 2.7, TRUTH)
    assert found.slope == pytest.approx(0.43)
    assert found.residual_sd == pytest.approx(0.0, abs=1e-9)
    assert found.coverage is None


def test_missing_pairs_are_left_out() -> None:
    estimate = TRUTH.copy()
    estimate[2] = np.nan
    assert compare("x", "degrees", 1, estimate, TRUTH).pairs == 5
    with pytest.raises(ValueError, match="two pairs"):
        compare("x", "degrees", 1, estimate * np.nan, TRUTH)


def test_icc_is_the_value_of_shrout_and_fleiss() -> None:
    # Their table 2, judges 1 and 2 of six targets, worked by hand: MS rows 7.75, columns 40.33, error 1.53.
    first, second = np.array([9.0, 6, 8, 7, 10, 6]), np.array([2.0, 1, 4, 1, 5, 2])
    table = np.stack([first, second], 1)
    rows = 2 * table.mean(1).var(ddof=1)
    columns = 6 * table.mean(0).var(ddof=1)
    error = ((table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()) ** 2).sum() / 5
    expected = (rows - error) / (rows + error + 2 * (columns - error) / 6)
    assert icc_2_1(first, second) == pytest.approx(expected)
    assert icc_2_1(first, first) == pytest.approx(1.0)
    assert icc_2_1(first, first + 5) is not None
    assert (icc_2_1(first, first + 5) or 1.0) < 0.3  # agreement, not correlation
    assert icc_2_1(first[:2], second[:2]) is None


def clip(true: float, flagged: bool, firm: bool) -> ClipAgreement:
    return ClipAgreement(
        clip="c", test="t", side="left", frames=1, mean_absolute_error=0, hip_line_error=0, coverage=1, sign_right=1,
        true_peak=true, measured_peak=0, peak_half_width=1, flagged=flagged, firm=firm,
    )  # fmt: skip


def test_flags_are_counted_against_the_truth() -> None:
    clips = (clip(9, True, True), clip(8, False, True), clip(2, False, True), clip(1, True, False), clip(5.0, False, False))
    found = compare_flags(clips, 5.0)
    assert (found.true_positive, found.false_negative, found.true_negative, found.false_positive) == (1, 1, 2, 1)
    assert found.sensitivity == 0.5
    assert found.specificity == pytest.approx(2 / 3)
    assert (found.firm, found.firm_wrong) == (3, 1)
