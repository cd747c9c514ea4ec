"""report.pdf: page 1 stands alone, the following pages hold trend, detail and the event log."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepInFrame, PageBreak, PageTemplate, Spacer

from exomonitor.exports import report_blocks as blocks
from exomonitor.exports.local_time import local
from exomonitor.exports.material import Material
from exomonitor.exports.report_audit import audit_lines
from exomonitor.exports.report_emergency import title
from exomonitor.exports.report_reactions import reactions
from exomonitor.exports.report_series import Picture, picture
from exomonitor.exports.report_style import (
    BODY_HEIGHT,
    BOLD,
    FAINT,
    FOOTER,
    HEAD,
    INK,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PLAIN,
    SIMULATED_BLUE,
    TINY,
    WIDTH,
    para,
    use_fonts,
)
from exomonitor.exports.report_trend import FULL_TREND, SMALL_TREND, trend
from exomonitor.exports.session_json import statements

# (audit lines, reactions, height of the trend): the first page takes the roomiest that fits.
_LAYOUTS = (
    (12, 3, 52 * mm),
    (8, 3, 44 * mm),
    (5, 2, 40 * mm),
    (3, 2, 36 * mm),
    (2, 2, 34 * mm),
    (2, 2, 31 * mm),
    (2, 1, 34 * mm),
)
_FULL_TREND_HEIGHT = 150 * mm
TAG_WIDTH, _APART, _SMALLEST = 36 * mm, 2 * mm, 6.0


def report_pdf(material: Material) -> bytes:
    """The report as a PDF; the same material gives the same bytes."""
    use_fonts()
    drawn = picture(material)
    page = io.BytesIO()
    document = BaseDocTemplate(
        page,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=f"{title(material)} {material.state.study_id}",
        author=material.program,
        invariant=1,
        pageCompression=1,
    )
    body = Frame(MARGIN, FOOTER, WIDTH, BODY_HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate("page", [body])])
    story = [_first_page(material, drawn), PageBreak(), *_following(material, drawn)]
    document.build(story, canvasmaker=partial(_PagedCanvas, dress=partial(_dress, material)))
    return page.getvalue()


def _first_page(material: Material, drawn: Picture) -> Flowable:
    """The roomiest layout that fits; beyond the last one everything is drawn smaller rather than left out."""
    story: list[Flowable] = []
    for lines, most, height in _LAYOUTS:
        story = _first_story(material, drawn, lines, most, height)
        if _height(story) <= BODY_HEIGHT:
            break
    return KeepInFrame(WIDTH, BODY_HEIGHT, story, mode="shrink")


def _first_story(material: Material, drawn: Picture, lines: int, most: int, height: float) -> list[Flowable]:
    if material.state.is_emergency:
        return [
            *blocks.identity_block(material),
            *blocks.verdict_block(material),
            *blocks.emergency_block(material),
            *(blocks.grid_block(material) if material.state.observations else []),
            Spacer(1, 3),
            trend(material, drawn, SMALL_TREND, WIDTH, height),
            *blocks.reaction_block(reactions(material, drawn), most, material.summary.entries_lost),
            *blocks.alarm_block(material),
            *blocks.audit_block(material, lines),
            *blocks.signature_block(material),
        ]
    return [
        *blocks.identity_block(material),
        *blocks.verdict_block(material),
        *blocks.given_block(material),
        *blocks.grid_block(material),
        Spacer(1, 3),
        trend(material, drawn, SMALL_TREND, WIDTH, height),
        *blocks.reaction_block(reactions(material, drawn), most, material.summary.entries_lost),
        *blocks.alarm_block(material),
        *blocks.after_block(material),
        *blocks.audit_block(material, lines),
        *blocks.signature_block(material),
    ]


def _height(story: list[Flowable]) -> float:
    return sum(flowable.wrap(WIDTH, BODY_HEIGHT)[1] + flowable.getSpaceBefore() + 1 for flowable in story)


def _following(material: Material, drawn: Picture) -> list[Flowable]:
    return [
        para("Trend", HEAD),
        trend(material, drawn, FULL_TREND, WIDTH, _FULL_TREND_HEIGHT),
        *blocks.reaction_details(reactions(material, drawn)),
        *blocks.audit_details(audit_lines(material)),
        *blocks.log_block(material),
    ]


class _PagedCanvas(Canvas):
    """Knows how many pages there are before it dresses the first one."""

    def __init__(self, *args: Any, dress: Callable[[Canvas, int, int], None], **options: Any) -> None:
        super().__init__(*args, **{**options, "initialFontName": PLAIN})
        self._dress = dress
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page until the number of pages is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        """Write every page with its header and footer."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._dress(self, number, len(self._pages))
            super().showPage()
        super().save()


def _dress(material: Material, canvas: Canvas, number: int, total: int) -> None:
    """Header and footer of one page: what it is, SIMULATED, the two statements, page x of y."""
    top = PAGE_HEIGHT - 9 * mm
    canvas.setFillColor(INK)
    kind = "identified export" if material.identified else "de-identified export"
    kind += ", RECORD DAMAGED" if material.damage.sentence else ""
    day = local((material.state.started or material.state.opened).utc, material.tz).strftime("%Y-%m-%d")
    of_page = f"{day}   {kind}   page {number} of {total}"
    left, right = f"{title(material)}  {material.state.study_id}", PAGE_WIDTH - MARGIN - stringWidth(of_page, PLAIN, 7)
    size, tag = head_fits(left, right)
    canvas.setFont(BOLD, size)
    canvas.drawString(MARGIN, top, left)
    canvas.setFont(PLAIN, 7)
    canvas.drawRightString(PAGE_WIDTH - MARGIN, top, of_page)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.8)
    canvas.line(MARGIN, top - 3.2 * mm, PAGE_WIDTH - MARGIN, top - 3.2 * mm)
    if material.state.simulated:
        _simulated(canvas, tag, top - 1.6 * mm, TAG_WIDTH, 5.4 * mm)
    _footer(material, canvas)


def head_fits(left: str, right: float) -> tuple[float, float]:
    """In points: the size of the words at the left of the head, and where SIMULATED begins, so that neither touches
    the other nor what begins at `right`. A session whose first entry is lost bears its long id."""
    size = 11.0
    while size > _SMALLEST and MARGIN + stringWidth(left, BOLD, size) + _APART + TAG_WIDTH + _APART > right:
        size -= 0.5
    return size, min((PAGE_WIDTH - TAG_WIDTH) / 2, right - _APART - TAG_WIDTH)


def _footer(material: Material, canvas: Canvas) -> None:
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, FOOTER - 1 * mm, PAGE_WIDTH - MARGIN, FOOTER - 1 * mm)
    not_approved, secondary = statements(material)
    words = para(f"{secondary}. {not_approved}" if not secondary.endswith(".") else f"{secondary} {not_approved}", TINY)
    _, height = words.wrap(WIDTH, FOOTER)
    words.drawOn(canvas, MARGIN, FOOTER - 1.8 * mm - height)
    canvas.setFont(PLAIN, 5.3)
    canvas.setFillColor(FAINT)
    made = local(material.made.utc, material.tz).strftime("%Y-%m-%d %H:%M:%S")
    simulated = "   SIMULATED" if material.state.simulated else ""
    canvas.drawString(
        MARGIN, 4 * mm, f"{material.program}   exported {made} ({material.tz})   record {material.head}{simulated}"
    )


def _simulated(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """The word on a blue and white hatch."""
    canvas.saveState()
    ends = canvas.beginPath()
    ends.rect(x, y, 4 * mm, height)
    ends.rect(x + width - 4 * mm, y, 4 * mm, height)
    canvas.saveState()
    canvas.clipPath(ends, stroke=0, fill=0)
    canvas.setStrokeColor(SIMULATED_BLUE)
    canvas.setLineWidth(2.2)
    slant = x - height
    while slant < x + width:
        canvas.line(slant, y, slant + height, y + height)
        slant += 6
    canvas.restoreState()
    canvas.setFillColor(SIMULATED_BLUE)
    canvas.setFont(BOLD, 11)
    canvas.drawCentredString(x + width / 2, y + 1.5 * mm, "SIMULATED")
    canvas.restoreState()
