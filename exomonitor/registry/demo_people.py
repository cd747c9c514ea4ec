"""The made-up people of every simulated run: their PINs are no secret, the sign-in page of the demo shows them."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.users import ADMINISTRATOR, NURSE, PRESCRIBER, VERIFIER


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Name, roles, PIN, and where a prescriber is reached."""

    name: str
    roles: tuple[str, ...]
    pin: str
    phone: str = ""


DEMO_PEOPLE = (
    DemoPerson("A. DEMO-ADMIN", (ADMINISTRATOR,), "4444"),
    DemoPerson("R. DEMO-OKAFOR", (NURSE,), "1111"),
    DemoPerson("V. DEMO-SANTOS", (NURSE, VERIFIER), "2222"),
    DemoPerson("Dr DEMO-LINDQVIST", (PRESCRIBER,), "3333", "4411"),
)
"""The administrator first: the first person of a record is one."""
