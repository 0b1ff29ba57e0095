"""Which errors set an import aside until the next process, and which only cause a retry."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure

from services.subscription.imports.loop import ImportsLoop
from services.subscription.imports.state import Import
from shared.background.leader_loop import CheckLeadership

ONE = cast("Import", SimpleNamespace(id="one"))


async def _alive() -> None:
    """This process stays the leader."""


def _failing(error: Exception) -> ImportsLoop:
    class Applying:
        async def apply(self, one: Import, check_leadership: CheckLeadership) -> None:
            raise error

    unused: Any = None
    return ImportsLoop(unused, cast("Any", Applying()), unused, unused)


async def test_import_is_not_skipped_because_the_database_gave_up_once() -> None:
    """Guards against: a transient error, known by its code alone, stops a list until a restart."""
    loop = _failing(OperationFailure("time limit exceeded", 262))
    with pytest.raises(OperationFailure):
        await loop._apply(ONE, _alive)
    assert not loop.skipped


async def test_import_that_can_never_be_applied_holds_nobody_up() -> None:
    loop = _failing(KeyError("row"))
    await loop._apply(ONE, _alive)
    assert loop.skipped == {"one"}
