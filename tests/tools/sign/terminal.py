"""A terminal that a program is started from, as a person has one."""

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WITHIN_S = 120.0
# Makes the terminal the program's own, as a shell does.
_LOG_IN = "import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


class Terminal:
    """`shown` is everything that the screen has shown."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.shown = ""
        self._descriptor = descriptor

    def type(self, text: str) -> None:
        os.write(self._descriptor, f"{text}\n".encode())

    def wait_for(self, pattern: str, *, echo: bool | None = None) -> str:
        """Read until the screen has shown the pattern, with the echo of keys on or off. Forgets what was
        shown until then, and returns it."""
        deadline = time.monotonic() + _WITHIN_S
        while not re.search(pattern, self.shown) or echo not in (None, self.echoes):
            assert time.monotonic() < deadline, f"not shown: {pattern}: {self.shown}"
            if select.select([self._descriptor], [], [], 0.05)[0]:
                self.shown += os.read(self._descriptor, 65536).decode(errors="replace")
        shown, self.shown = self.shown, ""
        return shown

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)


@contextmanager
def open_terminal(folder: Path, environment: dict[str, str], *arguments: str) -> Iterator[Terminal]:
    """Run Python with the arguments on a terminal of its own."""
    descriptor, its_side = pty.openpty()
    command = [sys.executable, "-c", _LOG_IN, *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=its_side, stdout=its_side, stderr=its_side
    ) as process:
        os.close(its_side)
        try:
            yield Terminal(process, descriptor)
        finally:
            process.terminate()
            process.wait()
            os.close(descriptor)
