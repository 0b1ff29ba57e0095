"""The queries of an office's pages. Each first checks that the visitor may see the answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from services.renewal.domain.flow import VALID
from services.renewal.domain.joint.declaration import largest_joint
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.registration.offer import RenewalOffer, renewal_offer
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.picture import ResourcePicture
from services.renewal.office.progress import ProgressReader
from services.renewal.office.signature_deadline import (
    SignatureDeadline,
    Suspension,
    signature_deadline,
    suspension,
)
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.office.use_by_contract import UseByContract, use_by_contract
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.office_renewals import OfficeRenewals
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from services.renewal.stores.resource_ledgers import ResourceLedgers
from shared.ids import subscription_id
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.pages.guard import not_found
from shared.web.pages.session import Visitor
from shared.web.people import forbidden


class MemberNote(NamedTuple):
    """`text` is the key of the page's sentence, `name` the person in it."""

    text: Literal["notice.member", "notice.member_contact", "notice.member_unnamed"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class OfficeQueries:
    """All raise a 404 problem for what doesn't exist or belongs to another office. `renewer_name`: the name
    of the renewer whom the desk appointed for an office, None where it appointed nobody."""

    licences: Projection[LicenceCopy]
    renewals: Renewals
    office_renewals: OfficeRenewals
    renewer_name: Callable[[str], Awaitable[str | None]]
    saved_draft: Callable[[LicenceCopy], Awaitable[Draft | None]]
    catalogue: Catalogue
    receivables: Receivables
    invoices: RequestedInvoices
    ledgers: ResourceLedgers
    clock: Clock

    async def summaries(self, office_ref: str, visitor: Visitor) -> list[SubscriptionSummary]:
        """The summaries of all the office's subscriptions, at least one."""
        if not visitor.person.may_see(office_ref):
            raise not_found()
        found = await self.licences.find({"office_ref": office_ref})
        if not found:
            raise not_found()
        return [await self._summary(licence) for licence in found]

    async def summary(self, office_ref: str, product_code: str, visitor: Visitor) -> SubscriptionSummary:
        if not visitor.person.may_see(office_ref):
            raise not_found()
        licence = await self.licences.get(subscription_id(office_ref, product_code))
        if licence is None:
            raise not_found()
        return await self._summary(licence)

    async def to_register(self, office_ref: str, product_code: str, visitor: Visitor) -> SubscriptionSummary:
        """Like `summary`, for who may register. Raises a 403 problem for a person who may only see the
        office."""
        summary = await self.summary(office_ref, product_code, visitor)
        if not visitor.person.may_register(office_ref):
            raise forbidden()
        return summary

    async def renewal(self, id: UUID, visitor: Visitor) -> Renewal:
        stored = await self.renewals.load(id)
        if stored is None or not visitor.person.may_see(stored.state.registration.office_ref):
            raise not_found()
        return stored.state

    async def on_form(self, id: UUID, visitor: Visitor) -> Renewal:
        """Like `renewal`; of a joined product without a renewal of its own, the one that carries its form."""
        lead = None if await self.renewals.load(id) else await self.renewals.led(id)
        return await self.renewal(lead.state.registration.renewal_id if lead else id, visitor)

    async def to_change(self, id: UUID, visitor: Visitor) -> Renewal:
        """Like `renewal`, for who may change it. Raises a 403 problem for a person who may only see it."""
        renewal = await self.renewal(id, visitor)
        if not visitor.person.may_register(renewal.registration.office_ref):
            raise forbidden()
        return renewal

    async def temporary_until(self, renewal: Renewal) -> date | None:
        """The last day of temporary access, until it is over. None for a cancelled or refused registration:
        the copy of the licence may not have the event about that yet."""
        if renewal.status not in VALID:
            return None
        licence = await self.licences.get(renewal.registration.subscription_id)
        return licence.temporary_on(civil_date(self.clock.now(), licence.zone)) if licence else None

    async def form_times(self, renewal: Renewal) -> tuple[SignatureDeadline | None, Suspension | None]:
        """Until when the form should be signed or shown, and what is suspended until then. None if neither is
        awaited."""
        licence = await self.licences.get(renewal.registration.subscription_id)
        if licence is None:
            return None, None
        today = civil_date(self.clock.now(), licence.zone)
        summary = SubscriptionSummary(licence, renewal.registration.product_name, today, renewal)
        situation = summary.situation
        suspended = suspension(renewal, situation, licence.temporary_until)
        return signature_deadline(renewal, situation, today), suspended

    async def use_by_contract(self, renewal: Renewal) -> UseByContract | None:
        """What the office may use now that its contract is issued. None before, or if it is over."""
        licence = await self.licences.get(renewal.registration.subscription_id)
        if licence is None:
            return None
        return use_by_contract(renewal, licence, civil_date(self.clock.now(), licence.zone))

    @property
    def progress(self) -> ProgressReader:
        return ProgressReader(
            self.office_renewals, self.licences, self.receivables, self.invoices, self.clock
        )

    async def resources(self, summary: SubscriptionSummary) -> ResourcePicture:
        """What the office may use of the product, and how much of it is used."""
        ledger = await self.ledgers.of(summary.licence.subscription_id)
        return ResourcePicture.of(summary.licence, ledger, summary.today)

    def product(self, summary: SubscriptionSummary) -> Product:
        """The product as sold today. Raises RenewalError where it isn't sold any more."""
        return self.catalogue.product(summary.licence.product_code, summary.today)

    async def offer(self, summary: SubscriptionSummary, visitor: Visitor) -> RenewalOffer | None:
        """What a renewal would be today, for who may register. None while nobody has to, or where the product
        isn't sold any more."""
        licence = summary.licence
        if not (summary.asks_to_register and visitor.person.may_register(licence.office_ref)):
            return None
        try:
            product = self.catalogue.product(licence.product_code, summary.today)
        except RenewalError:
            return None
        renewed_on = await self.renewals.renewed_on(licence)
        return renewal_offer(licence, product, renewed_on, self.clock.now())

    def joinable(
        self, summaries: Sequence[SubscriptionSummary], offers: Mapping[str, RenewalOffer | None]
    ) -> list[SubscriptionSummary]:
        """The most that can be renewed now on one form, by their `offers`; none where no two can."""
        found: list[tuple[LicenceCopy, Product]] = []
        for summary in summaries:
            offer = offers[summary.licence.product_code]
            if offer is None or offer.opens_on or summary.open:
                continue
            with suppress(RenewalError):
                found.append((summary.licence, self.product(summary)))
        chosen = largest_joint(found)
        return [summary for summary in summaries if summary.licence in chosen]

    async def whom_to_tell(self, licence: LicenceCopy) -> MemberNote:
        """Whom a person who may not register should tell."""
        if name := await self.renewer_name(licence.office_ref):
            return MemberNote("notice.member", name)
        if licence.contact_name:
            return MemberNote("notice.member_contact", licence.contact_name)
        return MemberNote("notice.member_unnamed")

    def package_name(self, summary: SubscriptionSummary, code: str | None = None) -> str:
        """The name of the package `code`, by default the licence's; its code where it isn't sold any more."""
        code = summary.licence.package if code is None else code
        try:
            package = self.catalogue.product(summary.licence.product_code, summary.today).find(code)
        except RenewalError:
            return code
        return package.name if package else code

    async def _summary(self, licence: LicenceCopy) -> SubscriptionSummary:
        today = civil_date(self.clock.now(), licence.zone)
        balance = await self.renewals.blocking(licence)
        try:
            name = self.catalogue.product(licence.product_code, today).name
        except RenewalError:
            name = licence.product_code.upper()
        draft = None if balance else await self.saved_draft(licence)
        return SubscriptionSummary(licence, name, today, balance.state if balance else None, draft)
