"""A record that cannot be opened: why stands in the window until it is answered, and monitoring can go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.lease import take_lease
from exomonitor.records.beside import FOLDER
from exomonitor.registry.users import UserAdded
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.session.trust_events import HeadSigned, PeopleTakenOver
from exomonitor.settings import Settings, load_settings, save_settings
from tests.exomonitor.station_bench import do
from tests.ui.image_compare import as_pixels
from ui.opening import WORDS, Opening, show_opening
from ui.start_refused import DAMAGED, NOTICE, TITLE, UNWATCHED, RefusedStart, begin


@pytest.fixture
def opening(qtbot) -> Opening:
    shown = show_opening()
    qtbot.addWidget(shown)
    return shown


def make(settings, path):
    return assemble(ManualClock(), path, "ExoMonitor test", simulated=False, chair=settings.seats, watched=False)


def soon(act) -> None:
    QTimer.singleShot(0, act)


def page_of(opening: Opening) -> RefusedStart:
    (page,) = opening.findChildren(RefusedStart)
    return page


def press(opening: Opening, which: str) -> None:
    soon(lambda: getattr(page_of(opening), which).click())


def damage(data: Path, kind: str = "UserAdded") -> bytes:
    """One bit of an entry, by default about a person; the bytes of the file afterwards."""
    station = make(Settings(), data / "clinic.sqlite3")
    sealed = station.seal_pin("719350").result(60)
    nurse = do(station, AddUser("1", "", "N. DEMO-FIRST", ("administrator", "nurse"), sealed)).answer
    do(station, SignIn("1", "", station.prove(nurse, "719350").result(60).token))
    do(station, OpenSession("1", nurse))
    do(station, AddNote("1", nurse, "made-up note"))  # the end of the record is whole
    station.close()
    with closing(sqlite3.connect(data / "clinic.sqlite3", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER journal_no_update").close()
        connection.execute("UPDATE journal SET body = '[' || substr(body, 2) WHERE type = ?", (kind,)).close()
    return (data / "clinic.sqlite3").read_bytes()


def test_a_whole_record_is_simply_opened(opening, tmp_path):
    begun = begin(opening, tmp_path, make)
    begun.station.close()
    assert begun.notice == ""
    assert (tmp_path / "clinic.sqlite3").exists()
    assert not (tmp_path / FOLDER).exists()


def without_key(settings, path):
    raise EnvironmentFault("The key of this record is not here.")


@pytest.mark.expects_log("The key of this record is not here")
def test_why_it_is_refused_stands_in_the_window_until_it_is_closed(opening, tmp_path, qtbot):
    seen: list[str] = []

    def look() -> None:
        page = page_of(opening)
        assert opening.isVisible()
        seen.append(opening.accessibleName())
        assert as_pixels(opening.grab().toImage()).max() > 200
        qtbot.keyClick(page.close_it, Qt.Key.Key_Return)

    soon(look)
    with pytest.raises(EnvironmentFault, match="The key of this record is not here"):
        begin(opening, tmp_path, without_key)
    (said,) = seen
    assert said.startswith(TITLE)
    assert "The key of this record is not here." in said
    assert said.endswith(UNWATCHED)
    assert "The key of this record is not here" in (tmp_path / "exomonitor.log").read_text()
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.expects_log("The key of this record is not here")
def test_closing_the_window_is_an_answer(opening, tmp_path):
    soon(opening.close)
    with pytest.raises(EnvironmentFault):
        begin(opening, tmp_path, without_key)


@pytest.mark.expects_log("The key of this record|monitoring goes on in a new record")
def test_who_wants_to_monitor_all_the_same_does_so_in_a_new_record(opening, tmp_path):
    press(opening, "go_on")
    begun = begin(
        opening, tmp_path, lambda settings, at: (make if at.parent.name == FOLDER else without_key)(settings, at)
    )
    begun.station.close()
    assert begun.notice == NOTICE
    assert (tmp_path / FOLDER / "clinic.sqlite3").exists()


@pytest.mark.expects_log("of the clinic's lists is lost|an open session")
@pytest.mark.parametrize("kind", ["UserAdded", "SessionOpened", "NoteAdded"])
def test_with_a_damaged_entry_it_opens_and_goes_on_with_its_session(opening, tmp_path, kind):
    damage(tmp_path, kind)
    begun = begin(opening, tmp_path, make)
    begun.station.runtime.settle()
    session = begun.station.latest().session
    begun.station.close()
    assert session is not None
    assert begun.notice == ""
    assert not (tmp_path / FOLDER).exists()


def destroyed(data: Path) -> bytes:
    """Its first page; the bytes of the file afterwards."""
    damage(data, "SessionOpened")
    with (data / "clinic.sqlite3").open("r+b") as file:
        file.write(b"\0" * 100)
    return (data / "clinic.sqlite3").read_bytes()


@pytest.mark.expects_log("is not a database|is empty|monitoring goes on in a new record")
@pytest.mark.parametrize("empty", [True, False])
def test_beside_a_destroyed_record_monitoring_goes_on_at_once_and_nobody_is_asked(opening, tmp_path, empty):
    save_settings(tmp_path, Settings(station="bay-7"))
    kept = destroyed(tmp_path)
    if empty:
        (tmp_path / "clinic.sqlite3").write_bytes(kept := b"")
    begun = begin(opening, tmp_path, make)
    begun.station.close()
    assert begun.notice == DAMAGED
    assert begun.settings.station == "bay-7"
    assert load_settings(tmp_path / FOLDER).station == "bay-7"
    assert (tmp_path / FOLDER / "clinic.sqlite3").exists()
    assert (tmp_path / "clinic.sqlite3").read_bytes() == kept
    assert opening.accessibleName().endswith(WORDS)  # until the window stands
    assert "recover or restore" in DAMAGED
    take_lease(tmp_path / "clinic.sqlite3", "recover", "now").close()  # whoever mends it gets at it


@pytest.mark.expects_log("is not a database|monitoring goes on in a new record")
def test_the_people_of_the_damaged_record_sign_in_to_the_new_one_with_their_pin(opening, tmp_path):
    destroyed(tmp_path)
    station = begin(opening, tmp_path, make).station
    nurse = station.prove("N. DEMO-FIRST", "719350").result(60)
    do(station, SignIn("1", "", nurse.token))
    do(station, OpenSession("1", nurse.user))
    entries = station.archive.registry_entries((UserAdded, PeopleTakenOver))
    signed = station.archive.entries("")
    station.close()
    added, told = (entry.event for entry in entries)
    assert isinstance(added, UserAdded)
    assert isinstance(told, PeopleTakenOver)
    assert (added.name, added.roles, added.badge_digest) == ("N. DEMO-FIRST", ("nurse", "administrator"), "")
    assert (told.source, told.people) == ("clinic.sqlite3", 1)
    assert told.badges_of
    assert any(isinstance(entry.event, HeadSigned) and entry.event.why == "PeopleTakenOver" for entry in signed)
    again = make(Settings(), tmp_path / FOLDER / "clinic.sqlite3")  # they are there now, and are not taken over twice
    assert len(again.archive.registry_entries((PeopleTakenOver,))) == 1
    again.close()


@pytest.mark.expects_log("no key in the lock|nor here")
def test_where_no_other_record_can_be_made_that_is_said_as_well(opening, tmp_path):
    asked: list[Path] = []

    def refusing(settings, path):
        asked.append(path)
        raise CommandRefused("no key in the lock." if len(asked) == 1 else "nor here.")

    def second() -> None:
        page = opening.findChildren(RefusedStart)[-1]
        assert page.go_on is None
        page.close_it.click()

    def then() -> None:
        first = page_of(opening)
        assert first.go_on is not None
        first.go_on.click()
        soon(second)

    soon(then)
    with pytest.raises(EnvironmentFault, match="nor here"):
        begin(opening, tmp_path, refusing)
    assert asked == [tmp_path / "clinic.sqlite3", tmp_path / FOLDER / "clinic.sqlite3"]


@pytest.mark.expects_log("the record cannot be opened|KeyError|monitoring goes on in a new record")
def test_an_error_of_the_program_itself_does_not_close_the_window_either(opening, tmp_path):
    def failing(settings, path):
        if path.parent == tmp_path:
            raise KeyError("made up")
        return make(settings, path)

    press(opening, "go_on")
    begun = begin(opening, tmp_path, failing)
    begun.station.close()
    assert begun.notice == NOTICE
