"""What a page can show besides its first sight: steps, forms, panels and places, each as a scene and what opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from tests.ui import alarm_scenes, scenes, visit_scenes
from tests.ui.windows import Desk
from ui.pages.alarms.page import TABS, AlarmsPage
from ui.pages.changes.page import BAG, CHECK, ORDER, PATIENT, ChangesPage
from ui.pages.observation.page import ObservationPage
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import KEYS

Scene = Callable[[], Snapshot]
Act = Callable[[Desk], object]


def _one(code: str) -> Act:
    return lambda desk: desk.window.session_page.open_one(code)


def _set(act: Callable[[ObservationPage], object]) -> Act:
    def go(desk: Desk) -> None:
        desk.window.open_set()
        act(desk.window.session_page.set_form)

    return go


def _save(form: ObservationPage) -> None:
    for choice, code in ((form.consciousness, "alert"), (form.symptoms, "none"), (form.site, "0")):
        choice.key(code).click()
    form.save()
    assert form.reasons.isVisible()


def _step(step: str, desk: Desk) -> None:
    page = desk.window.pages["prepare"]
    assert isinstance(page, PreparePage)
    page.open_step(step)


def _go(place: str, desk: Desk) -> None:
    desk.window.go(place)


def _take_over(desk: Desk) -> None:
    desk.window.open_staff()
    panel = desk.window.staff_panel.panel
    panel.prove.people.tile("u2").click()
    panel.prove.pad.line.setText("1111")
    panel.prove.pad.line.returnPressed.emit()
    desk.settle()
    assert panel.card.isVisible()


def _resumed() -> Snapshot:
    return replace(
        scenes.long_names(), resume_offer="Still VAN DER WESTHUIZEN-MONTGOMERY, Alexandrina in chair Bay 12?"
    )


def _overdue() -> Snapshot:
    return replace(scenes.normal(), slots=(scenes.slot("+15", 15, SlotStatus.OVERDUE), *scenes.slots()[4:]))


def _changes(tab: str) -> Act:
    def act(desk: Desk) -> None:
        desk.window.show_over("changes")
        page = desk.window.pages["changes"]
        assert isinstance(page, ChangesPage)
        page.open_tab(tab)

    return act


def _alarms(tab: str) -> Act:
    def act(desk: Desk) -> None:
        desk.window.show_over("alarms")
        page = desk.window.pages["alarms"]
        assert isinstance(page, AlarmsPage)
        page.open_tab(tab)

    return act


GLOVED: dict[str, tuple[Scene, Act]] = {
    "alarm list": (scenes.long_names, lambda d: d.window.open_alarms()),
    **{f"alarms: {tab}": (alarm_scenes.changed, _alarms(tab)) for tab, _ in TABS},
    "alarm limits offered": (alarm_scenes.offered, _alarms("limits")),
    "who is at work": (scenes.normal, lambda d: d.window.open_staff()),
    "take over": (scenes.normal, _take_over),
    "after a restart": (_resumed, lambda _: None),
    "wipe": (scenes.three_alarms, lambda d: d.window.wipe_screen()),
    "patient said": (scenes.normal, _one("said")),
    "container": (scenes.normal, _one("container")),
    "what if": (scenes.normal, _one("what_if")),
    "back in the chair": (scenes.normal, lambda d: d.window.session_page._open(d.window.session_page.back_form)),
    "keypad of a set": (scenes.set_due, _set(lambda f: f.values._entries["hr"].line.touched.emit())),
    "symptoms of a set": (scenes.set_due, _set(lambda f: f.symptoms.key("some").click())),
    "fatigue": (scenes.observing, _set(lambda f: f._turn_to_after())),
    "corrected set": (scenes.normal, _set(lambda f: f.open_slot("+15"))),
    "oxygen in a set after the end": (scenes.observing, _set(lambda f: f.oxygen.key("oxygen").click())),
    "other sets": (_overdue, _set(lambda f: f._choose_set())),
    "why several values were not taken": (lambda: replace(scenes.set_due(), vitals={}), _set(_save)),
    "ready to leave": (visit_scenes.ready_to_go, lambda d: d.window.show_over("leaving")),
    "lounge": (visit_scenes.in_the_lounge, lambda _: None),
    **{f"changed after the start: {tab}": (scenes.normal, _changes(tab)) for tab in (CHECK, BAG, ORDER, PATIENT)},
}
"""On the pages of a running session: everything that is touched is 15 mm."""

OTHERS: dict[str, tuple[Scene, Act]] = {
    **{f"prepare: {step}": (visit_scenes.low_baseline, partial(_step, step)) for step in KEYS},
    **{f"place: {place}": (scenes.three_alarms, partial(_go, place))
       for place in ("patients", "product", "history", "devices", "settings", "people")},
}  # fmt: skip
