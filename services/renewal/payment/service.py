"""What offices and the desk say about payments: claimed, received, reversed.

Each is one conditional save with its event. If the process dies before it, nothing has happened; after it,
everything has, and the same request with its key finds it done. What is stored apart follows (`settlement`
says how it isn't forgotten).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.renewal import permissions
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.balance import PaymentBalance
from services.renewal.domain.payment.claims.slip import attach_slip, claim_with_slip
from services.renewal.domain.payment.receivable import (
    Receivable,
    claim_payment,
    record_receipt,
    refuse_claim,
    reverse_receipt,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.settlement import Settlement
from services.renewal.payment.slips import UNREAD, PaymentSlips
from services.renewal.replaced_payments import take_over
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.events.base import DocumentRef
from shared.resilience.errors import KeyReused, VersionMismatch
from shared.storage.aggregate import Cause, Decision
from shared.text.names import Item, required_text
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

_OLDEST, _EASTERNMOST = timedelta(days=731), timedelta(hours=14)

Decided = Decision[Receivable] | None
Step = Callable[[Receivable, datetime], Decided | Awaitable[Decided]]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimRequest(_Request):
    """`memo`: the content as written on the payment order; it may be empty."""

    paid_on: date
    memo: Item | Literal[""] = ""


class ReceiptRequest(_Request):
    """`amount` in đồng. `reference`: the bank's number of the transfer, or where the money was seen."""

    amount: Annotated[int, Field(ge=1, le=LIMIT, strict=True)]
    received_on: date
    reference: Annotated[str, AfterValidator(required_text(100))]


class ReversalRequest(_Request):
    """`refunded`: the money was given back; otherwise it was recorded in error."""

    reason: Item
    refunded: bool = False


@dataclass(frozen=True, slots=True)
class Clerk:
    """A clerk's request. `seen`: the version on the screen, 0 where nothing was stored; None for any."""

    who: Person
    key: str
    seen: int | None = None

    def cause(self, action: str, content: str, reason: str = "") -> Cause:
        return Cause.request(self.who.sub, action, reason, key=self.key, content=content.encode())


class OverpaymentPage(NamedTuple):
    """`after`: the position of the last row, if there are more."""

    rows: list[tuple[Receivable, Renewal]]
    after: QueuePosition | None


@dataclass(frozen=True, slots=True)
class PaymentService:
    """Each method raises RenewalError if there is no such registration, or the step isn't possible, and
    KeyReused."""

    renewals: Renewals
    receivables: Receivables
    settlement: Settlement
    slips: PaymentSlips
    clock: Clock

    def balance(self, receivable: Receivable, renewal: Renewal) -> PaymentBalance:
        today = civil_date(self.clock.now(), renewal.registration.zone)
        return PaymentBalance.of(receivable, renewal, today)

    async def earlier(self, receivable: Receivable) -> list[tuple[Receivable, Renewal]]:
        """The registrations that this one replaced and to which payments may have been made, the oldest
        first."""
        renewals = await self.renewals.by_ids(receivable.earlier)
        found = await self.receivables.of_all(renewals.values())
        return [(found[id], renewals[id]) for id in receivable.earlier if id in renewals]

    async def claimed(self, most: int) -> list[tuple[Receivable, Renewal]]:
        """What offices say to have paid, on the form or later, and the vendor hasn't found: the longest
        waiting first. Then what is still unpaid after its claim was refused and its day has passed."""
        found, now = await self.receivables.claimed(most), self.clock.now()
        declared = await self.renewals.declared_paid(now - _OLDEST, now)
        stored = await self.receivables.stored_of(declared)
        only_declared = [id for id in declared if id not in stored][:most]
        renewals = await self.renewals.by_ids([*(each.renewal_id for each in found), *only_declared])
        begun = [Receivable.of(renewals[id].registration) for id in only_declared if id in renewals]
        known = [
            (each, renewals[each.renewal_id]) for each in [*found, *begun] if each.renewal_id in renewals
        ]
        waiting = sorted(known, key=lambda pair: pair[0].claimed_since or now)
        return [*waiting, *await self._overdue(now, most)][:most]

    async def over(self, most: int, after: QueuePosition | None = None) -> OverpaymentPage:
        """What came and isn't due: too much, or for a registration that is closed; the longest waiting
        first."""
        found = await self.receivables.over(most + 1, after)
        renewals = await self.renewals.by_ids(each.renewal_id for each in found[:most])
        rows = [(each, renewals[each.renewal_id]) for each in found[:most] if each.renewal_id in renewals]
        last = found[most - 1] if len(found) > most else None
        since = last.over_since if last else None
        return OverpaymentPage(rows, QueuePosition(since, last.id) if last and since else None)

    async def _overdue(self, now: datetime, most: int) -> list[tuple[Receivable, Renewal]]:
        """Closed registrations stay among those refused: it looks on until `most` are found."""
        before, overdue = (now + _EASTERNMOST).date(), list[tuple[Receivable, Renewal]]()
        page = await self.receivables.refused_unpaid(before, most)
        while page and len(overdue) < most:
            renewals = await self.renewals.by_ids(stored.state.renewal_id for stored in page)
            known = [
                (stored.state, renewals[id]) for stored in page if (id := stored.state.renewal_id) in renewals
            ]
            overdue += [pair for pair in known if self.balance(*pair).is_overdue]
            page = await self.receivables.refused_unpaid(before, most, page[-1])
        return overdue[:most]

    async def claim(
        self, renewal_id: UUID, request: ClaimRequest, who: Person, key: str, upload: bytes | None = None
    ) -> Receivable:
        """`upload`: the payment order, a PDF, JPEG or PNG. Raises OutOfTime, too."""
        renewal = permissions.require_may_change(who, await self._renewal(renewal_id))
        content = request.model_dump_json().encode() + (sha256(upload).digest() if upload else b"")
        cause = Cause.request(who.sub, f"claim payment {renewal_id}", key=key, content=content)
        self._check_day(request.paid_on, renewal)
        day, memo, side = request.paid_on, request.memo, permissions.side(who)
        if upload is None:
            return await self._decide(
                renewal, cause, lambda state, now: claim_payment(state, renewal, day, memo, side, now)
            )
        return await self._with_slip(
            renewal,
            cause,
            upload,
            lambda state, slip, now: claim_with_slip(state, renewal, day, memo, slip, side, now),
        )

    async def attach_slip(self, renewal_id: UUID, upload: bytes, who: Person, key: str) -> Receivable:
        """The payment order of what the office says to have paid. Raises OutOfTime, too."""
        renewal = permissions.require_may_change(who, await self._renewal(renewal_id))
        cause = Cause.request(who.sub, f"attach payment slip {renewal_id}", key=key, content=upload)
        side = permissions.side(who)
        return await self._with_slip(
            renewal, cause, upload, lambda state, slip, now: attach_slip(state, renewal, slip, side, now)
        )

    async def _with_slip(
        self,
        renewal: Renewal,
        cause: Cause,
        upload: bytes,
        step: Callable[[Receivable, DocumentRef, datetime], Decided],
    ) -> Receivable:
        """The upload is read only where the step is possible now, or was done: reading is expensive. Of what
        is refused nothing is kept."""
        made = renewal.registration
        stored = await self.receivables.stored(made.renewal_id)
        if not (stored and cause.message_id in stored.handled):
            step(stored.state if stored else Receivable.of(made), UNREAD, self.clock.now())
        slip = await self.slips.store(made, upload)
        try:
            return await self._decide(renewal, cause, lambda state, now: step(state, slip, now))
        except (RenewalError, KeyReused):
            if not await self.receivables.slip_owners([slip.sha256]):
                await self.slips.forget(made, slip)
            raise

    async def refuse_claim(self, renewal_id: UUID, reason: str, clerk: Clerk) -> Receivable:
        renewal = await self._known(renewal_id)
        cause = clerk.cause(f"refuse claim {renewal_id}", reason, reason)
        return await self._decide(
            renewal, cause, lambda state, now: refuse_claim(state, renewal, reason, now), clerk.seen
        )

    async def record(self, renewal_id: UUID, request: ReceiptRequest, clerk: Clerk) -> Receivable:
        """Refused where a line of a statement waits for the same money: it is recorded by that, once."""
        renewal = await self._known(renewal_id)
        self._check_day(request.received_on, renewal)
        cause = clerk.cause(f"record payment {renewal_id}", request.model_dump_json())
        amount, day, reference, by = request.amount, request.received_on, request.reference, clerk.who.sub

        async def step(state: Receivable, now: datetime) -> Decided:
            orders = {renewal_id, *state.earlier}
            if await self.settlement.lines.has_waiting(orders, day, amount):
                raise RenewalError("line-waits")
            return record_receipt(state, renewal, amount, day, reference, by, now)

        paid = await self._decide(renewal, cause, step, clerk.seen)
        await self.settlement.settle([renewal_id])
        return paid

    async def reverse(
        self, renewal_id: UUID, receipt_id: UUID, request: ReversalRequest, clerk: Clerk
    ) -> Receivable:
        renewal = await self._known(renewal_id)
        action = f"reverse payment {renewal_id} {receipt_id}"
        cause = clerk.cause(action, request.model_dump_json(), request.reason)
        reason, refunded, by = request.reason, request.refunded, clerk.who.sub
        left = await self._decide(
            renewal,
            cause,
            lambda state, now: reverse_receipt(
                state, renewal, receipt_id, reason, by, now, refunded=refunded
            ),
            clerk.seen,
        )
        await self.settlement.settle([renewal_id])
        return left

    async def _renewal(self, id: UUID) -> Renewal | None:
        stored = await self.renewals.load(id)
        return stored.state if stored else None

    async def _known(self, id: UUID) -> Renewal:
        if (renewal := await self._renewal(id)) is None:
            raise RenewalError("registration-unknown")
        return renewal

    def _check_day(self, day: date, renewal: Renewal) -> None:
        today = civil_date(self.clock.now(), renewal.registration.zone)
        if not today - _OLDEST <= day <= today:
            raise RenewalError("payment-day-untrue")

    async def _decide(
        self, renewal: Renewal, cause: Cause, step: Step, seen: int | None = None
    ) -> Receivable:
        first, now = Receivable.of(renewal.registration), self.clock.now()
        try:
            stored = await self.receivables.change(
                first.id, lambda state: step(state or first, now), cause, expected_version=seen
            )
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        known = await self._known(renewal.registration.renewal_id)
        if known.replaced_by:
            await take_over(self.renewals, self.receivables, known, now)
        return stored.state if stored else first
