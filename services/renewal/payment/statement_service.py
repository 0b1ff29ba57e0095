"""What the desk does with bank statements: uploads them, and decides about lines that no rule could.

Each is one conditional save. If the process dies before it, nothing has happened; after it, `statement_loop`
goes on with the file, and records the line.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.bank_line import BankLine, assign, reopen, set_aside
from services.renewal.domain.payment.payment_match import PaymentShare
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase, statement_file_id
from services.renewal.domain.payment.transfer import order_code
from services.renewal.domain.refusal import RenewalError
from services.renewal.payment.bank_lines import BankLines, StatementFiles
from services.renewal.payment.layouts import StatementLayouts
from services.renewal.payment.line_recorder import LineRecorder
from services.renewal.payment.service import Clerk
from services.renewal.payment.statements.reader import StatementFormat, format_of
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents, Provenance
from shared.text.names import Item, required_text
from shared.web.people import Person

MOST_SHARES = 20
_BYTES = "application/octet-stream"
Step = Callable[[BankLine], Awaitable[Decision[BankLine]]]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShareRequest(_Request):
    """Amounts in đồng. `amount` null: the whole line. `open_amount`: what the clerk saw as open; if that has
    changed, nothing is recorded."""

    registration_no: Annotated[str, AfterValidator(required_text(30))]
    open_amount: Annotated[int, Field(ge=0, le=LIMIT, strict=True)] | None = None
    amount: Annotated[int, Field(ge=1, le=LIMIT, strict=True)] | None = None


class AssignmentRequest(_Request):
    shares: Annotated[tuple[ShareRequest, ...], Field(min_length=1, max_length=MOST_SHARES)]
    reason: Item | None = None


@dataclass(frozen=True, slots=True)
class StatementService:
    """Each method raises RenewalError where the step isn't possible, and KeyReused."""

    files: StatementFiles
    lines: BankLines
    layouts: StatementLayouts
    recorder: LineRecorder
    documents: Documents

    async def upload(self, data: bytes, layout: str, who: Person) -> tuple[StatementFile, bool]:
        """The upload, and whether it is new. The same bytes with the same columns are one; a refused one is
        read again. It needs no key: what it is says its content."""
        columns = None
        if format_of(data) is StatementFormat.TABLE:
            if (known := await self.layouts.columns(layout)) is None:
                raise RenewalError("layout-unknown")
            columns = known.model_dump_json()
        id = statement_file_id(sha256(data).hexdigest(), columns)
        name, provenance = f"statement-{id}", Provenance("statement", id)
        document = await self.documents.put(data, media_type=_BYTES, name=name, of=provenance)
        now, cause = self.recorder.clock.now(), Cause.request(who.sub, "upload statement")
        first = StatementFile.uploaded(document, layout if columns else "", columns, who.sub, now)
        is_new = False

        def take(state: StatementFile | None) -> Decision[StatementFile] | None:
            nonlocal is_new
            is_new = state is None or state.phase is StatementPhase.REFUSED
            return Decision(first) if is_new else None

        stored = await self.files.change(id, take, cause)
        return stored.state if stored else first, is_new

    async def assign(self, line_id: UUID, request: AssignmentRequest, clerk: Clerk) -> BankLine:
        """The line pays these registrations. It is recorded at once; if the process dies before, the loop
        records it."""
        by, now, reason = clerk.who.sub, self.recorder.clock.now(), request.reason or ""

        async def step(state: BankLine) -> Decision[BankLine]:
            await self._check_unrecorded(line_id)
            shares = [await self._share(each, state) for each in request.shares]
            return assign(state, shares, by, reason, now)

        stored = await self._decide(line_id, "assign", request.model_dump_json(), reason, clerk, step)
        await self.recorder.record([stored])
        return (await self.known(line_id)).state

    async def set_aside(self, line_id: UUID, reason: str, clerk: Clerk) -> BankLine:
        """It pays none of our registrations."""
        by, now = clerk.who.sub, self.recorder.clock.now()

        async def step(state: BankLine) -> Decision[BankLine]:
            await self._check_unrecorded(line_id)
            return set_aside(state, by, reason, now)

        return (await self._decide(line_id, "set aside", reason, reason, clerk, step)).state

    async def reopen(self, line_id: UUID, reason: str, clerk: Clerk) -> BankLine:
        """A line that was set aside waits again. What was recorded is undone at its receipt."""

        async def step(state: BankLine) -> Decision[BankLine]:
            return reopen(state, reason)

        return (await self._decide(line_id, "reopen", reason, reason, clerk, step)).state

    async def known(self, id: UUID) -> Stored[BankLine]:
        if (stored := await self.lines.load(id)) is None:
            raise RenewalError("line-unknown")
        return stored

    async def _decide(
        self, id: UUID, action: str, content: str, reason: str, clerk: Clerk, step: Step
    ) -> Stored[BankLine]:
        async def decide(state: BankLine | None) -> Decision[BankLine]:
            if state is None:
                raise RenewalError("line-unknown")
            return await step(state)

        cause = clerk.cause(f"{action} line {id}", content, reason)
        try:
            stored = await self.lines.change(id, decide, cause, expected_version=clerk.seen)
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        if stored is None:
            raise RenewalError("line-unknown")
        return stored

    async def _check_unrecorded(self, line_id: UUID) -> None:
        """Its receipts are reversed first: otherwise its money would count twice."""
        found = await self.recorder.receivables.with_line(line_id)
        if any(receipt.counts and receipt.line_id == line_id for each in found for receipt in each.receipts):
            raise RenewalError("line-recorded")

    async def _share(self, asked: ShareRequest, line: BankLine) -> PaymentShare:
        found = await self.recorder.renewals.by_number(asked.registration_no)
        if found is None:
            raise RenewalError("registration-unknown")
        made = found.registration
        if asked.open_amount is not None:
            receivable = await self.recorder.receivables.of(made)
            if max(receivable.amount - receivable.paid, 0) != asked.open_amount:
                raise RenewalError("payment-moved")
        amount = asked.amount if asked.amount is not None else line.line.amount
        return PaymentShare(renewal_id=made.renewal_id, code=order_code(made.number), amount=amount)
