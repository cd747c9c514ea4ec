"""Tests of the record on encrypted databases: each new one gets a key, and sqlite3 as the tests use it knows that key.

`EXOMONITOR_ENCRYPTED=1 ./run test tests/exomonitor/records` runs all but `PLAIN_ONLY` so; without it those of `BOTH`
run in both ways.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from exomonitor.records import database, keys
from exomonitor.records.cipher import sqlcipher, unlock
from tests.exomonitor.records import disk

ALL_ENCRYPTED = os.environ.get("EXOMONITOR_ENCRYPTED") == "1"
KEY = keys.RecordKey(b"made-up key of these tests only!")
BOTH = frozenset(
    {
        "test_a_backup_of_a_database_in_use_is_named_private_and_intact",
        "test_a_crashed_copy_is_verified_with_its_log",
        "test_a_damaged_record_is_replaced_and_kept",
        "test_a_process_of_its_own_makes_one_and_says_why_it_cannot",
        "test_both_chains_hold_across_sessions_and_restarts",
        "test_every_commit_printed_before_a_kill_is_there",
        "test_every_submit_is_recorded_or_refused_whichever_call_fails",
        "test_nothing_is_lost_of_staged_and_merged_waves",
        "test_opening_again_changes_nothing",
        "test_signing_a_session_merges_its_waves_and_nobody_elses",
        "test_the_state_folded_live_is_the_state_folded_from_the_record",
        "test_what_waits_in_the_log_comes_back_too",
    }
)
PLAIN_ONLY = {
    "test_the_log_stays_and_the_record_goes_on": "another program cannot read it there",
    "test_a_page_of_readings_that_is_noise_costs_only_what_stood_on_it": "SQLCipher has no table of its pages",
    "test_behind_a_page_of_the_journal_that_cannot_be_read_verification_looks_at_all_the_rest": "the same",
    "test_a_page_of_a_sessions_own_entries_costs_the_clinics_lists_nothing": "the same",
    "test_a_table_of_contents_that_is_no_text_any_more_is_one_sentence": "it changes words in the file",
    "test_a_changed_entry_is_left_out_and_listed": "it changes words in the file, which are not to be found there",
    "test_a_lost_beginning_leaves_plain_rows_and_a_database_to_read": "the same",
    "test_a_process_of_its_own_says_what_does_not_fit": "the same",
    "test_it_also_says_of_which_sessions_something_is_lost": "the same",
    "test_where_its_key_is_lost_nobody_comes_and_the_new_record_starts": "it loses a key of its own",
    "test_its_exit_code_tells_intact_changed_and_no_record": "the same",
    "test_pages_that_sqlite_itself_cannot_follow_are_found_by_the_short_look": "SQLCipher reads no damaged page at all",
    "test_a_page_that_cannot_be_read_besides_puts_nobody_else_in_doubt": "the same",
    "test_a_lone_copy_can_be_read_where_nothing_can_be_written": "it plays a refusal of plain sqlite3",
}
PLAIN_FILES = {
    "test_encrypt.py": "it begins in the clear and encrypts by itself",
    "test_every_text_damaged.py": "its copies are made by plain sqlite3, in the clear",
    "test_recover_from_bad_pages.py": "its second reader reads pages in the clear",
    "test_restore_later.py": "it damages an entry by its words",
}
_plain_connect, _plain_row = sqlite3.connect, sqlite3.Row


def encrypt_everything(patch: pytest.MonkeyPatch) -> None:
    """From now on every new database is encrypted, and `sqlite3.connect` knows the key."""
    patch.setattr(database, "key_for_new", _keyed)
    patch.setattr(sqlite3, "connect", _connect)
    patch.setitem(keys._known, KEY.id, KEY)
    patch.setattr(keys, "_also", [])
    patch.setitem(disk.ENCRYPTED, "too", True)


def key_for_others(folder: Path) -> None:
    """Where everything is encrypted just now: other processes encrypt what they make in this folder, too."""
    if disk.ENCRYPTED["too"]:
        folder.mkdir(parents=True, exist_ok=True)
        keys.keep_in_file(folder, KEY)


def _keyed(folder: Path) -> keys.RecordKey:
    """The key of these tests, kept one folder up: other processes look there, and tests count files in this one."""
    file = folder.parent / keys.FILE
    if not file.exists():
        keys.keep_in_file(folder.parent, KEY)
    keys.look_also(file)
    return KEY


def _connect(path: Any, *args: Any, **how: Any) -> Any:
    file = str(path).removeprefix("file://").split("?", maxsplit=1)[0]
    if keys.named_by(Path(file)) != KEY.id:
        return _plain_connect(path, *args, **how)
    module = sqlcipher()

    class Connection(module.Connection):  # type: ignore[misc, name-defined]
        """Speaks of its rows and errors as plain sqlite3 does."""

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, module.Row if value is _plain_row else value)

        def execute(self, *words: Any) -> Any:
            try:
                return super().execute(*words)
            except module.IntegrityError as cause:
                raise sqlite3.IntegrityError(*cause.args) from cause

    raw = module.connect(str(path), *args, **how, factory=Connection)
    unlock(raw, KEY)
    return raw
