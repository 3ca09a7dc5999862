from __future__ import annotations

import re
from dataclasses import fields, replace
from xml.etree import ElementTree

import numpy as np
import pytest

from helpers import sample_report as sample
from helpers.page_reading import SVG, parse_svg, texts, with_id_ending
from screener.model.results import Curve, Span, TestResult
from screener.model.series import Series
from screener.report.drawing.curve import curve_svg


def only_path(root: ElementTree.Element, name: str) -> str:
    (group,) = with_id_ending(root, name)
    (path,) = group.iter(SVG + "path")
    return path.attrib["d"]


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path)]


def drawn(test: TestResult, series: Series, **changes: object) -> ElementTree.Element:
    curve = test.curves[0].model_copy(update=changes)
    return parse_svg(curve_svg(test, curve, series))


def test_gap_breaks_the_line(series: Series) -> None:
    assert only_path(drawn(sample.stance("left"), series), "curve").count("M") == 2
    assert only_path(drawn(sample.stance("right"), series), "curve").count("M") == 1


def test_pause_without_frames_breaks_the_line(series: Series) -> None:
    kept = (series.time_s < 45) | (series.time_s > 46)
    thinned = Series(**{field.name: getattr(series, field.name)[kept] for field in fields(series)})
    assert only_path(drawn(sample.stance("right"), thinned), "curve").count("M") == 2


def test_curve_has_the_sign_of_its_measure(series: Series) -> None:
    """In the first hold the drop is 6 degrees, so the line lies above the guide line of 5 (smaller y in an SVG)."""
    root = drawn(sample.stance("left"), series)
    guide_y = points(only_path(root, "guide-line"))[0][1]
    watch_y = points(only_path(root, "watch-line"))[0][1]
    highest_y = min(y for _, y in points(only_path(root, "curve")))
    assert highest_y < guide_y < watch_y
    flipped = drawn(sample.stance("left"), series, sign=1)
    assert min(y for _, y in points(only_path(flipped, "curve"))) > points(only_path(flipped, "watch-line"))[0][1]


def test_guide_lines_are_named_with_their_limits(series: Series) -> None:
    found = texts(drawn(sample.stance("left"), series))
    assert "guide line 5°" in found
    assert "watch line 3°" in found


def test_one_limit_without_a_zone_of_watching_is_one_line(series: Series) -> None:
    stance = sample.stance("left")
    measures = [
        measure
        if measure.norm is None
        else measure.model_copy(update={"norm": measure.norm.model_copy(update={"within": measure.norm.outside})})
        for measure in stance.measures
    ]
    found = texts(drawn(stance.model_copy(update={"measures": tuple(measures)}), series))
    assert "guide line 5°" in found
    assert not any("watch" in text for text in found)


def test_guide_line_is_thicker_than_watch_line(series: Series) -> None:
    root = drawn(sample.stance("left"), series)
    width = {}
    for name in ("guide-line", "watch-line"):
        (path,) = with_id_ending(root, name)[0].iter(SVG + "path")
        found = re.search(r"stroke-width: ([\d.]+)", path.attrib["style"])
        width[name] = float(found[1]) if found else 1.0
    assert width["guide-line"] > width["watch-line"]


def test_band_only_with_a_column_for_it(series: Series) -> None:
    assert with_id_ending(drawn(sample.stance("left"), series), "band")
    assert not with_id_ending(drawn(sample.stance("left"), series, u95_column=None), "band")


def test_band_is_two_half_widths_high(series: Series) -> None:
    root = drawn(sample.stance("right"), series)
    (used,) = with_id_ending(root, "band")[0].iter(SVG + "use")
    ys = [float(used.attrib["y"]) + y for _, y in points(only_path(root, "band"))]
    guide_y, watch_y = (points(only_path(root, name))[0][1] for name in ("guide-line", "watch-line"))
    px_per_deg = (watch_y - guide_y) / 2.0
    curve_ys = [y for _, y in points(only_path(root, "curve"))]
    assert max(ys) - max(curve_ys) == pytest.approx(2.0 * px_per_deg, rel=0.02)
    assert min(curve_ys) - min(ys) == pytest.approx(2.0 * px_per_deg, rel=0.02)


def test_no_guide_line_without_a_norm_in_degrees(series: Series) -> None:
    for measure in ("sway_mm_per_s", "hold_time_s", "unknown"):
        root = drawn(sample.stance("left"), series, measure=measure)
        assert not with_id_ending(root, "guide-line")
        assert not with_id_ending(root, "watch-line")


def test_holds_and_repetitions_are_shaded_and_named(series: Series) -> None:
    left = drawn(sample.stance("left"), series)
    assert len(with_id_ending(left, r"hold-\d")) == 2
    assert not with_id_ending(left, r"rep-\d")
    assert "Hold 1" in texts(left)
    squat = drawn(sample.squat(), series)
    assert len(with_id_ending(squat, r"rep-\d")) == 4
    assert "Rep 1" in texts(squat)


def test_key_moment_is_marked_only_where_there_is_one(series: Series) -> None:
    assert with_id_ending(drawn(sample.stance("left"), series), "key-moment")
    assert not with_id_ending(drawn(sample.squat(), series), "key-moment")


def test_axes_are_named_in_words(series: Series) -> None:
    found = texts(drawn(sample.stance("left"), series))
    assert {"time in seconds", "degrees", "Pelvic drop"} <= set(found)


def test_title_and_description(series: Series) -> None:
    root = drawn(sample.stance("left"), series)
    title, description = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None
    assert title.text == "Pelvic drop over time"
    assert description is not None
    assert description.text is not None
    assert description.text == "From 2.0 s to 32.0 s the curve lies between \N{MINUS SIGN}1.5° and 6.5°. Guide line at 5°."
    assert root.attrib["aria-label"] == f"{title.text}: {description.text}"


def test_nothing_measured_says_so(series: Series) -> None:
    root = drawn(sample.stance("left"), series, column="spine_rounding_deg")
    assert "not measured" in texts(root)
    assert "Nothing was measured." in root.attrib["aria-label"]


def test_recording_without_frames() -> None:
    empty = Series(**{field.name: getattr(sample.series(), field.name)[:0] for field in fields(Series)})
    test = sample.stance("left").model_copy(update={"window": None})
    assert "not measured" in texts(drawn(test, empty))


def test_same_input_same_drawing_and_other_input_other_ids(series: Series) -> None:
    left, right = sample.stance("left"), sample.stance("right")
    first, again = (curve_svg(left, left.curves[0], series) for _ in range(2))
    other = curve_svg(right, right.curves[0], series)
    assert first == again
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (first, other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_hostile_label_stays_text(series: Series) -> None:
    curve = Curve(column="trunk_lean_deg", measure="trunk_lean_deg", label="<script>alert(1)</script> $x_1$ </svg>")
    svg = curve_svg(sample.stance("left"), curve, series)
    assert "<script" not in svg
    assert svg.count("</svg>") == 1
    assert "<script>alert(1)</script> $x_1$ </svg>" in texts(parse_svg(svg))


def test_curve_shows_the_window_only(series: Series) -> None:
    """The knee bends to 85 degrees after 70 s; a window before that must not know."""
    test = sample.stance("left").model_copy(update={"window": Span(start_s=36.0, end_s=60.0)})
    root = drawn(test, series, column="knee_flexion_left_deg", sign=1)
    assert "between 5.0° and 5.0°" in root.attrib["aria-label"]


def test_no_document_type_and_no_metadata(series: Series) -> None:
    test = sample.stance("left")
    svg = curve_svg(test, test.curves[0], replace(series, time_s=series.time_s + np.float64(0)))
    assert svg.startswith("<svg")
    assert "<!DOCTYPE" not in svg
    assert "<metadata" not in svg
