"""The clinic's tables together: shipped, overridden by file name, agreeing with each other, known by one hash."""

import hashlib
from importlib.resources import files

import pytest

from exomonitor.clinical.protocol import DEFAULT_FILE, load_protocol
from exomonitor.clinical.rulebook import TABLE_FILES, load_rulebook, parse_rulebook
from exomonitor.clinical.tables import NOT_APPROVED
from exomonitor.errors import EnvironmentFault

FOLDER = files("resources") / "protocols"
SHIPPED = load_rulebook()


def own(folder, name, old="", new=""):
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8", newline="\n")


def test_every_shipped_table_is_in_the_book_and_says_that_no_clinic_approved_it():
    shipped = {one.name for one in FOLDER.iterdir() if one.name.endswith(".toml")}
    assert shipped == {*TABLE_FILES, DEFAULT_FILE}
    assert len(SHIPPED.tables) == 15
    assert all(table.content.approval == NOT_APPROVED for table in SHIPPED.tables)


def test_the_hash_is_over_names_and_hashes_of_the_tables():
    lines = "\n".join(
        sorted(f"{name} {hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()}" for name in SHIPPED.sources)
    )
    assert SHIPPED.sha256 == hashlib.sha256(lines.encode()).hexdigest()
    assert load_protocol().rules.sha256 == SHIPPED.sha256


def test_a_clinics_folder_overrides_tables_by_name_and_leaves_the_rest(tmp_path):
    own(tmp_path, "course.toml", "latest_days = 28", "latest_days = 21")
    book = load_rulebook(tmp_path)
    assert book.course.content.initial.latest_days == 21
    assert book.course.name == "course.toml"
    assert book.sites == SHIPPED.sites
    assert book.sha256 != SHIPPED.sha256


def test_a_protocol_given_by_path_takes_the_tables_beside_it(tmp_path):
    own(tmp_path, DEFAULT_FILE)
    own(tmp_path, "course.toml", "latest_days = 28", "latest_days = 21")
    protocol = load_protocol(tmp_path / DEFAULT_FILE)
    assert protocol.rules.course.content.initial.latest_days == 21
    assert protocol.sha256 == load_protocol().sha256
    assert (protocol.file, protocol.source) == (DEFAULT_FILE, (FOLDER / DEFAULT_FILE).read_bytes())


def test_the_protocol_chooses_the_ctcae_version(tmp_path):
    own(tmp_path, DEFAULT_FILE, 'ctcae = "5.0"', 'ctcae = "6.0"')
    rules = load_protocol(tmp_path / DEFAULT_FILE).rules
    assert rules.ctcae.content.version == "6.0"
    assert {"ctcae_v6.toml"} == set(rules.sources) - set(SHIPPED.sources)
    assert load_protocol().rules.ctcae.content.version == "5.0"


def test_what_was_read_can_be_read_again_from_its_bytes():
    again = parse_rulebook(SHIPPED.sources, "5.0")
    assert again.sha256 == SHIPPED.sha256


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("course.toml", "latest_days = 28", "latest_days = 1", "course.toml, line 9: initial: "),
        ("symptoms.toml", 'terms = ["Flushing"]', 'terms = ["Red"]', "symptom flushing: 'Red' is not in CTCAE 5.0"),
        ("triage.toml", 'term = "Fatigue"', 'term = "Weariness"', "item tired: 'Weariness' is not in CTCAE 5.0"),
        ("symptoms.toml", 'key = "hives"', 'key = "nettle"', "tile.hives: there is no such tile in symptoms.toml"),
        ("ctcae_v5.toml", 'version = "5.0"', 'version = "5.1"', "version: 5.1 is not CTCAE 5.0"),
        ("ctcae_v5.toml", 'name = "Myalgia"', 'name = "Muscle ache"', "'Myalgia' is not in CTCAE 5.0"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_with_its_file_and_what_is_wrong(tmp_path, name, old, new, said):
    own(tmp_path, name, old, new)
    with pytest.raises(EnvironmentFault) as caught:
        load_rulebook(tmp_path)
    assert str(caught.value).startswith("Table ")
    assert ".toml" in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_table_and_an_unknown_ctcae_version_are_named():
    with pytest.raises(EnvironmentFault, match=r"Table course\.toml: is missing"):
        parse_rulebook({name: data for name, data in SHIPPED.sources.items() if name != "course.toml"}, "5.0")
    with pytest.raises(EnvironmentFault, match=r"CTCAE 4\.0 is not known"):
        load_rulebook(None, "4.0")


def test_a_table_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "sites.toml").mkdir()
    with pytest.raises(EnvironmentFault, match=r"sites\.toml: cannot be read"):
        load_rulebook(tmp_path)
