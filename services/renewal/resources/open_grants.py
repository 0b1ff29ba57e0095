"""The desk's list: grants that the platform hasn't confirmed, and answers that differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.resources.grant import ResourceGrant
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.stores.resource_ledgers import ResourceLedgers
from shared.storage.projection import Projection
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class OpenGrant:
    """`since`: when the wait began. `with_desk`: the desk must act; until `limit` the platform may."""

    ledger: ResourceLedger
    grant: ResourceGrant
    office_name: str
    since: datetime
    limit: datetime
    age: timedelta
    with_desk: bool


@dataclass(frozen=True, slots=True)
class GrantPage:
    """`after`: the position of the last subscription if more follow, else None."""

    rows: list[OpenGrant]
    after: QueuePosition | None


@dataclass(frozen=True, slots=True)
class OpenGrants:
    """`limit`: how long the platform may take."""

    ledgers: ResourceLedgers
    licences: Projection[LicenceCopy]
    limit: timedelta
    clock: Clock

    async def waiting(self, most: int, after: QueuePosition | None = None) -> GrantPage:
        """Unconfirmed ones, the longest waiting first, of at most `most` subscriptions."""
        ledgers = await self.ledgers.waiting(most + 1, after)
        rows = await self._rows(
            ledgers[:most], lambda grant: None if grant.look_since else grant.waiting_since
        )
        return GrantPage(rows, _end(ledgers, most, lambda ledger: ledger.waiting_since))

    async def to_look_at(self, most: int, after: QueuePosition | None = None) -> GrantPage:
        """Those whose answer differs from what was asked for, the longest waiting first, of at most `most`
        subscriptions."""
        ledgers = await self.ledgers.to_look_at(most + 1, after)
        rows = await self._rows(ledgers[:most], lambda grant: grant.look_since)
        return GrantPage(rows, _end(ledgers, most, lambda ledger: ledger.look_since))

    async def _rows(
        self, ledgers: Sequence[ResourceLedger], since_of: Callable[[ResourceGrant], datetime | None]
    ) -> list[OpenGrant]:
        names = await self._names(ledgers)
        found = [
            self._open(ledger, grant, names.get(str(ledger.subscription_id), ledger.office_ref), since)
            for ledger in ledgers
            for grant in ledger.grants
            if (since := since_of(grant))
        ]
        return sorted(found, key=lambda each: each.since)

    def _open(self, ledger: ResourceLedger, grant: ResourceGrant, name: str, since: datetime) -> OpenGrant:
        limit, now = since + self.limit, self.clock.now()
        with_desk = grant.look_since is not None or now >= limit
        return OpenGrant(ledger, grant, name, since, limit, now - since, with_desk)

    async def _names(self, ledgers: Iterable[ResourceLedger]) -> dict[str, str]:
        """The offices' names, by the subscription's id."""
        found, _ = await self.licences.get_readable(str(each.subscription_id) for each in ledgers)
        return {id: licence.name for id, licence in found.items()}


def _end(
    ledgers: Sequence[ResourceLedger], most: int, since_of: Callable[[ResourceLedger], datetime | None]
) -> QueuePosition | None:
    """The position of the last of the first `most`, if there are more."""
    last = ledgers[most - 1] if len(ledgers) > most else None
    since = since_of(last) if last else None
    return QueuePosition(since, last.id) if last and since else None
