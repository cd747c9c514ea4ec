"""The program that tells whoever is on call: gets one line, and its failure is one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

from exomonitor.on_call import OnCallProgram

KEEP = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read(), encoding='utf-8')"


def test_it_gets_the_line_on_its_standard_input(tmp_path: Path):
    told = tmp_path / "told"
    assert OnCallProgram([sys.executable, "-c", KEEP, str(told)]).tell("SpO₂ low 84 %").result(30) == ""
    assert told.read_text(encoding="utf-8") == "SpO₂ low 84 %\n"


def test_a_program_that_fails_or_is_not_there_or_hangs_is_told_in_one_sentence(tmp_path: Path):
    failing = OnCallProgram([sys.executable, "-c", "raise SystemExit(3)"]).tell("x").result(30)
    assert failing.endswith("ended with 3")
    gone = OnCallProgram([str(tmp_path / "nothing")]).tell("x").result(30)
    assert "cannot be started" in gone
    hanging = OnCallProgram([sys.executable, "-c", "import sys, time; time.sleep(60)"], wait_s=0.2).tell("x").result(30)
    assert "did not end within" in hanging
