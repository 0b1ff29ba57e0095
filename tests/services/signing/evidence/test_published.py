"""What the events name is the file with its proof, on real MongoDB and Kafka."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import UNTIL, Credential, Pki
from services.signing.contracts.handlers import ContractHandlers
from services.signing.contracts.seal import FileSeal
from services.signing.contracts.seal_check import SealCertificateStatus, SealCheck
from services.signing.domain.contract import WithheldContract
from services.signing.domain.form import SigningForm
from services.signing.domain.level import SignatureLevel
from services.signing.signatures.prepared_pdfs import PreparedPdfStore
from services.signing.signatures.service import SigningService
from shared.background.leader_loop import LeaderLoop
from shared.events.signing import ContractIssued, FormSigned
from shared.ids import fresh
from shared.storage.aggregate import Cause
from shared.storage.documents import Provenance
from tests.services.signing.evidence.conftest import MakeSigner
from tests.services.signing.evidence.judge import is_long_term
from tests.services.signing.evidence.responders import Responders
from tests.services.signing.factory import contract_prepared
from tests.services.signing.paper import issued
from tests.services.signing.service import MARGIN, World

LIFETIME = timedelta(minutes=30)


@dataclass(frozen=True)
class Present:
    """The service and the responders at the same moment."""

    signing: World
    responders: Responders


@pytest.fixture
def present(signing: World, responders: Responders) -> Present:
    responders.moment = signing.signing.clock.now()
    return Present(signing, responders)


async def test_signed_form_has_its_proof(
    present: Present, make_signer: MakeSigner, office_with_responder: Credential, own_pki: Pki
) -> None:
    world, service = present.signing, present.signing.signing
    prepared = PreparedPdfStore(service.documents, service.real, LIFETIME)
    signing: SigningService[SigningForm] = SigningService(
        world.forms, service.documents, prepared, make_signer(), service.clock, LIFETIME, world.preserved
    )
    renewal = await world.form()
    form = await world.forms.get(renewal)
    assert form is not None
    attempt = await signing.begin(form, office_with_responder.chain)
    token = Token(office_with_responder.p12.read_bytes(), office_with_responder.password)
    begun = await world.forms.get(renewal)
    assert begun is not None
    await signing.complete(begun, attempt.n, token.sign(attempt.digest, attempt.algorithm))
    event = await world.wait_for(FormSigned, renewal)
    pdf = await service.documents.get(event.signed_form.sha256)
    assert await is_long_term(pdf, "office", own_pki, service.clock.now())


async def test_sealed_contract_has_its_proof(present: Present, make_signer: MakeSigner, own_pki: Pki) -> None:
    world, service = present.signing, present.signing.signing
    vendor = present.responders.issue("vendor-at-work")
    handlers = ContractHandlers(
        world.forms,
        world.contracts,
        world._store("withheld", WithheldContract),
        service.documents,
        make_signer(),
        FileSeal.load(vendor.p12, vendor.password),
        service.clock,
        world.preserved,
    )
    renewal = await world.accepted_on_paper()
    document = await world.put(issued("vendor"), Provenance("contract", renewal))
    contract = contract_prepared(renewal_id=renewal, contract=document)
    await handlers.handle_prepared(contract, Cause(message_id=fresh(), correlation_id=fresh()))
    event = await world.wait_for(ContractIssued, renewal)
    pdf = await service.documents.get(event.contract.sha256)
    assert await is_long_term(pdf, "vendor", own_pki, service.clock.now())
    listed = await world.preserved.find(event.contract.sha256)
    assert listed
    assert (listed.kind, listed.level) == ("sealed_contract", SignatureLevel.LONG_TERM)
    assert listed.due == UNTIL - MARGIN


async def test_revoked_seal_is_told_before_any_contract(present: Present, make_signer: MakeSigner) -> None:
    """Renewal gives no contract a number from then on."""
    vendor, service = present.responders.issue("revoked-vendor"), present.signing.signing
    store = present.signing._store("revoked_seal", SealCertificateStatus)
    loop = LeaderLoop("t", service.lease("t"), lambda: True, 60)
    seal = FileSeal.load(vendor.p12, vendor.password)
    check = SealCheck(store, seal, make_signer(stamps=False), service.clock, loop)
    present.responders.revoked.add(vendor.certificate.serial_number)
    await check.check()
    (found,) = await store.states({})
    assert found.reason == "certificate_revoked"
