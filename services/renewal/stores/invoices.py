"""The store of requested invoices, and the queries on it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from services.renewal.domain import money
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.money import Dialect
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from shared.audit.entries import AuditEntry
from shared.audit.history import history
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document, IndexModel
from shared.storage.store import Store

INDEXES = (
    IndexModel(
        [("waiting_since", 1), ("_id", 1)],
        name="waiting",
        partialFilterExpression={"waiting_since": {"$type": "date"}},
    ),
    IndexModel(
        [("look_since", 1), ("_id", 1)],
        name="looks",
        partialFilterExpression={"look_since": {"$type": "date"}},
    ),
    IndexModel(
        [("before_contract", 1)], name="before_contract", partialFilterExpression={"before_contract": True}
    ),
    IndexModel(
        [("issued.files.sha256", 1)],
        name="files",
        partialFilterExpression={"issued.files.sha256": {"$type": "string"}},
    ),
    IndexModel(
        [("issued.symbol", 1), ("issued.number", 1)],
        name="one_a_number",
        unique=True,
        partialFilterExpression={"issued.number": {"$type": "string"}},
    ),
)


class RequestedInvoices:
    """Raises AlreadyExists where an invoice's number is recorded for another registration."""

    def __init__(self, store: Store[RequestedInvoice], dialect: Dialect) -> None:
        self._store = store
        self._dialect = dialect
        self.change = store.change
        self.save = store.save
        self.save_many = store.save_many

    def first(self, registration: Registration) -> RequestedInvoice:
        """As the form declares it, before anything is stored."""
        return RequestedInvoice.of(registration, money.in_words(registration.total, self._dialect))

    async def stored(self, renewal_id: UUID) -> Stored[RequestedInvoice] | None:
        return await self._store.load(invoice_id(renewal_id))

    async def stored_by_renewals(self, ids: Iterable[UUID]) -> list[Stored[RequestedInvoice]]:
        """Those of these registrations that are stored and can be read."""
        found, _ = await self._store.find_readable({"_id": {"$in": [str(invoice_id(id)) for id in ids]}})
        return found

    async def stored_by_renewal(self, ids: Iterable[UUID]) -> dict[UUID, Stored[RequestedInvoice] | None]:
        """By the registration's id; None where nothing is stored. Those that can't be read are left out."""
        by_id = {str(invoice_id(id)): id for id in ids}
        if not by_id:
            return {}
        found, damaged = await self._store.find_readable({"_id": {"$in": list(by_id)}})
        known = {stored.id: stored for stored in found}
        return {renewal: known.get(id) for id, renewal in by_id.items() if id not in damaged}

    async def of_all(self, renewals: Iterable[Renewal]) -> dict[UUID, RequestedInvoice]:
        """By the registration's id."""
        made = {renewal.registration.renewal_id: renewal.registration for renewal in renewals}
        found = await self._store.states({"_id": {"$in": [invoice_id(id) for id in made]}})
        known = {invoice.renewal_id: invoice for invoice in found}
        return {id: known.get(id) or self.first(registration) for id, registration in made.items()}

    async def waiting(self, most: int, after: RequestedInvoice | None = None) -> list[RequestedInvoice]:
        """Those that are requested and not issued, the longest waiting first. `after`: only those that wait
        shorter than that one waits, or waited."""
        waits: Document = {"waiting_since": {"$type": "date"}}
        if after:
            since = after.requested_at
            same = {"waiting_since": since, "_id": {"$gt": str(after.id)}}
            waits |= {"$or": [{"waiting_since": {"$gt": since}}, same]}
        found, _ = await self._store.find_readable(waits, sort=[("waiting_since", 1), ("_id", 1)], limit=most)
        return [stored.state for stored in found]

    async def to_look_at(self, most: int) -> list[RequestedInvoice]:
        """Issued ones that the desk must look at, the longest waiting first."""
        found, _ = await self._store.find_readable(
            {"look_since": {"$type": "date"}}, sort=[("look_since", 1), ("_id", 1)], limit=most
        )
        return [stored.state for stored in found]

    async def waiting_ids(self) -> list[UUID]:
        """The registrations whose request waits."""
        return await self._ids({"waiting_since": {"$type": "date"}})

    async def before_contract_ids(self) -> list[UUID]:
        """The registrations whose invoice was issued while they could still be closed."""
        return await self._ids({"before_contract": True})

    async def _ids(self, query: Document) -> list[UUID]:
        found = self._store.collection.find(query, {"renewal_id": 1})
        return [UUID(each["renewal_id"]) async for each in found]

    async def history(self, renewal_id: UUID) -> list[AuditEntry]:
        """The audit entries of the registration's invoice, in order."""
        return await history(self._store.collection, str(invoice_id(renewal_id)))

    async def file_owners(self, hashes: Collection[str]) -> dict[UUID, set[str]]:
        """The registrations whose invoices have these files, and which of them each has."""
        query = {"issued.files.sha256": {"$in": list(hashes), "$type": "string"}}
        found = self._store.collection.find(query, {"renewal_id": 1, "issued.files.sha256": 1})
        return {
            UUID(each["renewal_id"]): {f["sha256"] for issued in each["issued"] for f in issued["files"]}
            & set(hashes)
            async for each in found
        }
