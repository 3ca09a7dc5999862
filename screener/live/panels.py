"""The panel of each stage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from screener.live.capture import CameraState
from screener.live.components import box, button, drawing, items, text, tick
from screener.live.conductor import Conductor
from screener.live.flow import TICKS, Act, Stage, in_order, may_go_back, may_go_on
from screener.live.movements import figure_svg, movement
from screener.live.outcome import PAGE
from screener.live.shown import Shown
from screener.model import Side
from screener.report.icons import icon
from screener.report.photo import picture_card
from screener.report.wording import quantity_with_uncertainty, test_grade
from screener.results import Grade, MeasureResult, Status, TestResult
from screener.tests_clinical import TESTS

__all__ = ["draw", "may_go_on"]

COMMANDS = ("screener live --camera 1", "screener live --camera rtsp://ADDRESS", "screener live --camera FILE.mp4")


def draw(conductor: Conductor, shown: Shown) -> ui.element | None:
    """Draw the panel of the stage; return the button that goes on."""
    missing = shown.camera.state in (CameraState.ABSENT, CameraState.OPENING)
    if shown.state.stage is Stage.CAMERA and missing:
        _no_camera(conductor, shown)
        return None
    return _PANELS[shown.state.stage](conductor, shown)


def _heading(words: str) -> None:
    text("h2", words, id="heading", tabindex="-1")


def _button(conductor: Conductor, what: Act, words: str = "", classes: str = "") -> ui.element:
    return button(words or conductor.language(f"page.{what.value}"), partial(conductor.act, what), classes)


def _next(conductor: Conductor, words: str = "") -> ui.element:
    press = partial(conductor.act, Act.NEXT)
    words = words or conductor.language("page.next")
    return button(words, press, "primary", key=conductor.language("page.space"))


def _no_camera(conductor: Conductor, shown: Shown) -> None:
    words = conductor.language
    absent = shown.camera.state is CameraState.ABSENT
    _heading(words("camera.absent" if absent else "camera.opening"))
    if absent:
        _camera_cure(conductor, shown)
    if may_go_back(shown.state):
        with box("div", "buttons"):
            _button(conductor, Act.BACK)


def _camera_cure(conductor: Conductor, shown: Shown) -> None:
    words = conductor.language
    with box("div", "warning", role="alert"):
        text("p", f"{shown.camera.message} {shown.camera.advice}".strip(), "strong", lang="en")
        if shown.state.given:
            text("p", words("visit.absent_help"))
            return
        text("p", words("camera.absent_help"))
        with box("ul"):
            for command in COMMANDS:
                with box("li"):
                    text("code", command)
        text("p", words("camera.absent_phone"))


def _safety(conductor: Conductor, shown: Shown) -> ui.element:
    words = conductor.language
    _heading(words("safety.heading"))
    if shown.camera.state is CameraState.ABSENT:
        text("p", words("camera.absent"), "strong")
        _camera_cure(conductor, shown)
    with box("div", "columns"):
        with box("div", "stop-list"):
            text("h3", words("safety.stop_heading"))
            for group in ("emergency", "see"):
                text("h4", words(f"safety.{group}_heading"), group)
                items(words.texts[f"safety.{group}"])
        with box("div"):
            with box("fieldset"):
                text("legend", words("safety.tick_heading"))
                for key in TICKS:
                    checked = key in shown.state.ticked
                    tick(words(f"safety.tick.{key}"), partial(conductor.tick, key), key, checked=checked)
            with box("div", "buttons"):
                forward = _next(conductor)
                text("p", words("safety.missing"), "missing")
            text("p", f"{words('safety.sentence')} {words('safety.privacy')}", "sentence")
    return forward


def _choose(conductor: Conductor, shown: Shown) -> ui.element:
    words = conductor.language
    _heading(words("choose.heading"))
    text("p", words("choose.short"))
    with box("div", "buttons"):
        forward = _next(conductor, words("choose.start"))
        _button(conductor, Act.BACK)
        text("p", words("choose.none"), "missing")
        tick(words("choose.easy"), conductor.easy, "easy", checked=shown.state.easy)
    with box("div", "cards"):
        for key in in_order(TESTS):
            _card(conductor, key, checked=key in shown.state.chosen)
    return forward


def _card(conductor: Conductor, key: str, *, checked: bool) -> None:
    words = conductor.language
    with tick(words.title(key), partial(conductor.choose, key), key, checked=checked).classes("card"):
        text("span", words.idea(key), "idea")
        drawing(figure_svg(key, None), "thumb")


def _camera(conductor: Conductor, shown: Shown) -> ui.element:
    words, item = conductor.language, shown.state.item
    _heading(words("camera.next_test", name=words.name(item.test, item.side)))
    how = movement(item.test)
    where = "hint_low" if how.low_camera else "hint_far" if how.starts_far else "hint"
    text("p", words("camera.lost_help" if shown.lost else f"camera.{where}"))
    with box("div", "buttons"):
        forward = _next(conductor, words("camera.anyway"))
        if may_go_back(shown.state):
            _button(conductor, Act.BACK)
        _button(conductor, Act.SKIP)
    return forward


def _example(conductor: Conductor, shown: Shown) -> ui.element:
    words, item = conductor.language, shown.state.item
    _heading(words("example.heading", name=words.name(item.test, item.side)))
    with box("div", "example"):
        drawing(figure_svg(item.test, item.side), "figure")
        with box("div"):
            items(words.steps(item.test, item.side), "ol", "steps")
            if shown.state.easy:
                text("p", words("example.easier", text=words.easier(item.test)), "strong")
    text("p", "", "left", id="left")
    with box("div", "buttons"):
        forward = _next(conductor)
        _button(conductor, Act.WAIT, words("page.go_on" if shown.state.waiting else "page.wait"))
        _button(conductor, Act.BACK)
        _button(conductor, Act.SKIP)
    return forward


def _recording(conductor: Conductor, shown: Shown) -> ui.element:
    """Baseline, countdown and test: the picture says it all, the panel repeats what to do."""
    words, item = conductor.language, shown.state.item
    _heading(words.name(item.test, item.side))
    if shown.lost:
        text("p", words("camera.lost_help"), "strong")
    elif shown.state.stage is Stage.BASELINE:
        text("p", words("baseline.help" if movement(item.test).still_s is None else "baseline.still_help"))
    if shown.state.stage is not Stage.TEST:
        items(words.steps(item.test, item.side)[1:], "ul", "steps")
    with box("div", "buttons"):
        done = words("test.done") if shown.state.stage is Stage.TEST else ""
        forward = _next(conductor, done)
    return forward


def _result(conductor: Conductor, shown: Shown) -> ui.element:
    words, state, outcome = conductor.language, shown.state, shown.outcome
    _heading(words("result.heading", name=words.name(state.item.test, state.item.side)))
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


def _after_result(conductor: Conductor, shown: Shown) -> ui.element:
    words, state, outcome = conductor.language, shown.state, shown.outcome
    coming = "" if state.last else words.name(state.plan[state.number + 1].test, state.plan[state.number + 1].side)
    end = "visit.finish" if state.given else "result.to_report"
    label = words(end) if state.last else words("result.next", name=coming)
    forward = _next(conductor, label)
    _button(conductor, Act.AGAIN)
    if outcome is not None and outcome.scored and not state.stopped:
        _button(conductor, Act.WAIT, words("page.go_on" if state.waiting else "page.wait"))
    if not state.last:
        _button(conductor, Act.FINISH, words("visit.end_here" if state.given else "result.finish"))
    return forward


def _kept(conductor: Conductor, shown: Shown) -> None:
    """Say that a test could not be kept and why, or, in a visit, that it is."""
    words, given = conductor.language, shown.state.given
    if shown.problem:
        text("p", words("visit.failed" if given else "report.failed", reason=shown.problem), "warning", role="alert")
    elif given and shown.outcome:
        text("p", words("visit.saved"), "kept")


def _key_picture(conductor: Conductor, shown: Shown) -> None:
    pictures = shown.outcome.screening.pictures if shown.outcome else ()
    for picture in pictures[:1]:
        card = picture_card(picture)
        with box("figure", "worst"):
            box("img", src=card.data_uri, alt=card.caption)
            text("figcaption", conductor.language("result.worst"))


def _verdict(conductor: Conductor, result: TestResult) -> None:
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
        text("p", f"{result.reason} {result.cure or ''}".strip(), lang="en")
        return
    text("p", result.summary, "summary", lang="en")


def _measures(conductor: Conductor, result: TestResult) -> None:
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


def _grade_words(conductor: Conductor, measure: MeasureResult) -> str:
    words = conductor.language
    if measure.value is None:
        return words("grade.not_measured")
    doubt = "" if measure.firm or measure.grade is Grade.NOT_ASSESSED else f" ({words('grade.not_firm')})"
    return words(f"grade.{measure.grade.value}") + doubt


def _end_of_visit(conductor: Conductor, shown: Shown) -> ui.element:
    """Everything is in the visit, or the page says what is not; the way leads back there."""
    words = conductor.language
    _heading(words("visit.heading"))
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


def _report(conductor: Conductor, shown: Shown) -> ui.element:
    if shown.state.given:
        return _end_of_visit(conductor, shown)
    words, folder = conductor.language, conductor.occasion.keeper.folder
    _heading(words("report.heading"))
    outcomes = [conductor.outcomes[number] for number in sorted(conductor.outcomes)]
    if not outcomes:
        text("p", words("report.none"))
    else:
        _report_table(conductor)
    if shown.problem:
        text("p", words("report.failed", reason=shown.problem), "warning", role="alert")
    elif outcomes and folder is not None:
        text("p", words("report.kept", folder=folder.resolve()), "kept")
    if words("report.english"):
        text("p", words("report.english"))
    text("p", words("safety.sentence"), "sentence")
    with box("div", "buttons"):
        if outcomes and not shown.problem:
            label = f"{words('report.open')} ({words('report.opens')})"
            text("a", label, "button primary", href=f"/report/{PAGE}", target="_blank", rel="noopener")
        _button(conductor, Act.RESTART, words("report.again"))
    return box("span")


def _report_table(conductor: Conductor) -> None:
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


_PANELS: dict[Stage, Callable[[Conductor, Shown], ui.element | None]] = {
    Stage.SAFETY: _safety,
    Stage.CHOOSE: _choose,
    Stage.CAMERA: _camera,
    Stage.EXAMPLE: _example,
    Stage.BASELINE: _recording,
    Stage.COUNTDOWN: _recording,
    Stage.TEST: _recording,
    Stage.RESULT: _result,
    Stage.REPORT: _report,
}
