"""Every import contract of pyproject.toml holds, and breaks when its rule is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import api
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

ROOT = Path(__file__).resolve().parents[2]
CONFIGURED = api.read_configuration(str(ROOT / "pyproject.toml"))
SESSION: dict[str, Any] = dict(CONFIGURED["session_options"])
CONTRACTS = {str(contract["name"]): contract for contract in CONFIGURED["contracts_options"]}
TYPES: dict[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
}

# contract, importer, imported (None: a module that nobody placed is enough)
VIOLATIONS = [
    ("ui and devices stand on the core, never on each other", "ui.app", "devices.link"),
    ("ui and devices stand on the core, never on each other", "devices.link", "ui.app"),
    ("ui and devices stand on the core, never on each other", "exomonitor.station", "devices.link"),
    ("ui and devices stand on the core, never on each other", "exomonitor.clock", "ui.theme"),
    ("ui and devices stand on the core, never on each other", "resources.reader", "exomonitor.units"),
    ("Nothing knows main or the tests", "exomonitor.station", "main"),
    ("Nothing knows main or the tests", "devices.scenes", "tests"),
    ("Each part of the core knows only those below it", "exomonitor.unplaced", None),
    ("Each part of the core knows only those below it", "exomonitor.records.journal", "exomonitor.exports.verify"),
    ("Each part of the core knows only those below it", "exomonitor.exports.tables", "exomonitor.records.queries"),
    ("Each part of the core knows only those below it", "exomonitor.engine.engine", "exomonitor.records.writer"),
    ("Each part of the core knows only those below it", "exomonitor.alarms.manager", "exomonitor.engine.ports"),
    ("Each part of the core knows only those below it", "exomonitor.registry.lots", "exomonitor.alarms.policy"),
    ("Each part of the core knows only those below it", "exomonitor.session.fold", "exomonitor.registry.registry"),
    ("Each part of the core knows only those below it", "exomonitor.pins", "exomonitor.registry.users"),
    ("Each part of the core knows only those below it", "exomonitor.library", "exomonitor.records.store"),
    ("Each part of the core knows only those below it", "exomonitor.engine.desk", "exomonitor.expectations"),
    ("Each part of the core knows only those below it", "exomonitor.session.state", "exomonitor.alarms.policy"),
    ("Each part of the core knows only those below it", "exomonitor.clinical.dosing", "exomonitor.session.plan"),
    ("Each part of the core knows only those below it", "exomonitor.signals.vitals", "exomonitor.clinical.news2"),
    ("Each part of the core knows only those below it", "exomonitor.integrity", "exomonitor.signals.vitals"),
    ("Each part of the core knows only those below it", "exomonitor.settings", "exomonitor.integrity"),
    ("Each part of the core knows only those below it", "exomonitor.units", "exomonitor.settings"),
    ("Each part of the core knows only those below it", "exomonitor.clock", "exomonitor.units"),
    ("Each part of devices knows only those below it", "devices.unplaced", None),
    ("Each part of devices knows only those below it", "devices.catalogue", "devices.commands"),
    ("Each part of devices knows only those below it", "devices.link", "devices.catalogue"),
    ("Each part of devices knows only those below it", "devices.link", "devices.pumps.new_era.driver"),
    ("Each part of devices knows only those below it", "devices.simulation.server", "devices.link"),
    ("Each part of devices knows only those below it", "devices.wire.framing", "devices.transport.base"),
    ("Each part of devices knows only those below it", "devices.spec", "devices.wire.framing"),
    ("No device family knows another", "devices.pumps.new_era.driver", "devices.pumps.bbraun_space.wire"),
    ("No device family knows another", "devices.monitors.ge_dri.driver", "devices.pumps.new_era.wire"),
    ("A family's driver and its simulator share only the wire", "devices.pumps.new_era.unplaced", None),
    (
        "A family's driver and its simulator share only the wire",
        "devices.pumps.new_era.driver",
        "devices.pumps.new_era.simulator",
    ),
    (
        "A family's driver and its simulator share only the wire",
        "devices.monitors.ge_dri.simulator",
        "devices.monitors.ge_dri.driver",
    ),
    ("Wire, transport and simulators know no domain", "devices.wire.framing", "exomonitor.signals.vitals"),
    ("Wire, transport and simulators know no domain", "devices.transport.pty", "exomonitor.engine.ports"),
    ("Wire, transport and simulators know no domain", "devices.simulation.patient", "exomonitor.units"),
    ("Wire, transport and simulators know no domain", "devices.monitors.ge_dri.wire", "exomonitor.signals.waves"),
    ("Wire, transport and simulators know no domain", "devices.pumps.new_era.simulator", "exomonitor.session.state"),
    ("Qt lives in ui and main", "exomonitor.engine.engine", "PySide6"),
    ("Qt lives in ui and main", "devices.link", "pyqtgraph"),
    ("What the screen says is worded without Qt", "ui.presenters.words", "PySide6"),
    ("What the screen says is worded without Qt", "ui.presenters.words", "ui.widgets.text"),
    (
        "The window stands on pages, pages on widgets, widgets on words",
        "ui.widgets.card",
        "ui.pages.help",
    ),
    ("The window stands on pages, pages on widgets, widgets on words", "ui.presenters.words", "ui.plots.scale"),
    ("The window stands on pages, pages on widgets, widgets on words", "ui.pages.help", "ui.main_window"),
    (
        "A part of a visit knows neither the whole state nor who folds it",
        "exomonitor.session.parts.supply",
        "exomonitor.session.state",
    ),
    (
        "A part of a visit knows neither the whole state nor who folds it",
        "exomonitor.session.events",
        "exomonitor.session.fold",
    ),
    ("A handler decides and knows none of the machinery", "exomonitor.engine.parts.supply", "exomonitor.engine.desk"),
    ("A handler decides and knows none of the machinery", "exomonitor.engine.situation", "exomonitor.engine.chair"),
    ("SQL lives in exomonitor.records", "exomonitor.exports.verify", "sqlalchemy"),
    ("SQL lives in exomonitor.records", "ui.app", "alembic"),
    ("SQL lives in exomonitor.records", "exomonitor.station", "sqlite3"),
    ("Serial ports live in devices.transport.serial_port and devices.discovery", "devices.link", "serial"),
    ("Serial ports live in devices.transport.serial_port and devices.discovery", "ui.app", "serial"),
]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """The imports of this tree as they are."""
    sys.path.insert(0, str(ROOT))
    try:
        return grimp.build_graph(*SESSION["root_packages"], include_external_packages=True, cache_dir=None)
    finally:
        sys.path.remove(str(ROOT))


def is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    """Whether the contract holds in the graph, which stays as it was."""
    options = {key: value for key, value in CONTRACTS[name].items() if key not in ("name", "type")}
    contract = TYPES[CONTRACTS[name]["type"]](name=name, session_options=SESSION, contract_options=options)
    return contract.check(deepcopy(graph), verbose=False).kept


def broken_by(graph: grimp.ImportGraph, importer: str, imported: str | None) -> grimp.ImportGraph:
    """The graph with one more import, or one more module."""
    worse = deepcopy(graph)
    for module in (importer, imported):
        parts = module.split(".") if module else []
        for length in range(1, len(parts) + 1):  # a family's folder is a module too
            if (name := ".".join(parts[:length])) not in worse.modules:
                worse.add_module(name)
    if imported is not None:
        worse.add_import(importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}")
    return worse


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_tree_keeps_its_contracts(graph, name):
    assert is_kept(name, graph)


@pytest.mark.parametrize(("name", "importer", "imported"), VIOLATIONS)
def test_a_violation_breaks_the_contract(graph, name, importer, imported):
    assert not is_kept(name, broken_by(graph, importer, imported))


def test_a_circle_between_neighbours_breaks_the_contract(graph):
    once = broken_by(graph, "ui.widgets.tile", "ui.pages.session")
    assert is_kept("No circles", broken_by(graph, "ui.widgets.probe_a", "ui.widgets.probe_b"))
    assert not is_kept("No circles", broken_by(once, "ui.pages.session", "ui.widgets.tile"))


def test_every_contract_was_proven_to_break():
    proven = {name for name, _, _ in VIOLATIONS} | {"No circles"}
    assert proven == set(CONTRACTS)


def test_the_linter_itself_finds_a_violation_in_a_copy_of_the_tree(tmp_path):
    for package in SESSION["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_all_but_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "ui" / "offender.py").write_text("import devices.spec\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as check; check()", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"COLUMNS": "200", "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    broken = [line for line in ran.stdout.splitlines() if line.endswith("BROKEN")]
    assert broken == ["ui and devices stand on the core, never on each other BROKEN"]


def _all_but_python(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()} | {"__pycache__"}
