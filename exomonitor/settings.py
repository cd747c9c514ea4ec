"""What a workstation remembers between starts: one declared table, kept in settings.toml beside the database."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exomonitor.errors import CommandRefused, EnvironmentFault

FILE = "settings.toml"
DATABASE, DEMO_DATABASE = "clinic.sqlite3", "demo.sqlite3"


class PortSetting(BaseModel):
    """Which device is read on which port, for one role of one chair; baud 0 = the device's usual speed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chair: str
    role: Literal["pump", "monitor"]
    key: str
    port: str
    baud: int = Field(default=0, ge=0, le=921_600)


@dataclass(frozen=True, slots=True)
class ScanCodes:
    """How this clinic's scanners and codes are told apart: what is sent in place of GS ("" = GS itself), and how badges
    and wristbands begin ("" = they have no mark of their own)."""

    gs: str = ""
    badge: str = "BADGE:"
    wristband: str = "PATIENT:"


class Settings(BaseModel):
    """The table: chair = the chair on screen; station = a short name in every row of the record; theme of the
    window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chair: str = "1"
    station: str = "chairside"
    theme: Literal["dark", "light"] = "dark"
    protocol: str = ""
    """Path of the clinic's protocol file; "" = the one that comes with the program."""
    scanner_gs: str = Field(default="", max_length=3)
    scanner_badge: str = Field(default="BADGE:", max_length=20)
    scanner_wristband: str = Field(default="PATIENT:", max_length=20)
    device: tuple[PortSetting, ...] = ()

    @property
    def scan_codes(self) -> ScanCodes:
        """How scanned codes are told apart."""
        return ScanCodes(self.scanner_gs, self.scanner_badge, self.scanner_wristband)


def data_folder(chosen: Path | None) -> Path:
    """The folder that was chosen, or the platform's user data folder."""
    return chosen if chosen is not None else platformdirs.user_data_path("exomonitor", appauthor=False)


def recorded_in(chosen: Path | None, *, demo: bool = False) -> Path:
    """The database that is meant: the demo's on request, or where a folder holds only that one; CommandRefused when
    there is none."""
    folder = data_folder(chosen)
    real, simulated = folder / DATABASE, folder / DEMO_DATABASE
    database = simulated if demo or (simulated.exists() and not real.exists()) else real
    if not database.exists():
        raise CommandRefused(f"There is no record at {database}.")
    return database


def load_settings(folder: Path) -> Settings:
    """The settings of a data folder; the defaults when there are none. EnvironmentFault names file and field."""
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be read: {cause.strerror or cause}") from cause
    try:
        return Settings.model_validate(tomllib.loads(data.decode("utf-8")))
    except UnicodeDecodeError as cause:
        raise EnvironmentFault(f"{path} is not UTF-8 text: byte {cause.start}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise EnvironmentFault(f"{path} is not valid TOML: {cause}") from cause
    except ValidationError as cause:
        first = cause.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EnvironmentFault(f"{path}: {place}: {first['msg']}") from cause


def save_settings(folder: Path, settings: Settings) -> None:
    """Replace the file as a whole, private to the user."""
    path, aside = folder / FILE, folder / (FILE + ".new")
    plain = settings.model_dump()
    devices = plain.pop("device")
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for device in devices:
        lines += ["", "[[device]]", *(f"{key} = {_toml(value)}" for key, value in device.items())]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        aside.chmod(0o600)
        os.replace(aside, path)  # noqa: PTH105 - Path.replace is the same call, this one says that it is atomic
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be written: {cause.strerror or cause}") from cause


def keep_theme(folder: Path, name: str) -> None:
    """Use this look from the next start on. Raises EnvironmentFault when it is none or cannot be kept."""
    if name not in {"dark", "light"}:
        raise EnvironmentFault(f"There is no look {name!r}")
    save_settings(folder, Settings.model_validate({**load_settings(folder).model_dump(), "theme": name}))


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    # JSON writes a string as TOML reads it, but for one control character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
