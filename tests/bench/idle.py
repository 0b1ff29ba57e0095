"""A whole local stack while nothing happens: what its processes use of the CPU, what they ask MongoDB, and
what its data take of the disk.

3,000 offices are imported before, and all that this causes is done. The servers count to the stack.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.clock.clock import connect_clock
from deploy.local.host.ports import Ports
from deploy.local.people.caller import Caller
from deploy.local.samples.importer import import_rows
from deploy.local.samples.offices import offices
from deploy.local.stack.stack import SERVICES, Stack
from shared.runtime.settings import Settings
from tests.bench.lifecycle.processes import tree_seconds
from tests.bench.result import Result, limit
from tests.bench.scale import scale

_COMMANDS = ("find", "getMore", "aggregate", "count", "findAndModify", "insert", "update", "delete")
_SERVERS_OWN = ("admin", "config", "local")
_SETTLES_S = 30.0
"""Longer than every loop waits: each has seen that there is nothing to do."""


async def run(settings: Settings) -> list[Result]:
    """`settings` names servers that run beside; the stack has its own, which only it uses."""
    return await asyncio.to_thread(_run)


def _run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="giahan-idle-") as folder:
        stack = Stack(Path(folder), Ports.free(), tied=True)
        try:
            stack.start(lambda piece: print(piece, end="", flush=True))
            with (
                closing(Caller(stack)) as caller,
                connect_clock(stack.environment.settings()) as (clock, drain),
            ):
                import_rows(caller, rows := offices(clock.today()))
                drain.wait()
            return [*_measure(stack), _disk(stack, len(rows))]
        finally:
            stack.stop()


def _measure(stack: Stack) -> list[Result]:
    time.sleep(_SETTLES_S)
    uri = stack.environment.settings().mongo.get_secret_value()
    with MongoClient[dict[str, Any]](uri) as client:
        before, asked, began = _cpu_seconds(stack), _asked(client), time.perf_counter()
        time.sleep(seconds := 3 * scale().seconds)
        took = time.perf_counter() - began
        after, answered = _cpu_seconds(stack), _asked(client)
    used = {name: 100 * (after[name] - spent) / took for name, spent in before.items()}
    queries = {name: (count - asked[name]) / took for name, count in answered.items()}
    asked_a_second = sum(queries.values())
    busiest = max(SERVICES, key=used.__getitem__)
    return [
        limit("idle_stack", sum(used.values()), at_most=10, unit="% of a core", note=_list(used, seconds)),
        limit("idle_service", used[busiest], at_most=1, unit="% of a core", note=busiest),
        limit("idle_queries", asked_a_second, at_most=5, unit="queries/s", note=_list(queries, seconds)),
    ]


def _disk(stack: Stack, offices: int) -> Result:
    """All databases with their indexes, and all logs of topics, for each of the offices."""
    uri = stack.environment.settings().mongo.get_secret_value()
    with MongoClient[dict[str, Any]](uri) as client:
        client.admin.command("fsync")
        names = [name for name in client.list_database_names() if name not in _SERVERS_OWN]
        kept = {name: client[name].command("dbStats")["totalSize"] for name in names}
    logs = (stack.directory / "kafka" / "data").glob("*.*-*/*.log")
    kept["topics"] = sum(file.stat().st_size for file in logs)
    kilobytes = {name: size / offices / 1024 for name, size in kept.items()}
    note = ", ".join(f"{name} {each:.2f}" for name, each in kilobytes.items())
    return Result(name="disk_an_office", value=round(sum(kilobytes.values()), 2), unit="KB", note=note)


def _cpu_seconds(stack: Stack) -> dict[str, float]:
    return {process.name: tree_seconds(process) for process in stack.processes}


def _asked(client: MongoClient[dict[str, Any]]) -> dict[str, int]:
    """How many of each command the server has got so far."""
    commands = client.admin.command("serverStatus")["metrics"]["commands"]
    return {name: int(commands[name]["total"]) for name in _COMMANDS}


def _list(values: Mapping[str, float], seconds: float) -> str:
    most = sorted(values.items(), key=lambda item: -item[1])
    return f"in {seconds:.0f} s: " + ", ".join(f"{name} {value:.1f}" for name, value in most if value >= 0.05)
