"""What is said first is never what is cut."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

from tests.ui.image_compare import Pixels, as_pixels
from ui.theme import DARK
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
