"""What a workstation remembers: read back as it was written, and told by name when it cannot be read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.errors import EnvironmentFault
from exomonitor.settings import (
    COLOURS,
    FILE,
    ChairSetting,
    PortSetting,
    ScreenSettings,
    Seat,
    Settings,
    keep_screen,
    keep_theme,
    load_settings,
    save_settings,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ports = st.builds(
    PortSetting,
    chair=texts,
    role=st.sampled_from(["pump", "monitor"]),
    key=texts,
    port=texts,
    baud=st.integers(0, 921_600),
)


def test_without_a_file_the_defaults_hold(tmp_path: Path):
    assert load_settings(tmp_path / "nowhere") == Settings()


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: not name.startswith("Lounge")
)
seats = st.lists(
    st.builds(ChairSetting, name=names, colour=st.just("")), max_size=8, unique_by=lambda one: one.name
).map(tuple)


@given(
    st.builds(
        Settings,
        chair=texts,
        chairs=seats,
        elsewhere=st.just(("far away 1", "far away 2")),
        station=texts,
        protocol=texts,
        device=st.lists(ports, max_size=2).map(tuple),
    )
)
def test_settings_come_back_as_they_were_kept(tmp_path_factory: pytest.TempPathFactory, kept: Settings):
    folder = tmp_path_factory.mktemp("kept") / "deeper"
    save_settings(folder, kept)
    assert load_settings(folder) == kept


def test_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path):
    save_settings(tmp_path, Settings(theme="light"))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"chair = ", "is not valid TOML"),
        (b"colour = 'red'", "colour: Extra inputs"),
        (b"theme = 'pink'", "theme: Input should be"),
        (b"[[device]]\nchair='1'\nrole='kettle'\nkey='x'\nport='y'", "device.0.role"),
        (b"chair = '\xff\xfe'", "is not UTF-8 text"),
        (b"chairs = ['4', '4']", "settings.toml: chairs: chair 4 is named twice"),
        (b"chairs = ['1', '2', '3', '4', '5', '6', '7', '8', '9']", "a station watches at most 8 chairs"),
        (b"chairs = [{name = '4', colour = 'red'}]", "chairs.0.colour"),
        (b"chairs = [{name = '4', colour = 'green'}, {name = '5', colour = 'green'}]", "two chairs are green"),
        (b"chairs = ['']", "chairs.0.name"),
        (b"chairs = ['Lounge 1']", "'Lounge 1' is the name of a place without devices"),
        (b"chairs = ['4', '5']\nelsewhere = ['5']", "settings.toml: chair 5 is watched here, so it is not elsewhere"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, data: bytes, sentence: str):
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(EnvironmentFault, match=FILE) as told:
        load_settings(tmp_path)
    assert sentence in str(told.value)


def test_a_place_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        save_settings(tmp_path / "taken", Settings())
    (tmp_path / FILE).mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        load_settings(tmp_path)


def test_one_chair_or_several_each_with_a_colour_of_its_own(tmp_path: Path):
    assert Settings(chair="4").seats == (Seat("4", "blue"),)
    (tmp_path / FILE).write_text("chairs = ['4', {name = '5', colour = 'blue'}, '6']\nelsewhere = ['7', '8']\n")
    found = load_settings(tmp_path)
    assert found.seats == (Seat("4", "pink"), Seat("5", "blue"), Seat("6", "green"))
    assert found.elsewhere == ("7", "8")
    save_settings(tmp_path, found)
    assert load_settings(tmp_path) == found
    eight = Settings.model_validate({"chairs": [str(number) for number in range(1, 9)]})
    assert [seat.colour for seat in eight.seats] == list(COLOURS)


def test_two_changes_at_the_same_moment_undo_nothing_of_each_other(tmp_path: Path) -> None:
    def change(step: int) -> None:
        if step % 2:
            keep_theme(tmp_path, "light")
        else:
            keep_screen(tmp_path, ScreenSettings(layout="trend"))

    for _ in range(20):
        save_settings(tmp_path, Settings())
        with ThreadPoolExecutor(max_workers=2) as workers:
            list(workers.map(change, range(2)))
        kept = load_settings(tmp_path)
        assert (kept.theme, kept.screen.layout) == ("light", "trend")
