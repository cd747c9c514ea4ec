"""What is done before somebody sits in the chair: sign in, register, release lot and bag; all in the real window."""

from __future__ import annotations

from PySide6.QtCore import Qt

from exomonitor.registry.patients import PatientRecord
from tests.visit.room import NURSE, VERIFIER, Room
from ui.pages.product.certificate_rows import ChoiceField, MarkerField, NumberField, TextField

GS = "\x1d"
NAME, BORN, MRN = "DEMO-EXAMPLE, Jane", "1972-03-14", "DEMO-0048213"
LOT, EXPIRY = "DEMO-A12", "2029-06-30"
LABEL = f"]d201006141410004181729063010{LOT}{GS}21000123"
PAPER = {
    "concentration": "2.0",
    "count_method": "NTA",
    "size_mode": "110",
    "purity": "0.05",
    "sterility": "negative",
    "mycoplasma": "negative",
    "endotoxin": "0.05",
    "adventitious_virus": "negative",
    "donor_screening": "eligible",
    "storage": "no",
    "source": "MSC",
}
MARKERS = {"identity": ("CD9", "CD63", "TSG101"), "impurity_markers": ("calnexin",)}


def sign_in(room: Room, who: str = NURSE) -> None:
    """By name and PIN pad."""
    with room.hands.at("sign in"):
        room.sign(who)
    assert room.now.staff == who


def register(room: Room, name: str = NAME, mrn: str = MRN, phone: str = "555 0100") -> PatientRecord:
    """A patient whom nobody knows yet, on the page of the patients."""
    hands = room.hands
    with hands.at("register the patient"):
        hands.touch("Patients")
        page = room.page("patients")
        hands.touch("New patient ...")
        sheet = page.facts.sheet
        for entry, text in ((sheet.name, name), (sheet.born, BORN), (sheet.mrn, mrn), (sheet.phone, phone)):
            hands.type(entry, text)
        hands.touch(sheet.allergies.key("list"))
        hands.type(sheet.which, "penicillin")
        hands.type(sheet.weight, "72")
        for keys in sheet.questions.values():
            hands.touch(keys.key("no"))
        hands.press(Qt.Key.Key_Return)
    assert "Recorded" in page.status()
    (found,) = (record for record in room.now.registry.patients.values() if record.mrn == mrn)
    assert found.name == name
    return found


def begin_to_register(room: Room, name: str) -> None:
    """The name is typed, then somebody is called away."""
    room.hands.touch("Patients")
    room.hands.touch("New patient ...")
    room.hands.type(room.page("patients").facts.sheet.name, name)
    room.wait(5.0)


def release_lot(room: Room) -> None:
    """Label, certificate, release by two people: whoever prepares, on the page of the product."""
    hands = room.hands
    with hands.at("lot: label and certificate"):
        hands.touch("Product")
        page = room.page("product")
        hands.scan(LABEL)
        hands.touch(page.sheet.cell.key("MSC"))
        hands.touch(page.next_key)
        for line in page.certificate.lines:
            _fill(room, line.rule.key, line.field)
        assert page.certificate.summary() == "Nothing blocks the release"
        hands.touch("Record certificate")
    with hands.at("lot: release, two people"):
        assert page.step() == "release", page.status()
        hands.touch(page.release.release_key)
        room.sign(VERIFIER)
    assert room.now.registry.lots[LOT].released, page.status()


def _fill(room: Room, key: str, field: object) -> None:
    hands = room.hands
    match field:
        case NumberField() | TextField() if key in PAPER:
            hands.type(field.entry, PAPER[key])
        case ChoiceField() if key in PAPER:
            hands.touch(field.choice.key(PAPER[key]))
        case MarkerField():
            for name in MARKERS[key]:
                hands.touch(field.keys[name])
                if key == "impurity_markers":
                    hands.touch(field.keys[name])  # once more: it was looked for, and is absent


def release_bag(room: Room) -> str:
    """Thawed, drawn, labelled, released by two people; the code that stands on the bag."""
    hands = room.hands
    page = room.page("product")
    with hands.at("bag: thaw record and release"):
        now = room.clock.now()
        bags = page.bags
        for entry, text in (
            (bags.removed, f"{now.plus(-1800).utc.astimezone():%H:%M}"),
            (bags.complete, f"{now.plus(-900).utc.astimezone():%H:%M}"),
            (bags.until, f"{now.plus(6 * 3600).utc.astimezone():%H:%M}"),
            (bags.storage, "-80"),
        ):
            hands.type(entry, text)
        for choice, code in (
            (bags.method, "water bath"), (bags.cycles, "1"), (bags.looks, "ok"), (bags.log, "ok"),
            (bags.diluent, "NaCl 0.9 %"),
        ):  # fmt: skip
            hands.touch(choice.key(code))
        hands.type(bags.drawn, "2.5")
        hands.type(bags.volume, "100")
        hands.scan(MRN)
        hands.touch(bags.labelled)
        hands.touch(bags.record_key)
        (bag,) = room.now.registry.bags.values()
        hands.touch("Release ...")
        room.sign(VERIFIER)
    assert room.now.registry.bags[bag.id].released_by, page.status()
    return bag.id
