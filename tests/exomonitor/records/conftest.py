"""Which tests of the record run on encrypted databases: see at_rest.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.exomonitor.records.at_rest import ALL_ENCRYPTED, BOTH, PLAIN_FILES, PLAIN_ONLY, encrypt_everything


@pytest.fixture(scope="session", autouse=ALL_ENCRYPTED)
def all_encrypted() -> Iterator[None]:
    """Every test of this folder, where that was asked for."""
    with pytest.MonkeyPatch.context() as patch:
        encrypt_everything(patch)
        yield


@pytest.fixture
def at_rest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """`plain`, or `encrypted`."""
    if request.param == "encrypted":
        encrypt_everything(monkeypatch)
    return str(request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Those that stand for all of them run in both ways."""
    if metafunc.function.__name__ in BOTH and not ALL_ENCRYPTED:
        metafunc.fixturenames.insert(0, "at_rest")
        metafunc.parametrize("at_rest", ("plain", "encrypted"), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What can be told of plain files alone is left out where everything is encrypted."""
    if ALL_ENCRYPTED:
        left = [i for i in items if getattr(i, "originalname", "") in PLAIN_ONLY or i.path.name in PLAIN_FILES]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
