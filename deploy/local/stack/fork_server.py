"""Starts the stack's own Python processes by forking one that has loaded their code: once, not ten times.

Loading it takes 2 to 4 seconds of CPU, as long as all else that a process does until it is ready. Outside
the local stack a service is started as `python -m services.NAME`; from its `main` on it is the same.
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

_PR_SET_NAME, _PR_SET_PDEATHSIG = 15, 1


@dataclass(frozen=True, slots=True)
class SpawnRequest:
    """What is asked of the fork_server: `main` of `module`, with `env` and nothing else, writing to `log`.

    `tied`: it ends with the fork_server, which ends with the process that made it.
    """

    module: str
    env: Mapping[str, str]
    log: str
    tied: bool


class ForkServer:
    """For what `modules` are the code of. What it says itself is in `log`."""

    def __init__(self, modules: Sequence[str], log: Path) -> None:
        self._modules = modules
        self._log = log
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    def load(self) -> None:
        """Begin to load the code, without waiting. Again changes nothing."""
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
        """The pid of a new process. Raises Problem when the code can't be loaded."""
        request = SpawnRequest(module, {**os.environ, **env}, str(log), tied)
        try:
            with self._lock:
                return self._ask(request)
        except (OSError, ValueError):
            self.close()
            raise StackProblem(
                f"không nạp được mã của {module}; xem {self._log}",
                f"the code of {module} can't be loaded; see {self._log}",
                "\n".join(self._log.read_text(errors="replace").splitlines()[-6:]),
            ) from None

    def close(self) -> None:
        """Fork no more, until asked again; what is tied to it ends."""
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
    """In the forked process: a session, environment and log of its own, as if it had been started anew."""
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
    """Load what is named, then fork for each line on standard input, and answer with the pid."""
    gc.disable()
    for module in sys.argv[1:]:
        import_module(module)
    gc.enable()
    gc.freeze()  # what is loaded stays shared with the forked processes
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
