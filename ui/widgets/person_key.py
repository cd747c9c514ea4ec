"""Who did something: a key with the name, and the tiles of the clinic's people behind it; nobody types a name.

key = PersonKey(theme, "Consent taken by")
key.wanted.connect(lambda: picker.open_for(key))     # picker = PersonPicker(theme, form): stands in the form's place
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.registry.users import User, active
from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.people_tiles import PeopleTiles
from ui.widgets.text import SEMIBOLD, label, set_text

CHOOSE = "Choose"
OUTSIDE = "outside"
"""The value that stands for somebody who is none of the clinic's people."""
OUTSIDE_WORDS = "Somebody else (outside)"


class PersonKey(BigButton):
    """value: a user id, OUTSIDE, a name that the list does not have any more, or "". chosen: somebody has touched."""

    wanted = Signal()
    chosen = Signal(str)

    def __init__(self, theme: Theme, title: str, role: str = "", *, outside: bool = False) -> None:
        """role: only people who hold it; outside: somebody who is not in the list may be meant."""
        super().__init__(theme, CHOOSE)
        self.title, self.outside = title, outside
        self._role = role
        self._value = ""
        self._users: Mapping[str, User] = {}
        self.people: tuple[User, ...] = ()
        self.clicked.connect(self.wanted)
        self._show()

    def follow(self, users: Mapping[str, User]) -> None:
        """Offer the people as they are now."""
        if users is self._users:
            return
        self._users = users
        self.people = tuple(one for one in active(users) if not self._role or one.holds(self._role))
        self.set_value(self._value)

    def value(self) -> str:
        """Who is meant."""
        return self._value

    def set_value(self, who: str) -> None:
        """A user id, or a name as the record has it; says nothing to anybody."""
        known = next((one.id for one in self.people if who in {one.id, one.name, f"{one.name}, {one.phone}"}), who)
        self._value = known
        self._show()

    def only(self) -> str:
        """The one who can be meant; "" where there are several."""
        return self.people[0].id if len(self.people) == 1 else ""

    def choose(self, who: str) -> None:
        """A person has said who."""
        self.set_value(who)
        self.chosen.emit(who)

    def words(self) -> str:
        """The name."""
        if self._value == OUTSIDE:
            return OUTSIDE_WORDS
        user = self._users.get(self._value)
        return user.name if user is not None else self._value

    def _show(self) -> None:
        self.set_text(self.words() or CHOOSE)
        self.setAccessibleName(f"{self.title}: {self.words() or CHOOSE}")


class PersonPicker(QWidget):
    """The tiles, in the place of everything else in their form until one is touched."""

    def __init__(self, theme: Theme, form: QWidget, column: QVBoxLayout) -> None:
        """form: whose content steps aside; column: where the tiles stand in it."""
        super().__init__(form)
        self._form = form
        self._key: PersonKey | None = None
        self._aside: list[QWidget] = []
        content = QVBoxLayout(self)
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(theme.px(8))
        self._title = label(theme, "", 19, SEMIBOLD)
        self.tiles = PeopleTiles(theme, columns=2, rows=4)
        self.tiles.chosen.connect(self._on_chosen)
        self.outside_key = BigButton(theme, OUTSIDE_WORDS, height=58)
        self.outside_key.clicked.connect(lambda: self._on_chosen(OUTSIDE))
        self.back_key = BigButton(theme, "Back", kind=Kind.QUIET, height=58)
        self.back_key.clicked.connect(self.close_tiles)
        for one in (self._title, self.tiles, self.outside_key, self.back_key):
            content.addWidget(one)
        column.addWidget(self)
        self.hide()

    def open_for(self, key: PersonKey) -> None:
        """Ask who it was."""
        self.close_tiles()
        self._key = key
        set_text(self._title, key.title)
        self.tiles.show_people(key.people)
        self.tiles.set_value(key.value())
        self.outside_key.setVisible(key.outside)
        self._aside = [one for one in _content(self._form) if one is not self and not one.isHidden()]
        for one in self._aside:
            one.hide()
        self.show()
        self.tiles.first().setFocus()

    def close_tiles(self) -> None:
        """The form comes back."""
        for one in self._aside:
            one.show()
        self._aside = []
        self.hide()
        if self._key is not None:
            self._key.setFocus()
        self._key = None

    def _on_chosen(self, who: str) -> None:
        key = self._key
        self.close_tiles()
        if key is not None:
            key.choose(who)


def _content(form: QWidget) -> Iterable[QWidget]:
    return form.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
