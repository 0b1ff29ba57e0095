"""A program on a terminal: what it shows, whether keys are echoed, and its end."""

import os
from pathlib import Path

import pytest

from deploy.local.host.problem import StackProblem
from deploy.local.host.terminal import open_terminal


def test_a_secret_is_typed_only_once_the_terminal_does_not_echo(tmp_path: Path) -> None:
    program = "from getpass import getpass; print(getpass('Mã PIN: ')[::-1])"
    with open_terminal(tmp_path, os.environ, "-c", program) as terminal:
        terminal.wait_for("Mã PIN: ", echo=False)
        terminal.type("1234")
        shown = terminal.wait_for("4321")
    assert "1234" not in shown


def test_a_program_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    with (
        open_terminal(tmp_path, os.environ, "-c", "print('hết chỗ')") as terminal,
        pytest.raises(StackProblem, match="has ended") as told,
    ):
        terminal.wait_for("ready")
    assert told.value.detail == "hết chỗ\r\n"
