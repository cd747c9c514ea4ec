"""The comparison of two protocols: every changed field of every file, nothing else."""

from importlib.resources import files

import pytest

from exomonitor.clinical.protocol import DEFAULT_FILE, load_protocol
from exomonitor.clinical.protocol_diff import ABSENT, MAIN, Difference, differences

RESOURCES = files("resources") / "protocols"
SHIPPED = load_protocol()


@pytest.fixture
def changed(tmp_path):
    """A protocol made of the shipped one with replacements (file, old, new)."""

    def make(*changes):
        folder = tmp_path / "ours"
        folder.mkdir()
        for name in {DEFAULT_FILE, *(change[0] for change in changes)}:
            text = (RESOURCES / name).read_text(encoding="utf-8")
            for file, old, new in changes:
                if file == name:
                    assert old in text
                    text = text.replace(old, new, 1)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        return load_protocol(folder / DEFAULT_FILE)

    return make


def test_a_protocol_does_not_differ_from_itself():
    assert differences(SHIPPED, SHIPPED) == ()


def test_comments_are_no_difference(changed):
    assert differences(SHIPPED, changed((DEFAULT_FILE, 'version = "1.0"', 'version = "1.0" # ours'))) == ()


def test_a_changed_field_is_named_with_both_values(changed):
    other = changed(
        (DEFAULT_FILE, 'version = "1.0"', 'version = "1.1"'),
        ("course.toml", "latest_days = 28", "latest_days = 21"),
    )
    assert differences(SHIPPED, other) == (
        Difference(MAIN, "version", "1.0", "1.1"),
        Difference("course.toml", "initial.latest_days", "28", "21"),
    )


def test_rows_of_a_table_are_named_by_their_key_and_a_new_row_shifts_nothing(changed):
    other = changed(
        (
            "symptoms.toml",
            '[[symptom]]\nkey = "itching"',
            '[[symptom]]\nkey = "yawning"\nlabel = "Yawning"\nterms = []\n\n[[symptom]]\nkey = "itching"',
        )
    )
    assert {(d.field, d.active, d.other) for d in differences(SHIPPED, other)} == {
        ("symptom[yawning].key", ABSENT, "yawning"),
        ("symptom[yawning].label", ABSENT, "Yawning"),
        ("symptom[yawning].terms", ABSENT, "empty"),
    }


def test_lists_and_switches_are_told_in_words(changed):
    other = changed(
        (DEFAULT_FILE, "dense_min = [5, 10, 15]", "dense_min = [5, 10]"),
        ("checklists.toml", "gate = true", "gate = false"),
    )
    found = {(d.field, d.active, d.other) for d in differences(SHIPPED, other)}
    assert ("observations.dense_min", "5, 10, 15", "5, 10") in found
    assert ("list[consent].gate", "yes", "no") in found


def test_a_removed_row_and_an_empty_text_are_said(changed):
    other = changed(
        (DEFAULT_FILE, 'approved_by = ""', 'approved_by = "A. Example MD"'),
        ("symptoms.toml", '[[symptom]]\nkey = "anxiety"\nlabel = "Anxiety"\nterms = ["Anxiety"]\n', ""),
    )
    found = {(d.field, d.active, d.other) for d in differences(SHIPPED, other)}
    assert ("approved_by", "empty", "A. Example MD") in found
    assert ("symptom[anxiety].label", "Anxiety", ABSENT) in found


def test_another_ctcae_version_is_another_file(changed):
    other = changed((DEFAULT_FILE, 'ctcae = "5.0"', 'ctcae = "6.0"'))
    files_named = {d.file for d in differences(SHIPPED, other)}
    assert files_named == {MAIN, "ctcae_v5.toml", "ctcae_v6.toml"}


def test_long_texts_are_cut(changed):
    other = changed((DEFAULT_FILE, "Exosomes used to treat disease", "Vesicles used to treat disease"))
    (found,) = differences(SHIPPED, other)
    assert len(found.other) == 160
    assert found.other.endswith("…")
