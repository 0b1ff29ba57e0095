"""A terminal that a program is started from, as a person has one."""

import codecs
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import STALLED_S, StallTimer
from deploy.local.texts import both

_LOOK_S = 0.05
# Makes the terminal the program's own, as a shell does.
_LOG_IN = "import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


class Terminal:
    """`shown` is everything that the screen has shown since the last `wait_for`."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.shown = ""
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def type(self, text: str) -> None:
        os.write(self._descriptor, f"{text}\n".encode())

    def wait_for(self, pattern: str, *, echo: bool | None = None) -> str:
        """Read until the screen has shown the pattern, with the echo of keys on or off. Forgets what was
        shown until then, and returns it.

        Raises StackProblem if the program ends, or shows nothing new for STALLED_S.
        """
        timer = StallTimer()
        while not re.search(pattern, self.shown) or echo not in (None, self.echoes):
            has_ended = self.process.poll() is not None
            if not self._read() and has_ended:
                raise StackProblem(*both("terminal.ended"), self.shown)
            if timer.is_over(self.shown):
                raise StackProblem(*both("terminal.silent", seconds=STALLED_S), self.shown)
        shown, self.shown = self.shown, ""
        return shown

    def _read(self) -> bool:
        """Whether something new was shown."""
        if not select.select([self._descriptor], [], [], _LOOK_S)[0]:
            return False
        with suppress(OSError):  # Linux says so when no program has the terminal open any more
            self.shown += self._decoder.decode(os.read(self._descriptor, 65536))
            return True
        return False

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)


@contextmanager
def open_terminal(folder: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[Terminal]:
    """Run Python with the arguments on a terminal of its own. The program ends with the context."""
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
