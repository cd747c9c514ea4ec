"""What must be said of a device before a session relies on it. No widget."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from exomonitor.engine.ports import Binding, DeviceChoice, PortInfo

LABORATORY = (
    "LABORATORY PUMP: it has no patient safety sensors and is for demo and training. "
    "On a patient it needs an administrator's signed override."
)
TYPED = "typed"
_PORT_WORDS = 28
_FEWEST = 6
_TYPED_WORDS = {"pump": "No pump is read: I type rate and volume", "monitor": "No monitor is read: I type the values"}


def options_for(role: str, catalogue: Iterable[DeviceChoice]) -> tuple[tuple[str, str], ...]:
    """(code, words) of every device of a role, and of having none."""
    found = tuple((choice.key, choice.name) for choice in catalogue if choice.role == role)
    return (*found, (TYPED, _TYPED_WORDS[role]))


def free_ports(role: str, ports: Iterable[PortInfo], bindings: Iterable[Binding]) -> tuple[PortInfo, ...]:
    """The ports on which no other role is read: a pump's cable is not the monitor's."""
    taken = {binding.port for binding in bindings if binding.role != role}
    return tuple(port for port in ports if port.name not in taken)


def port_options(ports: Sequence[PortInfo], most: int = 4) -> tuple[tuple[str, str], ...]:
    """(port, words) of the ports that are there, as many as there is room for."""
    return tuple((port.name, short_port(port)) for port in ports[:most])


def short_port(port: PortInfo) -> str:
    """A port in a few words: its name and what it says of itself."""
    name = port.name.removeprefix("/dev/")
    room = _PORT_WORDS - len(name)
    if port.description in {"", "n/a"} or room <= _FEWEST:
        return name
    said = textwrap.shorten(port.description, room, placeholder=" …", break_on_hyphens=False).strip(" …")
    whole = said == " ".join(port.description.split())
    return f"{name} · {said}{'' if whole else ' …'}" if said else name


def baud_options(choice: DeviceChoice) -> tuple[tuple[str, str], ...]:
    """(baud, words); 0 is what the maker ships."""
    usual = choice.settings.partition(" ")[0]
    others = tuple((str(baud), str(baud)) for baud in choice.bauds if str(baud) != usual)
    return (("0", usual if choice.other_lines else choice.settings), *others)


def line_options(choice: DeviceChoice) -> tuple[tuple[str, str], ...]:
    """(line setting, words) beside the speed, what the maker ships first; nothing where there is no other."""
    usual = usual_line(choice)
    others = tuple((line, _line_words(line, usual)) for line in choice.other_lines)
    return ((usual, usual), *others) if others else ()


def usual_line(choice: DeviceChoice) -> str:
    """The line setting that the maker ships, without the speed."""
    return choice.settings.partition(" ")[2]


def _line_words(line: str, usual: str) -> str:
    return f"{line}, no flow control" if "RTS/CTS" in usual and "RTS/CTS" not in line else line


def facts(choice: DeviceChoice) -> tuple[str, ...]:
    """What the device reports and can never report, what reading does to it, what our reading of it rests on."""
    said = []
    if choice.reports:
        said.append(f"Reports: {'; '.join(choice.reports)}")
    if choice.never_reports:
        said.append(f"Can never report: {words(choice.never_reports)}")
    if choice.side_effects:
        said.append(f"Reading it has side effects: {'; '.join(choice.side_effects)}")
    said.append(f"Evidence: {'; '.join(choice.evidence) or 'none'}")
    said.append(f"{choice.tried[:1].upper()}{choice.tried[1:]}")
    if choice.averaging:
        said.append(f"Averaging: {choice.averaging}")
    if choice.connect_note:
        said.append(f"{choice.connect_note[:1].upper()}{choice.connect_note[1:]}")
    said.append(f"Values are stale after {choice.stale_s:g} s, lost after {choice.lost_s:g} s")
    return tuple(said)


def words(names: Iterable[str]) -> str:
    """Names of signals as words: `air_in_line` is `air in line`. Some are sentences with commas of their own."""
    return "; ".join(name.replace("_", " ") for name in names)
