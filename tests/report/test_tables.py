from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from helpers import sample_report as sample
from screener.model.results import Span
from screener.model.series import Series
from screener.report.tables import curve_table, timeseries_csv

HEADER = (
    "time_s,hip_line_deg,pelvic_obliquity_deg,pelvic_obliquity_u95_deg,trunk_lean_deg,knee_valgus_left_deg,"
    "knee_valgus_right_deg,knee_flexion_left_deg,knee_flexion_right_deg,hip_flexion_left_deg,hip_flexion_right_deg,"
    "trunk_inclination_deg,spine_rounding_deg,body_turn_deg,knee_separation_ratio,knee_over_foot_left_pct,"
    "knee_over_foot_right_pct,stance,usable"
)


def four_frames() -> Series:
    columns = {field.name: np.full(4, np.nan) for field in fields(Series)}
    columns["time_s"] = np.array([0.0, 1 / 30, 2 / 30, 0.1])
    columns["hip_line_deg"] = np.array([1.0, -2.34567, np.nan, 0.0])
    columns["pelvic_obliquity_deg"] = np.array([1.5, -6.1, 0.0004, np.nan])
    stance = np.array(["both", "left", "right", "none"])
    return Series(**{**columns, "stance": stance, "usable": np.array([True, True, False, True])})


def test_csv_of_four_frames() -> None:
    assert timeseries_csv(four_frames()).splitlines() == [
        HEADER,
        "0.0000,1.000,1.500,,,,,,,,,,,,,,,both,1",
        "0.0333,-2.346,-6.100,,,,,,,,,,,,,,,left,1",
        "0.0667,,0.000,,,,,,,,,,,,,,,right,0",
        "0.1000,0.000,,,,,,,,,,,,,,,,none,1",
    ]


def test_csv_of_no_frames_is_its_header() -> None:
    empty = Series(**{field.name: getattr(four_frames(), field.name)[:0] for field in fields(Series)})
    assert timeseries_csv(empty) == HEADER + "\n"


def test_one_row_a_hold_in_the_sign_of_the_measure(series: Series) -> None:
    test = sample.stance("left")
    rows = curve_table(test, test.curves[0], series)
    assert [(row.name, row.start_s, row.end_s) for row in rows] == [("Hold 1", 3.0, 12.0), ("Hold 2", 18.0, 30.0)]
    assert rows[1].median == pytest.approx(6.0, abs=0.05)
    assert rows[1].largest == pytest.approx(6.5, abs=0.01)


def test_one_row_a_repetition(series: Series) -> None:
    test = sample.squat()
    rows = curve_table(test, test.curves[0], series)
    assert [row.name for row in rows] == ["Repetition 1", "Repetition 2", "Repetition 3", "Repetition 4"]
    assert rows[0].largest == pytest.approx(85.0, abs=0.1)


def test_repetitions_go_before_holds(series: Series) -> None:
    test = sample.squat().model_copy(update={"holds": (Span(start_s=72.0, end_s=73.0),)})
    assert len(curve_table(test, test.curves[0], series)) == 4


def test_rows_of_seconds_cover_the_window_without_overlap(series: Series) -> None:
    test = sample.stance("right")
    rows = curve_table(test, test.curves[0], series)
    assert len(rows) == 15
    assert rows[0].start_s == 36.0
    assert rows[-1].end_s == 66.0
    assert [row.end_s for row in rows[:-1]] == [row.start_s for row in rows[1:]]
    short = test.model_copy(update={"window": Span(start_s=36.0, end_s=39.5)})
    assert [(row.start_s, row.end_s) for row in curve_table(short, test.curves[0], series)] == [
        (36.0, 37.0),
        (37.0, 38.0),
        (38.0, 39.0),
        (39.0, 39.5),
    ]


def test_a_stretch_without_values_has_none(series: Series) -> None:
    test = sample.stance("left").model_copy(update={"holds": (Span(start_s=14.5, end_s=16.5),)})
    (row,) = curve_table(test, test.curves[0], series)
    assert row.median is None
    assert row.largest is None


def test_without_a_window_the_whole_recording_is_shown(series: Series) -> None:
    test = sample.stance("right").model_copy(update={"window": None})
    rows = curve_table(test, test.curves[0], series)
    assert rows[0].start_s == 0.0
    assert rows[-1].end_s == pytest.approx(series.time_s[-1])
    assert len(rows) <= 15
