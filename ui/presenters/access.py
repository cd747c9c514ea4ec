"""Words of the page that says who saw what."""

from __future__ import annotations

from exomonitor.access_log import Access, patient_of, study_id_of
from exomonitor.registry.registry import Registry
from ui.presenters.words import join

COLUMNS = ("When", "Who", "What", "Patient")
KINDS = (
    ("", "All"),
    ("looks", "Looks"),
    ("exports", "Exports"),
    ("failed", "Wrong PINs"),
    ("overrides", "Overrides"),
    ("others", "Sign-ins"),
)
MOST = 2000
"""So many lines are shown, the newest; a narrower search finds the others."""


def cells(one: Access, registry: Registry) -> tuple[str, ...]:
    """One line of the table."""
    record = registry.patients.get(patient_of(one, registry))
    about = join(record.facts.name if record is not None else "", study_id_of(one, registry))
    when = one.at.utc.astimezone()
    return f"{when:%Y-%m-%d %H:%M:%S}", one.who, join(one.what, one.whom), about


def counted(found: int) -> str:
    """Below the table."""
    if found > MOST:
        return f"{found:,} entries; the newest {MOST:,} are shown"
    return f"{found:,} {'entry' if found == 1 else 'entries'}" if found else "Nothing of that kind"
