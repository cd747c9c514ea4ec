"""What happens at the chair, step by step, in the real window: every step through what is in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt

from exomonitor.clinical.observations import SlotStatus
from exomonitor.session.phases import Phase
from tests.visit.beforehand import MRN
from tests.visit.room import VERIFIER, Room
from ui.pages.observation.page import ObservationPage
from ui.pages.prepare.steps import step_views
from ui.presenters.observation import is_after_end

LOOKS_EVERY_S = 60.0
"""How often somebody looks at the screen while nothing is to be done."""
TASKS = {
    "symptoms": "none",
    "drank": "yes",
    "walking": "yes",
    "sedating": "no",
    "escort": "yes",
    "instructions_given": "yes",
}

# --- the preparation at the chair ---


def open_session(room: Room) -> None:
    """An empty chair: a session begins."""
    with room.hands.at("open the session"):
        room.hands.touch("Session")
        room.hands.touch("Prepare a session")
    assert room.state.phase is Phase.PREPARE


def identify(room: Room, step: str = "chair: patient") -> None:
    """Wristband, two identifiers, fever or infection."""
    page, hands = room.page("prepare"), room.hands
    with hands.at(step):
        hands.scan(MRN)
        hands.touch(page.patient.infection.key("no"))
        hands.touch("Name and date of birth agree")
    assert is_done(room, "patient"), page.status()


def hang_bag(room: Room, bag: str) -> None:
    """One scan."""
    page = room.page("prepare")
    with room.hands.at("chair: bag"):
        room.hands.scan(bag)
    assert is_done(room, "product"), page.status()


def order(room: Room) -> None:
    """As it stands on the prescriber's paper."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("order"):
        assert page.present() == "order"
        for entry, text in (
            (page.order.dose, "5"), (page.order.volume, "100"), (page.order.minutes, "45"), (page.order.line, "18"),
            (page.order.indication, "DEMO"),
        ):  # fmt: skip
            hands.type(entry, text)
        hands.touch(page.order.prescriber_key)
        hands.touch(page.order.orderer.ways["written"])  # there is one prescriber: chosen already
        hands.touch(page.next_key)
    assert is_done(room, "order"), page.status()


def consent(room: Room) -> None:
    """Told, form, and who decides."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("consent"):
        assert page.present() == "consent"
        fields = page.forms["consent"].fields["consent"]
        hands.touch(fields["told"].choice.key("yes"))
        hands.type(fields["form"].entry, "DEMO-C 1.0")
        hands.touch(fields["ind"].choice.key("no IND recorded"))
        hands.touch(fields["capacity"].choice.key("alone"))
        hands.touch(page.next_key)
    assert is_done(room, "consent"), page.status()


def line_and_site(room: Room) -> None:
    """Where the cannula lies, that it flushes, and what else the clinic's list asks."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("chair: line and site"):
        assert page.present() == "line"
        form = page.forms["line"]
        for choice, code in (
            (form.side, "left"), (form.site, "forearm"), (form.gauge, "22 G"), (form.patent, "yes"),
        ):  # fmt: skip
            hands.touch(choice.key(code))
        hands.touch(page.next_key)
    assert is_done(room, "line"), page.status()


def pump_and_monitor(room: Room) -> None:
    """They are read already."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("chair: pump and monitor"):
        assert page.present() == "devices"
        hands.touch(page.next_key)
    assert is_done(room, "devices"), page.status()


def nothing_before(room: Room) -> None:
    """No fluid and no drug was ordered."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("hydration, premedication"):
        assert page.present() == "premed"
        hands.touch(page.forms["premed"].fluid_route.key("none ordered"))
        hands.touch(page.forms["premed"].answer.key("none ordered"))
        hands.touch(page.next_key)
    assert is_done(room, "premed"), page.status()


def ready_for_emergency(room: Room) -> None:
    """One key for all."""
    page = room.page("prepare")
    with room.hands.at("emergency readiness"):
        assert page.present() == "readiness"
        room.hands.touch("All of these are ready")
    assert is_done(room, "readiness"), page.status()


def second_check(room: Room, bag: str) -> None:
    """The nurse hands over; another person signs, scans and types three numbers."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("hand over to the second person"):
        assert page.present() == "double_check"
        hands.touch("Hand over to the second person")
    with hands.at("second person: blind check"):
        room.sign(VERIFIER)
        hands.scan(MRN)
        hands.scan(bag)
        sheet = page.double.sheet
        room.wait(30)
        for entry, text in ((sheet.dose, "5"), (sheet.volume, "100"), (sheet.rate, "41.4")):
            hands.type(entry, text)
        hands.touch("Compare")
    assert is_done(room, "double_check"), (page.double.result.text(), page.status(), page.double.sheet.problem.text())


def answer_set(room: Room, page: ObservationPage, step: str, *, after: bool = False, oxygen: bool = False) -> None:
    """Consciousness, symptoms, site; then all as shown."""
    hands = room.hands
    with hands.at(f"{step}: answers"):
        hands.touch(page.consciousness.key("alert"))
        hands.touch(page.symptoms.key("none"))
        if oxygen:
            hands.touch(page.oxygen.key("air"))
        hands.touch(page.site.key("0"))
    if after:
        with hands.at(f"{step}: fatigue, flu-like"):
            hands.touch(page.fatigue.key("none"))
            hands.touch(page.flu.key("none"))
    with hands.at(f"{step}: all as shown"):
        hands.touch("All as shown: save")


def baseline(room: Room) -> None:
    """Measured, looked at, answered."""
    page = room.page("prepare")
    assert page.present() == "baseline"
    room.cuff()
    answer_set(room, page.baseline, "chair: baseline", oxygen=True)
    assert is_done(room, "baseline"), page.baseline.status()


def time_out_and_start(room: Room) -> None:
    """Read aloud, ticked, started; then the pump's key."""
    page, hands = room.page("prepare"), room.hands
    with hands.at("chair: time-out"):
        assert page.present() == "start"
        hands.touch(page.start.fields["same"].tick)
        hands.type(page.start.fields["pump_rate"].entry, "41.4")  # this pump says its rate only while it runs
        hands.touch(page.start.read_off["pump_volume"].tick)
        hands.touch(page.start.fields["line_open"].tick)
        hands.press(Qt.Key.Key_F9)
    assert room.state.phase is Phase.INFUSE, page.status()
    room.pump("start", rate_ml_h=41.4)


def prepare(room: Room, bag: str) -> None:
    """From the empty chair to the pump's key."""
    open_session(room)
    identify(room)
    hang_bag(room, bag)
    order(room)
    consent(room)
    line_and_site(room)
    pump_and_monitor(room)
    nothing_before(room)
    ready_for_emergency(room)
    second_check(room, bag)
    baseline(room)
    time_out_and_start(room)


# --- the infusion ---


def next_set(room: Room) -> str:
    """The set that is due: the cuff first, then F5, the answers, and all as shown. The step it is counted for."""
    room.cuff()
    slot = room.now.next_slot
    assert slot is not None
    step = "a set after the end" if is_after_end(slot.slot.key) else "a set"
    with room.hands.at(f"{step}: open"):
        room.hands.press(Qt.Key.Key_F5)
    form = room.page("session").set_form
    answer_set(room, form, step, after=is_after_end(slot.slot.key))
    assert slot.slot.key in room.state.observations, form.status()
    return step


def watch(room: Room, seconds: float) -> None:
    """Let time pass; a set is taken whenever one is due."""
    end = room.conductor.t + seconds
    while room.conductor.t < end:
        if any(s.status is SlotStatus.DUE or s.status.is_waiting for s in room.now.slots):
            next_set(room)
        else:
            room.wait(min(LOOKS_EVERY_S, end - room.conductor.t))


def infuse(room: Room) -> None:
    """The ramp at the pump, a set whenever one is due, until the bag is empty."""
    begun = room.conductor.t
    watch(room, 300)
    room.pump("set_rate", rate_ml_h=82.8)
    watch(room, begun + 900 - room.conductor.t)
    room.pump("set_rate", rate_ml_h=165.5)
    watch(room, begun + 2740 - room.conductor.t)
    room.wait_until(lambda now: now.session is not None and now.session.product_end is not None, 120)
    with room.hands.at("bag empty: the pump's alarm"):
        room.hands.press(Qt.Key.Key_F2)


def flush(room: Room) -> None:
    """At the pump, then in the record."""
    room.pump("stop")
    room.pump("clear_volume")
    room.pump("start", rate_ml_h=165.0, vtbi_ml=20.0)
    watch(room, 440)
    room.pump("stop")
    with room.hands.at("flush"):
        room.hands.press(Qt.Key.Key_F9)
        form = room.page("session").flush_form
        room.hands.touch(form._done.key("yes"))
        room.hands.touch("Save")
        room.hands.press(Qt.Key.Key_F2)  # the pump told of the end of the flush, too
    assert room.state.flush is not None, form.status()


def observe(room: Room) -> None:
    """Until every set after the end is taken."""
    while room.now.next_slot is not None:
        watch(room, 60)
    watch(room, 300)  # the clinic keeps a first dose for two whole hours


def leave(room: Room) -> None:
    """IV out, the tasks, the next dose, home."""
    hands = room.hands
    with hands.at("IV out"):
        hands.press(Qt.Key.Key_F9)
        page = room.page("leaving")
        hands.touch(page.iv.catheter.key("whole"))
        hands.touch(page.iv.bleeding.key("yes"))
        hands.touch(page.iv.score.key("0"))
        hands.touch("Record: IV out now")
    with hands.at("tasks before leaving"):
        for key, answer in TASKS.items():
            hands.touch(page.tasks.choices[key].key(answer))
        hands.type(page.tasks.texts["instructions_version"], "1.0")
        hands.press(Qt.Key.Key_Return)
        hands.touch(page.tasks.choices["calls_booked"].key("yes"))
    with hands.at("next dose booked"):
        hands.touch(page.tabs.key("dose"))
        hands.touch("Book a date")
        hands.touch("Record the decision")
    with hands.at("discharge"):
        hands.touch(page.tabs.key("door"))
        hands.touch("Goes home")
        hands.touch("Discharge now")
    assert room.state.leaving.left is not None, page.going.status()


def sign_off(room: Room) -> None:
    """The PIN is the signature."""
    with room.hands.at("sign-off"):
        room.hands.touch("Sign off")
        room.page("signoff")
        room.hands.pin("1111")
    assert room.state.phase is Phase.SIGNED


def first_call(room: Room) -> None:
    """A day later: the line of the work list, every question answered no."""
    hands = room.hands
    room.next_day()
    with hands.at("call after 24 h"):
        hands.touch("Calls")
        page = room.page("followup")
        first = page.work.first()
        assert first is not None
        hands.touch(first)
        hands.touch("All others: no")
        hands.touch("Record the call")
    (record,) = room.now.registry.aftercare.values()
    assert record.calls, page.call.status()


def is_done(room: Room, step: str) -> bool:
    """Whether a step of the preparation is recorded and lacks nothing."""
    return any(view.key == step and view.done for view in step_views(room.now))
