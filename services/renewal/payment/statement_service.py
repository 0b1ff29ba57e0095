"""What the desk does with bank statements: uploads them, and decides about lines that no rule could.

Each is one conditional save. If the process dies before it, nothing has happened; after it, `statement_loop`
goes on with the file, and records the line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.bank_line import BankLine, assign, reopen, set_aside
from services.renewal.domain.payment.matching import PaymentShare
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
from shared.text.names import Item

MOST_SHARES = 20


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShareRequest(_Request):
    """`amount` in đồng; None is the whole line."""

    registration_no: Annotated[str, Field(max_length=30)]
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

    async def upload(self, data: bytes, layout: str, clerk: Clerk) -> StatementFile:
        """The same bytes with the same layout are one upload. A refused one is read again."""
        if format_of(data) is StatementFormat.TABLE and await self.layouts.columns(layout) is None:
            raise RenewalError("layout-unknown")
        document = await self.documents.put(data, media_type="application/octet-stream", name="statement")
        id, now = statement_file_id(document, layout), self.recorder.clock.now()
        provenance = Provenance("statement", id)
        await self.documents.put(data, media_type=document.media_type, name=document.name, of=provenance)
        first = StatementFile.uploaded(document, layout, clerk.who.sub, now)

        def take(state: StatementFile | None) -> Decision[StatementFile] | None:
            return Decision(first) if state is None or state.phase is StatementPhase.REFUSED else None

        stored = await self.files.change(id, take, Cause.command("upload statement"))
        return stored.state if stored else first

    async def assign(self, line_id: UUID, request: AssignmentRequest, clerk: Clerk) -> BankLine:
        """The line pays these registrations. It is recorded at once; if the process dies before, the loop
        records it."""
        line = (await self._known(line_id)).state
        shares = [await self._share(each, line) for each in request.shares]
        receivables = await self.recorder.receivables.with_line(line_id)
        if any(r.counts and r.line_id == line_id for each in receivables for r in each.receipts):
            raise RenewalError("line-recorded")
        by, now, reason = clerk.who.sub, self.recorder.clock.now(), request.reason or ""
        stored = await self._decide(
            line_id, "assign", request.model_dump_json(), reason, clerk,
            lambda state: assign(state, shares, by, reason, now),
        )  # fmt: skip
        await self.recorder.record([stored])
        return (await self._known(line_id)).state

    async def set_aside(self, line_id: UUID, reason: str, clerk: Clerk) -> BankLine:
        by, now = clerk.who.sub, self.recorder.clock.now()
        stored = await self._decide(
            line_id, "set aside", reason, reason, clerk, lambda state: set_aside(state, by, reason, now)
        )
        return stored.state

    async def reopen(self, line_id: UUID, reason: str, clerk: Clerk) -> BankLine:
        """A line that was set aside waits again. What was recorded is undone at its receipt."""
        stored = await self._decide(
            line_id, "reopen", reason, reason, clerk, lambda state: reopen(state, reason)
        )
        return stored.state

    async def _decide(
        self,
        id: UUID,
        action: str,
        content: str,
        reason: str,
        clerk: Clerk,
        step: Callable[[BankLine], Decision[BankLine]],
    ) -> Stored[BankLine]:
        def decide(state: BankLine | None) -> Decision[BankLine]:
            if state is None:
                raise RenewalError("line-unknown")
            return step(state)

        cause = clerk.cause(f"{action} line {id}", content, reason)
        try:
            stored = await self.lines.change(id, decide, cause, expected_version=clerk.seen)
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        if stored is None:
            raise RenewalError("line-unknown")
        return stored

    async def _known(self, id: UUID) -> Stored[BankLine]:
        if (stored := await self.lines.load(id)) is None:
            raise RenewalError("line-unknown")
        return stored

    async def _share(self, asked: ShareRequest, line: BankLine) -> PaymentShare:
        found = await self.recorder.renewals.by_number(asked.registration_no)
        if found is None:
            raise RenewalError("registration-unknown")
        made = found.registration
        amount = asked.amount if asked.amount is not None else line.line.amount
        return PaymentShare(renewal_id=made.renewal_id, code=order_code(made.number), amount=amount)
