"""An assert only looks: under `python -O` it is left out, and whatever it made would be missing then."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_tree import ROOT

ONLY_LOOK = {"isinstance", "issubclass", "len", "all", "any", "hasattr", "callable"}
LOOKED_UP = {"cached_property"}
"""A decorated attribute that is made when it is first wanted."""


def product() -> Iterator[Path]:
    """Every module that runs at a bedside."""
    yield ROOT / "main.py"
    for folder in ("exomonitor", "devices", "ui"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def made_when_wanted(tree: ast.Module) -> set[str]:
    """The names of the attributes whose first look makes something, and of the properties that look at such."""
    names: set[str] = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef):
            said = {d.id for d in one.decorator_list if isinstance(d, ast.Name)}
            makes = any(isinstance(part, ast.Subscript | ast.Call) for part in ast.walk(one))
            if said & LOOKED_UP or ("property" in said and makes):
                names.add(one.name)
    return names


def acts(tree: ast.Module, wanted: set[str]) -> Iterator[int]:
    """The lines of asserts that do more than look: a call of anything but a question, a walrus, a look-up by a key, an
    attribute that is made when it is wanted, whoever has it: what has such a name is looked at before."""
    for asserted in ast.walk(tree):
        if isinstance(asserted, ast.Assert) and any(_acts(part, wanted) for part in ast.walk(asserted.test)):
            yield asserted.lineno


def _acts(part: ast.AST, wanted: set[str]) -> bool:
    if isinstance(part, ast.Call):
        return not (isinstance(part.func, ast.Name) and part.func.id in ONLY_LOOK)
    if isinstance(part, ast.Attribute):
        return part.attr in wanted
    return isinstance(part, ast.Subscript | ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom)


def test_no_assert_of_the_product_does_anything():
    texts = {path: path.read_bytes() for path in product()}
    trees = {path: ast.parse(text) for path, text in texts.items() if b"assert " in text or b"property" in text}
    wanted = set().union(*(made_when_wanted(tree) for tree in trees.values()))
    found = [f"{path.relative_to(ROOT)}:{line}" for path, tree in trees.items() for line in acts(tree, wanted)]
    assert found == []


@pytest.mark.parametrize(
    ("words", "does"),
    [
        ("assert isinstance(form, OrderForm)", False),
        ("assert at is not None, 'why'", False),
        ("assert all(one.closed for one in gates)", False),
        ("assert order is not None", False),
        ("assert self.given is not None", False),
        ("assert self.order is not None", True),
        ("assert page.order is not None", True),
        ("assert self.page.order.text", True),
        ("assert self.forms[key] is not None", True),
        ("assert found.pop()", True),
        ("assert (left := rows) == 0", True),
    ],
)
def test_what_looks_and_what_does(words: str, does: bool):
    assert bool(list(acts(ast.parse(words), {"order"}))) is does
