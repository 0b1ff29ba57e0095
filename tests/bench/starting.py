"""A warm start, with the data of an earlier one: how long `make up` takes, and the CPU time of each service
until it is ready.

In the local stack one process loads the code for all services; `start_cpu` doesn't count that. `start_alone`
does: it is of `python -m services.NAME`, as a service starts everywhere else. Its note has the memory that
the service then takes, with its worker processes.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time

from deploy.local.host.ports import Ports
from deploy.local.host.process import BackgroundProcess
from deploy.local.stack.component import ROOT, Component
from deploy.local.stack.stack import Stack
from shared.runtime.settings import Settings
from tests.bench.lifecycle.processes import tree_mb, tree_seconds
from tests.bench.result import Result, limit

_STACK_SECONDS, _CPU_SECONDS = 20, 3
_LOOKS_EVERY_S = 0.05
_READY_WITHIN_S = 60


async def run(settings: Settings) -> list[Result]:
    """`settings` names servers that run beside; the stack has its own."""
    return await asyncio.to_thread(_run)


def _run() -> list[Result]:
    ports = Ports.free()
    stack = Stack(ROOT / ".run" / f"base-{ports.base}", ports)
    try:
        for command in ("up", "down"):
            assert _make(command, ports).wait() == 0
        began = time.perf_counter()
        own = _cpu_until_ready(_make("up", ports), stack.services)
        took = time.perf_counter() - began
        alone = {name: _alone(name, component) for name, component in stack.services.items()}
    finally:
        _make("down", ports).wait()
        shutil.rmtree(stack.directory)
    return [
        limit("start_stack", took, at_most=_STACK_SECONDS, unit="s", note="make up, with its sample offices"),
        *(_result(f"start_cpu_{name}", spent) for name, spent in own.items()),
        *(_result(f"start_alone_{name}", *found) for name, found in alone.items()),
    ]


def _result(name: str, spent: float, memory: float | None = None) -> Result:
    note = f"{memory:.0f} MB" if memory else None
    return limit(name, spent, at_most=_CPU_SECONDS, unit="CPU s", note=note)


def _make(command: str, ports: Ports) -> subprocess.Popen[bytes]:
    """`make up` or `make down` for a stack of its own."""
    other = dict.fromkeys(("GIAHAN_KAFKA", "GIAHAN_MONGO", "GIAHAN_NAMESPACE", "GIAHAN_SECURE"), "")
    env = {**os.environ, **other, "GIAHAN_PORT_BASE": str(ports.base)}
    return subprocess.Popen(["make", command], cwd=ROOT, env=env)


def _cpu_until_ready(up: subprocess.Popen[bytes], services: dict[str, Component]) -> dict[str, float]:
    """Each service's, when its /health/ready first says so. Returns when the command has ended."""
    spent: dict[str, float] = {}
    while len(spent) < len(services) and not up.poll():
        for name, component in services.items():
            if name not in spent and component.process.pid is not None and component.ready():
                spent[name] = tree_seconds(component.process)
        time.sleep(_LOOKS_EVERY_S)
    assert up.wait() == 0
    return {name: spent[name] for name in services}


def _alone(name: str, component: Component) -> tuple[float, float]:
    """CPU seconds and MB of the service in the place of the stack's own process."""
    component.stop()
    process = BackgroundProcess(f"{name}-alone", component.process.log.parents[1])
    process.start([sys.executable, "-m", f"services.{name}"], component.env, tied=True)
    try:
        process.wait_until(component.ready, _READY_WITHIN_S)
        return tree_seconds(process), tree_mb(process)
    finally:
        process.stop()
