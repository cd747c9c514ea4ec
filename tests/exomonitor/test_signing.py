"""The workstation's key: private, made once, and its signatures fit nothing but what they are over."""

from __future__ import annotations

import os
import stat

import pytest

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signing import (
    fingerprint,
    fits,
    is_that_key,
    open_key,
    public_beside,
    trusted_key,
)


def test_the_key_is_made_at_the_first_run_and_stays(tmp_path):
    first = open_key(tmp_path)
    assert open_key(tmp_path).public == first.public
    assert public_beside(tmp_path / "clinic.sqlite3") == first.public
    assert public_beside(tmp_path / "backups" / "one.sqlite3") == first.public
    assert sorted(path.name for path in tmp_path.iterdir()) == ["station.key", "station.pub"]


@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no mode bits")
def test_nobody_else_may_read_it(tmp_path):
    open_key(tmp_path)
    path = tmp_path / "station.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.expects_log("could be read by others")
@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no mode bits")
def test_a_key_that_others_could_read_is_made_private_again_and_that_is_said(tmp_path):
    open_key(tmp_path)
    path = tmp_path / "station.key"
    path.chmod(0o644)
    open_key(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_private_half_is_told_by_nothing(tmp_path):
    key = open_key(tmp_path)
    private = (tmp_path / "station.key").read_text().strip()
    assert private not in repr(key)
    assert private not in (tmp_path / "station.pub").read_text()


def test_a_signature_fits_its_bytes_and_its_key_alone(tmp_path):
    (tmp_path / "other").mkdir()
    key, other = open_key(tmp_path), open_key(tmp_path / "other")
    signature = key.sign(b"record")
    assert fits(key.public, signature, b"record")
    assert not fits(key.public, signature, b"records")
    assert not fits(other.public, signature, b"record")
    assert not fits(key.public, "ab" * 64, b"record")
    assert not fits("no key", "no signature", b"record")


@pytest.mark.parametrize("held", ["", "zz" * 32, "ab" * 10])
def test_a_damaged_key_is_said_and_never_replaced(tmp_path, held):
    (tmp_path / "station.key").write_text(held)
    (tmp_path / "station.key").chmod(0o600)
    with pytest.raises(EnvironmentFault, match="holds no key"):
        open_key(tmp_path)
    assert (tmp_path / "station.key").read_text() == held


def test_a_fingerprint_is_typed_as_it_is_printed(tmp_path):
    public = open_key(tmp_path).public
    shown = fingerprint(public)
    assert [len(group) for group in shown.split()] == [4] * 8
    assert is_that_key(public, trusted_key(shown))
    assert is_that_key(public, trusted_key(shown.lower().replace(" ", "")))
    assert is_that_key(public, trusted_key(public))
    assert not is_that_key(public, trusted_key("0" * 32))
    for wrong in ("1A2B", "x" * 64):
        with pytest.raises(CommandRefused):
            trusted_key(wrong)


def test_a_pipe_or_a_flood_beside_a_record_is_no_key_and_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "station.pub")
    assert public_beside(tmp_path / "clinic.sqlite3") == ""
    (tmp_path / "station.key").write_bytes(b"1f" * 100_000)
    (tmp_path / "station.key").chmod(0o600)
    with pytest.raises(EnvironmentFault, match="larger than"):
        open_key(tmp_path)
