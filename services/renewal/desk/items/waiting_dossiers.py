"""The dossiers at which a clerk must look, as the desk's lists and its queue tell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from services.renewal.domain.desk.desk_item import ItemKind
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.desk.waiting_dossier import DossierKind, WaitingDossier
from services.renewal.stores.retained_renewals import RetainedRenewals
from shared.time.clock import Clock

DOSSIER_KINDS: Sequence[DossierKind] = get_args(DossierKind)
_COUNTED = 100


@dataclass(frozen=True, slots=True)
class DossierCount:
    """How many of a kind wait, at most 100; and since when the first does."""

    kind: DossierKind
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingDossiers:
    """`hold_days`: after so many days somebody must look whether a legal hold is still needed."""

    retained: RetainedRenewals
    clock: Clock
    hold_days: int

    async def listed(
        self, kind: DossierKind, most: int, after: QueuePosition | None = None, office: str | None = None
    ) -> list[WaitingDossier]:
        """The longest waiting first."""
        if kind is ItemKind.DELETION_PROPOSED:
            found = await self.retained.waiting("proposed", most, after, office)
        else:
            before = self.clock.now() - timedelta(days=self.hold_days)
            found = await self.retained.waiting("held", most, after, office, unconfirmed_since=before)
        rows = [WaitingDossier.of(stored.state, stored.version) for stored in found]
        return [row for row in rows if row]

    async def counts(self) -> list[DossierCount]:
        """Of the kinds of which any waits."""
        found = [(kind, await self.listed(kind, _COUNTED)) for kind in DOSSIER_KINDS]
        return [DossierCount(kind, len(rows), rows[0].since) for kind, rows in found if rows]
