"""An import of subscriptions by the service's own processes, against bare `bulk_write` of the same documents.

Renewal and notifier run as well, and copy what the import publishes. `import_followed` says how long it takes
until the last of them has all of it, in times of the import itself. The bare writes are made of documents
that are prepared before: with outbox and audit entry, under the same indexes, as durable as ours.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pymongo import InsertOne

from deploy.local.clock.lag import LagMeter
from deploy.local.host.ports import HOST
from deploy.local.samples.offices import offices
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.subscription import Subscription
from services.subscription.policies import load_policies
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row
from services.subscription.store import INDEXES
from shared.ids import fresh
from shared.messaging.broker import KafkaNames
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.mongo import Document
from shared.storage.record import Records
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.bench import bare
from tests.bench.lifecycle.population import today
from tests.bench.lifecycle.processes import Running, service
from tests.bench.lifecycle.progress import Progress
from tests.bench.result import Result, compare, limit
from tests.bench.scale import scale
from tests.bench.servers import alternate, with_own_namespace
from tests.support.people import People

_COPY = ("renewal", "notifier")
"""The services that copy what an import publishes. Signing passes over it."""
_BATCH = 1000
_LOOKS_EVERY_S = 0.1


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    with tempfile.TemporaryDirectory(prefix="giahan-imports-") as folder, ExitStack() as running:
        people = People(Path(folder) / "jwks.json")
        own = with_own_namespace(settings).model_copy(update={"jwks": str(Path(folder) / "jwks.json")})
        api = running.enter_context(service("api", own, folder))
        worker = running.enter_context(service("worker", own, folder))
        for name in _COPY:
            running.enter_context(service("worker", own, f"{folder}/{name}", name=name))
        bench = ImportBench(own, api, people, chosen.imported)
        rates = await alternate("import", chosen.rounds, bench.ours, bench.bare)
        note = f"{chosen.imported:,} rows"
        before = worker.peak_mb
        whole = await bench.imported(chosen.import_whole)
        return [
            compare("import", *rates, at_least=0.5, unit="rows/s", note=note),
            limit("import_followed", max(bench.followed), at_most=1.5, unit="times", note=note),
            whole.dry_run(),
            limit(
                "import_memory", worker.peak_mb - before, at_most=20, unit="MB",
                note=f"over {before:.0f} MB, {whole.rows:,} rows",
            ),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Took:
    """The seconds of one import: until it is proposed, applied, and copied by every service."""

    rows: int
    proposed: float
    applied: float
    followed: float

    def dry_run(self) -> Result:
        note = f"{self.rows:,} rows: {self.proposed:.1f} s of {self.applied:.1f} s"
        return limit("import_dry_run", 100 * self.proposed / self.applied, at_most=10, unit="%", note=note)


@dataclass(frozen=True, slots=True)
class ImportBench:
    settings: Settings
    api: Running
    people: People
    rows: int
    followed: list[float] = field(default_factory=list)

    async def ours(self) -> float:
        took = await self.imported(self.rows)
        self.followed.append(took.followed / took.applied)
        return took.rows / took.applied

    async def imported(self, rows: int) -> Took:
        file = write_rows(_rows(rows))
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{self.api.port}", timeout=600) as client:
            began = time.perf_counter()
            proposed = await self._ask(client, "POST", "/v1/imports", content=file)
            confirmed = time.perf_counter()
            path = f"/v1/imports/{proposed['import_id']}"
            await self._ask(client, "POST", f"{path}/confirmation", json={"reason": "bench"})
            progress = Progress("rows applied", rows)
            while (shown := await self._ask(client, "GET", path))["state"] != "applied":
                progress.at(rows - shown["waiting"])
                await asyncio.sleep(_LOOKS_EVERY_S)
            applied = time.perf_counter()
        assert shown["adopted"] == rows, shown
        await self._copied()
        ended = time.perf_counter()
        return Took(rows, confirmed - began, applied - confirmed, ended - confirmed)

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, **parts: Any) -> dict[str, Any]:
        headers = self.people.headers(Role.OPS) | {"idempotency-key": str(fresh())}
        answer = await client.request(method, path, headers=headers, **parts)
        assert answer.is_success, answer.text[:500]
        found: dict[str, Any] = answer.json()
        return found

    async def _copied(self) -> None:
        """Wait until every service has handled everything that can be read."""
        names = KafkaNames(self.settings.namespace)
        groups = {names.group(name): names.dead(name) for name in ("subscription", *_COPY)}
        meter = LagMeter(self.settings.connection, groups)
        await meter.start()
        progress = Progress("partitions behind", 0)
        try:
            while behind := sum((lag := await meter.read()).behind.values()):
                progress.at(behind)
                await asyncio.sleep(_LOOKS_EVERY_S)
            assert lag.dead == 0, "records died"
        finally:
            await meter.close()

    async def bare(self) -> float:
        uri, name = self.settings.mongo.get_secret_value(), f"bare{fresh().hex[:8]}"
        kept = bare.database(uri, name)["subscriptions"]
        await kept.create_indexes(list(INDEXES))
        documents = list(_documents(_rows(self.rows)))
        began = time.perf_counter()
        for first in range(0, len(documents), _BATCH):
            part = documents[first : first + _BATCH]
            await kept.bulk_write([InsertOne(document) for document in part], ordered=False)
        return self.rows / (time.perf_counter() - began)


def _rows(number: int) -> Iterator[Row]:
    """Offices that no other call returns."""
    like, mark = offices(today()), fresh().hex[:8]
    for n in range(number):
        row = like[n % len(like)]
        yield row.model_copy(update={"office_ref": f"{row.office_ref}-{mark}-{n // len(like)}"})


def _documents(rows: Iterator[Row]) -> Iterator[Document]:
    records, policies = Records(Subscription, "subscription", "subscriptions"), load_policies()
    now = SystemClock().now()
    for row in rows:
        adopted = adopt(*row.key, row.licence(next(iter(policies))), now, policies, next_policy=row.policy)
        yield records.save(None, str(row.subscription_id), adopted, Cause.command(), now).new_document()
