"""Records which notices the offices' renewers have seen on our pages, with an event to subscription."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.seen_notice import SeenNotice, record_notice
from shared.resilience.retry import suppress_transient
from shared.situation import SituationKind
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import IndexModel
from shared.storage.store import Store
from shared.time.clock import Clock
from shared.web.people import Person, Role

_MOST = 10_000
INDEX = IndexModel([("subscription_id", 1), ("term", 1)], name="subscription")


@dataclass(frozen=True, slots=True)
class SeenNotices:
    """`noted` caches the newest ids that are surely stored, so that another look needs no query."""

    store: Store[SeenNotice]
    clock: Clock
    noted: OrderedDict[UUID, None] = field(default_factory=OrderedDict)

    async def note(self, who: Person, licence: LicenceCopy, kind: SituationKind) -> None:
        """A page of that `kind` of situation is shown. It counts only for the office's own renewer.

        It is one insert with its event, once per notice. If the process dies before it, or the database
        doesn't answer, nothing is recorded and the next look tries again.
        """
        if Role.RENEWER not in who.roles or not who.belongs_to(licence.office_ref):
            return
        decision = record_notice(licence, kind, self.clock.now())
        if decision is None or decision.state.id in self.noted:
            return

        def decide(known: SeenNotice | None) -> Decision[SeenNotice] | None:
            return decision if known is None else None

        with suppress_transient("seen_notice.unsaved") as saving:
            await self.store.change(decision.state.id, decide, Cause.command("see notice"))
        if not saving.failed:
            self.noted[decision.state.id] = None
            if len(self.noted) > _MOST:
                self.noted.popitem(last=False)

    async def of_term(self, subscription_id: UUID, term: date) -> list[SeenNotice]:
        """The notices for the last day of use `term` that were seen, in the order of seeing."""
        found = await self.store.states({"subscription_id": subscription_id, "term": term})
        return sorted(found, key=lambda notice: (notice.seen_at, str(notice.id)))
