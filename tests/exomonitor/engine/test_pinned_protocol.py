"""A session keeps the protocol it was opened with, also when the program comes back with another one."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from exomonitor.clinical.protocol import DEFAULT_FILE, ClinicProtocol, parse_protocol
from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.registry.library import ProtocolAdopted
from exomonitor.session import commands as cmd
from exomonitor.session.events import SessionOpened
from exomonitor.session.parts.protocol import AdoptProtocol, PinnedProtocolGone
from exomonitor.session.phases import Phase
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NURSE, PROTOCOL, Bench

TEXT = (files("resources") / "protocols" / DEFAULT_FILE).read_text(encoding="utf-8")


def other() -> ClinicProtocol:
    """A later version: another interval between sets, another SpO2 limit."""
    text = TEXT.replace('version = "1.0"', 'version = "2.0"', 1).replace("every_min = 15", "every_min = 20", 1)
    assert "threshold = 90" in text
    return parse_protocol(text.replace("threshold = 90", "threshold = 92", 1).encode(), "ours.toml")


class Store:
    """Copies in memory."""

    def __init__(self) -> None:
        self.copies: dict[tuple[str, str], ClinicProtocol] = {}
        self.fault = ""

    folder: Any = None

    def keep(self, protocol: ClinicProtocol) -> None:
        if self.fault:
            raise EnvironmentFault(self.fault)
        self.copies[protocol.sha256, protocol.rules.sha256] = protocol

    def load(self, sha256: str, rules_sha256: str) -> ClinicProtocol | None:
        return self.copies.get((sha256, rules_sha256))

    def kept(self) -> tuple[ClinicProtocol, ...]:
        return tuple(self.copies.values())

    def read(self, path: Any) -> ClinicProtocol:
        raise EnvironmentFault(f"There is nothing at {path}")


@pytest.fixture
def store() -> Store:
    return Store()


def back(bench: Bench, protocol: ClinicProtocol, store: Store | None, seconds: float = 30.0) -> Bench:
    """The program comes back, now with this protocol in force for new sessions."""
    again = Bench(
        ManualClock(bench.now.plus(seconds).utc, "another boot"), bench.recorder, protocol=protocol, protocols=store
    )
    again.engine.restore(CHAIR, bench.journal(), again.now)
    again.tick()
    return again


def test_a_session_pins_name_version_and_both_hashes_and_a_copy_is_kept(store):
    bench = Bench(protocols=store)
    assert store.copies == {}
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    state = bench.state
    assert (state.protocol, state.protocol_version) == (PROTOCOL.name, PROTOCOL.version)
    assert (state.protocol_sha256, state.rules_sha256) == (PROTOCOL.sha256, PROTOCOL.rules.sha256)
    assert store.copies == {(PROTOCOL.sha256, PROTOCOL.rules.sha256): PROTOCOL}


def test_after_a_restart_with_another_protocol_the_session_goes_on_with_its_own(store):
    bench = Bench(protocols=store)
    bench.prepare()
    again = back(bench, other(), store)
    chair = again.engine.chair(CHAIR)
    assert chair.protocol == PROTOCOL
    assert again.engine.situation(chair, again.now).protocol == PROTOCOL
    assert again.events(PinnedProtocolGone) == []


def test_its_alarm_limits_and_intervals_are_those_it_was_opened_with(store):
    bench = Bench(protocols=store)
    bench.infusing(60)
    again = back(bench, other(), store)
    assert {"+15", "+30", "+45"} <= {row.slot.key for row in again.snapshot.slots}
    assert next(limit.threshold for limit in limits(again) if limit.key == "spo2_low") < 92


def limits(bench: Bench) -> list[Any]:
    return list(bench.engine.chair(CHAIR).alarms.limits)


def test_the_next_session_works_by_the_new_protocol(store):
    bench = Bench(protocols=store)
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    again = back(bench, other(), store)
    again.do(cmd.AbandonSession(CHAIR, NURSE, "wrong_chair"))
    assert again.state.phase is Phase.ABANDONED
    again.do(cmd.OpenSession(CHAIR, NURSE))
    assert again.state.protocol_version == "2.0"
    assert again.engine.chair(CHAIR).protocol.version == "2.0"
    assert next(limit.threshold for limit in limits(again) if limit.key == "spo2_low") == 92
    assert len(store.copies) == 2


@pytest.mark.expects_log("the pinned protocol .* is gone")
def test_when_the_copy_is_gone_it_is_said_once_and_the_present_one_is_used(store):
    bench = Bench(protocols=store)
    bench.prepare()
    store.copies.clear()
    again = back(bench, other(), store)
    assert again.engine.chair(CHAIR).protocol.version == "2.0"
    (gone,) = again.events(PinnedProtocolGone)
    assert (gone.pinned, gone.used) == ("Exosome IV slow 1.0", "Exosome IV slow 2.0")
    assert any("is not on this computer any more" in line for line in told(again))
    third = back(again, other(), store)
    assert len(third.events(PinnedProtocolGone)) == 1


def told(bench: Bench) -> list[str]:
    from exomonitor.session.narrative import sentence

    return [sentence(entry.event) for entry in bench.snapshot.log]


@pytest.mark.expects_log("no copy of the protocol was kept")
def test_a_copy_that_cannot_be_kept_stops_nothing(store):
    store.fault = "the disk is full"
    bench = Bench(protocols=store)
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    assert bench.state.protocol == PROTOCOL.name


def test_a_session_of_an_older_program_pinned_no_tables_and_is_not_gone(store):
    bench = Bench(protocols=store)
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    opened = next(e for e in bench.journal() if type(e.event).__name__ == "SessionOpened")
    place = bench.recorder.entries.index(opened)
    assert isinstance(opened.event, SessionOpened)
    bench.recorder.entries[place] = replace(opened, event=replace(opened.event, rules_sha256=""))
    again = back(bench, PROTOCOL, None)
    assert again.events(PinnedProtocolGone) == []


def adopt(bench: Bench, protocol: ClinicProtocol, by: str) -> AdoptProtocol:
    proof = bench.proof(by) if by else ""
    return AdoptProtocol(CHAIR, NURSE, protocol.name, protocol.version, protocol.sha256, protocol.rules.sha256, proof)


def test_an_administrator_adopts_a_protocol_and_the_journal_says_so(store):
    bench = Bench(protocols=store)
    bench.do(adopt(bench, other(), ADMIN))
    entry = bench.recorder.entries[-1]
    assert isinstance(entry.event, ProtocolAdopted)
    assert (entry.actor, entry.session, entry.event.version) == (ADMIN, "", "2.0")
    assert entry.event.before == "Exosome IV slow 1.0"
    (adopted,) = bench.engine.registry.library.values()
    assert (adopted.version, adopted.by, adopted.sha256) == ("2.0", ADMIN, other().sha256)


def test_adopting_changes_nothing_in_the_session_that_is_open(store):
    bench = Bench(protocols=store)
    bench.prepare()
    bench.do(adopt(bench, other(), ADMIN))
    assert bench.engine.chair(CHAIR).protocol == PROTOCOL


def test_only_an_administrator_adopts_and_only_what_is_new(store):
    bench = Bench(protocols=store)
    assert "role of administrator" in bench.refused(adopt(bench, other(), NURSE))
    assert bench.refused(adopt(bench, other(), ""))
    assert bench.refused(adopt(bench, PROTOCOL, ADMIN)) == "Exosome IV slow 1.0 is in force already"
    bench.do(adopt(bench, other(), ADMIN))
    assert "is adopted already" in bench.refused(adopt(bench, other(), ADMIN))
    bench.do(adopt(bench, PROTOCOL, ADMIN))  # back to the one before
