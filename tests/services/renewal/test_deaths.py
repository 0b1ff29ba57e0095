"""The process dies around each effect of a message, then the message comes again: everything happens once.

A deterministic stand-in replaces the renderer; numbers, documents and renewal are in the real database.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.number_allocation import INDEXES as NUMBERS
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.contract.void_contract import VoidContractHandlers
from services.renewal.core import Core
from services.renewal.desk.items.items import DeskItems
from services.renewal.domain.contract import void_steps
from services.renewal.domain.desk.desk_item import DeskItem
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import Dialect
from services.renewal.domain.payment import balance
from services.renewal.domain.payment.receivable import Receivable, receivable_id, record_receipt
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.domain.registration.form import register
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.dossier.copies import DossierCopies
from services.renewal.handlers import RenewalHandlers
from services.renewal.invoice.files import InvoiceFiles
from services.renewal.invoice.handlers import InvoiceHandlers
from services.renewal.invoice.service import InvoiceService
from services.renewal.licences import Licences
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration.restatement import RestatementService
from services.renewal.render.content import ContractContent
from services.renewal.resources.handlers import ResourceHandlers
from services.renewal.resources.service import ResourceService
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.invoices import INDEXES as INVOICES
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewal_indexes import INDEXES
from services.renewal.stores.renewals import Renewals
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.stores.subscription_renewals import SubscriptionRenewals
from shared.events.renewal import ContractVoided
from shared.ids import fresh
from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.documents import Provenance
from shared.storage.projection import write_copies
from tests.services.renewal.dying_parts import Died, DyingPart, quick_contract_factory, quick_form_factory
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, registration
from tests.services.renewal.messages import contract_issued, document, form_signed, recorded, superseded
from tests.support.clock import FixedClock

SIGNED = Provenance("signed_form", RENEWAL)


@pytest.fixture
async def handlers(settings: Settings) -> AsyncIterator[RenewalHandlers]:
    service = Service("renewal", settings)
    clock = FixedClock(NOW)
    service.clock = clock
    store = service.store("renewals", Renewal, *INDEXES, audited=True)
    renewals = Renewals(store)
    licences = Licences(service.projection("licences", LicenceCopy), clock)
    numbers = service.collection("numbers", *NUMBERS)
    invoices = RequestedInvoices(service.store("invoices", RequestedInvoice, *INVOICES), Dialect())
    for collection, indexes in service.indexes.items():
        if indexes:
            await collection.create_indexes(indexes)
    forms, contracts = quick_form_factory(service), quick_contract_factory(service, ContractNumbers(numbers))
    await write_copies(licences.copy_licence(recorded(), Position("subscription/1", 1)))
    await service.documents.put(b"signed form", media_type="application/pdf", name="signed form", of=SIGNED)
    await renewals.add(register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW), Cause.command())
    recoveries = RecoveryService(service.store("recoveries", RecoveryRequest), licences.copies, 3, clock)
    items = DeskItems(service.store("desk_items", DeskItem), licences.copies, clock)
    seal = VendorSeal(service.projection("vendor_seal", VendorSealCopy))
    judging = ApprovalFactReader(renewals, seal, licences.copies)
    restating = RestatementService(renewals, licences.copies, forms, contracts, judging, clock)
    receivables = Receivables(service.store("receivables", Receivable))
    files = InvoiceFiles(service.documents)
    requesting = InvoiceHandlers(InvoiceService(renewals, invoices, receivables, files, clock))
    ledgers = ResourceLedgers(service.store("resource_ledgers", ResourceLedger))
    renewals_of = SubscriptionRenewals(store)
    granting = ResourceService(ledgers, renewals_of, licences.copies, timedelta(minutes=5), clock)
    yield RenewalHandlers(
        renewals,
        licences,
        recoveries,
        service.documents,
        contracts,
        judging,
        clock,
        items,
        restating,
        requesting,
        ResourceHandlers(granting),
        DossierCopies.of(cast("Core", SimpleNamespace(service=service))),
        VoidContractHandlers(renewals, receivables, invoices, clock),
    )
    service.client.close()


PLACES = [
    (part, method, when)
    for part, method in (
        ("renderer", "contract"),
        ("documents", "put"),
        ("numbers", "allocate"),
        ("renewals", "save"),
    )
    for when in ("before", "after")
]


@pytest.mark.parametrize(("part", "method", "when"), PLACES)
async def test_signed_form_makes_one_contract(
    handlers: RenewalHandlers, part: str, method: str, when: str
) -> None:
    cause = Cause(message_id=fresh(), correlation_id=fresh())
    with pytest.raises(Died):
        await _dying(handlers, part, method, when).record_signed_form(form_signed(), cause)
    assert isinstance(handlers.clock, FixedClock)
    handlers.clock.move_to(NOW + timedelta(days=1))  # it comes again on another day
    await handlers.record_signed_form(form_signed(), cause)
    await handlers.record_signed_form(form_signed(), cause)

    stored = await handlers.renewals.load(RENEWAL)
    assert stored
    state = stored.state
    assert state.status is RegistrationStatus.ACCEPTED
    assert str(state.contract_number) == "000001/2026/HĐ-GH"
    assert [paper.kind for paper in state.dossier] == ["form", "signed_form", "contract"]
    assert stored.sequence == 4  # registered, accepted, commitment accepted, prepared
    contract = state.newest_document("contract")
    assert contract
    content = ContractContent.model_validate_json(await handlers.documents.get(contract.sha256))
    assert (content.number, content.dated) == (state.contract_number, state.contract_date)
    numbers = handlers.contract_factory.numbers._collection
    assert await numbers.count_documents({}) == 1


@pytest.mark.parametrize(
    ("part", "method", "when"),
    [place for place in PLACES if place[0] in ("documents", "renewals")],
)
async def test_superseded_form_is_reissued_once(
    handlers: RenewalHandlers, part: str, method: str, when: str
) -> None:
    cause = Cause(message_id=fresh(), correlation_id=fresh())
    with pytest.raises(Died):
        await _dying(handlers, part, method, when).reissue_form(superseded(1), cause)
    await handlers.reissue_form(superseded(1), cause)
    await handlers.reissue_form(superseded(1), Cause(message_id=fresh(), correlation_id=fresh()))
    stored = await handlers.renewals.load(RENEWAL)
    assert stored
    assert [paper.revision for paper in stored.state.dossier] == [1, 2]
    assert stored.sequence == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", ["renewals", "invoices"])
async def test_contract_in_force_requests_one_invoice(
    handlers: RenewalHandlers, part: str, when: str
) -> None:
    await handlers.record_signed_form(form_signed(), Cause(message_id=fresh(), correlation_id=fresh()))
    contract = b"sealed contract"
    of = Provenance("sealed_contract", RENEWAL)
    sealed = await handlers.documents.put(contract, media_type="application/pdf", name="hd.pdf", of=of)
    event = contract_issued("000001/2026/HĐ-GH", sealed=sealed)
    cause = Cause(message_id=fresh(), correlation_id=fresh())

    async def handle(by: RenewalHandlers) -> None:
        await by.record_issued_contract(event, cause)
        await by.invoices.request_invoice(event, cause)

    with pytest.raises(Died):
        await handle(_dying_at_issue(handlers, part, when))
    await handle(handlers)
    await handle(handlers)
    again = Cause(message_id=fresh(), correlation_id=fresh())
    await handlers.invoices.request_invoice(event, again)
    stored = await handlers.invoices.service.invoices.stored(RENEWAL)
    assert stored
    assert (stored.id, stored.sequence, stored.state.revision) == (str(invoice_id(RENEWAL)), 1, 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", ["renewals", "ledgers"])
async def test_contract_in_force_requests_its_resources_once(
    handlers: RenewalHandlers, part: str, when: str
) -> None:
    await handlers.record_signed_form(form_signed(), Cause(message_id=fresh(), correlation_id=fresh()))
    of = Provenance("sealed_contract", RENEWAL)
    sealed = await handlers.documents.put(b"sealed", media_type="application/pdf", name="hd.pdf", of=of)
    event = contract_issued("000001/2026/HĐ-GH", sealed=sealed)
    cause = Cause(message_id=fresh(), correlation_id=fresh())

    async def handle(by: RenewalHandlers) -> None:
        await by.record_issued_contract(event, cause)
        await by.resources.follow(event, cause)

    with pytest.raises(Died):
        await handle(_dying_at_grant(handlers, part, when))
    await handle(handlers)
    await handle(handlers)
    await handlers.resources.follow(event, Cause(message_id=fresh(), correlation_id=fresh()))
    found, _ = await handlers.resources.service.ledgers.stored([event.subscription_id])
    stored = found[event.subscription_id]
    assert (stored.sequence, [grant.kind for grant in stored.state.grants]) == (1, ["full"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", ["receivables", "invoices"])
async def test_void_contract_leaves_its_money_and_its_invoice_to_the_desk_once(
    handlers: RenewalHandlers, part: str, when: str
) -> None:
    """Guards against: money of a void contract that nobody lists, because it came once the registration
    could no longer be closed."""
    follows, total = handlers.void_contracts, registration().order.total
    await handlers.record_signed_form(form_signed(), _cause())
    of = Provenance("sealed_contract", RENEWAL)
    sealed = await handlers.documents.put(b"sealed", media_type="application/pdf", name="hd.pdf", of=of)
    issued = contract_issued("000001/2026/HĐ-GH", sealed=sealed)
    await handlers.record_issued_contract(issued, _cause())
    await handlers.invoices.request_invoice(issued, _cause())
    in_force = await _state(handlers)
    entry = InvoiceEntry(symbol="1C26TAA", number="1", dated=TODAY, total=total, kind="original")

    def pay(state: Receivable | None) -> Decision[Receivable]:
        known = state or Receivable.of(in_force.registration)
        paid = record_receipt(known, in_force, total, TODAY, "FT1", "clerk-1", NOW)
        return Decision(balance.settled(paid.state, in_force, NOW))

    await follows.receivables.change(receivable_id(RENEWAL), pay, _cause())
    await follows.invoices.change(
        invoice_id(RENEWAL),
        lambda s: record_invoice(s, in_force, entry, (), "clerk-1", NOW) if s else None,
        _cause(),
    )
    proposed = void_steps.propose_void(in_force, "clerk-1", "ký nhầm", NOW).state
    approved = void_steps.approve_void(proposed, "clerk-2", NOW)
    await handlers.renewals.change(RENEWAL, lambda _: approved, _cause())
    (event,) = approved.events
    assert isinstance(event, ContractVoided)
    cause, dying = _cause(), DyingPart(getattr(follows, part), "change", when)
    with pytest.raises(Died):
        await replace(follows, **{part: dying}).follow(event, cause)  # type: ignore[arg-type]
    for _ in range(2):
        await follows.follow(event, cause)
    paid = await follows.receivables.stored(RENEWAL)
    invoice = await follows.invoices.stored(RENEWAL)
    assert paid
    assert invoice
    assert (paid.version, paid.state.unsettled_since) == (2, NOW)
    assert balance.settled(paid.state, approved.state, NOW).over_since == NOW
    assert (invoice.version, invoice.state.look_since) == (3, NOW)


async def _state(handlers: RenewalHandlers) -> Renewal:
    stored = await handlers.renewals.load(RENEWAL)
    assert stored
    return stored.state


def _cause() -> Cause:
    return Cause(message_id=fresh(), correlation_id=fresh())


def _dying_at_grant(handlers: RenewalHandlers, part: str, when: str) -> RenewalHandlers:
    if part == "renewals":
        return _dying(handlers, part, "save", when)
    service = handlers.resources.service
    dying = DyingPart(service.ledgers, "change", when)
    return replace(handlers, resources=ResourceHandlers(replace(service, ledgers=dying)))  # type: ignore[arg-type]


def _dying_at_issue(handlers: RenewalHandlers, part: str, when: str) -> RenewalHandlers:
    if part == "renewals":
        return _dying(handlers, part, "save", when)
    service = handlers.invoices.service
    dying = DyingPart(service.invoices, "change", when)
    return replace(handlers, invoices=InvoiceHandlers(replace(service, invoices=dying)))  # type: ignore[arg-type]


def _dying(handlers: RenewalHandlers, part: str, method: str, when: str) -> RenewalHandlers:
    if part == "renewals":
        return replace(handlers, renewals=DyingPart(handlers.renewals, method, when))  # type: ignore[arg-type]
    dying = DyingPart(getattr(handlers.contract_factory, part), method, when)
    contracts = replace(handlers.contract_factory, **{part: dying})  # type: ignore[arg-type]
    restatements = replace(handlers.restatements, contract_factory=contracts)
    if part == "documents":
        forms = replace(restatements.form_factory, documents=dying)
        restatements = replace(restatements, form_factory=forms)
    return replace(handlers, contract_factory=contracts, restatements=restatements)
