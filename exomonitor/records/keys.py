"""The keys of encrypted databases: each is named by its own digest, and kept in a file of its user alone or in the
system's key store.

An encrypted file begins with a mark and the name of its key, so it says itself which key it needs. `record.key` in the
data folder says where keys are; the newest one is for new databases, the older ones are for older backups.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from exomonitor.bounded import read_bounded
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import sha256_hex
from exomonitor.records.held import beginning

MARK = b"ExoMonE1"
FILE = "record.key"
SERVICE = "exomonitor-record"
NEEDS = "the packages for encryption are missing: install them with `./run encrypt --help`"
_ID_BYTES, _SECRET_BYTES, _MOST_BYTES = 8, 32, 64 * 1024
_KEY, _STORE, _AT, _OFF = "key", "store", "at", "off"
_HEAD = "# The keys of the encrypted record, the newest last. Whoever has them can read it: keep a copy, apart.\n"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """256 random bits."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Its name, 16 hex digits: says nothing about the key itself."""
        return sha256_hex(b"exomonitor record key " + self.secret)[: 2 * _ID_BYTES]

    @property
    def beginning(self) -> bytes:
        """The first 16 bytes of every file that it encrypts (SQLCipher's salt)."""
        return MARK + bytes.fromhex(self.id)


_known: dict[str, RecordKey] = {}
_also: list[Path] = []


def new_key() -> RecordKey:
    """A key that is kept nowhere yet."""
    return RecordKey(secrets.token_bytes(_SECRET_BYTES))


def look_also(place: Path) -> None:
    """Look for keys in this key file, or in the one of this data folder, too: for files that lie elsewhere."""
    if place not in _also:
        _also.append(place)


def forget_keys() -> None:
    """As a program that has just started."""
    _known.clear()
    _also.clear()


def named_by(path: Path) -> str:
    """The name of the key that a file was encrypted with, "" where it is not encrypted or cannot be read."""
    with suppress(OSError):
        begin, _ = beginning(path, len(MARK) + _ID_BYTES)
        if begin.startswith(MARK) and len(begin) == len(MARK) + _ID_BYTES:
            return begin[len(MARK) :].hex()
    return ""


def key_of(path: Path) -> RecordKey | None:
    """The key of an encrypted database, None for a plain one. Raises EnvironmentFault where the key is missing."""
    name = named_by(path)
    if not name:
        return None
    if name not in _known:
        _known[name] = _found(path, name)
    return _known[name]


def keys_near(path: Path) -> Iterator[RecordKey]:
    """Every key that the key files near a database name: for one whose own beginning is destroyed."""
    for place in _places(path):
        for name in dict.fromkeys(words[1] for words in _lines(place) if len(words) > 1):
            if (key := _held_by(place, name)) is not None:
                yield key


def key_for_new(folder: Path) -> RecordKey | None:
    """The key for databases that are made in this data folder; None = they are not encrypted."""
    lines = list(_lines(folder / FILE))
    if not lines or lines[-1] == [_OFF]:
        return None
    name = _newest(lines)
    key = _known.get(name) or _held_by(folder / FILE, name)
    if key is None:
        raise EnvironmentFault(_missing("A new database", name))
    _known[name] = key
    return key


def keep_in_file(folder: Path, key: RecordKey, file: Path | None = None) -> None:
    """Keep a key as the newest of a data folder, in its own key file or in another one. Raises EnvironmentFault."""
    line = f"{_KEY} {key.id} {key.secret.hex()}"
    if file is None:
        _append(folder / FILE, line)
    else:
        _append(file, line)
        _append(folder / FILE, f"{_AT} {key.id} {file.absolute()}")
    _known[key.id] = key


def keep_in_store(folder: Path, key: RecordKey) -> None:
    """Keep a key as the newest of a data folder, in the system's key store. Raises CommandRefused where it has none."""
    keyring, wrong = _keyring()
    try:
        keyring.set_password(SERVICE, key.id, key.secret.hex())
        kept = keyring.get_password(SERVICE, key.id)
    except wrong as cause:
        raise CommandRefused("This computer has no key store that works: use --key-file FILE") from cause
    if kept != key.secret.hex():
        raise CommandRefused("This computer's key store did not keep the key: use --key-file FILE")
    _append(folder / FILE, f"{_STORE} {key.id}")
    _known[key.id] = key


def place_of(folder: Path, name: str) -> str:
    """Where a data folder keeps a key, in words."""
    for words in _lines(folder / FILE):
        if words[1:2] == [name]:
            return {_STORE: "the system's key store", _AT: " ".join(words[2:])}.get(words[0], str(folder / FILE))
    return str(folder / FILE)


def use_none(folder: Path) -> None:
    """New databases of this folder are not encrypted; the keys stay, for what is."""
    if (folder / FILE).exists():
        _append(folder / FILE, _OFF)


# --- where keys are ---------------------------------------------------------------------------------------------------


def _found(path: Path, name: str) -> RecordKey:
    for place in _places(path):
        key = _held_by(place, name)
        if key is not None:
            return key
    key = _stored(name)
    if key is None:
        raise EnvironmentFault(_missing(path.name, name))
    return key


def _places(path: Path) -> list[Path]:
    near = (path.absolute().parent, path.absolute().parent.parent)
    return [place / FILE if place.is_dir() else place for place in (*near, *_also)]


def _missing(what: str, name: str) -> str:
    return f"{what} is encrypted and its key {name} is not on this computer: give its key file (--key-file FILE)."


def _held_by(file: Path, name: str) -> RecordKey | None:
    """A key by its name, as a key file has it or says where it is."""
    for words in _lines(file):
        match words:
            case [kind, found, digits] if kind == _KEY and found == name:
                return _checked(file, name, digits)
            case [kind, found, *rest] if kind == _AT and found == name:
                other = Path(" ".join(rest))
                key = next((_checked(other, name, w[2]) for w in _lines(other) if w[:2] == [_KEY, name]), None)
                if key is None:
                    raise EnvironmentFault(f"The key {name} is not in {other}, where {file.name} says it is.")
                return key
            case [kind, found] if kind == _STORE and found == name:
                return _stored(name)
    return None


def _newest(lines: list[list[str]]) -> str:
    return next((words[1] for words in reversed(lines) if len(words) > 1), "")


def _stored(name: str) -> RecordKey | None:
    try:
        keyring, wrong = _keyring()
    except CommandRefused:
        return None
    try:
        digits = keyring.get_password(SERVICE, name)
    except wrong:
        return None
    return _checked(Path("the system's key store"), name, digits) if digits else None


def _keyring() -> tuple[ModuleType, type[Exception]]:
    """The key store's module and its error; imported here, since few need it."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as cause:
        raise CommandRefused(f"The system's key store cannot be used: {NEEDS}") from cause
    return keyring, KeyringError


def _checked(file: Path, name: str, digits: str) -> RecordKey:
    try:
        key = RecordKey(bytes.fromhex(digits))
    except ValueError:
        key = RecordKey(b"")
    if key.id != name:
        raise EnvironmentFault(f"The key {name} in {file.name} is damaged: use a copy of it.")
    return key


def _lines(file: Path) -> Iterator[list[str]]:
    """The lines of a key file in words; none where there is no such file. Raises EnvironmentFault."""
    try:
        text = read_bounded(file, _MOST_BYTES, piped=True).decode("utf-8")
        if os.name == "posix" and file.stat().st_mode & 0o077:
            file.chmod(0o600)
    except FileNotFoundError:
        return
    except OSError as cause:
        raise EnvironmentFault(f"The key file {file} cannot be read: {cause.strerror or cause}") from cause
    except UnicodeDecodeError as cause:
        raise EnvironmentFault(f"The key file {file} is damaged: it is no text") from cause
    except ValueError as cause:  # what another key file says is no place at all
        raise EnvironmentFault(f"The key file {str(file)!r} cannot be read: {cause}") from cause
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split(" ")


def _append(file: Path, line: str) -> None:
    """One more line, on the disk before anything is encrypted with what it says."""
    try:
        fresh = not file.exists()
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", newline="\n") as stream:
            stream.write(f"{_HEAD if fresh else ''}{line}\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as cause:
        raise EnvironmentFault(f"The key file {file} cannot be written: {cause.strerror or cause}") from cause
