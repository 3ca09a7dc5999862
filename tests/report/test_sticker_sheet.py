from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import cv2
import numpy as np
import pytest

from screener.model.results import SAFETY_SENTENCE
from screener.report.pdf import write_pdf
from screener.report.sticker_sheet import STICKER_MM, TAG_BITS, TAG_MM, sticker_sheet_html

PX_PER_MM = 3


def drawing() -> ET.Element:
    return ET.fromstring(re.search(r"<svg.*</svg>", sticker_sheet_html(), re.DOTALL)[0])  # type: ignore[index]


def picture_of_the_sheet() -> np.ndarray:
    """The tags of the page, drawn by hand from its squares."""
    page = np.full((143 * PX_PER_MM, 200 * PX_PER_MM), 255, np.uint8)
    for square in drawing().iter("rect"):
        if square.get("class") == "tag":
            x, y, size = (round(float(square.attrib[name]) * PX_PER_MM) for name in ("x", "y", "width"))
            page[y : y + size, x : x + size] = 0
    for path in drawing().iter("path"):
        if path.get("fill") == "#fff":
            for x, y, size in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", path.attrib["d"]):
                left, top, right, bottom = (
                    round(value * PX_PER_MM) for value in (float(x), float(y), float(x) + float(size), float(y) + float(size))
                )
                page[top:bottom, left:right] = 255
    return page


@pytest.mark.parametrize("number", [0, 1])
def test_the_bits_are_those_of_opencv(number: int) -> None:
    tag = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50).generateImageMarker(number, 6)
    assert [[int(bit) for bit in row] for row in TAG_BITS[number]] == (tag[1:-1, 1:-1] // 255).tolist()


def test_the_printed_page_is_read_as_the_two_tags_in_their_size_and_order() -> None:
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    corners, ids, _ = detector.detectMarkers(picture_of_the_sheet())
    found = {int(number): corner.reshape(4, 2) for number, corner in zip(ids.ravel(), corners, strict=True)}
    assert sorted(found) == [0, 1]
    for corner in found.values():
        assert corner[1] - corner[0] == pytest.approx([TAG_MM * PX_PER_MM, 0], abs=2)  # upright, not mirrored
    assert found[0][0, 0] < found[1][0, 0]


def test_sizes_on_paper_are_true() -> None:
    style = sticker_sheet_html()
    svg = drawing()
    assert svg.attrib["viewBox"] == "0 0 200 143"
    assert "width: 200mm; height: 143mm" in style  # one unit of the drawing is one millimetre
    assert [2 * float(disc.attrib["r"]) for disc in svg.iter("circle") if disc.get("class") == "sticker"] == [STICKER_MM] * 2
    bar = next(path for path in svg.iter("path") if path.get("class") == "bar")
    assert "h100M" in bar.attrib["d"]


def test_the_page_says_what_it_is_not_and_loads_nothing() -> None:
    html = sticker_sheet_html()
    assert SAFETY_SENTENCE in html
    assert not re.search(r"<script|<link|<img|https?://|url\(", html)


@pytest.mark.slow
def test_it_is_one_page_of_pdf() -> None:
    weasyprint = pytest.importorskip("weasyprint")
    assert write_pdf(sticker_sheet_html()).startswith(b"%PDF")
    assert len(weasyprint.HTML(string=sticker_sheet_html()).render().pages) == 1
