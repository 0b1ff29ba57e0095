"""The stores of registrations and of paper batches, as the service's `main` builds them, and a query."""

from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry
from services.renewal.domain.paper.sheet import Feed, Sheet
from services.renewal.domain.renewal import Renewal
from services.renewal.paper.batches import Batches
from services.renewal.stores.renewal_indexes import INDEXES
from services.renewal.stores.renewals import Renewals
from shared.runtime.service import Service


def renewal_stores(service: Service) -> tuple[Renewals, Batches]:
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    batches = Batches(
        service.store("batches", Batch, audited=True),
        service.store("entries", Entry, audited=True),
        service.store("sheets", Sheet, audited=True),
        service.store("feeds", Feed),
    )
    return renewals, batches


async def of_office(renewals: Renewals, office_ref: str) -> list[Renewal]:
    """An office's renewals, the newest first."""
    found = await renewals.matching({"registration.office_ref": office_ref}, 100)
    return [stored.state for stored in found]
