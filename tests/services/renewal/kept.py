"""What the service keeps of registrations and of the post, as its `main` keeps it."""

from services.renewal.batches import Batches
from services.renewal.domain.batch import Batch
from services.renewal.domain.entry import Entry
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.sheet import Feed, Sheet
from services.renewal.store import INDEXES, Renewals
from shared.service import Service


def kept(service: Service) -> tuple[Renewals, Batches]:
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    batches = Batches(
        service.store("batches", Batch, audited=True),
        service.store("entries", Entry, audited=True),
        service.store("sheets", Sheet, audited=True),
        service.store("feeds", Feed),
    )
    return renewals, batches
