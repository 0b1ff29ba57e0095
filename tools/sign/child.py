"""Runs work in a process of its own: if it crashes or hangs, only that process ends."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Thread

Work = Callable[[bytes], bytes]
"""A function of a module: a child process imports it by its name."""

_SPAWN = multiprocessing.get_context("spawn")
_GRACE_S = 1.0


class ChildDied(Exception):
    """The process ended without an answer."""


class ChildHung(Exception):
    """The process gave no answer in its time. It was ended."""


async def run_in_child(work: Work, request: bytes, seconds: float) -> bytes:
    """The answer of `work`. A cancelled caller ends the process. Raises ChildDied, ChildHung."""
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(work, there), daemon=True)
    process.start()
    there.close()
    grace_s = 0.0
    try:
        here.send_bytes(request)
        async with asyncio.timeout(seconds):
            answer = await asyncio.to_thread(here.recv_bytes)
        grace_s = _GRACE_S
        return answer
    except TimeoutError:
        raise ChildHung from None
    except (EOFError, OSError):
        raise ChildDied from None
    finally:
        # `here` is not closed by hand: after a cancellation its thread may still read for a moment.
        await asyncio.shield(asyncio.to_thread(_end, process, grace_s))


def _end(process: SpawnProcess, grace_s: float) -> None:
    """End the process, at the latest by SIGKILL, which a library that hangs cannot ignore."""
    process.join(grace_s)
    if process.is_alive():
        process.terminate()
        process.join(_GRACE_S)
    if process.is_alive():
        process.kill()
        process.join()


def _serve(work: Work, connection: Connection) -> None:
    # Ctrl-C reaches every process of the terminal. The parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = connection.recv_bytes()
    Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    connection.send_bytes(work(request))


def _end_with_parent(connection: Connection) -> None:
    """Wait for the end of the pipe, which comes if the parent is killed, and end this process."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
