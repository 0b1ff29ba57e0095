"""What offices and the desk say about payments: claimed, received, reversed.

Each is one conditional save with its event. If the process dies before it, nothing has happened; after it,
everything has, and the same request with its key finds it done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal import permissions
from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.receivable import (
    Receivable,
    claim_payment,
    record_receipt,
    reverse_receipt,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.receivables import Receivables
from services.renewal.store import Renewals
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Cause, Decision
from shared.text.names import Item
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

Memo = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ClaimRequest(_Request):
    """`memo`: the content as written on the payment order; it may be empty."""

    paid_on: date
    memo: Memo = ""


class ReceiptRequest(_Request):
    """`amount` in đồng. `reference`: the bank's number of the transfer, or where the money was seen."""

    amount: int = Field(ge=1, le=LIMIT)
    paid_on: date
    reference: Item


@dataclass(frozen=True, slots=True)
class PaymentService:
    """Each method raises RenewalError if there is no such registration, or the step isn't possible."""

    renewals: Renewals
    receivables: Receivables
    clock: Clock

    async def claim(
        self, renewal_id: UUID, request: ClaimRequest, who: Person, *, key: str | None = None
    ) -> Receivable:
        renewal = permissions.require_may_change(who, await self._renewal(renewal_id))
        cause = _cause(who, f"claim payment {renewal_id}", request, key)
        self._require_past(request.paid_on, renewal)
        return await self._decide(
            renewal,
            cause,
            lambda state, now: claim_payment(state, renewal, request.paid_on, request.memo, who.sub, now),
        )

    async def record(
        self,
        renewal_id: UUID,
        request: ReceiptRequest,
        who: Person,
        *,
        seen: int | None = None,
        key: str | None = None,
    ) -> Receivable:
        """`seen`: the version on the clerk's screen, 0 where nothing was stored."""
        renewal = await self._known(renewal_id)
        self._require_past(request.paid_on, renewal)
        cause = _cause(who, f"record payment {renewal_id}", request, key)
        amount, day, reference = request.amount, request.paid_on, request.reference
        return await self._decide(
            renewal,
            cause,
            lambda state, now: record_receipt(state, renewal, amount, day, reference, who.sub, now),
            seen,
        )

    async def reverse(
        self, renewal_id: UUID, receipt_id: UUID, reason: str, who: Person, *, key: str | None = None
    ) -> Receivable:
        renewal = await self._known(renewal_id)
        action = f"reverse payment {renewal_id} {receipt_id}"
        cause = Cause.request(who.sub, action, reason, key=key, content=reason.encode())
        return await self._decide(
            renewal,
            cause,
            lambda state, now: reverse_receipt(state, renewal, receipt_id, reason, who.sub, now),
        )

    async def _renewal(self, id: UUID) -> Renewal | None:
        stored = await self.renewals.load(id)
        return stored.state if stored else None

    async def _known(self, id: UUID) -> Renewal:
        if (renewal := await self._renewal(id)) is None:
            raise RenewalError("registration-unknown")
        return renewal

    def _require_past(self, paid_on: date, renewal: Renewal) -> None:
        if paid_on > civil_date(self.clock.now(), renewal.registration.zone):
            raise RenewalError("paid-in-future")

    async def _decide(
        self,
        renewal: Renewal,
        cause: Cause,
        step: Callable[[Receivable, datetime], Decision[Receivable]],
        seen: int | None = None,
    ) -> Receivable:
        registration, now = renewal.registration, self.clock.now()

        def decide(state: Receivable | None) -> Decision[Receivable]:
            return step(state or Receivable.of(registration), now)

        try:
            stored = await self.receivables.change(
                registration.renewal_id, decide, cause, expected_version=seen
            )
        except VersionMismatch:
            raise RenewalError("payment-moved") from None
        assert stored is not None  # decide always decides
        return stored.state


def _cause(who: Person, action: str, request: BaseModel, key: str | None) -> Cause:
    return Cause.request(who.sub, action, key=key, content=request.model_dump_json().encode())
