"""The two strips above every page: who sits here and which devices talk; what is given, where and by whose order."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from ui.frame.facts import Facts
from ui.frame.staff_key import StaffKey
from ui.presenters.away import away_chips
from ui.presenters.chairs import fill_of
from ui.presenters.header import Chip, HeaderView, care_facts, chair_chip, header, limits_chip
from ui.presenters.words import age_in
from ui.theme import Theme
from ui.widgets.aged import aged_parts
from ui.widgets.banner import SimulatedMark
from ui.widgets.chair_badge import ChairBadge
from ui.widgets.text import BOLD, REGULAR, SEMIBOLD, Elided, Fitted, keep_room, label, set_text

_WITH_AGE = frozenset({"pump", "monitor"})
_TURNS_A_SECOND = 4
"""Of the engine, when nothing else happens."""


class ChipView(QWidget):
    """One small statement in a frame; what is wrong has a triangle and a heavy frame, no colour of an alarm."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chip = Chip("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_chip(self, chip: Chip) -> None:
        """Show another statement."""
        if chip == self._chip:
            return
        wider = self._text_width()
        self._chip = chip
        self.setAccessibleName(f"{chip.label} {chip.strong} {chip.tail}".strip())
        if self._text_width() != wider:
            self.updateGeometry()
        self.update()

    def _parts(self) -> list[tuple[str, QFont, str]]:
        """Text, font and colour; the age of a device's last frame is as large as ages are."""
        chip, theme = self._chip, self._theme
        light, bold = theme.font(13, REGULAR, tabular=True), theme.font(13, SEMIBOLD, tabular=True)
        age = age_in(chip.tail) if chip.key in _WITH_AGE else ""
        shown = (
            ("▲" if chip.bad else "", bold, theme.text),
            (chip.label, light, theme.dim),
            (chip.strong, bold, theme.text),
            (chip.tail.removesuffix(age).strip(), light, theme.dim),
            *((part.strip(), font, theme.dim) for part, font in aged_parts(age, light, theme.fine_font())),
        )
        return [one for one in shown if one[0]]

    def _text_width(self) -> int:
        gap = self._theme.px(4)
        return sum(QFontMetrics(font).horizontalAdvance(text) + gap for text, font, _ in self._parts())

    def sizeHint(self) -> QSize:
        """Room for the words, rounded up so that a changing second does not push its neighbours."""
        step = self._theme.px(8)
        return QSize(-(-(self._text_width() + self._theme.px(16)) // step) * step, self._theme.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame and words."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = theme.px(2) if self._chip.bad else 1
        painter.setPen(QPen(QColor(theme.text if self._chip.bad else theme.border), width))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        left, parts = (self.width() - self._text_width() + theme.px(4)) // 2, self._parts()
        caps = [QFontMetrics(font).capHeight() for _, font, _ in parts] or [0]
        base = (2 * self.height() + max(caps) + min(caps)) // 4
        for text, font, colour in parts:  # all on one base line, whatever their sizes
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(left, base, text)
            left += QFontMetrics(font).horizontalAdvance(text) + theme.px(4)


class Heartbeat(QWidget):
    """A heart that beats with the engine: when it stands still, so does the screen. With less motion it keeps its size
    and is full and hollow by turns, a second each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._beat = -1
        self._calm = False
        self.setFixedSize(theme.px(20), theme.px(24))
        self.setAccessibleName("Heartbeat of the program")

    def set_calm(self, calm: bool) -> None:
        """Whether less motion is wanted."""
        self._calm = calm
        self.update()

    def show_beat(self, beat: int) -> None:
        """One more turn of the engine."""
        if beat != self._beat:
            self._beat = beat
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Large and small by turns; with less motion full and hollow."""
        theme = self._theme
        hollow = self._calm and self._beat // _TURNS_A_SECOND % 2
        size = theme.px(7.5 if self._calm else 8.5 if self._beat % 2 else 6.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, y = self.width() / 2, self.height() / 2
        heart = QPainterPath(QPointF(x, y + size))
        heart.cubicTo(x - 2 * size, y - size * 0.3, x - size * 0.8, y - size * 1.5, x, y - size * 0.4)
        heart.cubicTo(x + size * 0.8, y - size * 1.5, x + 2 * size, y - size * 0.3, x, y + size)
        if hollow:
            painter.setClipPath(heart)  # a line inside of its edge: as large as the full one
            painter.strokePath(heart, QPen(QColor(theme.text), 2 * theme.px(1.6)))
        else:
            painter.fillPath(heart, QColor(theme.text))


class HeaderStrip(QFrame):
    """The first strip. staff_wanted: somebody touched `staff_key`, which the frame sets beside both strips."""

    staff_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setMinimumHeight(theme.px(46))
        self._theme = theme
        self._blind = False
        self._away = False
        self._snapshot: Snapshot | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(10), 0)
        row.setSpacing(theme.px(8))
        self.badge = ChairBadge(theme)
        self._chair = ChipView(theme)
        self._name = Fitted(theme, 18, 11)  # a long name is never cut: it takes two lines
        self._name.setMinimumWidth(theme.px(250))
        self._born = Elided(theme, "", 13, role="dim", at_least=250, shrink_to=11)
        who = QVBoxLayout()
        who.setContentsMargins(0, 0, 0, theme.px(1))
        who.setSpacing(0)
        who.addWidget(self._name, 1)
        who.addWidget(self._born)
        self._simulated = SimulatedMark(theme)
        self._chips = {key: ChipView(theme) for key in ("pump", "monitor", "record", "sound")}
        self.staff_key = StaffKey(theme)
        self.staff_key.clicked.connect(self.staff_wanted)
        self._clock = label(theme, "", 19, BOLD, tabular=True)
        keep_room(self._clock, "00:00:00")
        self._heart = Heartbeat(theme)
        row.addWidget(self.badge)
        row.addWidget(self._chair)
        row.addLayout(who, 1)
        row.addWidget(self._simulated)
        for chip in self._chips.values():
            row.addWidget(chip)
        row.addWidget(self._clock)
        row.addWidget(self._heart)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the strip up to date."""
        view: HeaderView = header(snapshot)
        if snapshot.chairs:
            self.badge.show_chair(view.chair, *fill_of(view.chair, snapshot.chairs))
        self._chair.show_chip(chair_chip(snapshot))
        self._chair.setVisible(not snapshot.chairs or bool(snapshot.wristband))
        self._name.set_text("Second check" if self._blind else view.name)
        set_text(self._born, "" if self._blind else view.born)
        self._born.setVisible(bool(view.born) and not self._blind)
        self._simulated.setVisible(view.simulated)
        self._snapshot = snapshot
        away = away_chips(snapshot) if self._away and not self._blind else ()
        shown = {chip.key: chip for chip in (*view.chips, *away)}
        for key, widget in self._chips.items():
            widget.setVisible(key in shown)
            if key in shown:
                widget.show_chip(shown[key])
        self.staff_key.show_staff(view.staff, view.staff_below)
        set_text(self._clock, view.clock)
        self._heart.show_beat(view.beat)

    def show_away(self, away: bool) -> None:
        """Whether the page in front has neither vital signs nor pump: then they stand here."""
        changed, self._away = away is not self._away, away
        if changed and self._snapshot is not None:
            self.show_snapshot(self._snapshot)

    def set_calm(self, calm: bool) -> None:
        """Whether less motion is wanted."""
        self._heart.set_calm(calm)

    def set_blind(self, blind: bool) -> None:
        """Do not say who sits here: a second person is finding that out."""
        self._blind = blind
        if blind:
            self._name.set_text("Second check")
            set_text(self._born, "")


class CareStrip(QFrame):
    """The second strip: allergy, product, IV, cuff, premedication, prescriber."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedHeight(theme.px(28))
        self._theme = theme
        self._blind = False
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(4), 0)
        row.setSpacing(theme.px(16))
        self._facts = Facts(theme)
        row.addWidget(self._facts, 1)
        self.limits_chip = ChipView(theme)
        row.addWidget(self.limits_chip)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the strip up to date."""
        changed = limits_chip(snapshot)
        self.limits_chip.setVisible(changed is not None)
        if changed is not None:
            self.limits_chip.show_chip(changed)
        facts = care_facts(snapshot)
        self.setVisible(snapshot.session is not None and not self._blind and not (snapshot.locked or snapshot.unnamed))
        self._facts.show_facts(facts)

    def set_blind(self, blind: bool) -> None:
        """Nothing of bag and order while a second person is at work."""
        self._blind = blind
        self.setVisible(not blind)
