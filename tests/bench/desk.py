"""The desk's queue in December: 2,000 registrations wait among 20,000 finished ones.

The note at each list says how long the driver alone takes to read the same documents whole.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.numbers import registration_number
from services.renewal.domain.paper import paper_form
from services.renewal.domain.registration.form import register
from services.renewal.domain.renewal import Renewal
from services.renewal.main import compose
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy
from shared.ids import derived
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import Collection
from shared.storage.store import Store
from tests.bench.result import Result, limit
from tests.services.renewal.examples import NOW, registration
from tests.services.renewal.messages import document, posted_form
from tests.services.renewal.pages.reader import token
from tests.services.renewal.world import own_settings
from tests.support.people import Headers, People
from tests.support.service_process import client_of, serve_app

WAITING, DONE = 2000, 20_000
ROUNDS = 15
MOST_MS = 300
_AT_ONCE = 1000
_SHOWN: tuple[tuple[str, str], ...] = (
    ("queue_2000_rows", f"/v1/desk/queue?limit={WAITING}"),
    ("queue_first_page", "/renewal/desk"),
    ("queue_late_page", "/renewal/desk?late=true"),
    ("queue_counts", "/v1/desk/queue/counts"),
    ("queue_csv", "/v1/desk/queue/file.csv"),
)


async def run(settings: Settings) -> list[Result]:
    with TemporaryDirectory() as folder:
        mine = own_settings(settings.kafka, settings.mongo.get_secret_value(), Path(folder))
        people = People(Path(folder) / "jwks.json")
        service, plan = compose(mine)
        async with serve_app(service, plan) as app, client_of(app) as client:
            store = service.store("renewals", Renewal, audited=True)
            await fill(store, WAITING, _received)
            await fill(store, DONE, _done, first=WAITING)
            headers = people.clerk()
            await client.post("/renewal/session", data={"token": token(headers), "next": ""})
            bare = await _timed(lambda: _bare(store.collection))
            return [await _shown(client, headers, name, path, bare) for name, path in _SHOWN]


async def fill(store: Store[Renewal], count: int, made: Callable[[int], Renewal], first: int = 0) -> None:
    for begin in range(first, first + count, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, first + count))
        await store.save_many(_inserts(numbers, made), Cause.command())


def _inserts(numbers: range, made: Callable[[int], Renewal]) -> Iterator[tuple[None, str, Decision[Renewal]]]:
    for n in numbers:
        renewal = made(n)
        yield None, str(renewal.registration.renewal_id), Decision(renewal)


def _received(n: int) -> Renewal:
    at = NOW - timedelta(minutes=17 * n)
    return paper_form.receive(registered(n, at), posted_form(), at).state


def _done(n: int) -> Renewal:
    return registered(n, NOW).with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)


def registered(n: int, at: datetime = NOW) -> Renewal:
    id = derived("bench", n)
    made = registration(send_by=SendBy.PAPER)
    other = {
        "renewal_id": id,
        "number": registration_number(id),
        "subscription_id": derived("bench subscription", n),
        "office_ref": f"dv-{n:05d}",
        "registered_at": at,
    }
    return register(made.model_copy(update=other), document("form"), EXAMPLE_VENDOR, at).state


async def _bare(collection: Collection) -> None:
    rows = await collection.find({"status": "paper_received"}).to_list(None)
    assert len(rows) == WAITING


async def _shown(client: httpx.AsyncClient, headers: Headers, name: str, path: str, bare: float) -> Result:
    async def ask() -> None:
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text[:500]

    note = f"of {WAITING} waiting; the driver alone reads them in {bare:.0f} ms"
    return limit(name, await _timed(ask), at_most=MOST_MS, note=note)


async def _timed(ask: Callable[[], Awaitable[None]]) -> float:
    """The median of ROUNDS warm runs, in milliseconds."""
    await ask()
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await ask()
        took.append(1000 * (time.perf_counter() - began))
    return median(took)
