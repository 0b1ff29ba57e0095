"""What the e-invoice system did: it issued, adjusted or replaced an invoice, and made its files.

What it did is a fact, so it is recorded even where the request was changed or cancelled meanwhile. Then it
is on the desk's list (`look_since`), and `invoice_warnings` says why.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.renewal.domain.flow import OPEN
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry, IssuedInvoice
from services.renewal.domain.invoice.refund import follow_duty
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.invoice.warnings import needs_look
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.renewal import Renewal, event_fields
from shared import ids
from shared.events.base import DocumentRef, Event
from shared.events.invoice import InvoiceAdjusted, InvoiceIssued, InvoiceReplaced
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

OLDEST = timedelta(days=731)
_CLOCKS = timedelta(minutes=10)
"""How far the e-invoice system's clock may be ahead of ours."""
_MOST_INVOICES, _MOST_FILES = 30, 6


def record_invoice(
    state: RequestedInvoice,
    renewal: Renewal,
    entry: InvoiceEntry,
    files: tuple[DocumentRef, ...],
    by: str,
    now: datetime,
) -> Decision[RequestedInvoice] | None:
    """None where the same was recorded before. Raises RenewalError for an invoice that contradicts what is
    recorded: another one with its number, a second original, a correction of nothing; and for files that
    come after the registration's documents were deleted."""
    _check_kept(renewal, files)
    known = next((each for each in state.issued if _number_of(each) == _number_of(entry)), None)
    if known and not known.is_same(entry):
        raise RenewalError("invoice-known")
    if known:
        return _with_files(state, known, files)
    if errors := _errors(state, entry, civil_date(now + _CLOCKS, renewal.registration.zone)):
        raise RenewalError("invoice-invalid", *errors)
    if len(state.issued) >= _MOST_INVOICES:
        raise RenewalError("invoices-full")
    issued = IssuedInvoice(
        **entry.model_dump(),
        id=ids.derived("issued-invoice", state.renewal_id, entry.symbol, entry.number),
        files=files,
        recorded_by=by,
        recorded_at=now,
    )
    after = state.with_changes(issued=(*state.issued, issued), before_contract=renewal.status in OPEN)
    after = follow_duty(after.with_changes(look_since=None), renewal, now)
    if needs_look(after, renewal):
        after = after.with_changes(look_since=now)
    elif after.correct_by:
        after = after.with_changes(look_since=state.look_since or now)
    return Decision(after, (_event(state, renewal, issued, now),))


def add_files(
    state: RequestedInvoice, renewal: Renewal, invoice_id: UUID, files: tuple[DocumentRef, ...]
) -> Decision[RequestedInvoice] | None:
    """Files that came after the invoice was recorded. None where they are here. Raises RenewalError, also
    after the registration's documents were deleted."""
    _check_kept(renewal, files)
    known = next((each for each in state.issued if each.id == invoice_id), None)
    if known is None:
        raise RenewalError("invoice-unknown")
    return _with_files(state, known, files)


def _with_files(
    state: RequestedInvoice, invoice: IssuedInvoice, files: tuple[DocumentRef, ...]
) -> Decision[RequestedInvoice] | None:
    here = {file.sha256 for file in invoice.files}
    if not (new := tuple(file for file in files if file.sha256 not in here)):
        return None
    if len(invoice.files) + len(new) > _MOST_FILES:
        raise RenewalError("invoice-files-full")
    more = invoice.model_copy(update={"files": (*invoice.files, *new)})
    issued = tuple(more if each.id == invoice.id else each for each in state.issued)
    return Decision(state.with_changes(issued=issued))


def _check_kept(renewal: Renewal, files: tuple[DocumentRef, ...]) -> None:
    """A file that comes after the deletion would be kept for ever."""
    if files and renewal.retention and renewal.retention.deletion:
        raise RenewalError("dossier-deleted")


def _number_of(entry: InvoiceEntry) -> tuple[str, str]:
    return entry.symbol, entry.number


def _errors(state: RequestedInvoice, entry: InvoiceEntry, today: date) -> list[InvalidField]:
    corrects = entry.kind != "original"
    errors = []
    if corrects and not state.issued:
        errors.append(InvalidField("/kind", "invoice_corrects_nothing"))
    if state.issued and not corrects:
        errors.append(InvalidField("/kind", "invoice_second_original"))
    if corrects and not entry.reason:
        errors.append(InvalidField("/reason", "empty"))
    if (entry.request_revision or 0) > state.revision:
        errors.append(InvalidField("/request_revision", "invoice_revision_unsent"))
    if entry.dated > today:
        errors.append(InvalidField("/dated", "in_the_future"))
    if entry.dated < today - OLDEST:
        errors.append(InvalidField("/dated", "long_ago"))
    if entry.symbol[2:4] != f"{entry.dated.year % 100:02}":
        errors.append(InvalidField("/symbol", "invoice_symbol_year"))
    if entry.total < 0 and entry.kind != "adjustment":
        errors.append(InvalidField("/total", "too_few", {"least": 0}))
    return errors


def _event(state: RequestedInvoice, renewal: Renewal, issued: IssuedInvoice, now: datetime) -> Event:
    fields = event_fields(renewal.registration, now) | {
        "invoice_id": issued.id,
        "symbol": issued.symbol,
        "number": issued.number,
        "dated": issued.dated,
        "lookup_code": issued.lookup_code,
        "lookup_url": issued.lookup_url,
        "total_vnd": issued.total,
        "request_revision": issued.request_revision,
        "files": issued.files,
    }
    if issued.kind == "original":
        return InvoiceIssued(**fields)
    before = state.issued[-1] if issued.kind == "adjustment" else state.whole
    of = {"of_symbol": before.symbol, "of_number": before.number, "reason": issued.reason}
    event = InvoiceAdjusted if issued.kind == "adjustment" else InvoiceReplaced
    return event(**fields, **of)
