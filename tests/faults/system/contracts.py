"""A minimal signing service: a registration gets a number from a book, and a seal.

Only the infrastructure keeps it from drawing or sealing twice: it uses no derived ids and does not check
whether the work is done.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from shared import ids
from shared.background.workers import Workers
from shared.events.base import DocumentRef
from shared.events.renewal import RenewalRegistered
from shared.events.signing import ContractIssued
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.documents import Provenance
from tests.faults.system.member import Member
from tests.faults.system.world import SimulatedService, World
from tests.services.notifier import examples as ex

BOOKS = 2
NOTHING = timedelta(0)


class Book(State):
    """`numbers`: the numbers that were drawn, by renewal."""

    last: int = 0
    numbers: Mapping[str, tuple[int, ...]] = {}


class Contract(State):
    seals: tuple[str, ...] = ()


@asynccontextmanager
async def worker_pool() -> AsyncIterator[Workers]:
    pool = Workers(2, limit=60)
    try:
        yield pool
    finally:
        await pool.close()


class SigningProcess:
    def __init__(self, world: World, workers: Workers, seal_seconds: float = 0.0) -> None:
        self.service = service = SimulatedService("signing", world, NOTHING)
        self.books = service.store("books", Book)
        self.contracts = service.store("contracts", Contract)
        self._workers, self._seal_seconds = workers, seal_seconds

    def member(self) -> Member:
        routes = Routes()
        routes.once(RenewalRegistered, self.draw, self.seal)
        return Member(self.service, routes)

    async def draw(self, event: RenewalRegistered, cause: Cause) -> None:
        """Draw a number. A few books serve all partitions, so that partition queues race for numbers."""
        await self.books.change(book_of(event.renewal_id), lambda book: _drawn(book, event.renewal_id), cause)

    async def seal(self, event: RenewalRegistered, cause: Cause) -> None:
        book = book_of(event.renewal_id)
        stored = await self.books.load(book)
        assert stored is not None
        number = stored.state.numbers[str(event.renewal_id)][-1]
        data = await self.service.world.parts.seal(self._workers, self._seal_seconds)
        of = Provenance("sealed_contract", event.renewal_id)
        paper = await self.service.documents.put(
            data, media_type="application/pdf", name="hop-dong.pdf", of=of
        )
        told = _issued(event, f"{number}/{str(book)[:4]}", paper)
        await self.contracts.change(event.renewal_id, lambda contract: _sealed(contract, told), cause)


def book_of(renewal_id: UUID) -> UUID:
    return ids.derived("book", renewal_id.int % BOOKS)


def _drawn(book: Book | None, renewal_id: UUID) -> Decision[Book]:
    book = book or Book()
    number, key = book.last + 1, str(renewal_id)
    return Decision(Book(last=number, numbers={**book.numbers, key: (*book.numbers.get(key, ()), number)}))


def _sealed(contract: Contract | None, told: ContractIssued) -> Decision[Contract]:
    before = contract.seals if contract else ()
    return Decision(Contract(seals=(*before, told.contract.sha256)), (told,))


def _issued(event: RenewalRegistered, number: str, paper: DocumentRef) -> ContractIssued:
    like = ex.issued(paper, at=event.recorded_at, office_ref=event.office_ref)
    own = {
        "renewal_id": event.renewal_id,
        "registration_no": event.registration_no,
        "contract_number": number,
        "term": event.term,
    }
    return like.model_copy(update=own)
