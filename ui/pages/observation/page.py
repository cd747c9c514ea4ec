"""One observation set: all as shown, and three taps for consciousness, symptoms and site, with no answer preset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.observations import Slot
from exomonitor.clinical.protocol import entry_limit
from exomonitor.clinical.ranges import INFUSED_SPAN
from exomonitor.clinical.reactions import NOTHING_MORE
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import SlotView, Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.pages.observation.answers import NONE, SOME, AfterAnswers, SetAnswers
from ui.pages.observation.chooser import SetChooser
from ui.pages.observation.draft import set_parts
from ui.pages.observation.oxygen import SetOxygen
from ui.pages.observation.pad import SetPad
from ui.pages.observation.reasons import SetReasons
from ui.pages.observation.values import SetValues
from ui.presenters.observation import (
    is_after_end,
    is_early,
    last_oxygen,
    missing_values,
    missing_words,
    slot_title,
    wanted_answers,
)
from ui.presenters.set_score import score_lines
from ui.theme import Theme
from ui.widgets.choice import MultiChoice
from ui.widgets.drafting import Parts
from ui.widgets.entry import NumberEntry, TextEntry, make_tall
from ui.widgets.form import Form
from ui.widgets.keys import BigButton
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, label

_ANSWER_WORDS = {"acvpu": "consciousness", "symptoms": "symptoms", "site": "site", "o2": "oxygen"}


class ObservationPage(Form):
    """The form of one set. open_slot() says which; it follows the snapshot until somebody types."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "Set", "All as shown: save", parent=parent)
        self._bedside = bedside
        self._slot: SlotView | None = None
        self._early: SlotView | None = None
        self._key = ""
        self._snapshot: Snapshot | None = None
        self._asked = ""
        self._make_content(theme)
        self.lower_title(1)
        self._other = BigButton(theme, "Other sets", height=58)
        self._other.clicked.connect(self._choose_set)
        self.keys_row.insertWidget(1, self._other, 1)
        self._sync()

    def _make_content(self, theme: Theme) -> None:
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        column.addWidget(self._stack)
        self._form = QWidget()
        self._rows = QVBoxLayout(self._form)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.px(4))
        self._stack.addWidget(self._form)
        self.values = SetValues(theme, self._bedside.protocol.entry_limits)
        self.values.edited.connect(self.changed)
        self.values.confirmed.connect(self.save)
        self._rows.addWidget(self.values)
        self._rows.addWidget(self._make_third_row(theme))
        self.answers, self.after, self.pad = SetAnswers(theme), AfterAnswers(theme), SetPad(theme)
        self.consciousness, self.symptoms = self.answers.consciousness, self.answers.symptoms
        self.oxygen, self.site = self.answers.oxygen, self.answers.site
        self.fatigue, self.flu = self.after.fatigue, self.after.flu
        self._oxygen = SetOxygen(self.oxygen, self.flow)
        self._below = QStackedWidget()
        for part in (self.answers, self.after, self.pad):
            self._below.addWidget(part)
        self._rows.addWidget(self._below, 1)
        for answered in (self.answers.answered, self.after.answered, self._oxygen.answered):
            answered.connect(self._answered)
        self.symptoms.chosen.connect(self._on_symptoms)
        self.pad.done.connect(self._pad_done)
        self.values.touched.connect(self._open_pad)
        self.values.entered.connect(self.pad.aim_at)
        for entry in (self.flow, self.hydration):
            entry.touched.connect(lambda aimed=entry: self._open_pad(aimed.line))
            entry.entered.connect(lambda aimed=entry: self.pad.aim_at(aimed.line))
        make_tall(self._form)
        self._make_symptoms(theme)
        self._chooser = SetChooser(theme)
        self._chooser.chosen.connect(self._on_set_chosen)
        self._chooser.missed.connect(self._on_missed)
        self._stack.addWidget(self._chooser)
        self.reasons = SetReasons(theme)
        self.reasons.answered.connect(self._on_reasons)
        self._stack.addWidget(self.reasons)

    def _make_third_row(self, theme: Theme) -> QWidget:
        """Counting breaths, and what some sets ask besides."""
        self.hydration = NumberEntry(theme, "Drunk or infused", INFUSED_SPAN, "mL", pixels=16, compact=True)
        flow = entry_limit(self._bedside.protocol, "oxygen_l_min").span
        self.flow = NumberEntry(theme, "Oxygen", flow, "L/min O₂", pixels=16, compact=True)
        self.reason = TextEntry(theme, "Why is this set corrected", pixels=15, compact=True)
        self.after_key = BigButton(theme, "Fatigue, flu-like ...", pixels=14, height=58)
        self.after_key.clicked.connect(self._turn_to_after)
        for entry in (self.flow, self.hydration, self.reason):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        return row_of(theme, self.values.counter, self.reason, self.flow, self.hydration, self.after_key, spacing=8)

    def _open_pad(self, line: QLineEdit) -> None:
        """A finger is on a number: keys to type it with, over the answers."""
        self.pad.aim_at(line)
        self._below.setCurrentWidget(self.pad)
        line.setFocus()

    def _pad_done(self) -> None:
        self._below.setCurrentWidget(self.answers)
        self._next_open().setFocus()

    def _turn_to_after(self) -> None:
        """Fatigue and flu-like signs, and from there back to the other answers."""
        there = self._below.currentWidget() is self.after
        self._below.setCurrentWidget(self.answers if there else self.after)
        if not there:
            (self.after.next_open() or self.after.fatigue.first()).setFocus()

    def _answered(self) -> None:
        """An answer was given: the keyboard goes on to the next open one, at last to the key that saves."""
        self.changed()
        if self._stack.currentWidget() is not self._form:
            return
        following = self._next_open()
        if self.after.isAncestorOf(following):
            self._below.setCurrentWidget(self.after)
        following.setFocus()

    def _next_open(self) -> QWidget:
        asked = {"acvpu": self.consciousness, "o2": self.oxygen, "symptoms": self.symptoms, "site": self.site}
        for name in ("acvpu", "symptoms", "o2", "site"):
            if name in self._open_answers():
                return asked[name].first()
        if self.flow.isVisibleTo(self) and not self.flow.text():
            return self.flow
        return (self.after.next_open() if is_after_end(self._key) else None) or self.save_key

    def _make_symptoms(self, theme: Theme) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        symptoms = self._bedside.protocol.rules.symptoms.content.symptom
        tiles = [(one.key, one.label) for one in symptoms if one.page == 1 and one.key != NOTHING_MORE]
        self.symptom_tiles = MultiChoice(theme, tiles, columns=4, pixels=14, height=58)
        self.symptom_tiles.changed.connect(self.changed)
        column.addWidget(label(theme, "What does the patient have? Tap all.", 15, MEDIUM))
        column.addWidget(self.symptom_tiles)
        ready = BigButton(theme, "Ready", height=58)
        ready.clicked.connect(self._leave_symptoms)
        column.addWidget(ready)
        column.addStretch(1)
        self._symptom_page = page
        self._stack.addWidget(page)

    # --- which set ---------------------------------------------------------------------------------------------------

    def open_slot(self, key: str = "") -> None:
        """Begin a set: the one named, or with "" the one that is due next."""
        snapshot = self._snapshot or self._bedside.latest()
        wanted = next((s for s in snapshot.slots if s.slot.key == key), None) if key else snapshot.next_slot
        self._early = wanted if not key and wanted is not None and is_early(wanted) else None
        if self._early is not None:
            wanted = None  # the record would refuse it: what is seen now is a set of its own
        elif wanted is None and not key:
            wanted = next((s for s in snapshot.slots if s.status.is_open), None)
        self._slot = wanted
        count = 1 + (snapshot.session is not None and sum(k.startswith("extra") for k in snapshot.session.observations))
        self._key = wanted.slot.key if wanted is not None else f"extra{count}"
        self._empty(snapshot)
        self.show_snapshot(snapshot)

    def _empty(self, snapshot: Snapshot) -> None:
        self._asked = ""
        done = snapshot.session.observations.get(self._key) if snapshot.session is not None else None
        for choice in (self.consciousness, self.oxygen, self.symptoms, self.site, self.fatigue, self.flu):
            choice.set_value("")
        self.symptom_tiles.set_values(())
        for entry in (self.flow, self.hydration, self.reason):
            entry.set_text("")
            entry.show_error("")
        self.values.begin(empty=done is not None)
        if done is not None:
            self.values.put({name: str(one.value) for name, one in done.event.values.items()})
        after = is_after_end(self._key)
        self._below.setCurrentWidget(self.answers)
        self.after_key.setVisible(after)
        self.hydration.setVisible(after)
        self.reason.setVisible(done is not None)
        self.oxygen.setVisible("o2" in wanted_answers(self._wanted()))
        self.reasons.begin(done.event.not_taken if done is not None else {})
        self._oxygen.carry(None if done is not None else last_oxygen(snapshot))
        self._show_form()
        # With a monitor the numbers stand there already, and the hands begin with the answers.
        self.values.show_snapshot(snapshot)
        self.setFocusProxy(self._next_open() if self.values.given() else self.values)
        self.drafting.begin_again()

    def draft_key(self) -> tuple[str, str]:
        """Every set of a session has its own."""
        return self.bridge.drafts.session, f"set {self._key}" if self._key else ""

    def draft_parts(self) -> Parts:
        """What a person entered."""
        return set_parts(self, self.values, self.symptoms, self.oxygen, self._oxygen)

    def discard_draft(self) -> None:
        """The same set begins anew, with what the monitor says now."""
        self.drafting.forget()
        self.drafting.emptied()
        self.open_slot(self._key)

    def _on_reasons(self) -> None:
        self._show_form()
        self.save()

    def _wanted(self) -> Slot | None:
        return self._slot.slot if self._slot is not None else None

    def _choose_set(self) -> None:
        if self._snapshot is not None:
            self._chooser.show_sets(self._snapshot)
            self._stack.setCurrentWidget(self._chooser)
            self._sync()
            self._chooser.focus_first()

    def _on_set_chosen(self, key: str) -> None:
        self.open_slot(key)

    def _on_missed(self, key: str, why: str) -> None:
        by = self._snapshot.staff_id if self._snapshot is not None else ""
        self.say("Recording ...")
        self.bridge.submit(cmd.MissObservation(self._bedside.chair, by, key, why), self.on_recorded, self.on_refused)

    def step_back(self) -> bool:
        """Esc: from keypad, symptoms or the list of sets back to the set; False when its answers are in front."""
        if self._stack.currentWidget() is not self._form:
            self._show_form()
        elif self._below.currentWidget() is not self.answers:
            self._below.setCurrentWidget(self.answers)
        else:
            return False
        return True

    def _show_form(self) -> None:
        self._stack.setCurrentWidget(self._form)
        self._sync()

    def _leave_symptoms(self) -> None:
        self._show_form()
        self._next_open().setFocus()

    def _on_symptoms(self, answer: str) -> None:
        if answer == SOME:
            self._stack.setCurrentWidget(self._symptom_page)
            self._sync()
            self.symptom_tiles.first().setFocus()
        else:
            self.symptom_tiles.set_values(())

    # --- saving ------------------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the monitor and the schedule."""
        self._snapshot = snapshot
        if self._early is not None and self._is_untouched():
            self._early = next((s for s in snapshot.slots if s.slot.key == self._early.slot.key), None)
            if self._early is None or not is_early(self._early):
                self.open_slot()
                return
        if self._key:
            self._slot = next((s for s in snapshot.slots if s.slot.key == self._key), None)
            self.set_heading(slot_title(self._slot, self._early))
        self.values.show_snapshot(snapshot)
        if not self.isHidden():  # open() brings it up to date
            self._sync()

    def is_complete(self) -> bool:
        """Every answer that this set asks for is given; numbers may be missing, and the key says which."""
        return not self._open_answers() and (not self.reason.isVisibleTo(self) or bool(self.reason.text()))

    def _is_untouched(self) -> bool:
        answers = (
            self.consciousness,
            self.symptoms,
            self.site,
            *(() if self._oxygen.from_last_set else (self.oxygen,)),
        )
        return not any(choice.value() for choice in answers) and not self.values.is_touched()

    def _open_answers(self) -> list[str]:
        given = {
            "acvpu": bool(self.consciousness.value()),
            "o2": bool(self.oxygen.value()),
            "symptoms": self.symptoms.value() == NONE or bool(self.symptom_tiles.values()),
            "site": bool(self.site.value()),
        }
        return [name for name in wanted_answers(self._wanted()) if not given[name]]

    def commands(self) -> Sequence[Command]:
        """One set; a number that looks wrong is asked about once."""
        values, meanings, good = self.values.read()
        for entry in (self.flow, self.hydration):
            if not entry.check():
                self.say(entry.error(), wrong=True)
                return ()
        if not good:
            self.say(next((meant.error for meant in meanings if meant.error), ""), wrong=True)
            return ()
        questions = "; ".join(meant.question for meant in meanings if meant.question)
        if questions and questions != self._asked:
            self._asked = questions
            self.say(f"{questions}. Save again if that is right.", wrong=True)
            return ()
        self.reasons.forget(set(values))
        missing = [
            (words, names) for words, names in missing_values(self._wanted(), set(values))
            if not set(names) <= self.reasons.reasons().keys() and not self.reason.isVisibleTo(self)
        ]  # fmt: skip
        if missing:
            self._ask_reasons(missing)
            return ()
        return (
            cmd.RecordObservation(
                self._bedside.chair,
                self._snapshot.staff_id if self._snapshot is not None else "",
                self._key,
                values,
                consciousness=self.consciousness.value(),
                on_oxygen=self._oxygen.given(),
                symptoms=self.symptom_tiles.values(),
                symptoms_asked=bool(self.symptoms.value()),
                site_score=int(self.site.value()) if self.site.value() else None,
                fatigue=self.fatigue.value(),
                flu_like=self.flu.value(),
                hydration_ml=self.hydration.number(),
                text="; ".join(meant.remark for meant in meanings if meant.remark),
                reason=self.reason.text(),
                oxygen_carried=self._oxygen.carried,
                not_taken=self.reasons.reasons(),
                oxygen_l_min=self._oxygen.litres_per_min(),
            ),
        )

    def _ask_reasons(self, missing: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self.reasons.show_missing(missing)
        self._stack.setCurrentWidget(self.reasons)
        self._sync()
        self.reasons.first().setFocus()

    def _show_score(self) -> None:
        """NEWS2 of what stands in the form, every part shown, before it is saved."""
        values, _, _ = self.values.read(quietly=True)
        session = self._snapshot.session if self._snapshot is not None else None
        oxygen = {"air": False, "oxygen": True}.get(self.oxygen.value()) if self.oxygen.value() else None
        patient = session.patient if session is not None else None
        when = self._snapshot.now.utc if self._snapshot is not None else None
        protocol = self._bedside.protocol
        table, counts_s = protocol.rules.hemodynamics.content, protocol.schedule.value_counts_s
        line, indices = score_lines(values, self.consciousness.value(), oxygen, patient, when, table, counts_s)
        self.set_title(line)
        self.set_remark(indices)

    def clear(self) -> None:
        """The set is in the record: the next opening begins a new one."""
        self._key, self._slot, self._early = "", None, None
        self.values.begin(empty=False)

    def _sync(self) -> None:
        super()._sync()
        in_form = self._stack.currentWidget() is self._form
        self.save_key.setVisible(in_form)
        self._other.setVisible(in_form)
        self._show_score()
        still_open = [_ANSWER_WORDS[name] for name in self._open_answers()]
        missing = missing_words(self._wanted(), self.values.given())
        if still_open:
            self.save_key.set_text(f"Still open: {', '.join(still_open)}")
        elif missing:
            self.save_key.set_text(f"No {missing}: why?")
        else:
            self.save_key.set_text("All as shown: save")
