"""The composition root: builds all parts of the signing service and connects them."""

from services.signing.contracts import composition as contract_seals
from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.evidence import composition as evidence
from services.signing.evidence.meters import EvidenceMeter
from services.signing.evidence.trust_files import TrustFiles
from services.signing.forms.handlers import FormHandlers
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.trust import BadTrust
from services.signing.pades.worker_tasks import SigningPolicy, configure_worker
from services.signing.preservation import composition as preservation
from services.signing.reports import composition as reports
from services.signing.settings import SigningSettings
from services.signing.signatures import composition as signatures
from services.signing.signatures.handlers import RenewerHandlers
from services.signing.store import FORM_INDEXES, Appointment, Forms, Termination
from shared.background.workers import Workers
from shared.messaging.routes import Routes
from shared.runtime.process import serve
from shared.runtime.service import Plan, Service
from shared.runtime.settings import read, settings_error


def compose(settings: SigningSettings) -> tuple[Service, Plan]:
    """Build the service. Raises BadSettings at once for a seal or trust files that can't be used, so that no
    office's form is the first to find out."""
    trust, seal = _trust(settings), contract_seals.load(settings)
    service = Service("signing", settings)
    workers = Workers(settings.pdf_processes, limit=settings.pdf_seconds, prepare=configure_worker)
    authorities = evidence.build(settings)
    deferred_signer = DeferredSigner(workers, lambda: _policy(trust, settings), authorities)
    forms = Forms(service.store("forms", SigningForm, *FORM_INDEXES))
    preservation_flow = preservation.build(service, settings, deferred_signer, forms)
    contracts = service.store("contracts", ContractSeal)
    appointments = service.projection("appointments", Appointment)
    contract_flow = contract_seals.build(
        service,
        settings.seal_check_seconds,
        seal,
        forms,
        contracts,
        deferred_signer,
        preservation_flow.files,
    )
    routes = Routes()
    FormHandlers(forms, service.projection("terminations", Termination), service.clock).add_to(routes)
    contract_flow.handlers.add_to(routes)
    preservation_flow.handlers.add_to(routes)
    RenewerHandlers(appointments, service.documents).add_to(routes)
    service.indexes |= service.documents.indexes
    flow = signatures.build(
        service, settings, forms, contracts, appointments, deferred_signer, preservation_flow.files
    )
    report_flow = reports.build(
        service, settings, forms, contracts, deferred_signer, flow.verifier, preservation_flow.files
    )
    return service, Plan(
        routes,
        [*report_flow.routers, *flow.routers(), *preservation_flow.routers()],
        [*contract_flow.loops(), *preservation_flow.loops(), *flow.loops(), report_flow.loop],
        larger_bodies=signatures.LARGER_BODIES | reports.LARGER_BODIES,
        starting=[workers.warm],
        meters=[
            EvidenceMeter(authorities, trust).register,
            contract_flow.meter.register,
            preservation_flow.meter.register,
        ],
        closing=[workers.close, report_flow.workers.close, authorities.downloads.client.aclose, flow.close],
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


def main() -> None:
    settings = read(SigningSettings)
    serve("signing", lambda: compose(settings), settings.port_base + 3)
