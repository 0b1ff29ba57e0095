"""The desk's list: grants that the platform hasn't confirmed, and answers that differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
class OpenGrants:
    """`limit`: how long the platform may take."""

    ledgers: ResourceLedgers
    licences: Projection[LicenceCopy]
    limit: timedelta
    clock: Clock

    async def waiting(self, most: int) -> list[OpenGrant]:
        """Unconfirmed ones, the longest waiting first."""
        return await self._listed(
            await self.ledgers.waiting(most),
            lambda grant: None if grant.look_since else grant.waiting_since,
            most,
        )

    async def to_look_at(self, most: int) -> list[OpenGrant]:
        """Those whose answer differs from what was asked for, the longest waiting first."""
        return await self._listed(await self.ledgers.to_look_at(most), lambda grant: grant.look_since, most)

    async def _listed(
        self,
        ledgers: Sequence[ResourceLedger],
        since_of: Callable[[ResourceGrant], datetime | None],
        most: int,
    ) -> list[OpenGrant]:
        names = await self._names(ledgers)
        found = [
            self._open(ledger, grant, names.get(str(ledger.subscription_id), ledger.office_ref), since)
            for ledger in ledgers
            for grant in ledger.grants
            if (since := since_of(grant))
        ]
        return sorted(found, key=lambda each: each.since)[:most]

    def _open(self, ledger: ResourceLedger, grant: ResourceGrant, name: str, since: datetime) -> OpenGrant:
        limit, now = since + self.limit, self.clock.now()
        with_desk = grant.look_since is not None or now >= limit
        return OpenGrant(ledger, grant, name, since, limit, now - since, with_desk)

    async def _names(self, ledgers: Iterable[ResourceLedger]) -> dict[str, str]:
        """The offices' names, by the subscription's id."""
        found, _ = await self.licences.get_readable(str(each.subscription_id) for each in ledgers)
        return {id: licence.name for id, licence in found.items()}
