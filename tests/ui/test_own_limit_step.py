"""The step that only a low baseline brings: it appears, it is filled in, and the start waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.parts.emergency_events import OwnSbpLimitSet
from tests.exomonitor.engine.bedside_bench import NURSE, Bench
from tests.ui.bench_bedside import BenchBedside
from ui.bridge import Bridge
from ui.pages.prepare.own_limit import OwnLimitForm
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import BASELINE, OWN_LIMIT, START, next_key, step_views
from ui.theme import DARK
from ui.widgets.dressing import dressed_when_made


@dataclass
class Room:
    """A page over a bench on which everything but the baseline is as usual."""

    page: PreparePage
    bench: Bench
    wait: Callable[[Callable[[], bool]], None]

    def baseline(self, systolic: int) -> None:
        typed = {
            "nibp_sys": cmd.ValueEntry(Decimal(systolic), "typed"),
            "nibp_dia": cmd.ValueEntry(Decimal(50), "typed"),
        }
        self.bench.do(self.bench.set_of("baseline", values=typed, reason="read again"))
        self.look()

    def look(self) -> None:
        self.page.show_snapshot(self.bench.snapshot)

    @property
    def form(self) -> OwnLimitForm:
        form = self.page.forms[OWN_LIMIT]
        assert isinstance(form, OwnLimitForm)
        return form


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.work_as(NURSE)
    bedside = BenchBedside(bench)
    bridge = Bridge(bedside)
    with dressed_when_made():
        page = PreparePage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 618)
    page.show()
    made = Room(page, bench, qtbot.waitUntil)
    made.look()
    yield made
    bridge.close()


def is_listed(room: Room) -> bool:
    return room.page.steps.key(OWN_LIMIT).isVisible()


def test_the_step_is_there_only_for_a_low_baseline(room):
    assert not is_listed(room)
    room.baseline(88)
    assert is_listed(room)
    views = step_views(room.bench.snapshot)
    assert next_key(BASELINE, views) == OWN_LIMIT
    assert [view.number for view in views] == list(range(1, len(views) + 1))
    room.baseline(112)
    assert not is_listed(room)
    assert next_key(BASELINE, step_views(room.bench.snapshot)) == START


def test_the_page_goes_back_to_it_when_it_has_gone_on_from_the_baseline(room):
    room.page.open_step(START)
    room.page._steered = True
    room.baseline(88)
    assert room.page.present() == OWN_LIMIT


def test_number_and_reason_are_recorded_and_the_way_is_free(room):
    room.baseline(88)
    room.page.open_step(OWN_LIMIT)
    assert "88 mmHg" in room.form.words.text()
    room.page.next_step()
    assert room.form.limit.error() == "A number is needed"
    room.form.limit.set_text("76")
    room.form.reason.set_text("always low, Dr Example")
    room.form.touched()
    room.page.next_step()
    room.wait(lambda: not room.page._sending)
    room.look()
    assert room.bench.events(OwnSbpLimitSet) == [OwnSbpLimitSet(76, 88, "always low, Dr Example")]
    assert room.page.present() == START
    done = next(view for view in step_views(room.bench.snapshot) if view.key == OWN_LIMIT)
    assert done.done
    assert done.time


def test_a_limit_that_does_not_fit_the_baseline_is_said_in_a_sentence(room):
    room.baseline(70)
    room.page.open_step(OWN_LIMIT)
    room.form.limit.set_text("75")
    room.form.reason.set_text("always low, Dr Example")
    room.form.touched()
    room.page.next_step()
    room.wait(lambda: not room.page._sending)
    assert "below the baseline of 70 mmHg" in room.page.status()


def test_another_session_begins_with_an_empty_step(room):
    room.form.limit.set_text("76")
    room.form.empty()
    assert (room.form.limit.text(), room.form.reason.text()) == ("", "")
