"""Transient errors: a lost connection, a server being replaced, a full disk, a lost race.

Every loop suppresses them in the same way and tries again. Any other error is a bug, and ends the loop.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError

from shared.resilience import denials
from shared.resilience.errors import Transient
from shared.storage import mongo

log = structlog.get_logger()

_TRANSIENT = (Transient, KafkaError, TimeoutError, ConnectionError)


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later. A group is transient if all its errors are."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(inner) for inner in error.exceptions)
    return isinstance(error, _TRANSIENT) or mongo.is_transient(error)


@dataclass(slots=True)
class Suppression:
    """`failed`: a transient error ended the block."""

    failed: bool = False


@contextmanager
def suppress_transient(event: str, **about: str) -> Iterator[Suppression]:
    """Suppresses a transient error of the block and logs it as `event`. Raises every other error.

    Raises CancelledError if the block swallowed the task's cancellation. Before Python 3.13 a failing
    TaskGroup does that, and a loop around it would never end. Use it only inside a task.
    """
    block = Suppression()
    try:
        yield block
    except Exception as error:
        if not is_transient(error):
            raise
        block.failed = True
        denials.note(error)
        log.warning(event, errors=error_names(error), **about)
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


def error_names(error: BaseException) -> list[str]:
    """The class names of the error, or of a group's errors, without texts, which may hold personal data."""
    if isinstance(error, BaseExceptionGroup):
        return [kind for inner in error.exceptions for kind in error_names(inner)]
    return [type(error).__name__]
