from __future__ import annotations

from xml.etree import ElementTree

import pytest

from helpers import sample_report as sample
from helpers.page_reading import SVG, parse_svg, texts, with_class
from screener.model.results import Grade, MeasureResult, Norm
from screener.report.drawing.scale import scale_svg

ORDER_HIGHER_IS_WORSE = ["within", "watch", "outside"]


def zones(root: ElementTree.Element) -> dict[str, tuple[float, float]]:
    found = {}
    for rect in with_class(root, "zone"):
        left = float(rect.attrib["x"])
        found[rect.attrib["class"].split()[1]] = (left, left + float(rect.attrib["width"]))
    return found


def value_x(root: ElementTree.Element) -> float:
    (dot,) = with_class(root, "value")
    return float(dot.attrib["cx"])


def limit_x(root: ElementTree.Element) -> dict[float, float]:
    """Stroke width of each limit by its place: the heavier one is the guide line."""
    return {float(path.attrib["d"][1:].split()[0]): float(path.attrib["stroke-width"]) for path in with_class(root, "limit")}


def test_zones_lie_in_the_order_of_the_norm() -> None:
    assert list(zones(parse_svg(scale_svg(sample.drop())))) == ORDER_HIGHER_IS_WORSE
    assert list(zones(parse_svg(scale_svg(sample.hold())))) == ORDER_HIGHER_IS_WORSE[::-1]


@pytest.mark.parametrize(
    "measure",
    [
        sample.drop(),
        sample.drop(4.2, Grade.WATCH),
        sample.drop(-3.0, Grade.WITHIN),
        sample.lean(),
        sample.hold(),
        sample.hold(12.0, Grade.OUTSIDE),
        sample.hold(45.0, Grade.WITHIN),
    ],
)
def test_the_dot_stands_in_the_zone_of_its_grade(measure: MeasureResult) -> None:
    root = parse_svg(scale_svg(measure))
    left, right = zones(root)[measure.grade.value]
    assert left < value_x(root) < right


def test_guide_line_is_the_heavy_one_and_where_outside_begins() -> None:
    for measure, edge in ((sample.drop(), 0), (sample.hold(), 1)):
        root = parse_svg(scale_svg(measure))
        weights = limit_x(root)
        guide = max(weights, key=lambda x: weights[x])
        assert guide == zones(root)["outside"][edge]
        assert len(weights) == 2


def test_whisker_is_the_interval_on_the_scale_of_the_limits() -> None:
    root = parse_svg(scale_svg(sample.drop()))
    (whisker,) = with_class(root, "interval")
    low, high = (float(part) for part in whisker.attrib["d"][1:].split("M")[0].replace("H", " ").split()[::2])
    watch_left, watch_right = zones(root)["watch"]
    px_per_deg = (watch_right - watch_left) / 2.0
    assert high - low == pytest.approx(4.0 * px_per_deg, abs=0.3)
    assert (low + high) / 2 == pytest.approx(value_x(root), abs=0.2)


def test_words_name_zones_limits_value_and_grade() -> None:
    root = parse_svg(scale_svg(sample.drop()))
    assert set(texts(root)) == {"within", "watch", "outside", "3°", "5°", "6.1 ± 2.0°"}
    label = root.attrib["aria-label"]
    assert label.startswith("Pelvic drop: 6.1 ± 2.0°, outside the guide range. 95 % interval 4.1° to 8.1°.")
    assert root.attrib["role"] == "img"
    title, description = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None
    assert title.text == "Pelvic drop"
    assert description is not None
    assert description.text
    assert description.text in label


def test_each_zone_has_its_own_pattern() -> None:
    root = parse_svg(scale_svg(sample.drop()))
    hatches = [path.attrib["d"] for path in root.iter(SVG + "path") if path.get("opacity") == ".38"]
    watch, outside = hatches
    assert "V" in watch
    assert "L" not in watch
    assert "L" in outside
    assert "V" not in outside


def test_value_far_off_the_scale_becomes_an_arrow() -> None:
    far = parse_svg(scale_svg(sample.drop(60.0)))
    assert not with_class(far, "value")
    assert not with_class(far, "drop-line")
    low = parse_svg(scale_svg(sample.drop(-60.0, Grade.WITHIN)))
    tips = [float(with_class(root, "off-scale")[0].attrib["d"].split("l")[1].split()[0]) for root in (far, low)]
    assert tips == [6.0, -6.0], "to the right for a value too high, to the left for one too low"
    assert "60.0 ± 2.0°" in texts(far)


def test_without_a_value_the_zones_stand_alone() -> None:
    root = parse_svg(scale_svg(sample.drop(None, Grade.NOT_ASSESSED)))
    assert list(zones(root)) == ORDER_HIGHER_IS_WORSE
    assert not with_class(root, "value")
    assert not with_class(root, "interval")
    assert "not measured" in texts(root)


def test_without_a_norm_the_value_stands_on_a_plain_line() -> None:
    root = parse_svg(scale_svg(sample.sway()))
    assert not zones(root)
    assert not limit_x(root)
    assert with_class(root, "plain")
    assert with_class(root, "value")
    assert "not compared: no guide range" in texts(root)
    assert "21 ± 4 mm/s" in texts(root)


def test_without_a_norm_and_a_value() -> None:
    root = parse_svg(scale_svg(sample.sway(None)))
    assert "not measured" in texts(root)
    assert not with_class(root, "value")


def test_equal_limits_leave_no_watch_zone() -> None:
    norm = Norm(within=0, outside=0, unit="count", population="all", source=sample.DROP_NORM.source)
    measure = sample.drop().model_copy(update={"norm": norm, "unit": "count", "value": 2.0, "uncertainty": None})
    root = parse_svg(scale_svg(measure))
    assert "watch" not in zones(root)
    left, right = zones(root)["outside"]
    assert left < value_x(root) <= right


@pytest.mark.parametrize(("value", "grade"), [(0.0, "within"), (1.0, "watch"), (3.0, "outside")])
def test_a_count_of_none_still_stands_in_a_zone(value: float, grade: str) -> None:
    norm = Norm(within=0, outside=2, unit="", population="all", source=sample.DROP_NORM.source)
    measure = sample.drop().model_copy(update={"norm": norm, "unit": "", "value": value, "uncertainty": None})
    root = parse_svg(scale_svg(measure))
    assert list(zones(root)) == ORDER_HIGHER_IS_WORSE
    left, right = zones(root)[grade]
    assert left < value_x(root) <= right


def test_hostile_label_stays_text() -> None:
    measure = sample.drop().model_copy(update={"label": '"><script>alert(1)</script>'})
    svg = scale_svg(measure)
    assert "<script" not in svg
    assert parse_svg(svg).attrib["aria-label"].startswith('"><script>')


def test_no_ids_so_that_many_stand_on_one_page() -> None:
    assert " id=" not in scale_svg(sample.drop())
