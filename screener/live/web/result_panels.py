"""The panels of what became of it: the result of a test, and the end of all tests."""

from __future__ import annotations

from nicegui import ui

from screener.live.controller import LiveController
from screener.live.guide.flow import Act
from screener.live.guide.view_state import ViewState
from screener.live.results.outcome import PAGE
from screener.live.web.controls import act_button, heading, next_button
from screener.live.web.widgets import box, button, drawing, text
from screener.model.pose import Side
from screener.model.results import MeasureResult, Status, TestResult
from screener.report.drawing.icons import icon
from screener.report.drawing.photo import picture_card
from screener.report.drawing.picture import pelvis_on_screen_deg
from screener.report.wording import quantity_with_uncertainty, test_grade


def result(conductor: LiveController, shown: ViewState) -> ui.element:
    """Draw what became of a test; return the button that goes on."""
    words, state, outcome = conductor.language, shown.state, shown.outcome
    heading(words("result.heading", name=words.name(state.item.test, state.item.side)))
    results = outcome.screening.report.tests if outcome else ()
    with box("div", "outcome"):
        _key_picture(conductor, shown)
        with box("div"):
            for result in results:
                _verdict(conductor, result)
            _kept(conductor, shown)
            with box("div", "buttons"):
                forward = _after_result(conductor, shown)
            text("p", "", "left", id="left")
            for result in results:
                _measures(conductor, result)
    return forward


def _after_result(conductor: LiveController, shown: ViewState) -> ui.element:
    words, state, outcome = conductor.language, shown.state, shown.outcome
    coming = "" if state.last else words.name(state.plan[state.number + 1].test, state.plan[state.number + 1].side)
    end = "visit.finish" if state.given else "result.to_report"
    label = words(end) if state.last else words("result.next", name=coming)
    forward = next_button(conductor, label)
    act_button(conductor, Act.AGAIN)
    if outcome is not None and outcome.scored and not state.stopped:
        act_button(conductor, Act.WAIT, words("page.go_on" if state.waiting else "page.wait"))
    if not state.last:
        act_button(conductor, Act.FINISH, words("visit.end_here" if state.given else "result.finish"))
    return forward


def _kept(conductor: LiveController, shown: ViewState) -> None:
    """Say that a test could not be kept and why, or, in a visit, that it is."""
    words, given = conductor.language, shown.state.given
    if shown.problem:
        text("p", words("visit.failed" if given else "report.failed", reason=shown.problem), "warning", role="alert")
    elif given and shown.outcome:
        text("p", words("visit.saved"), "kept")


def _key_picture(conductor: LiveController, shown: ViewState) -> None:
    if not shown.outcome:
        return
    screening = shown.outcome.screening
    for picture in screening.pictures[:1]:
        card = picture_card(picture, pelvis_on_screen_deg(screening.series, screening.report.quality, picture.time_s))
        with box("figure", "worst"):
            box("img", src=card.data_uri, alt=card.caption)
            text("figcaption", conductor.language("result.worst"))


def _verdict(conductor: LiveController, result: TestResult) -> None:
    words = conductor.language
    if result.status is Status.STOPPED:
        text("p", words("result.stopped"), "verdict")
        text("p", words("result.stopped_help"))
        return
    points = words("result.points", points=result.score) if result.score is not None else words("result.no_points")
    with box("p", f"verdict grade {test_grade(result).value}"):
        drawing(icon(test_grade(result)), "sign")
        text("span", points)
    if result.status is Status.NOT_ASSESSED:
        text("p", words("result.not_assessed"), "strong")
        text("p", f"{result.reason} {result.advice or ''}".strip(), lang="en")
        return
    text("p", result.summary, "summary", lang="en")


def _measures(conductor: LiveController, result: TestResult) -> None:
    words = conductor.language
    if not result.measures:
        return
    with box("table", "measures"):
        with box("thead"), box("tr"):
            for head in ("measure", "value", "grade"):
                text("th", words(f"result.{head}"), scope="col")
        with box("tbody"):
            for measure in result.measures:
                with box("tr"):
                    text("th", words.measure(measure.key, measure.label), scope="row")
                    text("td", quantity_with_uncertainty(measure.value, measure.uncertainty, measure.unit))
                    with box("td", f"grade {measure.grade.value}"):
                        drawing(icon(measure.grade), "sign")
                        text("span", _grade_words(conductor, measure))


def _grade_words(conductor: LiveController, measure: MeasureResult) -> str:
    words = conductor.language
    if measure.value is None:
        return words("grade.not_measured")
    doubt = "" if measure.firm or not measure.grade.decided else f" ({words('grade.not_firm')})"
    return words(f"grade.{measure.grade.value}") + doubt


def _end_of_visit(conductor: LiveController, shown: ViewState) -> ui.element:
    """Everything is in the visit, or the page says what is not; the way leads back there."""
    words = conductor.language
    heading(words("visit.heading"))
    if conductor.outcomes:
        _report_table(conductor)
        _kept(conductor, shown)
    else:
        text("p", words("report.none"))
    text("p", words("safety.sentence"), "sentence")
    with box("div", "buttons"):
        if shown.problem:
            button(words("visit.again"), conductor.keep_again, "primary")
        text("a", words("visit.back"), "button" if shown.problem else "button primary", href=conductor.occasion.home)
    return box("span")


def report(conductor: LiveController, shown: ViewState) -> ui.element:
    """Draw the end of all."""
    if shown.state.given:
        return _end_of_visit(conductor, shown)
    words, folder = conductor.language, conductor.occasion.keeper.folder
    heading(words("report.heading"))
    outcomes = [conductor.outcomes[number] for number in sorted(conductor.outcomes)]
    if not outcomes:
        text("p", words("report.none"))
    else:
        _report_table(conductor)
    _kept(conductor, shown)
    if outcomes and folder is not None and not shown.problem:
        text("p", words("report.kept", folder=folder.resolve()), "kept")
    if words("report.english"):
        text("p", words("report.english"))
    text("p", words("safety.sentence"), "sentence")
    with box("div", "buttons"):
        if outcomes and not shown.problem:
            label = f"{words('report.open')} ({words('report.opens')})"
            text("a", label, "button primary", href=f"/report/{PAGE}", target="_blank", rel="noopener")
        act_button(conductor, Act.RESTART, words("report.again"))
    return box("span")


def _report_table(conductor: LiveController) -> None:
    words = conductor.language
    with box("table", "measures"):
        with box("thead"), box("tr"):
            for head in ("test", "points", "result"):
                text("th", words(f"report.{head}"), scope="col")
        with box("tbody"):
            for number in sorted(conductor.outcomes):
                outcome = conductor.outcomes[number]
                for result in outcome.screening.report.tests:
                    with box("tr"):
                        with box("th", scope="row"):
                            side = Side(result.side) if result.side != "both" else None
                            name = words.name(result.key, side)
                            if conductor.occasion.keeper.folder is None:
                                text("span", name)
                            else:
                                text("a", name, href=f"/report/{outcome.folder}/{PAGE}", target="_blank", rel="noopener")
                        text("td", "–" if result.score is None else words("result.points", points=result.score))
                        with box("td", f"grade {test_grade(result).value}"):
                            drawing(icon(test_grade(result)), "sign")
                            text("span", result.summary, lang="en")
