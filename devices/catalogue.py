"""The explicit list of every device that this program can read: a new device is one folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.monitors import ge_dri, hl7_pcd01, masimo, nellcor, nonin, philips_intellivue
from devices.pumps import alaris_asena, bbraun_space, fresenius_base, harvard_ultra, new_era
from devices.spec import DeviceSpec
from exomonitor.errors import CommandRefused

_SPECS: tuple[DeviceSpec, ...] = (
    bbraun_space.SPEC,
    new_era.SPEC,
    harvard_ultra.SPEC,
    alaris_asena.SPEC,
    fresenius_base.SPEC,
    ge_dri.SPEC,
    philips_intellivue.SPEC,
    nonin.SPEC,
    masimo.SPEC,
    nellcor.SPEC,
    hl7_pcd01.SPEC,
)

CATALOGUE: Mapping[str, DeviceSpec] = MappingProxyType({spec.key: spec for spec in _SPECS})


def spec_of(key: str, data_format: str = "") -> DeviceSpec:
    """The SPEC with this key, in this format where it has several, at this address of its line where it has some;
    `nonin/df7` and `new-era@3` say both at once.

    Raises CommandRefused naming the known keys, formats or addresses.
    """
    whole, found, address = key.partition("@")
    spec = _in_format(whole, data_format)
    if not found:
        return spec
    lowest, highest = spec.addresses or (0, 0)
    if spec.addresses is None:
        raise CommandRefused(f"{spec.key} has no addresses: one of it is alone on its line")
    if not (address.isascii() and address.isdecimal() and lowest <= int(address) <= highest):
        raise CommandRefused(f"{spec.key} has no address {address!r}, but {lowest} to {highest}")
    return spec.at_address(int(address))


def _in_format(key: str, data_format: str) -> DeviceSpec:
    name, _, told = key.partition("/")
    spec = CATALOGUE.get(name)
    if spec is None:
        raise CommandRefused(f"There is no device {key!r}; there are: {', '.join(CATALOGUE)}")
    if told and data_format and told != data_format:
        raise CommandRefused(f"{key} is not the format {data_format}")
    wanted = told or data_format
    if not wanted:
        return spec
    if wanted not in spec.formats:
        known = f"there are: {', '.join(spec.formats)}" if spec.formats else "it has only one"
        raise CommandRefused(f"{name} has no format {wanted!r}; {known}")
    return spec.formats[wanted]
