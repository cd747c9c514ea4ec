"""A chair with a patient and a released lot: what is scanned there, and what the gate of the bag says."""

from __future__ import annotations

from exomonitor.session import commands as cmd
from exomonitor.session.plan import Product
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench
from tests.exomonitor.engine.shelf_bench import (
    LABEL,
    released_lot,
)

SECOND_LABEL = LABEL.replace("000123", "000124")


def open_chair() -> Bench:
    """A patient is identified and a lot released."""
    made = Bench()
    released_lot(made)
    made.do(cmd.OpenSession(CHAIR, made.by))
    made.do(cmd.IdentifyPatient(CHAIR, made.by, "DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born")))
    return made


def scan(bench: Bench, raw: str = LABEL) -> cmd.EnterProduct:
    return cmd.EnterProduct(CHAIR, bench.by, raw=raw)


def why(bench: Bench) -> str:
    """What the gate of the bag says."""
    return next(gate.why for gate in bench.snapshot.gates if gate.key == "product")


def product(bench: Bench) -> Product:
    found = bench.state.product
    assert found is not None
    return found
