"""What is painted first: before anything heavy is imported, and it never looks like a patient without alarms."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.ui.image_compare import as_pixels
from ui.opening import WORDS, show_opening

ROOT = Path(__file__).parents[2]
_HEAVY = ("sqlalchemy", "numpy", "pyqtgraph", "reportlab", "exomonitor.engine", "ui.main_window")
_ASK = f"""
import sys
import main
from ui.opening import show_opening
opening = show_opening()
print([name for name in {_HEAVY!r} if name in sys.modules])
"""
_WEIGHTS = """
from ui.opening import show_opening
from ui.theme import FAMILY, THEMES, apply
from PySide6.QtGui import QFontDatabase
opening = show_opening()
apply(opening.app, THEMES["dark"])
print(sorted(QFontDatabase.styles(FAMILY)))
"""


def _said(program: str) -> str:
    told = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=told, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_nothing_heavy_is_imported_before_it_is_painted():
    assert _said(_ASK) == "[]"


def test_the_window_after_it_has_every_weight_of_the_letters():
    """With the regular weight alone no number of the live page is bold."""
    assert _said(_WEIGHTS) == "['Bold', 'Medium', 'Regular', 'Semi Bold']"


def test_it_is_painted_at_once_and_says_that_nothing_is_watched(qtbot):
    opening = show_opening()
    qtbot.addWidget(opening)
    assert opening.isVisible()
    assert "Nothing is watched yet" in WORDS
    assert WORDS in opening.accessibleName()
    assert as_pixels(opening.grab().toImage()).max() > 200
    opening.end()
    assert not opening.isVisible()
