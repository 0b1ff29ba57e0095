"""What all flows of the renewal service share: stores, copies of other services' data, and what
makes the contract."""

from dataclasses import dataclass

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.editions import check_editions
from services.renewal.contract.number_allocation import INDEXES as NUMBERS
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.preparation import ContractFactory
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import Dialect
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.domain.seen_notice import SeenNotice
from services.renewal.licences import INDEXES as LICENCES
from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.renderer import TEMPLATES, Renderer
from services.renewal.scans.scans import Scans
from services.renewal.settings import RenewalSettings, load_catalogue
from services.renewal.stores.invoices import INDEXES as INVOICES
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.office_renewals import OfficeRenewals
from services.renewal.stores.receivables import INDEXES as RECEIVABLES
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewal_indexes import INDEXES
from services.renewal.stores.renewals import Renewals
from services.renewal.stores.resource_ledgers import INDEXES as LEDGERS
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.stores.retained_renewals import INDEXES as RETAINED
from services.renewal.stores.retained_renewals import RetainedRenewals
from services.renewal.stores.seen_notices import INDEX as SEEN
from services.renewal.stores.seen_notices import SeenNotices
from services.renewal.stores.subscription_renewals import SubscriptionRenewals
from shared.runtime.service import Service
from shared.storage.projection import Projection
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class Core:
    service: Service
    settings: RenewalSettings
    catalogue: Catalogue
    dialect: Dialect
    renewals: Renewals
    office_renewals: OfficeRenewals
    retained: RetainedRenewals
    subscription_renewals: SubscriptionRenewals
    receivables: Receivables
    invoices: RequestedInvoices
    ledgers: ResourceLedgers
    licences: Projection[LicenceCopy]
    renderer: Renderer
    conditions: ConditionsArchive
    contract_factory: ContractFactory
    fact_reader: ApprovalFactReader
    scans: Scans
    seen: SeenNotices

    @property
    def clock(self) -> Clock:
        return self.service.clock


def build(service: Service, settings: RenewalSettings) -> Core:
    dialect = Dialect(settings.zero_tens, settings.thousand)
    renderer = Renderer(processes=settings.render_processes, limit=settings.render_seconds)
    conditions = ConditionsArchive(TEMPLATES, settings.conditions_url)
    store = service.store("renewals", Renewal, *INDEXES, *RETAINED, audited=True)
    renewals = Renewals(store)
    contract_numbers = ContractNumbers(service.collection("numbers", *NUMBERS))
    licences = service.projection("licences", LicenceCopy, *LICENCES)
    return Core(
        service=service,
        settings=settings,
        catalogue=check_editions(load_catalogue(settings.catalogue)),
        dialect=dialect,
        renewals=renewals,
        office_renewals=OfficeRenewals(store),
        retained=RetainedRenewals(store),
        subscription_renewals=SubscriptionRenewals(store),
        receivables=Receivables(service.store("receivables", Receivable, *RECEIVABLES, audited=True)),
        invoices=RequestedInvoices(
            service.store("invoices", RequestedInvoice, *INVOICES, audited=True), dialect
        ),
        ledgers=ResourceLedgers(service.store("resource_ledgers", ResourceLedger, *LEDGERS, audited=True)),
        licences=licences,
        renderer=renderer,
        conditions=conditions,
        contract_factory=ContractFactory(
            renderer, service.documents, contract_numbers, settings.vendor, dialect
        ),
        fact_reader=ApprovalFactReader(
            renewals, VendorSeal(service.projection("vendor_seal", VendorSealCopy)), licences
        ),
        scans=Scans(processes=settings.scan_processes, limit=settings.scan_seconds),
        seen=SeenNotices(service.store("seen_notices", SeenNotice, SEEN), service.clock),
    )
