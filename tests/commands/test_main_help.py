"""`--help` is enough: every command and every option is explained, and is asked for in a real process."""

from __future__ import annotations

import argparse

import pytest

import main
from exomonitor.command_line import SECONDARY, build_parser
from tests.commands.program import run

WORDS = [
    "demo",
    "simulate",
    "watch",
    "decode",
    "devices",
    "sessions",
    "export",
    "verify",
    "backup",
    "restore",
    "recover",
    "key",
    "sbom",
    "access",
    "encrypt",
    "decrypt",
]


def parsers():
    parser = build_parser(main.COMMANDS)
    [words] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return parser, words


@pytest.mark.parametrize("word", WORDS)
def test_each_option_of_each_command_is_explained(word):
    _, words = parsers()
    command = words.choices[word]
    assert [action.dest for action in command._actions if not (action.help or "").strip()] == []


def test_the_program_lists_every_command_but_its_helper():
    said = run("--help")
    assert (said.code, said.err) == (0, "")
    _, words = parsers()
    assert set(words.choices) == {*WORDS, "sounder"}
    for choice in words._choices_actions:
        assert choice.help
        assert choice.dest in said.out
    assert "sounder" not in said.out
    assert SECONDARY.split(".")[0] in " ".join(said.out.split())


@pytest.mark.parametrize("word", ["demo", "watch"])
def test_help_says_that_the_program_never_controls_a_pump(word):
    said = run(word, "--help")
    assert (said.code, said.err) == (0, "")
    assert "never controls a pump" in " ".join(said.out.split())


def test_devices_lists_the_catalogue_and_the_ports():
    said = run("devices")
    assert (said.code, said.err) == (0, "")
    for key in ("bbraun-space", "new-era", "ge-dri"):
        assert key in said.out
