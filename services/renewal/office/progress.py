"""How registrations stand for their office: the progress line, the next step, the payment and the invoice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from services.renewal.domain.flow import VALID
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.balance import PaymentBalance
from services.renewal.domain.progress import RenewalProgress
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.office.invoice_state import InvoiceState
from services.renewal.office.payment_state import PaymentState
from services.renewal.office.signature_deadline import deadline_of
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.office_renewals import OfficeRenewals
from services.renewal.stores.receivables import Receivables
from shared.progress.line import ProgressLine, progress_line
from shared.progress.next_step import NextStep, next_step
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class ShownProgress:
    """`payment`, `invoice`: None where there is nothing to pay or to invoice."""

    line: ProgressLine
    step: NextStep
    payment: PaymentState | None
    invoice: InvoiceState | None

    @classmethod
    def of(cls, facts: RenewalProgress) -> Self:
        known = facts.facts
        line = progress_line(known)
        return cls(
            line=line,
            step=next_step(known, line),
            payment=PaymentState.of(PaymentBalance.of(facts.receivable, facts.renewal, facts.today)),
            invoice=InvoiceState.of(facts.invoice, facts.renewal),
        )


@dataclass(frozen=True, slots=True)
class ProgressReader:
    renewals: OfficeRenewals
    licences: Projection[LicenceCopy]
    receivables: Receivables
    invoices: RequestedInvoices
    clock: Clock

    async def of(self, renewal: Renewal) -> ShownProgress:
        return (await self.of_all([renewal]))[renewal.registration.renewal_id]

    async def of_all(self, renewals: Sequence[Renewal]) -> dict[UUID, ShownProgress]:
        """By the registration's id."""
        receivables = await self.receivables.of_all(renewals)
        invoices = await self.invoices.of_all(renewals)
        subscriptions = {renewal.registration.subscription_id for renewal in renewals}
        licences, _ = await self.licences.get_readable(map(str, subscriptions))
        newest = await self._newest_valid(renewals)
        now, found = self.clock.now(), {}
        for renewal in renewals:
            made = renewal.registration
            licence, today = licences.get(str(made.subscription_id)), civil_date(now, made.zone)
            facts = RenewalProgress(
                renewal=renewal,
                receivable=receivables[made.renewal_id],
                invoice=invoices[made.renewal_id],
                licence=licence,
                form_by=form_by(renewal, licence, today) if licence else None,
                today=today,
                overtaken=_is_overtaken(renewal, newest),
            )
            found[made.renewal_id] = ShownProgress.of(facts)
        return found

    async def _newest_valid(self, renewals: Sequence[Renewal]) -> dict[UUID, datetime]:
        """When the newest registration was made that is open or has a contract, by subscription: of those of
        which an ended registration is shown."""
        ended = {renewal.registration.subscription_id for renewal in renewals if renewal.status not in VALID}
        valid = await self.renewals.valid_of(ended) if ended else []
        made = [registration for other in valid for registration in other.carried]
        return {each.subscription_id: each.registered_at for each in sorted(made, key=_registered_at)}


def _registered_at(registration: Registration) -> datetime:
    return registration.registered_at


def _is_overtaken(renewal: Renewal, newest: Mapping[UUID, datetime]) -> bool:
    made = renewal.registration
    later = newest.get(made.subscription_id)
    return renewal.status not in VALID and later is not None and later > made.registered_at


def form_by(renewal: Renewal, licence: LicenceCopy, today: date) -> date | None:
    """Until when the form should be signed or shown."""
    summary = SubscriptionSummary(licence, renewal.registration.product_name, today, renewal)
    deadline = deadline_of(renewal, summary.situation, today)
    return deadline.last_day if deadline else None
