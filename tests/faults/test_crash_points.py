"""A renewal ends correctly although processes are killed at some I/O boundaries, chosen by a seed.

`python -m tests.faults crash` covers all of them.
"""

from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.crash_points import JOINT_SIDES
from tests.faults.crash_run import crash, sample
from tests.faults.message_injector import REDRIVE_COMMAND

SEED = 5
_SIDES = 4
_JOINT = frozenset(
    {
        "store.insert(renewals.awaiting_signature.joint) after",
        "store.update(receivables.allocated) before",
        "store.update(receivables.allocated) after",
        "store.insert(renewals.accepted.joined) after",
        "store.update(renewals.released) before",
    }
)
"""As many as one walk reaches: a service dies twice at most between two marks."""


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_renewal_ends_once_though_processes_die_at_crash_points(
    kafka: str, mongo_uri: str, tmp_path: Path
) -> None:
    wanted = sample(SEED, _SIDES) | _JOINT
    report = crash(tmp_path, kafka, mongo_uri, SEED, wanted=wanted, most_walks=1)
    assert not report.faults, report.table()
    assert len(report.fired) == len(wanted)


def test_the_joint_sides_are_known() -> None:
    assert set(JOINT_SIDES) > _JOINT


def test_the_same_seed_draws_the_same_sides() -> None:
    assert sample(SEED, _SIDES) == sample(SEED, _SIDES) != sample(SEED + 1, _SIDES)
    assert len(sample(SEED, _SIDES)) == _SIDES


def test_the_redrive_command_that_is_killed_is_there() -> None:
    assert callable(import_module(REDRIVE_COMMAND).main)
