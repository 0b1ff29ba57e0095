"""The composition root: builds all parts of the signing service and connects them."""

from services.signing.contracts.handlers import ContractHandlers
from services.signing.contracts.seal import BadSeal, FileSeal, Seal
from services.signing.contracts.seal_check import SealCertificateStatus, SealCheck, SealMeter
from services.signing.contracts.token_seal import SealToken, TokenSeal
from services.signing.domain.contract import ContractSeal, WithheldContract
from services.signing.domain.form import SigningForm
from services.signing.evidence import composition as evidence
from services.signing.evidence.meters import EvidenceMeter
from services.signing.evidence.trust_files import TrustFiles
from services.signing.forms.handlers import FormHandlers
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.stamp.appearance import StampDetails
from services.signing.pades.stamp.image import BadStampImage, StampImage
from services.signing.pades.trust import BadTrust
from services.signing.pades.worker_tasks import SigningPolicy, configure_worker
from services.signing.preservation import composition as preservation
from services.signing.reports import composition as reports
from services.signing.settings import SigningSettings
from services.signing.signatures import composition as signatures
from services.signing.signatures.handlers import RenewerHandlers
from services.signing.store import FORM_INDEXES, Appointment, Forms, Termination
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.background.workers import Workers
from shared.messaging.routes import Routes
from shared.runtime.process import serve
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import read, settings_error


def compose(settings: SigningSettings) -> tuple[Service, Plan]:
    """Build the service. Raises BadSettings at once for a seal or trust files that can't be used, so that no
    office's form is the first to find out."""
    trust, seal, stamp = _trust(settings), _seal(settings), _stamp(settings)
    service = Service("signing", settings)
    workers = Workers(settings.pdf_processes, limit=settings.pdf_seconds, prepare=configure_worker)
    authorities = evidence.build(settings)
    deferred_signer = DeferredSigner(workers, lambda: _policy(trust, settings), authorities)
    forms = Forms(service.store("forms", SigningForm, *FORM_INDEXES))
    preserving = preservation.build(service, settings, deferred_signer)
    contracts = service.store("contracts", ContractSeal)
    appointments = service.projection("appointments", Appointment)
    routes = Routes()
    FormHandlers(forms, service.projection("terminations", Termination), service.clock).add_to(routes)
    ContractHandlers(
        forms,
        contracts,
        service.store("withheld", WithheldContract),
        service.documents,
        deferred_signer,
        seal,
        service.clock,
        preserving.files,
        stamp,
    ).add_to(routes)
    RenewerHandlers(appointments, service.documents).add_to(routes)
    service.indexes |= service.documents.indexes
    leader_loop = LeaderLoop("seal", service.lease("seal"), lambda: True, settings.seal_check_seconds)
    check = SealCheck(
        service.store("seal", SealCertificateStatus), seal, deferred_signer, service.clock, leader_loop
    )
    flow = signatures.build(
        service, settings, forms, contracts, appointments, deferred_signer, preserving.files
    )
    return service, Plan(
        routes,
        [
            *reports.build(service, settings, forms, contracts, deferred_signer, flow.verifier),
            *flow.routers(),
            *preserving.routers(),
        ],
        [
            Loop(check.run, Heartbeat("seal", limit=3 * settings.seal_check_seconds + 60)),
            *preserving.loops(),
            *flow.loops(),
        ],
        larger_bodies=signatures.LARGER_BODIES | reports.LARGER_BODIES,
        starting=[workers.warm],
        meters=[
            EvidenceMeter(authorities, trust).register,
            SealMeter(seal, service.clock).register,
            preserving.meter.register,
        ],
        closing=[workers.close, authorities.downloads.client.aclose, flow.close],
    )


def _trust(settings: SigningSettings) -> TrustFiles:
    files = TrustFiles(
        settings.trust_roots,
        settings.trust_intermediates,
        settings.crls,
        public_roots=settings.trust_public_roots,
        require_revocation=settings.require_revocation,
        purposes=settings.signer_purposes,
    )
    try:
        files.current().anchors()
    except BadTrust as error:
        raise settings_error([f"trust: {error}"]) from None
    return files


def _policy(trust: TrustFiles, settings: SigningSettings) -> SigningPolicy:
    return SigningPolicy(
        trust.current(),
        settings.stamp_zone,
        old_padding=settings.old_padding,
        require_long_term=settings.require_long_term,
    )


def _seal(settings: SigningSettings) -> Seal:
    try:
        if settings.seal_p12:
            return FileSeal.load(settings.seal_p12, settings.seal_password.get_secret_value())
        assert settings.seal_library  # the settings have one of the two
        key_id = bytes.fromhex(settings.seal_key_id)
        token = SealToken(settings.seal_library, settings.seal_token_label, key_id, settings.seal_pin)
        return TokenSeal.load(token)
    except BadSeal as error:
        raise settings_error([f"seal: {error}"]) from None


def _stamp(settings: SigningSettings) -> StampDetails:
    try:
        signer, seal = (
            StampImage.load(path) if path else None
            for path in (settings.seal_signer_image, settings.seal_image)
        )
    except BadStampImage as error:
        raise settings_error([f"seal: {error}"]) from None
    return StampDetails(signer=signer, seal=seal)


def main() -> None:
    settings = read(SigningSettings)
    serve("signing", lambda: compose(settings), settings.port_base + 3)
