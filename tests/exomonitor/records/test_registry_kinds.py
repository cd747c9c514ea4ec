"""Whoever needs one table of the registry reads its entries alone; the start reads the whole of it once."""

from __future__ import annotations

from contextlib import closing

from exomonitor.assembly import assemble
from exomonitor.engine.ports import STATION_ACTOR, Draft
from exomonitor.records.queries import SqlArchive
from exomonitor.registry.registry import WATCHED, load_registry
from exomonitor.registry.users import TABLE as USERS
from exomonitor.registry.users import UserAdded
from tests.exomonitor.records.record_samples import make_database, opened, recording


def test_the_entries_of_one_table_are_those_of_its_events_in_order(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        people = [UserAdded(f"u{n}", ("nurse",), f"Nurse {n}") for n in range(3)]
        drafts = [Draft("", clock.now(), STATION_ACTOR, one) for one in people]
        recorder.submit([*drafts[:2], opened(clock.now()), drafts[2]]).result()
    archive = SqlArchive(path)
    assert [entry.event for entry in archive.registry_entries(USERS.steps)] == people
    assert load_registry(archive.registry_entries()).users.keys() == {"u0", "u1", "u2"}
    assert archive.staff()["u2"] == ("Nurse 2", "nurse")


def test_a_start_reads_everything_that_the_registry_heeds_once(tmp_path, clock, monkeypatch):
    asked: list[int] = []
    read, kept = SqlArchive.registry_entries, SqlArchive.registry_kept

    def counted(self, kinds=WATCHED):
        asked.append(len(tuple(kinds)))
        return read(self, kinds)

    def all_of_it(self):
        asked.append(len(WATCHED))
        return kept(self)

    monkeypatch.setattr(SqlArchive, "registry_entries", counted)
    monkeypatch.setattr(SqlArchive, "registry_kept", all_of_it)
    with closing(assemble(clock, tmp_path / "x.sqlite3", "test", simulated=True, chair="4", watched=False)):
        assert asked.count(len(WATCHED)) == 1
