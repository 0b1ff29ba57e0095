"""What passes by itself is borne and told; everything else is a fault of ours."""

import ast
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from pymongo.errors import AutoReconnect, BulkWriteError, CursorNotFound, DuplicateKeyError, OperationFailure

from shared.faults import Conflict
from shared.passing import borne, passes

ROOT = Path(__file__).parents[2]
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
def test_what_may_succeed_later_passes(error: Exception) -> None:
    assert passes(error)


@pytest.mark.parametrize(
    "error",
    [
        OperationFailure("unknown operator", 2),
        OperationFailure("not authorized", 13),
        DuplicateKeyError("there already", 11000),
        _bulk(11000),
        _bulk(14031, 121),
        ZeroDivisionError(),
        ExceptionGroup("tasks", [Conflict(), KeyError()]),
    ],
    ids=repr,
)
def test_a_fault_of_ours_does_not(error: Exception) -> None:
    assert not passes(error)
    with pytest.raises(type(error)), borne("loop.fault"):
        raise error


def test_whoever_bears_a_fault_knows_that_the_block_was_left() -> None:
    with borne("loop.fault") as broken:
        raise TimeoutError
    with borne("loop.fault") as whole:
        pass
    assert (broken.failed, whole.failed) == (True, False)


def test_nobody_judges_the_drivers_faults_by_himself() -> None:
    """Kind of fault: a loop that bears the faults it has heard of, and ends of the others."""
    files = [file for part in ("shared", "services") for file in (ROOT / part).rglob("*.py")]
    own = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and node.type
        and any(n in ast.unparse(node.type) for n in _DRIVERS)
    ]
    assert not own, "use shared.passing"
