"""The words of the protocol panel: what is in force, what lies ready, what would change, and from when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.protocol_diff import Difference
from exomonitor.registry.library import Adopted, in_force

HASH_HEAD = 12
FROM_NEXT_START = "In force from the next start of the program on; the session that is open keeps its own."
COLUMNS = ("File", "Field", "In force", "This one")


def is_same(one: ClinicProtocol, other: ClinicProtocol) -> bool:
    """Whether two protocols are the same in every byte that counts."""
    return hashes(one) == hashes(other)


def hashes(protocol: ClinicProtocol) -> tuple[str, str]:
    """What identifies a protocol: the hash of its own file and the one over its tables."""
    return protocol.sha256, protocol.rules.sha256


def fingerprint(protocol: ClinicProtocol) -> str:
    """The heads of both hashes."""
    return f"SHA-256 {protocol.sha256[:HASH_HEAD]} · tables {protocol.rules.sha256[:HASH_HEAD]}"


def active_rows(protocol: ClinicProtocol) -> tuple[tuple[str, str], ...]:
    """(label, words) of the protocol in force."""
    unapproved = sum(1 for table in protocol.rules.tables if not table.content.approved_by)
    tables = f"{len(protocol.rules.tables)} tables" + (f", {unapproved} approved by no clinic" if unapproved else "")
    return (
        ("Name, version", protocol.title),
        ("Author", protocol.author),
        ("Approved", protocol.approval),
        ("Tables", f"{tables}; CTCAE {protocol.rules.ctcae.content.version}"),
        ("Fingerprint", fingerprint(protocol)),
    )


def option_words(protocol: ClinicProtocol, active: ClinicProtocol) -> str:
    """One key of the list of protocols, in two lines."""
    mark = " · in force" if is_same(protocol, active) else ""
    approved = f"approved by {protocol.approved_by}" if protocol.approved_by else "not approved"
    return f"{protocol.name} v{protocol.version} · {protocol.sha256[:6]}{mark}\n{approved}"


def adopted_words(adoptions: Mapping[str, Adopted], active: ClinicProtocol) -> str:
    """What an administrator has put in force that does not run yet; "" where there is none."""
    last = in_force(adoptions)
    if last is None or (last.sha256, last.rules_sha256) == hashes(active):
        return ""
    return f"Adopted: {last.name} v{last.version}. {FROM_NEXT_START}"


def compared_words(other: ClinicProtocol, found: Sequence[Difference]) -> str:
    """How many fields differ, over the table of them."""
    if not found:
        return f"{other.title}: every field is as in force"
    fields = "1 field differs" if len(found) == 1 else f"{len(found)} fields differ"
    return f"{other.title}, {other.approval}: {fields}"
