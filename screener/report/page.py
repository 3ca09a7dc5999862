"""The report as one page: no network, no script, nothing outside the file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from screener.model.picture import KeyPicture
from screener.model.pose import PoseSequence
from screener.model.results import Grade, ScreeningReport
from screener.model.series import Series
from screener.report import wording
from screener.report.cards import ReportPage
from screener.report.drawing.icons import icon
from screener.report.letterhead import Letterhead
from screener.report.style import page_style

PACKAGE = "screener.report"


@cache
def environment() -> Environment:
    """The templates of the pages, everything in them escaped."""
    made = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(words=wording, icon=icon, Grade=Grade)
    return made


@cache
def _script() -> str:
    return files(PACKAGE).joinpath("templates", "replay.js").read_text(encoding="utf-8")


@cache
def script_hash() -> str:
    """The page's only script as a policy names it; no other may run."""
    return f"'sha256-{b64encode(sha256(_script().encode()).digest()).decode()}'"


def render_html(
    report: ScreeningReport,
    series: Sequence[Series],
    pictures: Sequence[KeyPicture],
    letterhead: Letterhead | None = None,
    poses: Sequence[PoseSequence] = (),
) -> str:
    """Lay the report out as a page.

    Parameters
    ----------
    report : ScreeningReport
        All results; any text in it may come from a stranger and is escaped.
    series : sequence of Series
        The time series the curves are drawn from, one a recording.
    pictures : sequence of KeyPicture
        Frames of the key moments; faces are blurred here. Empty for a report without pictures.
    letterhead : Letterhead, optional
        Of a practice, on top of the page.
    poses : sequence of PoseSequence
        One a recording, for the replay of the skeleton; none for a report without.

    Returns
    -------
    str
        A self-contained HTML document.
    """
    style = page_style()
    page = ReportPage(report, tuple(series), tuple(pictures), tuple(poses))
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            report=report,
            letterhead=letterhead,
            style=Markup(style),
            script=Markup(_script()),
            script_hash=script_hash(),
        )
    )
