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
        state, before = self._state(kind)
        found = await self.retained.waiting(state, most, after, office, unconfirmed_since=before)
        rows = [WaitingDossier.of(stored.state, stored.version) for stored in found]
        return [row for row in rows if row]

    async def counts(self) -> list[DossierCount]:
        """Of the kinds of which any waits."""
        counts = []
        for kind in DOSSIER_KINDS:
            state, before = self._state(kind)
            count, since = await self.retained.count_waiting(state, _COUNTED, unconfirmed_since=before)
            if since:
                counts.append(DossierCount(kind, count, since))
        return counts

    def _state(self, kind: DossierKind) -> tuple[str, datetime | None]:
        """The state of the dossiers of a kind; before when a hold must have been confirmed last."""
        if kind is ItemKind.DELETION_PROPOSED:
            return "proposed", None
        return "held", self.clock.now() - timedelta(days=self.hold_days)
