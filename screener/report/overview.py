"""One page over several reports: picture, sentence and link of each, what could not be measured last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from screener.model.picture import KeyPicture
from screener.model.results import ScreeningReport
from screener.model.series import Series
from screener.report.cards import ReportPage
from screener.report.page import environment
from screener.report.style import page_style


@dataclass(frozen=True)
class ListedReport:
    """A report of the list.

    Attributes
    ----------
    href : str
        Address of its page, relative to the overview.
    report, series, pictures
        As for `render_html`.
    """

    href: str
    report: ScreeningReport
    series: Sequence[Series]
    pictures: Sequence[KeyPicture]

    @property
    def page(self) -> ReportPage:
        """The report as its own page shows it."""
        return ReportPage(self.report, tuple(self.series), tuple(self.pictures))


def render_overview(title: str, listed: Sequence[ListedReport]) -> str:
    """Lay several reports out as one page of links.

    Parameters
    ----------
    title : str
        Of the page.
    listed : sequence of ListedReport
        Those with a result come first, in their order; an honest refusal is an example, not the answer.

    Returns
    -------
    str
        A self-contained HTML document.
    """
    style = page_style()
    rows = sorted(listed, key=lambda one: one.report.score.assessed == 0)
    return environment().get_template("overview.html.j2").render(title=title, listed=rows, style=Markup(style))
