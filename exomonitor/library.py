"""The protocols that a data folder keeps: complete copies by their hashes, pinned by sessions or to be adopted."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from exomonitor.bounded import TABLE_BYTES, read_bounded
from exomonitor.clinical.protocol import DEFAULT_FILE, ClinicProtocol, load_protocol, parse_protocol
from exomonitor.clinical.rulebook import TABLE_FILES, load_rulebook, parse_rulebook
from exomonitor.errors import EnvironmentFault
from exomonitor.folders import make_private, write_private
from exomonitor.registry.library import Adopted, in_force

log = logging.getLogger(__name__)
FOLDER = "protocols"
_HASH_HEAD = 16


class ProtocolLibrary:
    """A folder of folders, one for each pair of hashes. What was written once is never changed."""

    def __init__(self, data: Path) -> None:
        """`data`: the data folder; nothing is made there before something is kept."""
        self._root = data / FOLDER

    @property
    def folder(self) -> Path:
        """Where the copies lie, and where a clinic may put a protocol to be imported."""
        return self._root

    def keep(self, protocol: ClinicProtocol) -> None:
        """Keep a complete copy, all of it or nothing. Raises EnvironmentFault when it cannot be written."""
        place = self._place(protocol.sha256, protocol.rules.sha256)
        if place.exists():
            return
        aside = place.with_name(f".{place.name}.{os.getpid()}.new")
        try:
            make_private(aside)
            for name, data in {protocol.file: protocol.source, **protocol.rules.sources}.items():
                write_private(aside / name, data)
            aside.rename(place)
        except OSError as cause:
            shutil.rmtree(aside, ignore_errors=True)
            if place.exists():  # somebody else kept the same one at the same time
                return
            raise EnvironmentFault(f"{place} cannot be written: {cause.strerror or cause}") from cause

    def load(self, sha256: str, rules_sha256: str) -> ClinicProtocol | None:
        """The copy with these hashes; None when it is gone or is not what it was any more."""
        place = self._place(sha256, rules_sha256)
        try:
            main = _main_file(place)
            protocol = load_protocol(main) if main is not None else None
        except (OSError, EnvironmentFault) as fault:
            log.warning("the kept protocol %s cannot be used: %s", place.name, fault)
            return None
        if protocol is None or (protocol.sha256, protocol.rules.sha256) != (sha256, rules_sha256):
            return None
        return protocol

    def adopted(self, adoptions: Mapping[str, Adopted]) -> ClinicProtocol | None:
        """The protocol that was adopted last; None when none was, and, with a line in the log, when it is gone."""
        last = in_force(adoptions)
        if last is None:
            return None
        protocol = self.load(last.sha256, last.rules_sha256)
        if protocol is None:
            log.warning("the adopted protocol %s %s is gone from %s", last.name, last.version, self._root)
        return protocol

    def kept(self) -> tuple[ClinicProtocol, ...]:
        """Every usable protocol that lies in the folder, by name and version; blocks while it reads."""
        found: dict[tuple[str, str], ClinicProtocol] = {}
        for place in sorted(self._root.iterdir()) if self._root.is_dir() else ():
            if place.name.startswith("."):
                continue
            try:
                protocol = self.read(place)
            except EnvironmentFault as fault:
                log.info("%s is not listed: %s", place.name, fault)
                continue
            found[protocol.sha256, protocol.rules.sha256] = protocol
        return tuple(sorted(found.values(), key=lambda one: (one.name, one.version, one.sha256)))

    def read(self, path: Path) -> ClinicProtocol:
        """Check a folder or a single file that is to be imported; EnvironmentFault names file, line and field.

        A folder without a protocol's own file, or a single table, is the shipped protocol with those tables.
        """
        if not path.exists():
            raise EnvironmentFault(f"There is nothing at {path}")
        if not path.is_dir():
            return load_protocol(path) if path.name not in TABLE_FILES else _with_table(path)
        main = _main_file(path)
        if main is not None:
            return load_protocol(main)
        if not any((path / name).exists() for name in TABLE_FILES):
            raise EnvironmentFault(f"{path}: no protocol and no table lies in this folder")
        return parse_protocol(load_protocol().source, DEFAULT_FILE, path)

    def _place(self, sha256: str, rules_sha256: str) -> Path:
        return self._root / f"{sha256[:_HASH_HEAD]}-{rules_sha256[:_HASH_HEAD]}"


def _main_file(folder: Path) -> Path | None:
    """The protocol's own file of a folder, None when there is none; EnvironmentFault when there are several."""
    found = sorted(path for path in folder.glob("*.toml") if path.name not in TABLE_FILES)
    if len(found) > 1:
        raise EnvironmentFault(f"{folder}: more than one protocol: {', '.join(path.name for path in found)}")
    return found[0] if found else None


def _with_table(path: Path) -> ClinicProtocol:
    """The shipped protocol with this one table in place of its own."""
    protocol = load_protocol()
    try:
        data = read_bounded(path, TABLE_BYTES)
    except OSError as cause:
        raise EnvironmentFault(f"Table {path}: cannot be read: {cause.strerror or cause}") from cause
    version = protocol.rules.ctcae.content.version
    sources = {**load_rulebook(None, version).sources, path.name: data}
    return replace(protocol, rules=parse_rulebook(sources, version, {path.name: str(path)}))
