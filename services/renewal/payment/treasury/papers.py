"""Draws the papers that an office prints, signs and hands to the State Treasury.

They are drafts: each is drawn when it is asked for, and nothing is stored. If the process dies, the person
asks again.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import date

from services.renewal.domain import money
from services.renewal.domain.payment.balance import PaymentBalance
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.payment.treasury_paper import (
    ContractBasis,
    TreasuryPaper,
    offered_papers,
    subject_of,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.render.content import TreasuryContent
from services.renewal.render.renderer import Renderer
from services.renewal.stores.receivables import Receivables
from shared.resilience.deadline import deadline
from shared.time.calendar import civil_date
from shared.time.clock import Clock

COST = 4
"""How many writes of a person one drawing counts as."""


@dataclass(frozen=True, slots=True)
class TreasuryPapers:
    """`seconds`: the longest that one paper may take, with waiting. One is drawn at a time, so that whoever
    registers finds a free process, however many papers are asked for."""

    receivables: Receivables
    renderer: Renderer
    vendor: Vendor
    dialect: money.Dialect
    clock: Clock
    seconds: float
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def offered(self, renewal: Renewal) -> tuple[TreasuryPaper, ...]:
        receivable = await self.receivables.of(renewal.registration)
        return offered_papers(renewal, self._balance(receivable, renewal).asked)

    async def draw(self, renewal: Renewal, paper: TreasuryPaper) -> bytes:
        """The PDF with what is true now. Raises RenewalError where the paper isn't offered, OutOfTime, and
        WorkFailed."""
        receivable = await self.receivables.of(renewal.registration)
        content = self._content(renewal, receivable, await self._of_form(renewal, receivable), paper)
        async with deadline(self.seconds), self.turn:
            return await self.renderer.treasury_paper(content)

    async def _of_form(self, renewal: Renewal, own: Receivable) -> Receivable | None:
        """What came for all on the form; None where the lead of a joined product has no record of it."""
        if (lead := renewal.registration.lead) is None:
            return own
        stored = await self.receivables.stored(lead.renewal_id)
        return stored.state if stored else None

    def _content(
        self, renewal: Renewal, receivable: Receivable, whole: Receivable | None, paper: TreasuryPaper
    ) -> TreasuryContent:
        asked = self._balance(receivable, renewal).asked
        if paper not in offered_papers(renewal, asked):
            raise RenewalError("treasury-paper-absent")
        registration = subject_of(renewal.registration, paper)
        total = registration.price
        return TreasuryContent(
            paper=paper,
            vendor=self.vendor,
            registration=registration,
            drawn_on=self._today(renewal),
            contract=ContractBasis.of(renewal) if not registration.joined else None,
            transfer=transfer_of(renewal, self.vendor, asked) if asked else None,
            paid=_paid(renewal, whole, registration),
            amount_in_words=money.in_words(asked, self.dialect),
            total_in_words=money.in_words(total, self.dialect),
        )

    def _balance(self, receivable: Receivable, renewal: Renewal) -> PaymentBalance:
        return PaymentBalance.of(receivable, renewal, self._today(renewal))

    def _today(self, renewal: Renewal) -> date:
        return civil_date(self.clock.now(), renewal.registration.zone)


def _paid(renewal: Renewal, whole: Receivable | None, about: Registration) -> int | None:
    """What came of the price that the paper is `about`; None where that isn't known. Of the sum of several
    products, a part isn't one product's before it is allocated."""
    is_joined, is_part = renewal.registration.lead is not None, about != renewal.registration
    if whole is None or not (renewal.payment_followed or is_joined):
        return None
    came = whole.paid + whole.here
    return None if (is_joined or is_part) and came < whole.amount else min(came, about.price)
