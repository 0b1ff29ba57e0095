"""Transient errors are suppressed and logged; every other error is a bug and is raised."""

import ast
import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from pymongo.errors import AutoReconnect, BulkWriteError, CursorNotFound, DuplicateKeyError, OperationFailure

from shared.resilience.errors import Conflict
from shared.resilience.retry import is_transient, suppress_transient

ROOT = Path(__file__).parents[3]
_DRIVERS = ("PyMongoError", "OperationFailure", "AutoReconnect", "TRANSIENT")


def _bulk(*codes: int, unsure: bool = False) -> BulkWriteError:
    concern = [{"code": 64, "errmsg": "waiting for replication timed out"}] if unsure else []
    return BulkWriteError({"writeErrors": [{"code": c} for c in codes], "writeConcernErrors": concern})


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("no primary"),
        CursorNotFound("the primary stepped down"),
        OperationFailure("majority reads not possible yet", 134),
        OperationFailure("time limit exceeded", 262),
        OperationFailure("disk full", 14031),
        OperationFailure("not authorized", 13),
        OperationFailure("Authentication failed.", 18),
        _bulk(14031, 11000),
        _bulk(11000, unsure=True),
        KafkaError(),
        TimeoutError(),
        ConnectionResetError(),
        Conflict(),
        ExceptionGroup("tasks", [Conflict(), ExceptionGroup("more", [OperationFailure("", 262)])]),
    ],
    ids=repr,
)
def test_transient_errors(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        OperationFailure("unknown operator", 2),
        DuplicateKeyError("there already", 11000),
        _bulk(11000),
        _bulk(14031, 121),
        ZeroDivisionError(),
        ExceptionGroup("tasks", [Conflict(), KeyError()]),
    ],
    ids=repr,
)
async def test_other_errors_are_not_transient(error: Exception) -> None:
    assert not is_transient(error)
    with pytest.raises(type(error)), suppress_transient("loop.transient_error"):
        raise error


async def test_suppression_says_whether_the_block_failed() -> None:
    with suppress_transient("loop.transient_error") as broken:
        raise TimeoutError
    with suppress_transient("loop.transient_error") as whole:
        pass
    assert (broken.failed, whole.failed) == (True, False)


@pytest.mark.parametrize("suppressed_inside", [False, True])
async def test_loop_cancelled_while_it_fails_ends(suppressed_inside: bool) -> None:
    """Guards against: a task group that ends with an error loses the cancellation of its task."""
    ending, end = asyncio.Event(), asyncio.Event()

    async def ends_slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await end.wait()

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ends_slowly())
            await asyncio.sleep(0)
            raise Conflict

    async def loop() -> None:
        while True:
            with suppress_transient("loop.transient_error"):
                if suppressed_inside:
                    await group()
                else:
                    with suppress(ExceptionGroup):
                        await group()
            await asyncio.Event().wait()

    running = asyncio.create_task(loop())
    await ending.wait()
    running.cancel()
    await asyncio.sleep(0)
    end.set()
    await asyncio.wait({running}, timeout=10)
    assert running.cancelled()


def test_only_retry_classifies_driver_errors() -> None:
    """Guards against: a loop that suppresses only some transient errors, and dies of the others."""
    files = [file for part in ("shared", "services") for file in (ROOT / part).rglob("*.py")]
    own = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and node.type
        and any(n in ast.unparse(node.type) for n in _DRIVERS)
    ]
    assert not own, "use shared.resilience.retry"
