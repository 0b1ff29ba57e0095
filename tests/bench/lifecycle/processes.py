"""The service as it runs in production: one process for the API, one for the work."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from pydantic import SecretStr

from deploy import SERVICES
from deploy.local.host.ports import HOST, Ports, free_port
from deploy.local.host.process import BackgroundProcess
from shared.runtime.settings import Settings

_READY_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    process: BackgroundProcess

    @property
    def peak_mb(self) -> float:
        """The process's peak memory (the kernel's VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kilobytes) / 1024


def cpu_seconds() -> Counter[str]:
    """CPU time of each of our processes, including this one."""
    spent: Counter[str] = Counter()
    for process in (ourselves := psutil.Process()), *ourselves.children(recursive=True):
        times, command = process.cpu_times(), process.cmdline()
        name = "load" if process == ourselves else command[-1] if "--only" in command else process.name()
        spent[name] += round(times.user + times.system)
    return spent


def tree_seconds(process: BackgroundProcess) -> float:
    """The CPU time of the process and its children so far."""
    times = [each.cpu_times() for each in _tree(process)]
    return sum(each.user + each.system for each in times)


def tree_mb(process: BackgroundProcess) -> float:
    """The resident memory of the process and its children; what they share counts once."""
    return sum(each.memory_full_info().pss for each in _tree(process)) / 1024**2


def _tree(process: BackgroundProcess) -> list[psutil.Process]:
    assert process.pid is not None, f"{process.name} does not run"
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


@contextmanager
def service(part: str, settings: Settings, folder: str, *, name: str = "subscription") -> Iterator[Running]:
    """`python -m services.NAME --only PART`, once it is ready."""
    number = SERVICES.index(name) + 1
    base = Ports.free().base
    env = {
        f"GIAHAN_{key.upper()}": _plain(value)
        for key, value in settings.model_dump(exclude_none=True).items()
    }
    command = [sys.executable, "-m", f"services.{name}", "--only", part]
    with _running(part, base + number, command, env | {"GIAHAN_PORT_BASE": str(base)}, folder) as running:
        running.process.wait_until(lambda: _answers(running.port, "/health/ready"), _READY_WITHIN_S)
        yield running


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


@contextmanager
def bare_gate(settings: Settings, database: str, folder: str) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.bench.lifecycle.bare_gate:app", "--no-access-log"]
    env = {"BARE_MONGO": settings.mongo.get_secret_value(), "BARE_DATABASE": database}
    with _running("bare", port, [*command, "--port", str(port)], env, folder) as running:
        running.process.wait_until(lambda: _answers(port, "/openapi.json"), _READY_WITHIN_S)
        yield running


@contextmanager
def _running(name: str, port: int, command: list[str], env: dict[str, str], folder: str) -> Iterator[Running]:
    process = BackgroundProcess(name, Path(folder))
    process.start(command, {**os.environ, **env}, tied=True)
    try:
        yield Running(port, process)
    finally:
        process.stop()


def _answers(port: int, path: str) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}{path}", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
