"""`python -m deploy.local keep`: restarts processes of this checkout's stack that died, and logs each
restart.

`make up` starts it and `make down` stops it. It sleeps until the kernel reports a death.
"""

import os
import select
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from deploy.local.host.problem import StackProblem
from deploy.local.host.process import BackgroundProcess
from deploy.local.texts import line

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_SOON_S = 60.0


@dataclass(slots=True)
class StackSupervisor:
    """Watches `processes` as long as they are meant to run. `start` starts one unless it runs; `say` logs a
    line."""

    processes: Sequence[BackgroundProcess]
    start: Callable[[BackgroundProcess], None]
    say: Callable[[str], None]
    _waits: dict[str, float] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Run until no process is meant to run any more."""
        while kept := [process for process in self.processes if process.is_meant_to_run]:
            dead = [process for process in kept if process.pid is None]
            for process in dead:
                self._revive(process)
            if not dead:
                _until_one_dies(kept)

    def _revive(self, process: BackgroundProcess) -> None:
        """Restart a process. The delay doubles each time it died soon after its start."""
        lived = time.monotonic() - self._begun.get(process.name, -_SOON_S)
        wait = self._waits.get(process.name, _FIRST_WAIT_S) if lived < _SOON_S else _FIRST_WAIT_S
        time.sleep(wait)
        self._waits[process.name] = min(wait * 2, _LONGEST_WAIT_S)
        if not process.is_meant_to_run or process.pid is not None:
            return
        self.say(f"✗ {process.name} {line('doctor.restarted')}")
        self._begun[process.name] = time.monotonic()
        try:
            self.start(process)
        except StackProblem as problem:
            self.say(str(problem))


def _until_one_dies(processes: Sequence[BackgroundProcess]) -> None:
    """Returns at once if one is already dead."""
    with ExitStack() as opened:
        poll = select.poll()
        for process in processes:
            try:
                watched = os.pidfd_open(process.pid or 0)
            except OSError:
                return
            opened.callback(os.close, watched)
            poll.register(watched, select.POLLIN)
        poll.poll()
