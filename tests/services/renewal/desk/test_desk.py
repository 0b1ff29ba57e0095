"""The desk's decisions on the real database: each is made once, by one clerk, also when a process dies or
another clerk decides at the same time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.number_allocation import INDEXES as NUMBERS
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.desk.service import DecisionRequest, Desk
from services.renewal.domain.contract import contract
from services.renewal.domain.desk.verdict import Verdict
from services.renewal.domain.flow import REGISTRATION_FLOW, FlowStep, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import sending
from services.renewal.domain.registration.form import register
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.licences import Licences
from services.renewal.registration.restatement import RestatementService
from services.renewal.reminders import ReminderJob
from services.renewal.render.content import ContractContent
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.renewal_indexes import INDEXES
from services.renewal.stores.renewals import Renewals
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import SendBy
from shared.events.paper_form import ReturnReason
from shared.messaging.envelope import Position
from shared.resilience.errors import KeyReused
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import write_copies
from shared.web.people import Person, Role
from tests.services.renewal.dying_parts import Died, DyingPart, quick_contract_factory, quick_form_factory
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, registration
from tests.services.renewal.messages import contract_issued, document, posted_form, recorded, seal_failed
from tests.services.renewal.stores import renewal_stores
from tests.support.clock import FixedClock
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

CLERK = Person(sub="clerk-1", office_ref=None, roles=frozenset({Role.DESK}))
OTHER = Person(sub="clerk-2", office_ref=None, roles=frozenset({Role.DESK}))
ACCEPTED = DecisionRequest(RENEWAL, CLERK, key="accept")
IN_ORDER = Verdict(step=FlowStep.ACCEPT_PAPER)


def back(reason: ReturnReason, note: str) -> Verdict:
    return Verdict(step=FlowStep.RETURN_PAPER, returned=reason, reason=note)


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    made = Service("renewal", settings)
    made.clock = FixedClock(NOW)
    yield made
    made.client.close()


@pytest.fixture
async def desk(service: Service) -> Desk:
    """A registration on paper whose form has come."""
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    licences = Licences(service.projection("licences", LicenceCopy), service.clock)
    numbers = ContractNumbers(service.collection("numbers", *NUMBERS))
    for collection, indexes in service.indexes.items():
        if indexes:
            await collection.create_indexes(indexes)
    forms, contracts = quick_form_factory(service), quick_contract_factory(service, numbers)
    await write_copies(licences.copy_licence(recorded(), Position("subscription/1", 1)))
    made = registration(send_by=SendBy.PAPER)
    await renewals.add(register(made, document("form 1"), EXAMPLE_VENDOR, NOW), Cause.command())
    seal = VendorSeal(service.projection("vendor_seal", VendorSealCopy))
    judging = ApprovalFactReader(renewals, seal, licences.copies)
    restating = RestatementService(renewals, licences.copies, forms, contracts, judging, service.clock)
    return Desk(renewals, licences.copies, contracts, judging, service.clock, restating)


async def _now(desk: Desk) -> Stored[Renewal]:
    stored = await desk.renewals.load(RENEWAL)
    assert stored
    return stored


async def _received(desk: Desk) -> Stored[Renewal]:
    await desk.receive(DecisionRequest(RENEWAL, CLERK), posted_form())
    return await _now(desk)


async def test_contract_rests_on_the_stamped_form(desk: Desk) -> None:
    await _received(desk)
    accepted = await desk.decide(ACCEPTED, IN_ORDER)
    assert (accepted.status, accepted.accepted_by) == (RegistrationStatus.ACCEPTED, "clerk-1")
    made = accepted.newest_document("contract")
    assert made
    said = ContractContent.model_validate_json(await desk.contract_factory.documents.get(made.sha256))
    assert (said.form_signed_at, said.form_received_on) == (None, TODAY)
    assert said.signed_form == document("scan").sha256


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("part", "method"),
    [("renderer", "contract"), ("numbers", "allocate"), ("documents", "put"), ("renewals", "change")],
)
async def test_accepted_once_whatever_dies(desk: Desk, part: str, method: str, when: str) -> None:
    await _received(desk)
    with pytest.raises(Died):
        await _dying(desk, part, method, when).decide(ACCEPTED, IN_ORDER)
    for _ in range(2):
        assert (await desk.decide(ACCEPTED, IN_ORDER)).status is RegistrationStatus.ACCEPTED
    stored = await _now(desk)
    kinds = [paper.kind for paper in stored.state.dossier]
    assert kinds == ["form", "paper_scan", "signed_form", "contract"]
    assert stored.sequence == 6  # registered, received, paper accepted, both accepted, prepared
    assert await desk.contract_factory.numbers._collection.count_documents({}) == 1


async def test_decision_that_lost_to_the_offices_cancel_says_so(desk: Desk) -> None:
    """Guards against: a clerk whose decision came too late read only "has just changed", not that it was
    cancelled."""
    seen = await _received(desk)
    gone = sending.cancel(seen.state, "office", "nhầm", desk.clock.now())
    await desk.renewals.save(seen, gone, Cause.command(), id=seen.id)
    for verdict in (IN_ORDER, back(ReturnReason.UNSTAMPED, "thiếu dấu")):
        with pytest.raises(RenewalError, match="cancelled-meanwhile"):
            await desk.decide(DecisionRequest(RENEWAL, CLERK, seen.version), verdict)


async def test_second_of_two_clerks_must_look_again(desk: Desk) -> None:
    seen = (await _received(desk)).version
    asked = [DecisionRequest(RENEWAL, who, seen) for who in (CLERK, OTHER)]
    done = await asyncio.gather(
        desk.decide(asked[0], IN_ORDER),
        desk.decide(asked[1], back(ReturnReason.UNSTAMPED, "thiếu dấu")),
        return_exceptions=True,
    )
    refused = [each for each in done if isinstance(each, RenewalError)]
    assert [each.name for each in refused] == ["registration-moved"]
    stored = await _now(desk)
    assert refused[0].about == {"standing": stored.state.status.value}
    assert stored.state.status in (RegistrationStatus.ACCEPTED, RegistrationStatus.PAPER_RETURNED)


async def test_same_key_for_something_else_is_refused(desk: Desk) -> None:
    await _received(desk)
    asked = DecisionRequest(RENEWAL, CLERK, key="return")
    await desk.decide(asked, back(ReturnReason.UNSTAMPED, "thiếu dấu"))
    again = await desk.decide(asked, back(ReturnReason.UNSTAMPED, "thiếu dấu"))
    assert again.status is RegistrationStatus.PAPER_RETURNED
    with pytest.raises(KeyReused):
        await desk.decide(asked, back(ReturnReason.ALTERED, "sửa số năm"))


async def test_refused_is_closed_for_good_and_counts_against_good_standing(desk: Desk) -> None:
    refused = await desk.decide(
        DecisionRequest(RENEWAL, CLERK), Verdict(step=FlowStep.REFUSE, reason="hai năm chưa thanh toán")
    )
    assert (refused.status, refused.refused) == (RegistrationStatus.REFUSED, "hai năm chưa thanh toán")
    office = refused.registration.office_ref
    assert await desk.renewals.refused_since(office, NOW - timedelta(days=1)) == 1
    assert await desk.renewals.refused_since(office, NOW + timedelta(seconds=1)) == 0
    with pytest.raises(RenewalError, match="not-awaiting"):
        await desk.decide(DecisionRequest(RENEWAL, OTHER), Verdict(step=FlowStep.REFUSE, reason="lần nữa"))


async def test_every_decision_is_in_the_audit(desk: Desk, service: Service) -> None:
    await _received(desk)
    await desk.decide(DecisionRequest(RENEWAL, OTHER), back(ReturnReason.UNSTAMPED, "thiếu dấu"))
    (found,) = await service.database["renewals"].find({}, {"trail": 1}).to_list(None)
    said = [(entry["actor"], entry["reason"]) for entry in found["trail"]]
    assert ("person:clerk-2", "unstamped: thiếu dấu") in said


async def test_office_is_reminded_once_a_limit_however_often_we_look(desk: Desk, service: Service) -> None:
    turns = LeaderLoop("chasing", service.lease("chasing"), lambda: True, 0.01)

    async def no_invoices(_: CheckLeadership) -> None:
        pass

    has_pending = renewal_stores(service)[1].has_pending
    chasing = ReminderJob(desk.renewals, has_pending, service.clock, turns, no_invoices)
    assert isinstance(service.clock, FixedClock)
    service.clock.move_to(
        NOW + timedelta(days=2 * REGISTRATION_FLOW.limits[RegistrationStatus.AWAITING_PAPER].working_days)
    )
    running = asyncio.create_task(chasing.run(Heartbeat("chasing", limit=60)))

    async def reminded() -> bool:
        return (await _now(desk)).state.reminders > 0

    try:
        await until(reminded, "a reminder")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (await _now(desk)).sequence == 2  # registered, awaited


def _dying(desk: Desk, part: str, method: str, when: str) -> Desk:
    if part == "renewals":
        return replace(desk, renewals=DyingPart(desk.renewals, method, when))  # type: ignore[arg-type]
    dying = DyingPart(getattr(desk.contract_factory, part), method, when)
    return replace(desk, contract_factory=replace(desk.contract_factory, **{part: dying}))  # type: ignore[arg-type]


async def test_no_number_is_allocated_while_the_certificate_cannot_seal(desk: Desk) -> None:
    """Guards against: numbers were used for contracts that nobody could seal."""
    seal = {"valid_to": NOW + timedelta(days=1), "reason": "certificate_usage"}
    known = desk.fact_reader.seal.copies
    await known.write([known.put("vendor", Position("signing/1", 1), seal)])
    await _received(desk)
    waiting = await desk.decide(ACCEPTED, IN_ORDER)
    assert (waiting.status, waiting.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        DeskReason.SEAL_NOT_READY,
    )
    sure = Verdict(step=FlowStep.ACCEPT, reason="đã xem")
    for reason, valid_to in (("certificate_usage", NOW + timedelta(days=1)), (None, NOW)):
        await known.write(
            [known.put("vendor", Position("signing/1", 2), {"valid_to": valid_to, "reason": reason})]
        )
        with pytest.raises(RenewalError, match="seal-not-ready"):
            await desk.decide(DecisionRequest(RENEWAL, CLERK), sure)
    assert await desk.contract_factory.numbers._collection.count_documents({}) == 0
    await known.write([known.put("vendor", Position("signing/1", 3), seal | {"reason": None})])
    assert (await desk.decide(DecisionRequest(RENEWAL, CLERK), sure)).status is RegistrationStatus.ACCEPTED


async def test_contract_that_cannot_be_sealed_is_voided_and_issued_again(desk: Desk) -> None:
    await _received(desk)
    first = (await desk.decide(ACCEPTED, IN_ORDER)).contract_number
    failed = seal_failed(str(first), "file_changed")
    told = contract.record_failed_seal((await _now(desk)).state, failed, NOW)
    assert told
    assert (told.state.status, told.state.needs_desk) == (RegistrationStatus.ACCEPTED, DeskReason.SEAL_FAILED)
    void = Verdict(step=FlowStep.VOID_CONTRACT, reason="tệp hỏng")
    asked = DecisionRequest(RENEWAL, CLERK)
    assert (await desk.decide(asked, void)).contract_number == first, "until signing lets go of it"

    def let_go(state: Renewal | None) -> Decision[Renewal] | None:
        return contract.record_failed_seal(state, seal_failed(str(first), "voided"), NOW) if state else None

    for _ in range(2):
        await desk.renewals.change(RENEWAL, let_go, Cause.command())
    back_at_the_desk = (await _now(desk)).state
    assert back_at_the_desk.status is RegistrationStatus.AWAITING_CONFIRMATION
    assert [str(each.number) for each in back_at_the_desk.void_contracts] == [str(first)]
    anew = await desk.decide(asked, Verdict(step=FlowStep.ACCEPT, reason="lập lại"))
    assert (anew.status, str(anew.contract_number)[:6]) == (RegistrationStatus.ACCEPTED, "000002")
    papers = [paper for paper in anew.dossier if paper.kind == "contract"]
    assert [anew.is_void(paper) for paper in papers] == [True, False]


async def _seen(desk: Desk, who: Person, key: str | None = None) -> DecisionRequest:
    """On the version of now."""
    return DecisionRequest(RENEWAL, who, seen=(await _now(desk)).version, key=key)


async def test_two_clerks_void_a_contract_in_force(desk: Desk) -> None:
    await _received(desk)
    number = (await desk.decide(ACCEPTED, IN_ORDER)).contract_number

    def seal(state: Renewal | None) -> Decision[Renewal] | None:
        return contract.record_issued_contract(state, contract_issued(str(number)), NOW) if state else None

    await desk.renewals.change(RENEWAL, seal, Cause.command())
    propose = Verdict(step=FlowStep.PROPOSE_VOID, reason="ký nhầm đơn vị")
    approve = Verdict(step=FlowStep.APPROVE_VOID)
    with pytest.raises(RenewalError, match="void-not-proposed"):
        await desk.decide(await _seen(desk, OTHER), approve)
    with pytest.raises(RenewalError, match="void-unseen"):
        await desk.decide(DecisionRequest(RENEWAL, OTHER), approve)
    proposed = await desk.decide(DecisionRequest(RENEWAL, CLERK, key="propose"), propose)
    assert proposed.status is RegistrationStatus.CONTRACT_ISSUED
    with pytest.raises(RenewalError, match="void-same-person"):
        await desk.decide(await _seen(desk, CLERK), approve)
    stale = DecisionRequest(RENEWAL, OTHER, seen=(await _now(desk)).version - 1)
    with pytest.raises(RenewalError, match="registration-moved"):
        await desk.decide(stale, approve)
    read = await _seen(desk, OTHER, key="approve")
    for _ in range(2):
        void = await desk.decide(read, approve)
    assert (void.status, void.cancelled) == (RegistrationStatus.CANCELLED, "ký nhầm đơn vị")
    assert [each.number for each in void.void_contracts] == [number]
    assert await desk.contract_factory.numbers._collection.count_documents({}) == 1, "the number stays used"
