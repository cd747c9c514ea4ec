"""Each demo has a patient of its own: yesterday's and this morning's demos count for nobody's course."""

from __future__ import annotations

from exomonitor.clock import ManualClock
from exomonitor.headless import ScriptRow
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.rehearsal import for_a_fresh_patient

ROWS = (
    ScriptRow(0.0, "open_session", {}),
    ScriptRow(1.0, "identify_patient", {"name": "DEMO, Jane", "mrn": "DEMO-1"}),
    ScriptRow(2.0, "identify_patient", {"name": "DEMO, Jane", "mrn": ""}),
)


def known(*mrns: str) -> dict[str, PatientRecord]:
    now = ManualClock().now()
    return {f"p-{n}": PatientRecord(f"p-{n}", PatientRegistered(f"p-{n}", mrn=mrn), now) for n, mrn in enumerate(mrns)}


def mrns(*taken: str) -> list[object]:
    return [row.values.get("mrn") for row in for_a_fresh_patient(ROWS, known(*taken))]


def test_a_new_database_takes_the_script_as_it_is():
    assert mrns() == [None, "DEMO-1", ""]
    assert for_a_fresh_patient(ROWS, {}) == ROWS


def test_the_next_demo_has_the_next_patient():
    assert mrns("DEMO-1") == [None, "DEMO-1-2", ""]
    assert mrns("DEMO-1", "DEMO-1-2") == [None, "DEMO-1-3", ""]


def test_whoever_checks_the_wristband_or_labels_the_bag_means_the_same_patient():
    rows = (
        ScriptRow(1.0, "identify_patient", {"mrn": "D-1"}),
        ScriptRow(2.0, "prepare_bag", {"label_patient": "D-1", "lot": "L"}),
        ScriptRow(3.0, "complete_double_check", {"wristband": "D-1"}, "not now"),
    )
    fresh = for_a_fresh_patient(rows, known("D-1"))
    assert [sorted(map(str, row.values.values())) for row in fresh] == [["D-1-2"], ["D-1-2", "L"], ["D-1-2"]]
    assert fresh[2].refused == "not now"
