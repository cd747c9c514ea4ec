"""Fonts, sizes and greys of the report: readable in black and white, every sign embedded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 10 * mm
WIDTH = PAGE_WIDTH - 2 * MARGIN
HEADER, FOOTER = 15 * mm, 19 * mm
BODY_HEIGHT = PAGE_HEIGHT - HEADER - FOOTER

RULE, SHADE, INK, FAINT = (
    colors.HexColor("#777777"),
    colors.HexColor("#ececec"),
    colors.black,
    colors.HexColor("#555555"),
)
SIMULATED_BLUE = colors.HexColor("#1f4e9c")
GRID_LINE = (0.3, colors.HexColor("#aaaaaa"))
MOST_IN_A_CELL = 900
"""A longer text goes on in the next row: one row must fit on a page."""


@cache
def use_fonts() -> None:
    """Make the two faces known to reportlab, once."""
    for face in (PLAIN, BOLD):
        with as_file(files("resources") / "fonts" / f"{face}.ttf") as path:
            pdfmetrics.registerFont(TTFont(face, str(path)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def style(size: float, *, bold: bool = False, leading: float | None = None, before: float = 0) -> ParagraphStyle:
    """A paragraph style of this size in points."""
    return ParagraphStyle(
        f"{'b' if bold else 'p'}{size}",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=leading or size * 1.18,
        spaceBefore=before,
        spaceAfter=before / 2,
        splitLongWords=1,
    )


TEXT, SMALL, TINY, HEAD = style(6.6), style(5.9), style(5.3), style(8, bold=True, before=3)
SMALL_BOLD, VERDICT = style(5.9, bold=True), style(9, bold=True)


def para(text: str, how: ParagraphStyle = TEXT) -> Paragraph:
    """Plain text as a paragraph; nothing in it is taken for markup."""
    return Paragraph(escape(text).replace("\n", "<br/>"), how)


def labelled(label: str, text: str, how: ParagraphStyle = TEXT) -> Paragraph:
    """`Label: text` with the label in bold."""
    return Paragraph(f'<font name="{BOLD}">{escape(label)}:</font> {escape(text)}', how)


def facts_table(
    facts: Sequence[tuple[str, str]], columns: int, how: ParagraphStyle = TEXT, width: float = WIDTH
) -> Table:
    """Labelled facts side by side, read across."""
    cells: list[Flowable | str] = [labelled(label, text, how) for label, text in facts]
    cells += [""] * (-len(cells) % columns)
    rows = [cells[n : n + columns] for n in range(0, len(cells), columns)] or [[""] * columns]
    return Table(rows, colWidths=[width / columns] * columns, style=tight(), hAlign="LEFT")


def tight(*more: Any) -> TableStyle:
    """A table without air, with what else is asked for."""
    return TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), PLAIN),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 1.5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1.5),
            ("TOPPADDING", (0, 0), (-1, -1), 0.7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0.7),
            *more,
        ]
    )


def ruled_table(heading: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """A table with a shaded heading that is repeated on every page."""
    cells = [[para(text, SMALL_BOLD) for text in heading], *([para(text, SMALL) for text in row] for row in rows)]
    return Table(
        cells,
        colWidths=list(widths),
        repeatRows=1,
        hAlign="LEFT",
        style=tight(("GRID", (0, 0), (-1, -1), *GRID_LINE), ("BACKGROUND", (0, 0), (-1, 0), SHADE)),
    )


def pieces(text: str) -> list[str]:
    """A long text in parts that each fit into a row."""
    return [text[n : n + MOST_IN_A_CELL] for n in range(0, len(text), MOST_IN_A_CELL)] or [""]
