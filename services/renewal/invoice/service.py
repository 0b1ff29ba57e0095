"""What the office, the desk and the e-invoice system say about a registration's invoice.

Each is one conditional save with its event. If the process dies before it, nothing has happened; after it,
everything has, and the same request with its key finds it done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.renewal import permissions
from services.renewal.domain.invoice.closure import clear_look
from services.renewal.domain.invoice.issuance import add_files, record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.request_steps import (
    cancel_request,
    change_request,
    request_by_desk,
    request_by_rule,
)
from services.renewal.domain.invoice.requested_invoice import InvoiceDetails, RequestedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarning, invoice_warnings
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.files import InvoiceFiles, InvoiceUpload, read_uploads
from services.renewal.office.file_response import read_document
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.events.base import DocumentRef
from shared.resilience.errors import AlreadyExists, VersionMismatch
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

Step = Callable[[RequestedInvoice, datetime], Decision[RequestedInvoice] | None]
FileStep = Callable[[RequestedInvoice, Renewal, datetime], Decision[RequestedInvoice] | None]


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks for a change. `key`: the request's idempotency key. `seen`: the version on the screen, 0 where
    nothing was stored; None for any."""

    who: Person
    key: str
    seen: int | None = None

    def cause(self, action: str, content: BaseModel | None = None, reason: str = "", more: str = "") -> Cause:
        sent = f"{content.model_dump_json() if content else reason}{more}"
        return Cause.request(self.who.sub, action, reason, key=self.key, content=sent.encode())


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """A request that waits to be issued, or an issued invoice to look at, and what the desk should know about
    it."""

    invoice: RequestedInvoice
    renewal: Renewal
    warnings: tuple[InvoiceWarning, ...]


@dataclass(frozen=True, slots=True)
class InvoiceService:
    """Each method raises RenewalError if there is no such registration, or the step isn't possible, and
    KeyReused."""

    renewals: Renewals
    invoices: RequestedInvoices
    receivables: Receivables
    files: InvoiceFiles
    clock: Clock

    async def request_by_rule(self, renewal: Renewal, cause: Cause) -> None:
        """Requests the invoice of a registration whose contract is in force. Repeated, it does nothing."""
        await self._decide(renewal, cause, lambda state, now: request_by_rule(state, renewal, now))

    async def request(self, renewal_id: UUID, author: Author) -> RequestedInvoice:
        renewal, cause = await self.known(renewal_id), author.cause(f"request invoice {renewal_id}")
        step: Step = lambda state, now: request_by_desk(state, renewal, now)  # noqa: E731
        return await self._decide(renewal, cause, step, author.seen)

    async def change(
        self, renewal_id: UUID, details: InvoiceDetails, reason: str, author: Author
    ) -> RequestedInvoice:
        """`reason`: a clerk must give one. Raises a 403 problem for a person who may only see the office."""
        who = author.who
        stored = await self.renewals.load(renewal_id)
        renewal = permissions.require_may_change(who, stored.state if stored else None)
        cause = author.cause(f"change invoice {renewal_id}", details, reason, reason)
        side = permissions.side(who)
        return await self._decide(
            renewal,
            cause,
            lambda state, now: change_request(state, renewal, details, side, reason, now),
            author.seen,
        )

    async def cancel(self, renewal_id: UUID, reason: str, author: Author) -> RequestedInvoice:
        renewal, cause = (
            await self.known(renewal_id),
            author.cause(f"cancel invoice {renewal_id}", None, reason),
        )
        return await self._decide(
            renewal, cause, lambda state, now: cancel_request(state, renewal, reason, now), author.seen
        )

    async def clear_look(self, renewal_id: UUID, reason: str, author: Author) -> RequestedInvoice:
        """A clerk looked at the issued invoice; nothing is left to do."""
        renewal = await self.known(renewal_id)
        cause = author.cause(f"look at invoice {renewal_id}", None, reason)
        step: Step = lambda state, now: clear_look(state, reason, now)  # noqa: E731
        return await self._decide(renewal, cause, step, author.seen)

    async def record(
        self, renewal_id: UUID, entry: InvoiceEntry, uploads: tuple[bytes, ...], author: Author
    ) -> RequestedInvoice:
        """Records what the e-invoice system issued. Raises RenewalError also for a file that is no PDF or
        XML."""
        renewal, by = await self.known(renewal_id), author.who.sub
        read = await read_uploads(f"{entry.symbol}-{entry.number}", uploads)
        refs = tuple(each.ref for each in read)
        cause = author.cause(f"record invoice {renewal_id}", entry, entry.reason, _hashes(refs))
        step: FileStep = lambda state, of, now: record_invoice(state, of, entry, refs, by, now)  # noqa: E731
        return await self._decide_with_files(renewal, cause, step, author.seen, read)

    async def add_file(
        self, renewal_id: UUID, issued_id: UUID, upload: bytes, author: Author
    ) -> RequestedInvoice:
        renewal = await self.known(renewal_id)
        kept = await self.invoices.stored(renewal_id)
        issued = next((each for each in (kept.state.issued if kept else ()) if each.id == issued_id), None)
        if issued is None:
            raise RenewalError("invoice-unknown")
        read = await read_uploads(issued.name, (upload,))
        refs = tuple(each.ref for each in read)
        cause = author.cause(f"add invoice file {issued_id}", more=_hashes(refs))
        step: FileStep = lambda state, of, now: add_files(state, of, issued_id, refs)  # noqa: E731
        return await self._decide_with_files(renewal, cause, step, author.seen, read)

    async def of(self, renewal: Renewal) -> tuple[RequestedInvoice, int]:
        """The invoice and its version, 0 where nothing is stored."""
        kept = await self.invoices.stored(renewal.registration.renewal_id)
        first = self.invoices.first(renewal.registration)
        return (kept.state, kept.version) if kept else (first, 0)

    async def warnings(self, invoice: RequestedInvoice, renewal: Renewal) -> tuple[InvoiceWarning, ...]:
        receivable = await self.receivables.of(renewal.registration)
        return invoice_warnings(invoice, renewal, receivable, self._today(renewal))

    async def waiting(self, most: int, after: UUID | None = None) -> list[ListedInvoice]:
        """The requests that wait to be issued, the longest waiting first. `after`: the registration of the
        last one of the page before; it need not wait any more."""
        last = await self.invoices.stored(after) if after else None
        if after and (last is None or last.state.requested_at is None):
            raise RenewalError("invoice-unknown")
        return await self._listed(await self.invoices.waiting(most, last.state if last else None))

    async def to_look_at(self, most: int) -> list[ListedInvoice]:
        """Issued invoices that the desk must look at, the longest waiting first."""
        return await self._listed(await self.invoices.to_look_at(most))

    async def _listed(self, found: Sequence[RequestedInvoice]) -> list[ListedInvoice]:
        renewals = await self.renewals.by_ids(each.renewal_id for each in found)
        receivables = await self.receivables.of_all(renewals.values())
        return [
            ListedInvoice(
                each,
                renewal,
                invoice_warnings(each, renewal, receivables[each.renewal_id], self._today(renewal)),
            )
            for each in found
            if (renewal := renewals.get(each.renewal_id))
        ]

    async def file(self, renewal: Renewal, sha256: str) -> tuple[DocumentRef, bytes]:
        """A file of one of the registration's invoices. Raises RenewalError where none has it."""
        invoice, _ = await self.of(renewal)
        found = next((f for each in invoice.issued for f in each.files if f.sha256 == sha256), None)
        if found is None:
            raise RenewalError("invoice-unknown")
        return found, await read_document(self.files.documents, sha256)

    async def known(self, id: UUID) -> Renewal:
        if (stored := await self.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return stored.state

    def _today(self, renewal: Renewal) -> date:
        return civil_date(self.clock.now(), renewal.registration.zone)

    async def _decide_with_files(
        self,
        renewal: Renewal,
        cause: Cause,
        step: FileStep,
        seen: int | None,
        uploads: Sequence[InvoiceUpload],
    ) -> RequestedInvoice:
        """Tries the step before the files are stored, so that none is stored for what is refused. The
        registration is read again after that: its documents may have been deleted meanwhile."""
        registration = renewal.registration
        kept = await self.invoices.stored(registration.renewal_id)
        if not (kept and cause.message_id in kept.handled):
            if seen not in (None, kept.version if kept else 0):
                raise RenewalError("invoice-moved")
            step(kept.state if kept else self.invoices.first(registration), renewal, self.clock.now())
            await self.files.store(registration.renewal_id, uploads)
        newest = await self.known(registration.renewal_id)
        return await self._decide(newest, cause, lambda state, now: step(state, newest, now), seen)

    async def _decide(
        self, renewal: Renewal, cause: Cause, step: Step, seen: int | None = None
    ) -> RequestedInvoice:
        first, now = self.invoices.first(renewal.registration), self.clock.now()
        try:
            stored: Stored[RequestedInvoice] | None = await self.invoices.change(
                first.id, lambda state: step(state or first, now), cause, expected_version=seen
            )
        except VersionMismatch:
            raise RenewalError("invoice-moved") from None
        except AlreadyExists:
            raise RenewalError("invoice-elsewhere") from None
        return stored.state if stored else first


def _hashes(files: tuple[DocumentRef, ...]) -> str:
    return "".join(file.sha256 for file in files)
