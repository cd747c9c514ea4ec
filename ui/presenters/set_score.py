"""The score and the pressure indices of what stands in the form of a set, while it is being entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from exomonitor.clinical.hemodynamics import HemodynamicsTable, Indices
from exomonitor.errors import CommandRefused
from exomonitor.session.commands import ValueEntry
from exomonitor.session.events import ObservedValue
from exomonitor.session.plan import Patient
from exomonitor.session.scoring import USUAL, rules_of, score, set_indices
from exomonitor.signals.vitals import UNIT_OF, Sign
from ui.presenters.news2 import parts_words
from ui.presenters.words import join


def score_lines(
    values: Mapping[str, ValueEntry],
    consciousness: str,
    on_oxygen: bool | None,
    patient: Patient | None,
    when: datetime | None,
    table: HemodynamicsTable | None = None,
    counts_s: float = USUAL.value_counts_s,
) -> tuple[str, str]:
    """`NEWS2 3 · RR 0 · SpO₂ 3 ...` and `MAP 93.3 mmHg calc · SI 0.60`; what is missing shows two dashes, never a 0."""
    observed = {
        name: ObservedValue(one.value, UNIT_OF[Sign(name)], one.source, one.age_s) for name, one in values.items()
    }
    rules = replace(rules_of(patient, when) if when is not None else USUAL, value_counts_s=counts_s)
    try:
        found = score(observed, consciousness, on_oxygen, rules)
    except CommandRefused as refused:
        return str(refused), ""
    if found.not_applicable:
        head = f"NEWS2 not applicable: {found.not_applicable}"
    elif found.total is None:
        head = join(f"NEWS2 {found.given} of 7, at least {found.at_least}", parts_words(found))
    else:
        head = join(f"NEWS2 {found.total}" + (" scale 2" if rules.scale == 2 else ""), parts_words(found))
    indices = set_indices(observed, table, beta_blocker=bool(patient is not None and patient.beta_blocker))
    return head, pressure_words(indices) if indices is not None else ""


def pressure_words(found: Indices) -> str:
    """`MAP 93.3 mmHg calc · SI 0.60 BB`: the shock index is left out where no heart rate belongs to the pressure."""
    shock = found.shock_text
    return join(
        f"MAP {found.map_mmhg} mmHg" + (" calc" if found.map_calculated else ""), shock + " BB" * found.beta_blocker
    )
