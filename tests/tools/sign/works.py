"""Work for child processes that goes wrong. A child imports it by its name, so it stands in a module."""

import ctypes
import os
import time
from pathlib import Path


def crash(_: bytes) -> bytes:
    """A segmentation fault, as a broken library makes one."""
    ctypes.string_at(0)
    return b""


def hang(request: bytes) -> bytes:
    """Write the process id into the file that the request names, and never answer."""
    file = Path(request.decode())
    file.with_suffix(".new").write_text(str(os.getpid()))
    file.with_suffix(".new").rename(file)
    return stall(request)


def stall(_: bytes) -> bytes:
    """Never answer, as a library that waits for its token."""
    while True:
        time.sleep(3600)


def echo(request: bytes) -> bytes:
    return request
