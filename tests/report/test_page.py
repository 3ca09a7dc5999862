from __future__ import annotations

import itertools
import re

import pytest

from helpers import sample_report as sample
from helpers.page_reading import Node, parse_page, parse_svg
from screener.model.picture import KeyPicture
from screener.model.results import (
    SAFETY_SENTENCE,
    Grade,
    Norm,
    Quality,
    RecordingFacts,
    Score,
    ScreeningReport,
    Source,
    TestResult,
)
from screener.model.series import Series
from screener.report import wording
from screener.report.cards import references, source_href
from screener.report.page import render_html

HOSTILE = "<img src=x onerror=alert(1)>\"'&.mp4"


@pytest.fixture(scope="session")
def html(report: ScreeningReport, series: Series, key_picture: KeyPicture) -> str:
    return render_html(report, [series], [key_picture])


@pytest.fixture(scope="session")
def page(html: str) -> Node:
    return parse_page(html)


def article(page: Node, number: int) -> Node:
    return next(node for node in page.all("article") if node.attributes["id"] == f"test-{number}")


def measure(page: Node, test: int, number: int) -> Node:
    return article(page, test).with_class("measure")[number]


def section(page: Node, title: str) -> Node:
    return next(node for node in page.everything() if node.tag == "section" and [h.words for h in node.all("h2")] == [title])


def test_nothing_is_loaded_from_anywhere(html: str, page: Node) -> None:
    for node in page.everything():
        for name, value in node.attributes.items():
            if name in {"src", "srcset", "poster", "data", "action", "background"}:
                assert value.startswith("data:"), f"{node.tag} {name}={value[:40]}"
            if name in {"href", "xlink:href"}:
                assert value.startswith("#") or node.tag == "a", f"{node.tag} {name}={value[:40]}"
    assert not page.all("script")  # without poses there is nothing to replay
    assert not page.all("link")
    assert not page.all("iframe")
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    policy = next(node for node in page.all("meta") if node.attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_web_addresses_are_sources_or_name_spaces_only(html: str) -> None:
    found = set(re.findall(r"https?://[^\s\"'<]+", html))
    assert found == {
        "https://doi.org/10.1111/example.2007",
        "https://doi.org/10.1519/example.2007",
        "https://example.org/2018",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_the_answer_comes_first(page: Node, report: ScreeningReport) -> None:
    (lead,) = page.with_class("lead")
    assert lead.with_class("headline")[0].words == "The pelvis lowered on the lifted side by 6 degrees; up to 5 is usual."
    assert lead.with_class("sure")[0].words.startswith("Borderline: ")
    assert lead.all("img")
    assert [item.words for item in lead.all("li")] == list(report.advice)
    first = next(node for node in page.everything() if node.tag in {"table", "details", "article"})
    order = list(page.everything())
    assert order.index(lead) < order.index(first)


def test_no_sentence_of_the_answer_stands_twice(page: Node, report: ScreeningReport) -> None:
    answer = page.with_class("headline")[0].words
    assert page.words.count(answer) == 1
    for line in report.advice:
        assert page.words.count(line) == 1


def test_one_leg_is_told_in_few_words_before_the_numbers(series: Series, key_picture: KeyPicture) -> None:
    page = parse_page(render_html(sample.report(tests=(sample.stance("left"),)), [series], [key_picture]))
    before = page.words[: page.words.index("The numbers")]
    assert len(before.split()) <= 250
    assert not page.with_class("glance")


def test_nothing_assessed_gives_no_points(report: ScreeningReport, series: Series) -> None:
    empty = report.model_copy(update={"score": Score(points=0, possible=0, assessed=0, of=2), "tests": ()})
    page = parse_page(render_html(empty, [series], []))
    assert not page.with_class("lead")
    assert "0 of 2 tests assessed." in page.words
    assert "0 of 0" not in page.words


def test_safety_sentence_stands_above_the_numbers(page: Node) -> None:
    safety = page.with_class("safety")[0]
    assert SAFETY_SENTENCE in safety.words
    order = [node for node in page.everything() if node is safety or node.tag == "h2"]
    assert order[1] is safety  # right after the answer


def test_words_never_used(page: Node, report: ScreeningReport) -> None:
    words = page.words.replace(SAFETY_SENTENCE, "").lower()
    for never in ("positive trendelenburg", "weak", "injury risk", "diagnos"):
        assert never not in words


def test_headings_are_in_order(page: Node) -> None:
    levels = [int(node.tag[1]) for node in page.everything() if re.fullmatch(r"h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert [node.words for node in page.all("h2")] == [
        "The pelvis lowered on the lifted side by 6 degrees; up to 5 is usual.",
        "At a glance",
        "The tests",
        "Left against right",
        "What could not be measured, and why",
        "How good was the recording?",
        "How to read this report",
        "Where the guide ranges come from",
        "Technical details",
    ]


def test_at_a_glance_has_a_row_a_test(page: Node) -> None:
    rows = [row.words for row in page.with_class("glance")[0].all("tbody")[0].all("tr")]
    assert rows == [
        "Single-leg stance left side 1 of 3 something outside the guide range not certain, low confidence",
        "Single-leg stance right side 3 of 3 every measure within the guide range not certain for every measure",
        "Squat both sides 2 of 3 something to watch",
        "Hip hinge both sides \N{EN DASH} not assessed",
        "Lunge right side \N{EN DASH} stopped on purpose, not scored",
    ]


def test_a_measure_is_told_in_full(page: Node) -> None:
    drop = measure(page, 1, 0)
    assert drop.all("h4")[0].words == "Pelvic drop"
    assert drop.with_class("value")[0].words == "6.1 ± 2.0°"
    assert drop.with_class("grade")[0].words == "outside the guide range"
    assert drop.with_class("firmness")[0].words == "not firm: could lie on either side of the guide line of 5°"
    assert "Guide: up to 3° is within, above 5° is outside the guide range, for adults [1]." in drop.words
    assert f"Low confidence; measured from {wording.PELVIS_WORDS}; 94 % of the frames used." in drop.words


def test_grades_of_the_other_measures(page: Node) -> None:
    lean, hold, sway = (measure(page, 1, number) for number in (1, 2, 3))
    assert [m.with_class("grade")[0].words for m in (lean, hold, sway)] == [
        "within the guide range",
        "something to watch",
        "not compared",
    ]
    assert lean.with_class("firmness")[0].words == "firm: clear of the guide line of 10°"
    assert not sway.with_class("firmness")
    assert "There is no published range for sway from a camera." in sway.words


def test_a_convention_is_called_one(page: Node) -> None:
    sentence = "a convention and not a measured norm."
    assert sentence in measure(page, 1, 1).words
    assert sentence not in measure(page, 1, 0).words


def test_a_missing_value_is_not_measured_and_shows_no_number(page: Node) -> None:
    missing = measure(page, 3, 0)
    assert missing.with_class("grade")[0].words == "not measured"
    assert not missing.with_class("value")
    assert "The hips were covered by the arms." in missing.words


def test_every_grade_has_an_icon_beside_its_word(page: Node) -> None:
    graded = [node for node in page.with_class("grade") if node.tag in {"span", "td"}]
    assert len(graded) > 15
    for node in graded:
        assert node.words
        assert node.all("svg"), node.words


def test_every_drawing_is_xml_with_title_and_description(html: str) -> None:
    drawings = [svg for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL) if "aria-hidden" not in svg[:150]]
    assert len(drawings) == 3 + 3 + 2 + 3  # a measure without a norm has no scale
    for svg in drawings:
        root = parse_svg(svg)
        names = [child.tag.rpartition("}")[2] for child in root][:2]
        assert names == ["title", "desc"]
        assert root.attrib["role"] == "img"
        assert len(root.attrib["aria-label"]) > 20


def test_ids_are_unique_and_links_inside_lead_somewhere(page: Node) -> None:
    ids = [node.attributes["id"] for node in page.everything() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    targets = {
        value[1:]
        for node in page.everything()
        for name, value in node.attributes.items()
        if name in {"href", "xlink:href"} and value.startswith("#")
    }
    assert targets <= set(ids)
    named = {node.attributes["aria-labelledby"] for node in page.everything() if "aria-labelledby" in node.attributes}
    assert named <= set(ids)


def test_tables_have_headers_with_a_scope(page: Node) -> None:
    for table in page.all("table"):
        headers = table.all("th")
        assert headers
        assert all(header.attributes.get("scope") in {"col", "row"} for header in headers)
        assert all(row.all("th") for row in table.all("tr"))


def test_a_table_stands_beside_each_curve(page: Node) -> None:
    cards = page.with_class("curve-card")
    assert len(cards) == 3
    rows = [row.words for row in cards[0].all("tbody")[0].all("tr")]
    assert rows == ["Hold 1 3.0 s 12.0 s 6.0° 6.5°", "Hold 2 18.0 s 30.0 s 6.0° 6.5°"]
    assert [header.words for header in cards[0].all("thead")[0].all("th")] == [
        "Part",
        "From",
        "To",
        "Median",
        "Largest",
    ]


def test_the_result_is_tied_to_the_numbers_of_its_curve(page: Node) -> None:
    first, second, third = page.with_class("curve-card")
    assert first.all("p")[0].words == (
        "The result of 6.1° is the largest value held for one second. "
        "The table shows the median and the largest value of each whole hold."
    )
    assert not second.all("p")  # neither holds nor repetitions
    assert not third.all("p")  # its measure has no result


def test_the_picture_is_inside_the_page_with_words(page: Node) -> None:
    (image,) = page.all("img")
    assert image.attributes["src"].startswith("data:image/jpeg;base64,")
    assert image.attributes["alt"].startswith("Standing on the left leg at the largest drop. Face blurred")
    assert image in page.with_class("lead")[0].everything()
    assert not article(page, 1).all("img")


def test_a_picture_goes_to_its_own_test_and_side(report: ScreeningReport, series: Series) -> None:
    picture = sample.key_picture()
    moved = KeyPicture("single_leg_stance", "right", 50.0, picture.rgb, picture.pose, "Right leg.")
    page = parse_page(render_html(report, [series], [moved]))
    assert article(page, 2).all("img")
    assert not article(page, 1).all("img")


def test_no_picture_without_pictures(report: ScreeningReport, series: Series) -> None:
    html = render_html(report, [series], [])
    assert "<img" not in html
    assert "data:image" not in html


def test_left_against_right(page: Node) -> None:
    row = section(page, "Left against right").all("tbody")[0].all("tr")[0]
    assert row.words == "Pelvic drop Single-leg stance 6.1° 1.8° 4.3° 2.7° larger than measurement error"


def test_no_comparison_of_sides_without_one(report: ScreeningReport, series: Series) -> None:
    html = render_html(report.model_copy(update={"asymmetry": ()}), [series], [])
    assert "Left against right" not in html


def test_what_could_not_be_measured_has_reason_and_cure(page: Node) -> None:
    items = [item.words for item in section(page, "What could not be measured, and why").all("li")]
    assert items == [
        "Squat: Pelvic drop (not measured): The hips were covered by the arms.",
        "Hip hinge: It could not be measured because the camera saw the person from the front. "
        "Next time: place the camera at your side, 3 m away.",
        "Lunge, right: It was stopped because of pain.",
    ]


def test_a_value_without_a_norm_says_why_it_is_not_compared(page: Node) -> None:
    assert "Not compared: There is no published range for sway from a camera." in page.words


def test_all_measured(report: ScreeningReport, series: Series) -> None:
    page = parse_page(render_html(sample.report(tests=(sample.stance("right"),)), [series], []))
    assert "could not be measured" not in page.words[: page.words.index("How to read this report")]


def test_recording_quality_in_plain_words(page: Node) -> None:
    quality = section(page, "How good was the recording?")
    facts = {row.all("dt")[0].words: row.all("dd")[0].words for row in quality.all("dl")[0].all("div")}
    assert facts == {
        "View": "from the front, body turned 4.2°",
        "Frames a second": "20.0",
        "Share of frames used": "94 %",
        "Camera tilt": "\N{MINUS SIGN}1.3 ± 0.6°, every angle corrected for it (from quiet standing on both legs)",
        "Height of the person in the picture": "388 pixels",
        "Left and right swapped by the tracker": "in 3 frames, corrected",
    }
    assert "The feet left the picture for 1.2 seconds." in quality.words


def test_unknown_quality_is_said_not_guessed(report: ScreeningReport, series: Series) -> None:
    unknown: Quality = report.quality.model_copy(
        update={"camera_roll_source": "none", "subject_height_px": None, "body_turn_deg": None}
    )
    words = section(
        parse_page(render_html(report.model_copy(update={"quality": unknown}), [series], [])),
        "How good was the recording?",
    ).words
    assert "Camera tilt not measured" in words
    assert "not known" in words
    assert "every angle corrected for it" not in words


@pytest.mark.parametrize(("recordings", "title"), [(1, "How good was the recording?"), (2, "How good were the recordings?")])
def test_no_warning_reassures_only_where_every_test_was_assessed(series: Series, recordings: int, title: str) -> None:
    def words(*tests: TestResult) -> str:
        report = sample.report(tests=tests)
        quiet = report.quality.model_copy(update={"warnings": ()})
        facts = (RecordingFacts(source=report.source, quality=quiet),) * recordings if recordings > 1 else ()
        report = report.model_copy(update={"quality": quiet, "recordings": facts})
        return section(parse_page(render_html(report, [series] * recordings, [])), title).words

    reassured = f"The recording{'s' if recordings > 1 else ''} gave no reason for a warning."
    elsewhere = "Why a test was not assessed: see What could not be measured, and why."
    assert words(sample.stance("right"), sample.stopped()).endswith(reassured)
    assert words(sample.stance("right"), sample.not_assessed()).endswith(elsewhere)
    assert reassured not in words(sample.not_assessed())


def test_sources_are_listed_once_with_text_and_link(page: Node) -> None:
    items = section(page, "Where the guide ranges come from").all("li")
    assert [item.attributes["id"] for item in items] == ["source-1", "source-2", "source-3"]
    assert items[0].words == ("Youdas and others 2007, pelvic-on-femoral position https://doi.org/10.1111/example.2007")
    assert [link.attributes["href"] for item in items for link in item.all("a")] == [
        "https://doi.org/10.1111/example.2007",
        "https://example.org/2018",
        "https://doi.org/10.1519/example.2007",
    ]


@pytest.mark.parametrize(
    ("given", "href"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("10.1000/x", "https://doi.org/10.1000/x"),
        ("doi:10.1000/x", "https://doi.org/10.1000/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("", None),
    ],
)
def test_only_web_addresses_and_dois_become_links(given: str, href: str | None) -> None:
    assert source_href(given) == href


def test_references_are_numbered_as_first_cited() -> None:
    found = references([sample.LEAN_NORM, sample.DROP_NORM, sample.LEAN_NORM])
    assert [(entry.number, entry.citation[:6]) for entry in found.values()] == [(1, "Dingen"), (2, "Youdas")]


def test_technical_details(page: Node) -> None:
    words = section(page, "Technical details").words
    for fact in ("0f" * 32, "4e" * 32, "ab" * 32, "2026-11-22T14:05:00+00:00", "screener 1.0.0", "mediapipe 1.2.2"):
        assert fact in words
    assert "640 \N{MULTIPLICATION SIGN} 480 pixels, 19.98 frames a second, 1840 frames, 92.0 s" in words


def test_hostile_texts_stay_text(series: Series, key_picture: KeyPicture) -> None:
    source = Source(citation=HOSTILE, doi_or_url="javascript:alert(1)")
    norm = Norm(within=3, outside=5, unit="deg", population=HOSTILE, source=source)
    bad = sample.drop().model_copy(update={"label": HOSTILE, "statement": HOSTILE, "norm": norm, "reason": HOSTILE})
    test = sample.stance("left").model_copy(
        update={"title": HOSTILE, "summary": HOSTILE, "measures": (bad,), "reason": HOSTILE, "advice": HOSTILE}
    )
    test = test.model_copy(update={"curves": (test.curves[0].model_copy(update={"label": HOSTILE}),)})
    report = sample.report(file=HOSTILE, tests=(test,)).model_copy(update={"headline": HOSTILE, "advice": (HOSTILE,)})
    picture = KeyPicture(key_picture.test, "left", 1.0, key_picture.rgb, key_picture.pose, HOSTILE)
    html = render_html(report, [series], [picture])
    page = parse_page(html)
    assert len(page.all("img")) == 1
    assert not any(name.startswith("on") for node in page.everything() for name in node.attributes)
    assert not any("javascript:" in node.attributes.get("href", "") for node in page.everything())
    assert HOSTILE in page.with_class("lead")[0].words
    assert page.words.count(HOSTILE) > 8
    assert page.all("img")[0].attributes["alt"].startswith(HOSTILE)
    assert section(page, "Technical details").all("dd")[0].words == HOSTILE


def test_language_and_small_screens(page: Node) -> None:
    assert page.all("html")[0].attributes["lang"] == "en"
    viewport = next(node for node in page.all("meta") if node.attributes.get("name") == "viewport")
    assert viewport.attributes["content"] == "width=device-width, initial-scale=1"


def test_reduced_motion_and_print_rules(html: str) -> None:
    assert "prefers-reduced-motion" in html
    assert "@media print" in html
    assert "break-inside: avoid" in html


def test_long_values_wrap_on_small_screens(html: str) -> None:
    small = html[html.index("@media screen and (max-width: 48rem)") : html.index("@media (prefers-reduced-motion")]
    assert ".sides .num { text-align: left; white-space: normal; }" in small
    assert ".value { white-space: normal; }" in small


def test_same_input_same_page(report: ScreeningReport, series: Series, html: str, key_picture: KeyPicture) -> None:
    assert render_html(report, [series], [key_picture]) == html


def test_legend_explains_every_tier(page: Node) -> None:
    terms = [term.words for term in section(page, "How to read this report").all("dt")]
    assert {"High confidence", "Moderate confidence", "Low confidence", "Exploratory", "Points"} <= set(terms)
    assert {"within", "watch", "outside"} <= set(terms)


def test_legend_says_that_firm_is_about_the_guide_line(page: Node) -> None:
    legend = {row.all("dt")[0].words: row.all("dd")[0].words for row in section(page, "How to read this report").all("div")}
    assert "the whole interval lies on one side of the guide line" in legend["Firm, not firm"]
    assert "near the other limit the grade may still change between within and watch" in legend["Firm, not firm"]
    assert "a repeat may give another grade" in legend["watch"]


def test_firm_measure_of_low_grade_reads_firm(series: Series) -> None:
    test = sample.stance("left").model_copy(update={"measures": (sample.drop(9.0, Grade.OUTSIDE, firm=True),)})
    page = parse_page(render_html(sample.report(tests=(test,)), [series], []))
    assert measure(page, 1, 0).with_class("firmness")[0].words == "firm: clear of the guide line of 5°"
