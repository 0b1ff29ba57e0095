"""Faults that pass by themselves: a lost connection, a server being replaced, a full disk, a lost race.

Every loop bears them, and in the same way; what else a loop meets is a fault of ours, of which it dies.
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
    """Whether the same may succeed later. A group passes if all in it do."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(inner) for inner in error.exceptions)
    return isinstance(error, _TRANSIENT) or mongo.is_transient(error)


@dataclass(slots=True)
class Suppression:
    """Whether the block was left by a fault that passes."""

    failed: bool = False


@contextmanager
def suppress_transient(event: str, **about: str) -> Iterator[Suppression]:
    """Lets the block end with a fault that passes, logged as `event`. Raises any other; and CancelledError
    where the block was cancelled and lost that: a TaskGroup of Python before 3.13 that fails while it is
    cancelled raises its failure alone. Of such a block a loop would never end. In a task."""
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
    """The names of the error, or of those that a group holds: all that a log may say."""
    if isinstance(error, BaseExceptionGroup):
        return [kind for inner in error.exceptions for kind in error_names(inner)]
    return [type(error).__name__]
