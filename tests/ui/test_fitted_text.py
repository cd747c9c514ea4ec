"""What is said first is never what is cut."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from tests.ui.image_compare import Pixels, as_pixels
from ui.pages.session.live_cards import SMALLEST_LINE, NextCard
from ui.presenters.next_step import NextView
from ui.theme import DARK, apply
from ui.widgets.text import BOLD, Fitted


def test_a_text_that_fits_at_no_size_shows_its_beginning(qtbot):
    def seen(text: str) -> Pixels:
        shown = Fitted(DARK, 14, 14)
        qtbot.addWidget(shown)
        shown.set_text(text)
        metrics = QFontMetrics(DARK.font(14, BOLD))
        shown.resize(metrics.horizontalAdvance("NO SOUND") + 4, metrics.height())
        return as_pixels(shown.grab().toImage())

    assert (seen("NO SOUND watch the screen") == seen("NO SOUND")).all()
    assert (seen("NO SOUND") != seen("")).any()


def test_of_the_longest_line_of_what_is_next_nothing_is_cut(qtbot):
    asks = "Several pumps are on the link: choose the product's pump (Alt+6)"
    away = "Patient away 12:34: on return line, site, sensors, one set (F10)"
    line = f"Look at the patient, then BP · {asks} · {away} · pump rate is not as planned (F9)"
    theme, app = DARK.scaled_for(1366, 768), QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, theme)
    card = NextCard(theme)
    qtbot.addWidget(card)
    card.show_view(NextView(line, "set +30 in 12:12 at 14:34 · at least 4 sets done", "pump", "Say what it was", True))
    card.resize(theme.px(642), card.height())
    card.show()
    shown = card.findChild(Fitted)
    assert shown is not None
    assert shown.text() == line
    font = theme.font(24, BOLD)
    font.setPixelSize(theme.px(SMALLEST_LINE))
    room = QRect(0, 0, shown.width(), shown.height())
    needed = QFontMetrics(font).boundingRect(room, int(Qt.TextFlag.TextWordWrap), line)
    assert needed.height() <= room.height()
