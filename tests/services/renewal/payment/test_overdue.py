"""The desk's list of what is unpaid after its day, behind many that are closed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.renewal.domain.payment.receivable import Receivable, claim_payment, refuse_claim
from services.renewal.domain.registration import form, sending
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.service import PaymentService
from services.renewal.settings import EXAMPLE_VENDOR
from shared.ids import fresh
from shared.storage.aggregate import Stored
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document
from tests.support.clock import FixedClock


class _Parts:
    """A store of renewals and receivables, of which all but the last are closed."""

    def __init__(self, closed: int) -> None:
        self.renewals: dict[UUID, Renewal] = {}
        self.refused: list[Stored[Receivable]] = []
        for n in range(closed + 1):
            made = registration().model_copy(update={"renewal_id": fresh()})
            renewal = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
            claim = claim_payment(Receivable.of(made), renewal, TODAY, "", "office", NOW)
            assert claim
            state = refuse_claim(claim.state, renewal, "không thấy", NOW).state
            if n < closed:
                renewal = sending.cancel(renewal, "office", "thôi", NOW).state
            self.renewals[made.renewal_id] = renewal
            self.refused.append(Stored(str(n), state))

    async def by_ids(self, ids: Any) -> dict[UUID, Renewal]:
        return {id: self.renewals[id] for id in ids}

    async def refused_unpaid(
        self, before: date, most: int, after: Stored[Receivable] | None = None
    ) -> list[Stored[Receivable]]:
        start = self.refused.index(after) + 1 if after else 0
        return self.refused[start : start + most]


async def test_closed_registrations_fill_no_list() -> None:
    parts: Any = _Parts(closed=5)
    late = NOW + timedelta(days=400)
    payments = PaymentService(parts, parts, parts, parts, FixedClock(late))
    found = await payments._overdue(late, 2)
    assert [receivable for receivable, _ in found] == [parts.refused[-1].state]
