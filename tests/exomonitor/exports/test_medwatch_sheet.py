"""The MedWatch worksheet: made only where it is asked for, filled from the record, without a name unless asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from exomonitor.clinical.reaction_report import Grading, ind_days, is_reportable, suggested_grades
from exomonitor.clinical.reactions import load_ctcae
from exomonitor.exports.columns import DICTIONARY, MANIFEST, MEDWATCH
from exomonitor.exports.medwatch import worksheet
from exomonitor.exports.verify import verify_export
from exomonitor.registry.lot_events import Receipt
from exomonitor.registry.lots import Lot
from exomonitor.registry.registry import Registry
from exomonitor.session import events as ev
from tests.exomonitor.exports.made_up_session import PRIVATE, whole_session
from tests.exomonitor.exports.whole_visit import SECRETS, whole_visit

V5 = load_ctcae().content


def test_a_serious_reaction_has_a_sheet_with_what_the_form_asks_for(made_of):
    text = worksheet(made_of(whole_visit())).decode()
    for words in (
        "REACTION r1",
        "Serious:                          hospitalisation or its prolongation",
        "Caused by the product:            probable",
        "Outcome:                          transferred",
        "Anaphylaxis criteria:             WAO 1 (skin + SpO₂ 88 %); Brown severe, Ring and Messmer II",
        "the sponsor reports within 15 calendar days",
        "Autologous or allogeneic:         not recorded",
        "Given: epinephrine 0.5 mg IM",
        "There are currently no FDA-approved exosome products.",
    ):
        assert words in text
    assert "Not a report: nobody has sent anything" in text


def test_without_a_serious_or_grave_reaction_there_is_no_sheet(made_of, export, tmp_path):
    script = whole_session(reactions=1, long_s=60)
    assert worksheet(made_of(script)) == b""
    assert not (export(script, tmp_path) / MEDWATCH).exists()


def test_the_sheet_lies_in_the_export_described_counted_and_verified(export, tmp_path):
    folder = export(whole_visit(), tmp_path)
    assert (folder / MEDWATCH).read_bytes().startswith(b"MEDWATCH WORKSHEET")
    assert MEDWATCH in (folder / DICTIONARY).read_text(encoding="utf-8")
    assert MEDWATCH in (folder / MANIFEST).read_text(encoding="utf-8")
    assert verify_export(folder) == []


def test_a_sheet_that_leaves_the_clinic_names_nobody(made_of):
    text = worksheet(made_of(whole_visit())).decode()
    assert not [secret for secret in (*PRIVATE.values(), *SECRETS.values()) if secret in text]
    identified = worksheet(made_of(whole_visit(), identified=True)).decode()
    assert "Year of birth:                    1971" in identified


def test_death_and_danger_to_life_are_reported_in_seven_days(made_of):
    assert (ind_days(("death",)), ind_days(("hospital", "life_threatening")), ind_days(("hospital",))) == (7, 7, 15)
    assert ind_days(()) is None
    script = whole_visit()
    details = next(e.event for e in reversed(script.archive.told) if isinstance(e.event, ev.ReactionDetailed))
    script.say(replace(details, serious=("death",)))
    assert "within 7 calendar days" in worksheet(made_of(script)).decode()


def test_grade_three_asks_for_a_sheet_though_nobody_called_it_serious(made_of):
    assert [is_reportable(grade, ()) for grade in (None, 2, 3)] == [False, False, True]
    script = whole_visit()
    details = next(e.event for e in reversed(script.archive.told) if isinstance(e.event, ev.ReactionDetailed))
    script.say(replace(details, serious=(), more=(Grading("Hypotension", 3),)))
    assert "decide whether it is" in worksheet(made_of(script)).decode()


# --- what numbers may suggest


def worst(**values: str) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in values.items()}


def test_only_four_terms_are_suggested_and_each_by_its_number():
    found = suggested_grades(worst(temp_max="39.1", temp_min="35.0", spo2_min="87", hr_max="150"), {}, V5)
    assert found == (Grading("Fever", 2), Grading("Hypothermia", 2), Grading("Hypoxia", 3))
    assert suggested_grades(worst(temp_max="37.9", temp_min="35.1", spo2_min="88"), {}, V5) == ()
    assert suggested_grades(worst(temp_min="28.0"), {}, V5) == (Grading("Hypothermia", 4),)


def test_hypertension_is_suggested_only_above_what_the_baseline_was_already():
    def found(base: str, now: str) -> list[int]:
        baseline = worst(nibp_sys=base, nibp_dia="70")
        return [one.grade for one in suggested_grades(worst(nibp_sys_max=now, nibp_dia_max="70"), baseline, V5)]

    assert found("110", "125") == [1]
    assert found("125", "138") == []  # grade 1 begins where this patient's ordinary pressure lies
    assert found("125", "141") == [2]
    assert found("145", "150") == []
    assert found("145", "160") == [3]
    assert suggested_grades(worst(nibp_sys_max="170"), {}, V5) == ()


# --- what the lot's receipt tells


@pytest.mark.parametrize("donor", ["autologous", "allogeneic"])
def test_whose_cells_it_was_made_from_is_copied_from_the_receipt_of_the_lot(made_of, donor):
    material = made_of(whole_visit())
    lot = material.state.product.lot
    known = Registry(lots=MappingProxyType({lot: Lot(lot, receipt=Receipt(donor=donor))}))
    text = worksheet(replace(material, registry=known)).decode()
    assert f"Autologous or allogeneic:         {donor}" in text
