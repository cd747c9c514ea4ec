"""The explicit list of every device that this program can read: a new device is one folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.monitors import ge_dri
from devices.pumps import bbraun_space, new_era
from devices.spec import DeviceSpec
from exomonitor.errors import CommandRefused

_SPECS: tuple[DeviceSpec, ...] = (
    bbraun_space.SPEC,
    new_era.SPEC,
    ge_dri.SPEC,
)

CATALOGUE: Mapping[str, DeviceSpec] = MappingProxyType({spec.key: spec for spec in _SPECS})


def spec_of(key: str) -> DeviceSpec:
    """The SPEC with this key; raises CommandRefused naming the known keys."""
    spec = CATALOGUE.get(key)
    if spec is None:
        raise CommandRefused(f"There is no device {key!r}; there are: {', '.join(CATALOGUE)}")
    return spec
