"""A renewal ends correctly although processes are killed at some I/O boundaries, chosen by a seed.

`python -m tests.faults crash` covers all of them.
"""

from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.crash_run import crash, sample
from tests.faults.message_injector import REDRIVE_COMMAND

SEED = 5
_SIDES = 4


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_renewal_ends_once_though_processes_die_at_crash_points(
    kafka: str, mongo_uri: str, tmp_path: Path
) -> None:
    report = crash(tmp_path, kafka, mongo_uri, SEED, wanted=sample(SEED, _SIDES), most_walks=1)
    assert not report.faults, report.table()
    assert len(report.fired) == _SIDES


def test_the_same_seed_draws_the_same_sides() -> None:
    assert sample(SEED, _SIDES) == sample(SEED, _SIDES) != sample(SEED + 1, _SIDES)
    assert len(sample(SEED, _SIDES)) == _SIDES


def test_the_redrive_command_that_is_killed_is_there() -> None:
    assert callable(import_module(REDRIVE_COMMAND).main)
