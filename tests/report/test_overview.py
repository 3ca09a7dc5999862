from __future__ import annotations

from helpers import sample_report as sample
from helpers.page_reading import parse_page
from screener.model.series import Series
from screener.report.overview import ListedReport, render_overview


def test_each_report_is_listed_with_picture_sentence_and_link_refusals_last(series: Series) -> None:
    refused = next(test for test in sample.report().tests if test.key == "hip_hinge")
    empty = sample.report(file="refused.mp4", tests=(refused,))
    empty = empty.model_copy(update={"score": empty.score.model_copy(update={"assessed": 0})})
    good = sample.report(file="anna.mp4", tests=(sample.stance("left"),))
    page = parse_page(
        render_overview(
            "Two clips",
            [
                ListedReport("b/report.html", empty, (series,), ()),
                ListedReport("a/report.html", good, (series,), (sample.key_picture(),)),
            ],
        )
    )
    first, last = page.with_class("overview")[0].all("li")
    assert [one.all("a")[0].attributes["href"] for one in (first, last)] == ["a/report.html", "b/report.html"]
    assert "The pelvis lowered on the lifted side by 6 degrees; up to 5 is usual. Borderline" in first.words
    assert first.all("img")[0].attributes["src"].startswith("data:image/jpeg")
    assert "Not measurable" in last.words
    assert refused.advice is not None
    assert refused.advice in last.words
    assert not last.all("img")
    assert not page.all("script")


def test_texts_of_strangers_stay_text(series: Series) -> None:
    hostile = "<script>alert(1)</script>"
    report = sample.report(file=hostile, tests=(sample.stance("left").model_copy(update={"title": hostile}),))
    page = parse_page(render_overview(hostile, [ListedReport("a/report.html", report, (series,), ())]))
    assert not page.all("script")
    assert page.all("h1")[0].words == hostile
