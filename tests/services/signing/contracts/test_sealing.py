"""A prepared contract is sealed once, whatever happens. On real MongoDB and Kafka."""

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import structlog.testing

from deploy.local.people.pki import FROM, Holder, Pki
from services.signing.contracts.handlers import ContractHandlers
from services.signing.contracts.seal import FileSeal, SealUnusable
from services.signing.contracts.seal_check import SealCertificateStatus, SealCheck, SealMeter
from services.signing.domain.contract import ContractSeal, SealStatus, WithheldContract, seal_id
from services.signing.main import compose
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.long_term.evidence import NoEvidence
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.rejection import Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from shared.background.leader_loop import LeaderLoop
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared, ContractVoided, CoveredProduct
from shared.events.signing import ContractIssued, SealFailed
from shared.ids import fresh, subscription_id
from shared.resilience.errors import Conflict, NotYet, Unproven
from shared.runtime.settings import BadSettings, Settings
from shared.storage.aggregate import Cause
from shared.storage.documents import Documents, Provenance
from tests.services.signing.factory import OFFICE, contract_assented, contract_prepared
from tests.services.signing.moment import read_stamp, written_moment
from tests.services.signing.paper import issued
from tests.services.signing.service import SIGN_BY, World, signing_settings
from tests.support.clock import FixedClock

END = datetime(2027, 6, 1, tzinfo=UTC)


class Crashed(Exception):
    """Simulates the end of the process at this place."""


class CrashingDocuments:
    """Document storage in which the process dies, before or after the upload."""

    def __init__(self, real: Documents, *, uploads: bool) -> None:
        self._real = real
        self._uploads = uploads

    async def get(self, sha256: str) -> bytes:
        return await self._real.get(sha256)

    async def is_of(self, sha256: str, of: Provenance) -> bool:
        return await self._real.is_of(sha256, of)

    async def put(
        self, data: bytes, *, media_type: str, name: str, of: Provenance | None = None
    ) -> DocumentRef:
        if self._uploads:
            await self._real.put(data, media_type=media_type, name=name, of=of)
        raise Crashed


@pytest.fixture
def handlers(signing: World, deferred_signer: DeferredSigner, pki: Pki) -> ContractHandlers:
    """The handlers, called directly instead of by the consumer."""
    service = signing.signing
    return ContractHandlers(
        signing.forms,
        signing.contracts,
        signing._store("withheld", WithheldContract),
        service.documents,
        deferred_signer,
        FileSeal.load(pki.vendor, pki.password),
        service.clock,
        signing.preserved,
    )


@pytest.fixture
async def contract(signing: World) -> ContractPrepared:
    return await prepared_for(signing)


async def prepared_for(signing: World) -> ContractPrepared:
    """A prepared contract for a new renewal that the desk accepted on paper."""
    renewal = await signing.accepted_on_paper()
    of = Provenance("contract", renewal)
    return contract_prepared(renewal_id=renewal, contract=await signing.put(issued("vendor"), of))


async def prepared_for_two(signing: World) -> ContractPrepared:
    """A prepared contract over two products of a form that the desk accepted on paper."""
    product = f"p-{fresh().hex[:8]}"
    lead = await signing.accepted_on_paper()
    other = await signing.accepted_on_paper(product_code=product, lead_id=lead)
    file = await signing.put(issued("vendor"), Provenance("contract", lead))
    alone = contract_prepared(renewal_id=lead, contract=file)
    own = {"renewal_id": other, "product_code": product, "subscription_id": subscription_id(OFFICE, product)}
    covered = CoveredProduct(**alone.model_dump() | own)
    return alone.model_copy(update={"covers": (covered,)})


def cause() -> Cause:
    return Cause(message_id=fresh(), correlation_id=fresh())


async def stored_contract(signing: World, renewal: UUID) -> ContractSeal:
    stored = await signing.contracts.load(seal_id(renewal))
    assert stored is not None
    return stored.state


async def test_contract_is_issued(signing: World, contract: ContractPrepared, trust: TrustSettings) -> None:
    await signing.publish(contract)
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    assert (event.contract_number, event.signed_form) == (contract.contract_number, contract.signed_form)
    pdf = await signing.signing.documents.get(event.contract.sha256)
    await verify(pdf, issued("vendor"), "vendor", trust, event.sealed_at, old_padding=False)
    assert (written_moment(pdf), read_stamp(pdf)) == (event.sealed_at, event.sealed_at)


async def test_repeated_contract_is_sealed_once(signing: World, contract: ContractPrepared) -> None:
    """The second event has another message id, as after a redrive by the desk."""
    await signing.publish(contract, contract)
    first = await signing.wait_for(ContractIssued, contract.renewal_id)
    other = await prepared_for(signing)
    await signing.publish(other)
    await signing.wait_for(ContractIssued, other.renewal_id)
    assert signing.published(ContractIssued, contract.renewal_id) == [first]
    assert (await stored_contract(signing, contract.renewal_id)).sealed_contract == first.contract


@pytest.mark.parametrize("uploads", [False, True])
async def test_dies_around_the_upload(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared, uploads: bool
) -> None:
    """The contract isn't lost: it is recorded as prepared, and the redelivered message seals it."""
    message = cause()
    dying = replace(handlers, documents=CrashingDocuments(handlers.documents, uploads=uploads))
    with pytest.raises(Crashed):
        await dying.handle_prepared(contract, message)
    assert (await stored_contract(signing, contract.renewal_id)).status is SealStatus.PREPARED
    await handlers.handle_prepared(contract, message)
    await handlers.handle_prepared(contract, message)
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    state = await stored_contract(signing, contract.renewal_id)
    assert (state.status, state.sealed_contract) == (SealStatus.SEALED, event.contract)
    assert len(signing.published(ContractIssued, contract.renewal_id)) == 1


@dataclass
class DyingDocuments(CrashingDocuments):
    """The process dies at the upload with this number (from 1), before or after it."""

    real: Documents
    number: int
    when: str

    def __post_init__(self) -> None:
        super().__init__(self.real, uploads=False)

    async def put(
        self, data: bytes, *, media_type: str, name: str, of: Provenance | None = None
    ) -> DocumentRef:
        self.number -= 1
        if self.number == 0 and self.when == "before":
            raise Crashed
        stored = await self.real.put(data, media_type=media_type, name=name, of=of)
        if self.number == 0:
            raise Crashed
        return stored


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
async def test_dies_around_the_uploads_of_a_contract_over_two_products(
    signing: World, handlers: ContractHandlers, number: int, when: str
) -> None:
    """Neither product has a seal that the other lacks: one save tells both."""
    event = await prepared_for_two(signing)
    other, message = event.covers[0].renewal_id, cause()
    dying = replace(handlers, documents=DyingDocuments(handlers.documents, number, when))
    with pytest.raises(Crashed):
        await dying.handle_prepared(event, message)
    assert (await stored_contract(signing, event.renewal_id)).status is SealStatus.PREPARED
    await handlers.handle_prepared(event, message)
    of_lead, of_other = [await signing.wait_for(ContractIssued, id) for id in (event.renewal_id, other)]
    assert of_lead.contract == of_other.contract
    assert of_other.lead_id == event.renewal_id
    for each in (of_lead, of_other):
        of = Provenance("sealed_contract", each.renewal_id)
        assert await handlers.documents.is_of(each.contract.sha256, of)
        assert len(signing.published(ContractIssued, each.renewal_id)) == 1


async def test_what_is_told_of_another_product_may_come_after_the_contract(
    signing: World, handlers: ContractHandlers
) -> None:
    """Its events are on another partition. A contract that is wrong is withheld later."""
    event = await prepared_for_two(signing)
    (covered,) = event.covers
    unknown = covered.model_copy(update={"renewal_id": fresh()})
    early = event.model_copy(update={"covers": (unknown,), "recorded_at": handlers.clock.now()})
    with pytest.raises(NotYet, match="registration_unknown"):
        await handlers.handle_prepared(early, cause())
    assert not signing.published(SealFailed, event.renewal_id)
    late = early.model_copy(update={"recorded_at": handlers.clock.now() - timedelta(minutes=11)})
    with pytest.raises(NotYet, match="form"):
        await handlers.handle_prepared(late, cause())
    assert (await signing.wait_for(SealFailed, event.renewal_id)).reason == "registration_unknown"


async def test_void_contract_over_two_products_leaves_each_its_own(
    signing: World, handlers: ContractHandlers
) -> None:
    event = await prepared_for_two(signing)
    (covered,) = event.covers
    failing = replace(handlers, documents=CrashingDocuments(handlers.documents, uploads=False))
    with pytest.raises(Crashed):
        await failing.handle_prepared(event, cause())
    own_file = await signing.put(issued("vendor", "own"), Provenance("contract", covered.renewal_id))
    of_other = event.of_each[1]
    own = of_other.model_copy(update={"contract_number": "2/2026/HĐ-GH", "contract": own_file})
    with pytest.raises(Unproven, match="sealed_already"):
        await handlers.handle_prepared(own, cause())
    void = voided(event)
    told = {"renewal_id": covered.renewal_id, "lead_id": event.renewal_id}
    await handlers.void_contract(void, cause())
    await handlers.void_contract(void.model_copy(update=told), cause())
    assert (await signing.wait_for(SealFailed, event.renewal_id)).reason == SealFailed.VOIDED
    await handlers.handle_prepared(own, cause())
    assert (await signing.wait_for(ContractIssued, covered.renewal_id)).lead_id is None
    await handlers.handle_prepared(event, cause())
    assert (await stored_contract(signing, event.renewal_id)).status is SealStatus.VOID


async def test_two_seal_at_once(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared
) -> None:
    """As after a rebalance: one save wins. The other handler loses its save, and finds the contract sealed
    when it tries again."""
    message = cause()
    both = [handlers.handle_prepared(contract, message) for _ in range(2)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] in ([], [Conflict])
    await handlers.handle_prepared(contract, message)
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    stored = await signing.contracts.load(seal_id(contract.renewal_id))
    assert stored is not None
    assert (stored.sequence, stored.state.sealed_contract) == (1, event.contract)


async def test_seal_that_may_not_sign_waits_for_a_better_one(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared, pki: Pki
) -> None:
    """Sealing fails, but the contract isn't lost: it is parked until the vendor has a certificate that can
    seal."""
    stranger = pki.credential("stranger-seal", Holder("Công ty"), trusted=False)
    failing = replace(handlers, seal=FileSeal.load(stranger.p12, stranger.password))
    message = cause()
    with pytest.raises(NotYet, match="certificate_untrusted"):
        await failing.handle_prepared(contract, message)
    assert (await stored_contract(signing, contract.renewal_id)).status is SealStatus.PREPARED
    await handlers.handle_prepared(contract, message)
    await signing.wait_for(ContractIssued, contract.renewal_id)


async def test_contract_without_a_field_goes_to_the_dead_letters(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared
) -> None:
    of = Provenance("contract", contract.renewal_id)
    formless = contract.model_copy(update={"contract": await signing.put(issued("office"), of)})
    with pytest.raises(Rejected):
        await handlers.handle_prepared(formless, cause())
    assert (await stored_contract(signing, contract.renewal_id)).status is SealStatus.PREPARED


async def test_forged_contract_gets_no_seal_and_seal_failed_is_published(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared
) -> None:
    """Guards against: a forged ContractPrepared for an office under review got the vendor's real seal on
    another office's contract. After it, the true contract is sealed as usual."""
    theirs = Provenance("contract", await signing.accepted_on_paper())
    another = await signing.put(issued("vendor") + b"\n", theirs)
    forged = contract.model_copy(update={"contract": another})
    invented = contract.model_copy(update={"renewal_id": fresh()})
    await signing.publish(forged, invented)
    event = await signing.wait_for(SealFailed, contract.renewal_id)
    assert (event.reason, event.contract_number) == ("another_document", contract.contract_number)
    assert (await signing.wait_for(SealFailed, invented.renewal_id)).reason == "registration_unknown"
    with pytest.raises(Unproven, match="another_document"):
        await handlers.handle_prepared(forged, cause())
    with pytest.raises(NotYet):
        await handlers.handle_prepared(invented, cause())
    assert await signing.contracts.load(seal_id(contract.renewal_id)) is None
    await signing.publish(contract)
    await signing.wait_for(ContractIssued, contract.renewal_id)
    second = contract.model_copy(update={"contract_number": "2/2026/HĐ-GH"})
    with pytest.raises(Unproven, match="sealed_already"):
        await handlers.handle_prepared(second, cause())
    assert len(signing.published(SealFailed, contract.renewal_id)) == 1


async def test_voided_contract_is_never_sealed_and_the_next_one_is(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared, pki: Pki
) -> None:
    """Guards against: a contract that can't be sealed blocked its registration for ever. The desk learns why
    and voids it. The next contract has its own number and is sealed; the void one never is."""
    expired = pki.credential("wrong-seal", Holder("Công ty"), trusted=False)
    failing = replace(handlers, seal=FileSeal.load(expired.p12, expired.password))
    for _ in range(2):
        with pytest.raises(NotYet, match="certificate_untrusted"):
            await failing.handle_prepared(contract, cause())
    number = contract.contract_number
    await handlers.void_contract(voided(contract), cause())
    await handlers.handle_prepared(contract, cause())
    assert (await stored_contract(signing, contract.renewal_id)).status is SealStatus.VOID
    other = await signing.put(issued("vendor", "more"), Provenance("contract", contract.renewal_id))
    second = contract.model_copy(update={"contract_number": "2/2026/HĐ-GH", "contract": other})
    await handlers.handle_prepared(second, cause())
    await handlers.void_contract(voided(second), cause())
    event = await signing.wait_for(ContractIssued, contract.renewal_id)
    assert event.contract_number == "2/2026/HĐ-GH"
    events = [
        (each.contract_number, each.reason) for each in signing.published(SealFailed, contract.renewal_id)
    ]
    assert events == [(number, "certificate_untrusted"), (number, "voided")]
    with pytest.raises(Unproven):
        await handlers.handle_prepared(contract, cause())


@pytest.mark.parametrize("sign_by", [None, SIGN_BY], ids=["sealed", "signed first"])
async def test_void_contract_that_comes_again_after_the_next_one_is_known(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared, pki: Pki, sign_by: date | None
) -> None:
    """Guards against: it was a dead letter, and SealFailed told of a contract that is void."""
    stranger = pki.credential("replayed-seal", Holder("Công ty"), trusted=False)
    failing = replace(handlers, seal=FileSeal.load(stranger.p12, stranger.password))
    first, message = contract.model_copy(update={"sign_by": sign_by}), cause()
    with nullcontext() if sign_by else pytest.raises(NotYet):
        await failing.handle_prepared(first, message)
    await handlers.void_contract(voided(first), cause())
    if sign_by is None:  # it was parked
        await handlers.handle_prepared(first, message)
    await handlers.handle_prepared(next_contract(first), cause())
    await handlers.handle_prepared(first, message)
    state = await stored_contract(signing, contract.renewal_id)
    assert (state.status, state.contract) == (SealStatus.PREPARED, next_contract(first))


async def test_assent_to_a_void_contract_that_comes_again_after_the_next_one_is_known(
    handlers: ContractHandlers, contract: ContractPrepared
) -> None:
    """Guards against: it waited for ever for the contract that it names."""
    first, message = contract.model_copy(update={"sign_by": SIGN_BY}), cause()
    await handlers.handle_prepared(first, cause())
    await handlers.void_contract(voided(first), cause())
    await handlers.handle_assented(contract_assented(first), message)
    await handlers.handle_prepared(next_contract(first), cause())
    await handlers.handle_assented(contract_assented(first), message)


def next_contract(contract: ContractPrepared) -> ContractPrepared:
    """The one that replaces a void contract. It waits for the office."""
    return contract.model_copy(update={"contract_number": "2/2026/HĐ-GH", "sign_by": SIGN_BY})


def voided(contract: ContractPrepared) -> ContractVoided:
    fields = contract.model_dump(include=set(ContractVoided.model_fields))
    return ContractVoided(**fields, reason="tệp hỏng")


async def test_certificate_that_may_not_sign_is_published_before_any_contract(
    signing: World, deferred_signer: DeferredSigner, pki: Pki
) -> None:
    service = signing.signing
    store, leader_loop = (
        signing._store("other_seal", SealCertificateStatus),
        LeaderLoop("t", service.lease("t"), lambda: True, 60),
    )
    stranger = pki.credential("stranger-told", Holder("Công ty"), trusted=False)
    ended = pki.credential("ended-told", Holder("Công ty"), period=(FROM, datetime(2021, 1, 1, tzinfo=UTC)))
    for credential, reason in (
        (stranger.p12, "certificate_untrusted"),
        (ended.p12, "certificate_expired"),
        (pki.vendor, None),
    ):
        seal = FileSeal.load(credential, pki.password)
        check = SealCheck(store, seal, deferred_signer, service.clock, leader_loop)
        for _ in range(2):
            await check.check()
        (found,) = await store.states({})
        assert found.reason == reason
        assert (found.valid_to > service.clock.now()) is (reason != "certificate_expired")
    (stored,) = await store.find({})
    assert stored.sequence == 3, "told once each"


@dataclass(frozen=True)
class UnpluggedSeal:
    """The vendor's token, pulled out. (`test_token_seal` shows what a real one does.)"""

    certificates: tuple[bytes, ...]

    async def check(self) -> None:
        raise SealUnusable("no such token")

    async def sign(self, prepared: PreparedPdf) -> bytes:
        raise SealUnusable("no such token")


async def test_key_that_cannot_be_reached_is_published_and_the_contract_waits(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared, pki: Pki
) -> None:
    service = signing.signing
    store = signing._store("unplugged_seal", SealCertificateStatus)
    loop = LeaderLoop("t", service.lease("t"), lambda: True, 60)
    seal = UnpluggedSeal(FileSeal.load(pki.vendor, pki.password).certificates)
    await SealCheck(store, seal, handlers.deferred_signer, service.clock, loop).check()
    (found,) = await store.states({})
    assert found.reason == "seal_unusable"
    message = cause()
    with pytest.raises(NotYet, match="no such token"):
        await replace(handlers, seal=seal).handle_prepared(contract, message)
    assert (await signing.wait_for(SealFailed, contract.renewal_id)).reason == "seal_unusable"
    await handlers.handle_prepared(contract, message)
    await signing.wait_for(ContractIssued, contract.renewal_id)


async def test_certificate_that_ends_soon_is_warned_of_once_a_day(
    signing: World, deferred_signer: DeferredSigner, pki: Pki
) -> None:
    service, clock = signing.signing, FixedClock(END - timedelta(days=31))
    store = signing._store("ending_seal", SealCertificateStatus)
    loop = LeaderLoop("t", service.lease("t"), lambda: True, 60)
    ending = pki.credential("ending", Holder("Công ty"), kind="p256", period=(FROM, END))
    seal = FileSeal.load(ending.p12, ending.password)
    check, meter = SealCheck(store, seal, deferred_signer, clock, loop), SealMeter(seal, clock)
    with structlog.testing.capture_logs() as logs:
        for days in (31, 30, 29, 29, 28):
            clock.move_to(END - timedelta(days=days) + timedelta(minutes=1))
            await check.check()
    (gauge,) = meter.collect()
    assert [each["event"] for each in logs] == ["seal.ends_soon"] * 3
    assert 27 < gauge.samples[0].value < 28


def test_settings_that_cannot_work_are_said(settings: Settings, pki: Pki) -> None:
    """It fails at the start, with the reason and without the secret."""
    with pytest.raises(BadSettings, match="password of the seal is wrong") as wrong:
        compose(signing_settings(settings, pki, seal_password="s3cret-typo"))
    assert "s3cret-typo" not in str(wrong.value)
    with pytest.raises(BadSettings, match="trust"):
        compose(signing_settings(settings, pki, trust_roots=pki.vendor))
    assert "s3cret" not in repr(signing_settings(settings, pki, seal_password="s3cret"))


class SilentAuthorities(NoEvidence):
    """A time-stamping authority is set, and gives no answer."""

    stamps = True


async def test_contract_waits_for_its_time_stamp_where_the_setting_demands_it(
    signing: World, handlers: ContractHandlers, contract: ContractPrepared
) -> None:
    signer = handlers.deferred_signer
    strict = replace(signer.current_policy(), require_long_term=True)
    waiting = replace(signer, current_policy=lambda: strict, evidence=SilentAuthorities())
    message = cause()
    with pytest.raises(NotYet, match="a time stamp"):
        await replace(handlers, deferred_signer=waiting).handle_prepared(contract, message)
    assert (await signing.wait_for(SealFailed, contract.renewal_id)).reason == "evidence_unavailable"
    assert (await stored_contract(signing, contract.renewal_id)).status is SealStatus.PREPARED
    await handlers.handle_prepared(contract, message)
    await signing.wait_for(ContractIssued, contract.renewal_id)
