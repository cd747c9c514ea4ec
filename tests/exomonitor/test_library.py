"""The protocols that a data folder keeps: complete copies, found by hash, checked before they are imported."""

import logging
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from exomonitor.clinical.protocol import DEFAULT_FILE, load_protocol
from exomonitor.clock import Instant
from exomonitor.errors import EnvironmentFault
from exomonitor.library import FOLDER, ProtocolLibrary
from exomonitor.registry.library import Adopted

SHIPPED = load_protocol()
RESOURCES = files("resources") / "protocols"


def own(folder, name, old="", new=""):
    folder.mkdir(exist_ok=True)
    text = (RESOURCES / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8", newline="\n")
    return folder / name


@pytest.fixture
def library(tmp_path):
    return ProtocolLibrary(tmp_path / "data")


@pytest.fixture
def clinic(tmp_path):
    """A clinic's own folder with a main file of version 2.0 and one table of its own."""
    folder = tmp_path / "clinic"
    own(folder, DEFAULT_FILE, 'version = "1.0"', 'version = "2.0"')
    own(folder, "course.toml", "latest_days = 28", "latest_days = 21")
    return folder


def test_what_is_kept_is_found_by_its_hashes_and_is_the_same(library):
    library.keep(SHIPPED)
    again = library.load(SHIPPED.sha256, SHIPPED.rules.sha256)
    assert again == SHIPPED


def test_nothing_is_made_before_something_is_kept(library):
    assert library.kept() == ()
    assert library.load("a" * 64, "b" * 64) is None
    assert not library.folder.exists()


def test_a_copy_holds_every_file_and_does_not_follow_changes_of_the_original(library, clinic):
    protocol = library.read(clinic)
    library.keep(protocol)
    (place,) = library.folder.iterdir()
    assert {one.name for one in place.iterdir()} == {DEFAULT_FILE, *protocol.rules.sources}
    own(clinic, DEFAULT_FILE, 'version = "1.0"', 'version = "3.0"')
    kept = library.load(protocol.sha256, protocol.rules.sha256)
    assert kept.version == "2.0"
    assert kept.rules.course.content.initial.latest_days == 21


def test_a_copy_that_was_tampered_with_is_as_good_as_gone(library):
    library.keep(SHIPPED)
    (place,) = library.folder.iterdir()
    own(place, "course.toml", "latest_days = 28", "latest_days = 21")
    assert library.load(SHIPPED.sha256, SHIPPED.rules.sha256) is None


def test_a_copy_that_cannot_be_read_any_more_is_said_in_the_log(library, caplog):
    library.keep(SHIPPED)
    (place,) = library.folder.iterdir()
    (place / "course.toml").write_text("version = ", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert library.load(SHIPPED.sha256, SHIPPED.rules.sha256) is None
    assert "cannot be used" in caplog.text


def test_keeping_twice_changes_nothing(library):
    library.keep(SHIPPED)
    (place,) = library.folder.iterdir()
    before = place.stat().st_mtime_ns
    library.keep(SHIPPED)
    assert place.stat().st_mtime_ns == before
    assert [one.name for one in library.folder.iterdir()] == [place.name]


def test_a_folder_that_cannot_be_written_is_said_and_leaves_nothing_behind(tmp_path):
    (tmp_path / FOLDER).write_text("in the way", encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        ProtocolLibrary(tmp_path).keep(SHIPPED)


def test_the_list_is_sorted_and_leaves_out_what_is_unusable(library, clinic):
    library.keep(library.read(clinic))
    library.keep(SHIPPED)
    (library.folder / "notes").mkdir()
    (library.folder / "readme.txt").write_text("x", encoding="utf-8")
    assert [one.version for one in library.kept()] == ["1.0", "2.0"]


def test_a_folder_put_into_the_data_folder_is_listed(library):
    library.folder.mkdir(parents=True)
    own(library.folder / "ours", DEFAULT_FILE, 'version = "1.0"', 'version = "4.0"')
    assert [one.version for one in library.kept()] == ["4.0"]


def test_a_single_protocol_file_is_read_with_the_tables_beside_it(library, clinic):
    protocol = library.read(clinic / DEFAULT_FILE)
    assert (protocol.version, protocol.rules.course.content.initial.latest_days) == ("2.0", 21)


def test_tables_alone_stand_in_the_shipped_protocol(library, tmp_path):
    table = own(tmp_path / "tables", "course.toml", "latest_days = 28", "latest_days = 21")
    for path in (table, table.parent):
        protocol = library.read(path)
        assert protocol.sha256 == SHIPPED.sha256
        assert protocol.rules.course.content.initial.latest_days == 21
        assert protocol.rules.sites == SHIPPED.rules.sites


def test_what_cannot_be_imported_is_named(library, tmp_path, clinic):
    with pytest.raises(EnvironmentFault, match="There is nothing at"):
        library.read(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EnvironmentFault, match="no protocol and no table"):
        library.read(tmp_path / "empty")
    own(clinic, DEFAULT_FILE)
    (clinic / "other.toml").write_text("x = 1", encoding="utf-8")
    with pytest.raises(EnvironmentFault, match=rf"more than one protocol: {DEFAULT_FILE}, other\.toml"):
        library.read(clinic)


def test_a_wrong_file_is_refused_with_file_line_and_field(library, clinic):
    own(clinic, "sites.toml", 'version = "1.0"', "version = 1")
    with pytest.raises(EnvironmentFault, match=r"sites\.toml, line \d+: version: "):
        library.read(clinic)


def test_the_last_adoption_is_in_force_while_its_copy_is_there(library, clinic, caplog):
    first, second = SHIPPED, library.read(clinic)
    assert library.adopted({}) is None
    adoptions = {str(n): adopted(n, one) for n, one in ((4, first), (9, second))}
    library.keep(second)
    assert library.adopted(adoptions).version == "2.0"
    with caplog.at_level(logging.WARNING):
        assert library.adopted({"4": adoptions["4"]}) is None
    assert "is gone from" in caplog.text


def adopted(seq, protocol):
    at = Instant(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 0, "boot")
    return Adopted(str(seq), seq, protocol.name, protocol.version, protocol.sha256, protocol.rules.sha256, at, "u-1")
