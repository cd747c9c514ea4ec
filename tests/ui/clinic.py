"""The made-up people of a clinic in the pictures that pages are tested with."""

from __future__ import annotations

from types import MappingProxyType

from exomonitor.registry.registry import Registry
from exomonitor.registry.users import User

PEOPLE = (
    User("u1", "R. Okafor", ("nurse",)),
    User("u2", "V. Santos", ("nurse", "verifier")),
    User("u3", "Dr Lindqvist", ("prescriber",)),
    User("u4", "A. Admin", ("administrator",)),
)
CLINIC = Registry(users=MappingProxyType({one.id: one for one in PEOPLE}))
