"""While the clinic's lists are not whole, every paper that draws on them says so in one sentence."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from exomonitor.engine.stored import Damage
from exomonitor.exports.bundle import export_told
from exomonitor.exports.columns import DICTIONARY, MANIFEST, REPORT
from exomonitor.exports.manifest import damage_told
from exomonitor.exports.medwatch import worksheet
from exomonitor.exports.report import TAG_WIDTH, head_fits, report_pdf
from exomonitor.exports.report_style import BOLD, MARGIN, PAGE_WIDTH, PLAIN, use_fonts
from exomonitor.exports.verify import verify_export
from exomonitor.registry.doubts import lists_lost
from tests.exomonitor.exports.made_up_session import Script, whole_session
from tests.exomonitor.exports.whole_visit import whole_visit

SENTENCE = "entry 9 of the clinic's lists is lost: names, patients or bags may be missing here"


def with_lists_lost(script: Script) -> Script:
    script.archive.lists_lost = lists_lost((9,))
    return script


@pytest.mark.parametrize("identified", [False, True])
def test_the_report_says_it_below_whose_record_it_is_and_to_the_auditor(made_of, identified):
    material = made_of(with_lists_lost(whole_session(reactions=0, long_s=60)), identified=identified)
    page = " ".join(PdfReader(io.BytesIO(report_pdf(material))).pages[0].extract_text().split())
    assert page.count(SENTENCE) == 2
    assert page.index(SENTENCE) < page.index("Before the start")
    assert "Out of the ordinary: Lists 1" in page
    whole = made_of(whole_session(reactions=0, long_s=60), identified=identified)
    assert "clinic's lists" not in PdfReader(io.BytesIO(report_pdf(whole))).pages[0].extract_text()


def test_the_manifest_says_it_under_its_hash_and_the_folder_is_as_it_was_written(export, tmp_path):
    folder = export(with_lists_lost(whole_session(reactions=0, long_s=60)), tmp_path, formats=("json", "pdf"))
    assert json.loads((folder / MANIFEST).read_bytes())["lists_lost"] == SENTENCE
    assert (folder / REPORT).exists()
    assert "lists_lost" in (folder / DICTIONARY).read_text("utf-8")
    assert damage_told(folder) == SENTENCE
    assert export_told(folder) == f"{folder}\n{SENTENCE}"
    assert verify_export(folder) == []


def test_whoever_exports_is_told_of_both(export, tmp_path):
    script = with_lists_lost(whole_session(reactions=0, long_s=60))
    script.archive.damage = Damage(readings=4)
    folder = export(script, tmp_path, formats=("json",))
    assert damage_told(folder) == f"{script.archive.damage.sentence}; {SENTENCE}"


def test_a_form_for_the_authority_says_at_its_head_what_it_was_made_without(made_of):
    script = with_lists_lost(whole_visit())
    script.archive.damage = Damage(entries=1)
    head = worksheet(made_of(script)).decode().split("REACTION r1")[0]
    assert f"NOT WHOLE: {script.archive.damage.sentence}" in head
    assert f"NOT WHOLE: {SENTENCE}" in head
    assert "NOT WHOLE" not in worksheet(made_of(whole_visit())).decode()


def test_what_such_a_form_does_not_say_may_be_lost(made_of):
    whole, script = worksheet(made_of(whole_visit())).decode(), whole_visit()
    assert "not recorded: ..." in whole
    assert "or lost" not in whole
    script.archive.damage = Damage(entries=1)
    told = worksheet(made_of(script)).decode()
    assert "not recorded: ..." not in told
    assert told.count("not recorded or lost: ...") == whole.count("not recorded: ...")
    around = worksheet(made_of(with_lists_lost(whole_visit()))).decode()
    assert "not recorded or lost: ..." in around.partition("\r\nProduct\r\n")[2]
    assert "or lost" not in around.partition("\r\nProduct\r\n")[0]


@pytest.mark.parametrize(
    "words", ["Infusion record  SIM-0007", "EMERGENCY RECORD  EXO-K3T9AB", "Infusion record  s-1a2b3c4d5e6f7a8b"]
)
def test_nothing_in_the_head_of_a_damaged_report_touches_what_stands_beside_it(words):
    use_fonts()
    longest = "2026-03-02   de-identified export, RECORD DAMAGED   page 10 of 12"
    right = PAGE_WIDTH - MARGIN - stringWidth(longest, PLAIN, 7)
    size, tag = head_fits(words, right)
    assert MARGIN + stringWidth(words, BOLD, size) < tag
    assert tag + TAG_WIDTH < right
    assert size >= 8
