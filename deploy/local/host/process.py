"""A background process that a later command can find again. It is stopped only if it is still the same
process."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import StallTimer, Tell, discard
from deploy.local.texts import both

_TICK_S = 0.05
_WIDTH = 240


def _birth(pid: int) -> str | None:
    """The kernel's start time of a live process; None if it does not run. A reused pid has another start
    time."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    threads_left = int(fields[17])
    return None if fields[0] in "ZX" and threads_left <= 1 else fields[19]


class BackgroundProcess:
    """A process recorded in `pids/NAME.pid` under `directory`. Its output goes to `logs/NAME.log` there."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.log = directory / "logs" / f"{name}.log"
        self._pid_file = directory / "pids" / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], env: Mapping[str, str], *, tied: bool = False) -> None:
        """Run `command` with its output in the log. The previous log is kept as NAME.log.1.

        `tied`: the kernel ends the process when the thread that started it ends.
        """
        prefix = ("setpriv", "--pdeathsig", "TERM") if tied else ()

        def run(log: Path) -> int:
            with log.open("wb") as output:
                self._child = subprocess.Popen(
                    [*prefix, *command],
                    env={**os.environ, **env},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=not tied,
                )
            return self._child.pid

        self.begin(run)

    def begin(self, run: Callable[[Path], int], mark: str = "") -> None:
        """Call `run` with the log's path to start the process, and store the pid it returns together with
        `mark`."""
        for folder in (self.log.parent, self._pid_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        self._child = None
        pid = run(self.log)
        known = {"pid": pid, "birth": _birth(pid), "mark": mark}
        draft = self._pid_file.with_suffix(".new")
        draft.write_text(json.dumps(known))
        draft.replace(self._pid_file)

    def _known(self) -> dict[str, Any]:
        try:
            known = json.loads(self._pid_file.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    @property
    def mark(self) -> str:
        """The mark that `begin` stored for the last started process."""
        return str(self._known().get("mark", ""))

    @property
    def pid(self) -> int | None:
        """The pid if the process that we started is still alive, else None."""
        if self._child is not None:
            self._child.poll()
        known = self._known()
        pid, birth = known.get("pid"), known.get("birth")
        return pid if isinstance(pid, int) and birth is not None and _birth(pid) == birth else None

    @property
    def is_meant_to_run(self) -> bool:
        """Whether the process was started and nobody has stopped it since. It may have died."""
        return self._pid_file.exists()

    def wait_until(
        self,
        ready: Callable[[], bool],
        stalled_s: float,
        progress: Callable[[], object] | None = None,
        waits_for: Callable[[], str] = str,
        tell: Tell = discard,
    ) -> None:
        """Return when `ready`. `tell` is told what is waited for.

        Raises StackProblem, with the end of the log, if the process dies, or if `progress` (by default the
        log's size) does not change for `stalled_s`.
        """
        timer, moved = StallTimer(stalled_s, tell), progress or self._log_size
        while not ready():
            if self.pid is None:
                raise StackProblem(
                    *both("process.stopped", name=self.name, log=self.log),
                    self.log_tail(),
                )
            if timer.is_over(moved(), waits_for()):
                raise StackProblem(
                    *both("process.not_ready", name=self.name, seconds=stalled_s, log=self.log),
                    "\n".join(filter(None, (waits_for(), self.log_tail()))),
                )
            time.sleep(_TICK_S)

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    @property
    def activity(self) -> tuple[int, int]:
        """The size of the log and the CPU time; the pair changes while the process works."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return self._log_size(), 0
        return self._log_size(), int(fields[11]) + int(fields[12])

    def stop(self, grace_s: float = 20) -> bool:
        """Send SIGTERM, and SIGKILL after `grace_s`. Returns True if the process was running."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            if not self._gone_within(grace_s):
                self.kill()
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def kill(self) -> None:
        """Send SIGKILL, as a crash would."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self._gone_within(5)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.pid is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(_TICK_S)
        if self._child is not None:
            self._child.wait()
        return True

    def log_tail(self, lines: int = 6) -> str:
        """The last lines of the log. A traceback is shortened to its last line."""
        try:
            written = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(_brief(line)[:_WIDTH] for line in written[-lines:])


def _brief(line: str) -> str:
    try:
        entry = json.loads(line)
        said = [str(entry[key]) for key in ("event", "error", "exception") if entry.get(key)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return line
    return ": ".join(text.strip().splitlines()[-1] for text in said)
