"""The narrow column at the left: one large key for each page, with a drawn sign and its name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import OtherPlace
from ui.frame.sound_edge import LEFT
from ui.theme import Theme
from ui.widgets.banner import SECONDARY
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label

PLACES = (
    ("session", "Session"),
    ("patients", "Patients"),
    ("product", "Product"),
    ("followup", "Calls"),
    ("history", "History"),
    ("devices", "Devices"),
    ("settings", "Settings"),
)


class Nav(QFrame):
    """Says which page is wanted."""

    wanted = Signal(str)
    place_wanted = Signal(str)
    """Another place of the station: a lounge, or from there the chair."""
    reaction_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("nav")
        self.setFixedWidth(theme.px(68))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, theme.px(8), 0, theme.px(8))
        whole.setSpacing(theme.px(6))
        column = QVBoxLayout()
        column.setContentsMargins(theme.px(3), 0, theme.px(3), 0)
        column.setSpacing(theme.px(6))
        whole.addLayout(column, 1)
        self._keys: dict[str, NavKey] = {}
        for place, (key, words) in enumerate(PLACES):
            button = NavKey(theme, key, words)
            button.setShortcut(f"Alt+{place + 1}")
            button.clicked.connect(lambda _=False, wanted=key: self.wanted.emit(wanted))
            self._keys[key] = button
            column.addWidget(button)
        self._places: dict[str, NavKey] = {}
        self._others = QVBoxLayout()
        self._others.setSpacing(theme.px(6))
        column.addLayout(self._others)
        column.addStretch(1)
        self.reaction_key = ReactionKey(theme)
        self.reaction_key.clicked.connect(self.reaction_wanted)
        self.reaction_key.setVisible(False)
        whole.addWidget(self.reaction_key)
        kind = label(theme, SECONDARY.replace("- ", "-\n"), 12, role="dim", wrap=True)
        kind.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        kind.setContentsMargins(theme.px(LEFT + 2), 0, 0, 0)  # clear of the edge that says that nothing is heard
        whole.addWidget(kind)

    def show_place(self, key: str) -> None:
        """Mark the page that is shown."""
        for name, button in self._keys.items():
            button.setChecked(name == key)

    def show_reaction(self, *, wanted: bool) -> None:
        """While a session is open, pages that have no key for a reaction get one here."""
        self.reaction_key.setVisible(wanted)

    def show_others(self, others: tuple[OtherPlace, ...]) -> None:
        """A key for each other place where somebody is; one that alarms has a mark."""
        for gone in self._places.keys() - {other.name for other in others}:
            key = self._places.pop(gone)
            self._others.removeWidget(key)
            key.hide()
            key.deleteLater()
        for other in others:
            if other.name not in self._places:
                key = NavKey(self._theme, "place", other.name)
                key.setCheckable(False)
                key.clicked.connect(lambda _=False, name=other.name: self.place_wanted.emit(name))
                self._places[other.name] = key
                self._others.addWidget(key)
                key.show()
            key = self._places[other.name]
            key.setText(f"{'! ' if other.urgent else ''}{other.name}")
            key.setAccessibleDescription(other.patient)
            key.update()


class NavKey(QAbstractButton):
    """One key of the column."""

    def __init__(self, theme: Theme, sign: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._sign = theme, sign
        self.setText(words)
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square for a thumb."""
        return QSize(self._theme.px(52), self._theme.px(58))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Sign above name."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.track))
            painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus), theme.px(2)))
            painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        colour = QColor(theme.text if self.isChecked() else theme.dim)
        pen = QPen(colour, 1.8 * theme.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.save()
        painter.translate(self.width() / 2, theme.px(21))
        painter.scale(theme.scale, theme.scale)
        pen.setWidthF(1.8)
        painter.setPen(pen)
        _SIGNS[self._sign](painter)
        painter.restore()
        painter.setFont(theme.font(12, MEDIUM))
        painter.setPen(colour)
        words = QRectF(0, theme.px(36), self.width(), theme.px(18))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), self.text())


class ReactionKey(QAbstractButton):
    """White with a heavy dark border, as the live page's, 20 mm high and named. No Tab leads to it: F8 does the same,
    and a Space that strays stamps no reaction."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText("Reaction")
        self.setAccessibleName("Reaction (F8)")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """20 mm high."""
        return QSize(self._theme.px(68), self._theme.px(79))

    def minimumSizeHint(self) -> QSize:
        """15 mm high, where other places need the room."""
        return QSize(self._theme.px(60), self._theme.px(58))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sign, the name, the key."""
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.px(3)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        fill, ink = QColor(theme.reaction), QColor(theme.reaction_text)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, theme.px(7), theme.px(7))
        painter.setPen(QPen(ink, edge))
        painter.setBrush(fill.darker(115) if self.isDown() else fill)
        painter.drawRoundedRect(box.adjusted(edge, edge, -edge, -edge), theme.px(5), theme.px(5))
        painter.setPen(ink)
        middle, third = self.height() / 2, theme.px(18)
        for words, font, top in (
            ("✚", theme.font(22, BOLD), middle - 1.6 * third),
            (self.text(), theme.font(12, MEDIUM), middle - 0.4 * third),
            ("F8", theme.font(12, SEMIBOLD), middle + 0.5 * third),
        ):
            painter.setFont(font)
            painter.drawText(QRectF(0, top, self.width(), third * 1.1), int(Qt.AlignmentFlag.AlignCenter), words)


def _session(painter: QPainter) -> None:
    line = (-11, 0), (-5, 0), (-2, -8), (2, 8), (5, 0), (11, 0)
    painter.drawPolyline([QPointF(x, y) for x, y in line])


def _patients(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(0, -4), 4, 4)
    painter.drawArc(QRectF(-9, 3, 18, 14), 0, 180 * 16)


def _history(painter: QPainter) -> None:
    for y in (-6, 0, 6):
        painter.drawLine(QPointF(-9, y), QPointF(-8, y))
        painter.drawLine(QPointF(-4, y), QPointF(9, y))


def _product(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(-7, -9, 14, 14), 3, 3)
    painter.drawLine(QPointF(-7, -2), QPointF(7, -2))
    painter.drawLine(QPointF(0, 5), QPointF(0, 10))


def _follow_up(painter: QPainter) -> None:
    painter.drawArc(QRectF(-8, -10, 16, 16), 0, 180 * 16)
    painter.drawRoundedRect(QRectF(-10, -2, 5, 8), 2, 2)
    painter.drawRoundedRect(QRectF(5, -2, 5, 8), 2, 2)
    painter.drawPolyline([QPointF(8, 6), QPointF(8, 9), QPointF(1, 9)])


def _devices(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(-10, -8, 20, 13), 2, 2)
    painter.drawLine(QPointF(0, 5), QPointF(0, 9))
    painter.drawLine(QPointF(-5, 9), QPointF(5, 9))


def _settings(painter: QPainter) -> None:
    for y, x in ((-6, 3), (0, -4), (6, 5)):
        painter.drawLine(QPointF(-10, y), QPointF(10, y))
        painter.save()
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(QPointF(x, y), 2.2, 2.2)
        painter.restore()


def _place(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(-10, -1, 20, 7), 3, 3)
    painter.drawRoundedRect(QRectF(-7, -9, 14, 8), 3, 3)
    painter.drawLine(QPointF(-7, 6), QPointF(-7, 9))
    painter.drawLine(QPointF(7, 6), QPointF(7, 9))


_SIGNS: dict[str, Callable[[QPainter], None]] = {
    "session": _session,
    "patients": _patients,
    "product": _product,
    "followup": _follow_up,
    "history": _history,
    "devices": _devices,
    "settings": _settings,
    "place": _place,
}
