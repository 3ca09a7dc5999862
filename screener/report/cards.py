"""What each part of the report page shows, gathered from the results; the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from screener.model.picture import KeyPicture
from screener.model.pose import PoseSequence
from screener.model.results import Curve, Grade, MeasureResult, Norm, RecordingFacts, ScreeningReport, Status, TestResult
from screener.model.series import Series
from screener.report.drawing.curve import curve_svg
from screener.report.drawing.photo import PictureCard, picture_card
from screener.report.drawing.picture import pelvis_on_screen_deg
from screener.report.drawing.replay import replay_json
from screener.report.drawing.scale import scale_svg
from screener.report.tables import CurveRow, curve_table, shown_window
from screener.report.wording import WORST_FIRST, measure_grade, result_rule, test_grade


@dataclass(frozen=True)
class CitedSource:
    """A source in the list at the end of the report, with the number by which the measures cite it."""

    number: int
    citation: str
    href: str | None


@dataclass(frozen=True)
class MeasureCard:
    """A measure with its drawn scale and the number of its source."""

    result: MeasureResult
    scale: Markup
    reference: CitedSource | None


@dataclass(frozen=True)
class CurveCard:
    """A curve with the table that says the same in numbers, and how the result is made from it."""

    curve: Curve
    drawing: Markup
    rows: tuple[CurveRow, ...]
    rule: str


@dataclass(frozen=True)
class TestCard:
    """One test on one side with all that is drawn for it."""

    anchor: str
    result: TestResult
    measures: tuple[MeasureCard, ...]
    curves: tuple[CurveCard, ...]
    pictures: tuple[PictureCard, ...]
    replay: Markup


@dataclass(frozen=True)
class UnmeasuredCard:
    """Something that could not be measured."""

    what: str
    reason: str
    advice: str | None


def source_href(doi_or_url: str) -> str | None:
    """Make a link of a DOI or web address; None for anything else, so that no other scheme becomes clickable."""
    address = doi_or_url.strip()
    if address.lower().startswith(("https://", "http://")):
        return address
    doi = address[4:].strip() if address.lower().startswith("doi:") else address
    return f"https://doi.org/{doi}" if doi.startswith("10.") and "/" in doi else None


def references(norms: Iterable[Norm]) -> dict[tuple[str, str], CitedSource]:
    """Give the sources numbers in the order in which they are first cited, each once."""
    found: dict[tuple[str, str], CitedSource] = {}
    for norm in norms:
        key = (norm.source.citation, norm.source.doi_or_url)
        if key not in found:
            found[key] = CitedSource(len(found) + 1, norm.source.citation, source_href(norm.source.doi_or_url))
    return found


def _belongs(picture: KeyPicture, test: TestResult) -> bool:
    return (picture.recording, picture.test, picture.side) == (test.recording, test.key, test.side)


@dataclass(frozen=True)
class ReportPage:
    """The whole report, ready to be laid out."""

    report: ScreeningReport
    series: Sequence[Series]
    pictures: Sequence[KeyPicture]
    poses: Sequence[PoseSequence] = ()

    @cached_property
    def _references(self) -> dict[tuple[str, str], CitedSource]:
        measures = (measure for test in self.report.tests for measure in test.measures)
        return references(measure.norm for measure in measures if measure.norm is not None)

    @property
    def recordings(self) -> tuple[RecordingFacts, ...]:
        """Every recording of the report, also where there is only one."""
        return self.report.recordings or (RecordingFacts(source=self.report.source, quality=self.report.quality),)

    @property
    def subject(self) -> str:
        """What was screened: the name of the one file, or how many recordings."""
        several = self.report.recordings
        return f"{len(several)} recordings" if several else self.report.source.file

    @property
    def sources(self) -> tuple[CitedSource, ...]:
        """All sources of norms, each once."""
        return tuple(self._references.values())

    @cached_property
    def tests(self) -> tuple[TestCard, ...]:
        """One card a test and side, in the order of the report."""
        return tuple(self._card(number, test) for number, test in enumerate(self.report.tests, start=1))

    @property
    def lead(self) -> TestCard | None:
        """The test that the first screen is about: the first one with the worst grade; None without tests."""
        return min(self.tests, key=lambda card: WORST_FIRST.index(test_grade(card.result)), default=None)

    @property
    def all_assessed(self) -> bool:
        """Whether every test could be assessed, or was stopped on purpose."""
        return all(test.status is not Status.NOT_ASSESSED for test in self.report.tests)

    @property
    def unmeasured(self) -> tuple[UnmeasuredCard, ...]:
        """Tests that were not assessed, and measures that should have been graded and were not."""
        found: list[UnmeasuredCard] = []
        for test in self.report.tests:
            if test.reason is not None:
                found.append(UnmeasuredCard(self._name(test), test.reason, test.advice))
            advice = test.advice if test.reason is None else None
            for measure in test.measures:
                shown_only = measure.value is not None and measure.norm is None
                if measure.grade is Grade.NOT_ASSESSED and measure.reason is not None and not shown_only:
                    what = f"{self._name(test)}: {measure.label} ({measure_grade(measure)})"
                    found.append(UnmeasuredCard(what, measure.reason, advice))
        return tuple(found)

    def title_of(self, test_key: str) -> str:
        """Title of a test by its key."""
        return next((test.title for test in self.report.tests if test.key == test_key), test_key)

    @staticmethod
    def _name(test: TestResult) -> str:
        return test.title if test.side == "both" else f"{test.title}, {test.side}"

    def _card(self, number: int, test: TestResult) -> TestCard:
        return TestCard(
            f"test-{number}",
            test,
            tuple(self._measure_card(measure) for measure in test.measures),
            tuple(self._curve_card(test, curve) for curve in test.curves),
            tuple(picture_card(picture, self._pelvis_deg(picture)) for picture in self.pictures if _belongs(picture, test)),
            self._replay(test),
        )

    def _replay(self, test: TestResult) -> Markup:
        """Skeleton over time for the page's script; empty where there are no poses, or nothing to tie them to."""
        if not self.poses or not test.curves:
            return Markup("")
        series = self.series[test.recording]
        window = shown_window(test, series)
        quality = self.recordings[test.recording].quality
        return Markup(replay_json(test, self.poses[test.recording], series, quality, window) if window else "")

    def _pelvis_deg(self, picture: KeyPicture) -> float:
        quality = self.recordings[picture.recording].quality
        return pelvis_on_screen_deg(self.series[picture.recording], quality, picture.time_s)

    def _measure_card(self, measure: MeasureResult) -> MeasureCard:
        norm = measure.norm
        reference = self._references[norm.source.citation, norm.source.doi_or_url] if norm else None
        return MeasureCard(measure, Markup(scale_svg(measure)), reference)

    def _curve_card(self, test: TestResult, curve: Curve) -> CurveCard:
        series = self.series[test.recording]
        drawing = Markup(curve_svg(test, curve, series))
        return CurveCard(curve, drawing, curve_table(test, curve, series), result_rule(test, curve))
