"""The desk's queue: the registrations that wait, the longest waiting first. It has no store of its own: it is
read from the registrations and the claims."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from services.renewal.desk.claims import Claims
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.desk.queue_filter import ClaimFilter, QueueFilter, late_before
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.desk.queued_registration import FIELDS, QueuedRegistration
from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Stored
from shared.storage.mongo import EPOCH, Document
from shared.time.calendar import civil_date, start_of_day
from shared.time.clock import Clock
from shared.web.people import Person

_TRIED = 20


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`after` is the position of the last row if more rows follow, else None."""

    rows: list[QueuedRegistration]
    after: QueuePosition | None


@dataclass(frozen=True, slots=True)
class QueueCount:
    all: int
    late: int


@dataclass(frozen=True, slots=True)
class Queue:
    """`zone`: the time zone in which the desk's working days are counted."""

    renewals: Renewals
    claims: Claims
    clock: Clock
    zone: str

    async def page(
        self, sought: QueueFilter, who: Person, most: int, after: QueuePosition | None = None
    ) -> QueuePage:
        """At most `most` rows that match the filter."""
        claims = await self.claims.in_force()
        found = await self.renewals.find_fields(self._query(sought, who, claims, after), FIELDS, most + 1)
        by_id = {str(claim.renewal_id): claim for claim in claims}
        rows = [self._row(document, by_id.get(document["_id"])) for document in found[:most]]
        more = len(found) > most
        return QueuePage(rows, QueuePosition(rows[-1].since, rows[-1].id) if more else None)

    async def counts(self) -> dict[RegistrationStatus, QueueCount]:
        """For each open status, how many registrations have it, and how many of them are late."""
        found = await self.renewals.since_by_status(OPEN)
        counts = {}
        for status in OPEN:
            before = self._late_before(status)
            since = found.get(status, [])
            late = sum(at is None or at < before for at in since)
            counts[status] = QueueCount(len(since), late)
        return counts

    async def products(self) -> list[str]:
        """The product codes of the open registrations."""
        return await self.renewals.products(OPEN)

    async def next(self, sought: QueueFilter, who: Person) -> Stored[Renewal] | None:
        """Claims the longest waiting registration that no clerk has claimed. None where there is none, or
        where other clerks were faster at the first 20 of them."""
        free = sought.model_copy(update={"claimed": ClaimFilter.FREE})
        for row in (await self.page(free, who, _TRIED)).rows:
            stored = await self.renewals.load(row.id)
            if stored is None or stored.state.status is not row.status:
                continue
            with suppress(RenewalError):  # another clerk was faster
                await self.claims.take(stored.state, who)
                return stored
        return None

    def _query(
        self, sought: QueueFilter, who: Person, claims: Sequence[Claim], after: QueuePosition | None
    ) -> Document:
        conditions: list[Document] = [{"status": {"$in": [status.value for status in sought.statuses]}}]
        if sought.product:
            products = ("registration.product_code", "registration.joined.product_code")
            conditions.append({"$or": [{field: sought.product} for field in products]})
        if sought.copy_shown:
            conditions.append({"dossier.kind": "paper_copy", "copy_refused": None})
        if sought.late is not None:
            conditions.append(self._late(sought.statuses, late=sought.late))
        if sought.claimed is ClaimFilter.MINE:
            conditions.append(_any_of([claim for claim in claims if claim.by == who.sub]))
        if sought.claimed is ClaimFilter.FREE and claims:
            conditions.append({"$nor": [_claimed_query(claim) for claim in claims]})
        if after:
            later = {"since": after.since, "_id": {"$gt": str(after.id)}}
            conditions.append({"$or": [{"since": {"$gt": after.since}}, later]})
        return {"$and": conditions}

    def _late(self, statuses: Sequence[RegistrationStatus], *, late: bool) -> Document:
        compare = "$lt" if late else "$gte"
        limits = [(status, self._late_before(status)) for status in statuses]
        return {"$or": [{"status": status.value, "since": {compare: limit}} for status, limit in limits]}

    def _late_before(self, status: RegistrationStatus) -> datetime:
        """A registration is late where its status is older than this. One with a final status is never
        late."""
        day: date | None = late_before(status, civil_date(self.clock.now(), self.zone))
        return start_of_day(day, self.zone) if day else EPOCH

    def _row(self, document: Document, claim: Claim | None) -> QueuedRegistration:
        since = document.get("since") or document["registration"]["registered_at"]
        held = claim is not None and claim.is_in_force(since, self.clock.now())
        late = since < self._late_before(RegistrationStatus(document["status"]))
        return QueuedRegistration.read(document, late, claim.by if claim and held else None)


def _claimed_query(claim: Claim) -> Document:
    return {"_id": str(claim.renewal_id), "since": claim.since}


def _any_of(claims: Sequence[Claim]) -> Document:
    return {"$or": [_claimed_query(claim) for claim in claims]} if claims else {"_id": {"$in": []}}
