"""Starts the stack's Python processes by forking one process that has loaded their code once.

Loading the code takes 2 to 4 seconds of CPU, as long as the rest of a service's start. Outside the local
stack a service starts as `python -m services.NAME`; from its `main` on, both are the same.
"""

import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock

from deploy.local.host.problem import StackProblem
from deploy.local.texts import both

_PR_SET_NAME, _PR_SET_PDEATHSIG = 15, 1


@dataclass(frozen=True, slots=True)
class SpawnRequest:
    """A request to the fork server: run `main` of `module`, with exactly the environment `env`, and write to
    `log`.

    `tied`: the process ends with the fork server, which ends with the process that made it.
    """

    module: str
    env: Mapping[str, str]
    log: str
    tied: bool


class ForkServer:
    """Forks processes that run one of `modules`. Its own errors go to `log`."""

    def __init__(self, modules: Sequence[str], log: Path) -> None:
        self._modules = modules
        self._log = log
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    def load(self) -> None:
        """Start to load the code, without waiting. A second call does nothing."""
        if self._process is not None and self._process.poll() is None:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.stack.fork_server", *self._modules],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                text=True,
            )

    def fork(self, module: str, env: Mapping[str, str], log: Path, *, tied: bool) -> int:
        """Fork a process and return its pid. Raises StackProblem if the code cannot be loaded."""
        request = SpawnRequest(module, {**os.environ, **env}, str(log), tied)
        try:
            with self._lock:
                return self._ask(request)
        except (OSError, ValueError):
            self.close()
            raise StackProblem(
                *both("process.code", module=module, log=self._log),
                "\n".join(self._log.read_text(errors="replace").splitlines()[-6:]),
            ) from None

    def close(self) -> None:
        """Stop forking until `fork` or `load` is called again. Tied processes end."""
        if self._process is not None:
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None

    def _ask(self, request: SpawnRequest) -> int:
        self.load()
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asdict(request)), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def _become(request: SpawnRequest) -> None:
    """Runs in the forked process: give it its own session, environment and log, as if it had been started
    directly."""
    libc = ctypes.CDLL(None)
    if request.tied:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    libc.prctl(_PR_SET_NAME, request.module.removeprefix("services.").encode())
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for theirs, ours in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(theirs, ours)
    os.environ.clear()
    os.environ.update(request.env)
    sys.argv = [request.module]


def main() -> None:
    """Load the named modules. Then, for each line on standard input, fork and answer with the pid."""
    gc.disable()
    for module in sys.argv[1:]:
        import_module(module)
    gc.enable()
    gc.freeze()  # the loaded code's memory stays shared with the forked processes
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        request = SpawnRequest(**json.loads(line))
        if (pid := os.fork()) == 0:
            _become(request)
            import_module(request.module).main()
            return
        print(pid, flush=True)


if __name__ == "__main__":
    main()
