"""The words of the command line and their options: what each does is main.py's to say."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from exomonitor.bounded import shown
from exomonitor.folders import MOST_CHAIRS

SECONDARY = "ExoMonitor is a secondary display, not for sole reliance. It never controls a pump."
FORMATS = "csv,json,pdf"
UPKEEP = ("verify", "backup", "restore", "recover", "encrypt", "decrypt", "key", "sbom", "access", "sessions")
"""The words that upkeep.py runs."""
WIRE_FORMAT = "what the device is set to send, where it has several formats (nonin: df2 df7 df8 df13 ascii)"
Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """A parser that refuses as every command does: one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"exomonitor: {message} (see {self.prog} --help)\n")


def refusal(told: Exception) -> str:
    """The line on stderr of a refused command; what the name or content of a file put into it moves no cursor."""
    return f"exomonitor: {shown(str(told))}\n"


def build_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The parser; `commands` gives what each word runs, "" being no word at all."""
    parser = _Parser(prog="main.py", description=SECONDARY)
    parser.set_defaults(run=commands[""])
    parser.add_argument("--data", type=Path, help="database folder (default: your user data folder)")
    words = parser.add_subparsers(title="commands (none: the bedside window)", metavar="COMMAND")
    demo = _word(
        words, "demo", "the bedside window, or with --headless a whole session, on simulated devices", commands["demo"]
    )
    demo.add_argument("--scenario", default="smooth", help="what happens: a name or a file (default smooth)")
    demo.add_argument("--speed", type=_above_0, help="at most so many simulated seconds per second")
    demo.add_argument("--chairs", type=_whole(1, MOST_CHAIRS), default=1, help="so many chairs in the one window")
    demo.add_argument("--headless", action="store_true", help="no window: the scenario's nurse does the work")
    demo.add_argument("--out", type=Path, help="folder for the export (headless)")
    demo.add_argument("--wire", choices=("memory", "pty"), default="memory", help="how the devices are connected")
    demo.add_argument("--resume", action="store_true", help="continue a headless session that was cut off")
    demo.add_argument("--print-commits", action="store_true", help="one JSON line for every committed journal row")
    _simulate(words, commands)
    watch = _word(words, "watch", "print what a device says, one JSON object a line", commands["watch"])
    watch.add_argument("device", help="a key that `devices` lists")
    watch.add_argument("port", help="serial device, socket://host:port, listen://host:port or replay://FILE")
    watch.add_argument("--baud", type=_whole(1, 921_600), help="other than the device's usual speed")
    watch.add_argument("--line", default="", help="other than its usual setting: 8N2, or 8E1 RTS/CTS with flow control")
    watch.add_argument("--format", help=WIRE_FORMAT)
    watch.add_argument("--seconds", type=_above_0, help="end after so many seconds")
    watch.add_argument("--count", type=_whole(1, 10**9), help="end after so many lines")
    decode = _word(words, "decode", "print the same lines from a recording", commands["decode"])
    decode.add_argument("device", help="a key that `devices` lists")
    decode.add_argument("file", help="plain bytes, or a capture of this program")
    decode.add_argument("--format", help=WIRE_FORMAT)
    again = "compare with what is on record of this session (study id, session id or `last`): exit 1 if it differs"
    decode.add_argument("--session", metavar="ID", default="", help=again)
    decode.add_argument("--demo", action="store_true", help="the session is in the demo's database")
    _devices(words, commands)
    sessions = _word(words, "sessions", "list the recorded sessions", commands["sessions"])
    sessions.add_argument("--json", action="store_true", help="as one JSON array")
    sessions.add_argument("--prove", action="store_true", help="read and prove all of each one: what is lost is marked")
    export = _word(words, "export", "write one session into a new folder", commands["export"])
    export.add_argument("session", help="study id, session id or `last`")
    export.add_argument("--out", type=Path, required=True, help="folder that gets the export's folder")
    export.add_argument("--format", default=FORMATS, help="any of csv,json,pdf")
    export.add_argument("--identified", action="store_true", help="with name, date of birth, MRN and free text")
    export.add_argument("--reason", default="", help="why identity is needed; goes into the record")
    for word in (sessions, export):
        word.add_argument("--demo", action="store_true", help="in the demo's database")
    _upkeep(words, commands)
    sounder = words.add_parser("sounder")  # the helper process that plays every sound; not for people
    sounder.set_defaults(run=commands["sounder"])
    sounder.add_argument("rest", nargs="*")
    return parser


class _Identify(argparse.Action):
    """`identify PORT [DEVICE]` -> (port, device), device "" for any."""

    def __call__(
        self, parser: argparse.ArgumentParser, found: argparse.Namespace, given: Any, name: Any = None
    ) -> None:
        if given and (given[0] != "identify" or len(given) not in {2, 3}):
            parser.error("devices takes nothing, or: identify PORT [DEVICE]")
        found.identify = (given[1], given[2] if len(given) > 2 else "") if given else ()


def _simulate(words: Any, commands: Mapping[str, Command]) -> None:
    """A simulated device for any program."""
    simulate = _word(
        words, "simulate", "serve one simulated device; the first line printed is its port", commands["simulate"]
    )
    simulate.add_argument("device", help="a key that `devices` lists; KEY@0,3,12: several at addresses of one line")
    where = simulate.add_mutually_exclusive_group()
    where.add_argument("--pty", action="store_true", help="on a pseudo-terminal (the default)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="on a TCP port; a device that dials calls it")
    simulate.add_argument("--scenario", help="what happens (default: smooth, the pump already infusing)")
    simulate.add_argument("--format", help=WIRE_FORMAT)
    simulate.add_argument("--speed", type=_above_0, default=1.0, help="simulated seconds per second")


def _devices(words: Any, commands: Mapping[str, Command]) -> None:
    """What can be read, and what is on a port."""
    text = "list the devices that can be read and this machine's ports, or find out what is on one port"
    devices = _word(words, "devices", text, commands["devices"])
    devices.add_argument(
        "identify",
        nargs="*",
        action=_Identify,
        default=(),
        metavar="identify PORT [DEVICE]",
        help="listen on PORT and ask what is harmless, at the usual speeds of DEVICE or of all; say who answered",
    )


def _upkeep(words: Any, commands: Mapping[str, Command]) -> None:
    """What looks after the record."""
    verify = _word(
        words, "verify", "prove an export or a database: exit 0 intact, 1 not intact, 2 unusable", commands["verify"]
    )
    verify.add_argument("path", type=Path, help="an export's folder, a database file or a backup")
    verify.add_argument("--key", default="", help="key or fingerprint that must have signed it, as the clinic noted it")
    _word(words, "key", "print this workstation's public key and its fingerprint: note them down", commands["key"])
    _word(words, "sbom", "list everything the program is made of (CycloneDX JSON), with versions", commands["sbom"])
    access = _word(words, "access", "print who saw, exported or overrode what, and failed sign-ins", commands["access"])
    access.add_argument("--demo", action="store_true", help="in the demo's database")
    backup = _word(words, "backup", "make a proved copy of the record, also while it is in use", commands["backup"])
    backup.add_argument("--out", type=Path, help="folder for the copy (default: backups/ beside the database)")
    backup.add_argument("--demo", action="store_true", help="of the demo's database")
    put_back = "put a backup in the place of its database; the old one is kept beside it"
    restore = _word(words, "restore", put_back, commands["restore"])
    restore.add_argument("backup", type=Path, help="a file that `backup` made")
    recover = _word(
        words,
        "recover",
        "save what a damaged database still holds: exit 0 all, 1 something is lost",
        commands["recover"],
    )
    recover.add_argument("database", type=Path, help="the damaged file; it is only read")
    recover.add_argument("--out", type=Path, required=True, metavar="NEW", help="the new database")
    _encryption(words, commands)
    for word in (verify, restore, recover):
        word.add_argument("--key-file", type=Path, help="key file of an encrypted one, where its key is not here")


def _encryption(words: Any, commands: Mapping[str, Command]) -> None:
    """Encryption at rest."""
    encrypt = _word(words, "encrypt", "encrypt the record (SQLCipher), or change its key", commands["encrypt"])
    encrypt.add_argument("--key-file", type=Path, help="keep the key in this file (default: the system's key store)")
    encrypt.add_argument("--new-key", action="store_true", help="give an encrypted record another key")
    decrypt = _word(words, "decrypt", "put an encrypted record in the clear again", commands["decrypt"])
    decrypt.add_argument("--key-file", type=Path, help="the key file, where the key is not here")
    for word in (encrypt, decrypt):
        word.add_argument("--demo", action="store_true", help="the demo's database")


def _above_0(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
        return int(text)

    return number


def _word(words: Any, name: str, text: str, run: Command) -> argparse.ArgumentParser:
    word: argparse.ArgumentParser = words.add_parser(name, help=text, description=f"{text}. {SECONDARY}")
    word.set_defaults(run=run)
    where = "your user data folder; headless: OUT/data" if name == "demo" else "your user data folder"
    word.add_argument("--data", type=Path, default=argparse.SUPPRESS, help=f"database folder (default: {where})")
    return word
