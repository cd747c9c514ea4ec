"""Colours by role, sizes and fonts of the screen, and the style sheet made from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib import resources

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from exomonitor.alarms.limits import Priority

FAMILY = "Inter"
_FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf")
_BASE_WIDTH, _BASE_HEIGHT = 1366, 768
_LEAST_WIDTH, _LEAST_HEIGHT = 1024, 700
_WHOLE_WIDTH, _WHOLE_HEIGHT = 1350, 730
"""The layout less the frame and the title bar that a window has where it is not maximized."""
TOUCH = 44
"""The smallest side of anything that is touched, in pixels of the 1366x768 layout."""
GLOVED = 58
"""The same on the pages of a running session: 14.7 mm on a screen of 15.6 inches, 345 mm wide."""

FINE = 22
"""Letters whose capitals are 4 mm high on that screen: the least for limits and ages."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. Colours are #rrggbb by role; red, yellow and cyan fills belong to active alarms alone."""

    name: str
    bg: str
    panel: str
    raised: str
    border: str
    strong_border: str
    text: str
    dim: str
    hr: str
    spo2: str
    resp: str
    nibp: str
    temp: str
    rate: str
    track: str
    accent: str
    accent_border: str
    accent_text: str
    chosen: str
    chosen_text: str
    focus: str
    reaction: str
    reaction_text: str
    error: str
    alarm_high: str = "#c62828"
    alarm_high_text: str = "#ffffff"
    alarm_medium: str = "#f2c21a"
    alarm_medium_text: str = "#14120a"
    alarm_low: str = "#35c3d8"
    alarm_low_text: str = "#06181c"
    sim_blue: str = "#1d4ed8"
    sim_white: str = "#ffffff"
    scale: float = 1.0
    whole: float = 1.0
    """The scale without regard to a strip above the window: what has a least size in millimetres follows this."""

    def px(self, pixels: float) -> int:
        """A length of the 1366x768 layout in pixels of this screen."""
        return max(1, round(pixels * self.scale))

    def font(self, pixels: float, weight: QFont.Weight = QFont.Weight.Normal, *, tabular: bool = False) -> QFont:
        """The screen's font with letters of `pixels` (of the 1366x768 layout); tabular = digits of one width."""
        font = QFont(FAMILY)
        font.setPixelSize(self.px(pixels))
        font.setWeight(weight)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def fine_font(self, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """For limits and ages: capitals and figures 4 mm high on a screen of 15.6 inches, whatever else is shown."""
        font = self.font(FINE, weight, tabular=True)
        font.setPixelSize(max(font.pixelSize(), math.ceil(FINE * self.whole)))
        return font

    def alarm_fill(self, priority: Priority) -> str:
        """The fill of an active alarm."""
        return {Priority.HIGH: self.alarm_high, Priority.MEDIUM: self.alarm_medium}.get(priority, self.alarm_low)

    def alarm_text(self, priority: Priority) -> str:
        """The text on that fill."""
        return {Priority.HIGH: self.alarm_high_text, Priority.MEDIUM: self.alarm_medium_text}.get(
            priority, self.alarm_low_text
        )

    def scaled_for(self, width: int, height: int, strip: int = 0, ratio: float = 1.0) -> Theme:
        """This look for a window of that size: everything grows with it, and never below the 1366x768 layout. `strip`:
        pixels of that layout that lie above it; for them everything grows smaller where there is no room. `ratio`:
        pixels of the screen to one of the window; where there are more, a smaller number is as large to the eye."""
        high = _BASE_HEIGHT + strip
        least, finer = _BASE_HEIGHT / high, max(1.0, ratio)
        whole = max(1.0 / finer, min(width / _BASE_WIDTH, height / _BASE_HEIGHT, 2.5))
        return replace(self, scale=max(least / finer, min(width / _BASE_WIDTH, height / high, 2.5)), whole=whole)

    @property
    def least_window(self) -> tuple[int, int]:
        """Width and height below which a window does not go. On a screen that is larger than the layout all of this
        look stays whole: what was made for the large screen would be cramped in a small window."""
        wide, high = (_WHOLE_WIDTH, _WHOLE_HEIGHT) if self.scale > 1.0 else (_LEAST_WIDTH, _LEAST_HEIGHT)
        return self.px(wide), self.px(high)

    def qss(self) -> str:
        """The style sheet of the whole program."""
        return _QSS.format(
            t=self,
            pad=self.px(10),
            radius=self.px(6),
            touch=self.px(TOUCH),
            inside=self.px(TOUCH) - 2,
            tall=self.px(GLOVED) - 2,
            tall_inside=self.px(GLOVED) - 4,
            bar=self.px(14),
            cell=self.px(4),
        )


DARK = Theme(
    name="dark", bg="#0f1215", panel="#171c22", raised="#20272f", border="#2c343e", strong_border="#566271",
    text="#eef1f6", dim="#a3adba", hr="#4ade80", spo2="#46cfee", resp="#d9d49f", nibp="#f4f6f9", temp="#e6d6f5",
    rate="#b196fb", track="#22303b", accent="#25447c", accent_border="#5b8def", accent_text="#ffffff",
    chosen="#e9edf5", chosen_text="#10151b", focus="#7fb0ff", reaction="#ffffff", reaction_text="#10151b",
    error="#ffb4a8",
)  # fmt: skip
LIGHT = Theme(
    name="light", bg="#e9edf2", panel="#ffffff", raised="#f1f4f8", border="#c3cbd6", strong_border="#6b7685",
    text="#11161d", dim="#4c5664", hr="#0b6b33", spo2="#0b6280", resp="#665c12", nibp="#11161d", temp="#57307f",
    rate="#5a3cc0", track="#d7dee7", accent="#1f4f9e", accent_border="#173c78", accent_text="#ffffff",
    chosen="#1b232d", chosen_text="#ffffff", focus="#1d63d8", reaction="#ffffff", reaction_text="#10151b",
    error="#9c1f10",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def load_fonts() -> None:
    """Make the bundled font known to Qt; without its files the system's own font stands in."""
    if "Bold" in QFontDatabase.styles(FAMILY):  # the opening screen has loaded the regular weight alone
        return
    folder = resources.files("resources") / "fonts"
    for name in _FONT_FILES:
        QFontDatabase.addApplicationFontFromData((folder / name).read_bytes())


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole program in this look; a look that is on already costs nothing."""
    load_fonts()
    sheet = theme.qss()
    if app.styleSheet() == sheet:  # setting it again would dress every widget there is once more
        return
    app.setStyle("Fusion")
    app.setFont(theme.font(15))
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, theme.bg),
        (QPalette.ColorRole.Base, theme.panel),
        (QPalette.ColorRole.AlternateBase, theme.raised),
        (QPalette.ColorRole.Button, theme.raised),
        (QPalette.ColorRole.WindowText, theme.text),
        (QPalette.ColorRole.Text, theme.text),
        (QPalette.ColorRole.ButtonText, theme.text),
        (QPalette.ColorRole.PlaceholderText, theme.dim),
        (QPalette.ColorRole.Highlight, theme.accent_border),
        (QPalette.ColorRole.HighlightedText, theme.accent_text),
    ):
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setStyleSheet(sheet)


_QSS = """
QWidget {{ color: {t.text}; }}
QMainWindow, QWidget#page {{ background: {t.bg}; }}
QLabel {{ background: transparent; }}
QLabel[role="dim"] {{ color: {t.dim}; }}
QLabel[role="error"] {{ color: {t.error}; }}
QLabel[role="rate"] {{ color: {t.rate}; }}
QFrame#card {{ background: {t.panel}; border: 1px solid {t.border}; border-radius: {radius}px; }}
QFrame#outlined {{ background: {t.panel}; border: 3px solid {t.text}; border-radius: {radius}px; }}
QLabel#toast {{ background: {t.chosen}; color: {t.chosen_text}; border-radius: {radius}px; }}
QFrame#strip {{ background: {t.panel}; border: none; border-bottom: 1px solid {t.border}; }}
QFrame#nav {{ background: {t.panel}; border: none; border-right: 1px solid {t.border}; }}
QLineEdit, QPlainTextEdit {{
    background: {t.raised}; border: 1px solid {t.strong_border}; border-radius: {radius}px; padding: 0 {pad}px;
    min-height: {touch}px; selection-background-color: {t.accent_border}; selection-color: {t.accent_text};
}}
QPlainTextEdit {{ padding: {pad}px; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {t.focus}; min-height: {inside}px; }}
QLineEdit[draft="true"] {{ border: 2px dashed {t.strong_border}; min-height: {inside}px; }}
QLineEdit[bad="true"] {{ border: 2px solid {t.error}; min-height: {inside}px; }}
QLineEdit[tall="true"] {{ min-height: {tall}px; }}
QLineEdit[tall="true"]:focus, QLineEdit[tall="true"][bad="true"], QLineEdit[tall="true"][draft="true"] {{
    min-height: {tall_inside}px;
}}
QLineEdit:disabled, QPlainTextEdit:disabled {{ color: {t.dim}; border-color: {t.border}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {bar}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {t.strong_border}; border-radius: 4px; min-height: {touch}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar:horizontal {{ height: 0; }}
QTableView {{
    background: {t.panel}; border: 1px solid {t.border}; gridline-color: {t.border};
    selection-background-color: {t.accent}; selection-color: {t.accent_text};
}}
QTableView::item {{ padding: 0 {cell}px; }}
QHeaderView::section {{ background: {t.raised}; color: {t.dim}; border: none; padding: 6px; }}
QToolTip {{ color: {t.text}; background: {t.raised}; border: 1px solid {t.border}; }}
"""
