"""Keeps the ledgers of resources as the facts want them, and asks the platform.

Each change is one conditional save with its events. If the process dies before it, nothing has happened, and
the message comes again or the request is repeated; after it, everything has. The facts are read after the
ledger and before its conditional save, so an older picture of them never overwrites a newer one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from services.renewal import permissions
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.answer import record_answer
from services.renewal.domain.resources.ledger import (
    LedgerOwner,
    ResourceLedger,
    ask_again,
    ask_anew,
    close_grant,
    follow_facts,
    ledger_id,
)
from services.renewal.domain.resources.wanted import ResourceFacts
from services.renewal.resources.requests import PickedGrant
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.stores.subscription_renewals import SubscriptionRenewals
from shared.events.platform import ResourcesGranted
from shared.ids import subscription_id
from shared.messaging.envelope import Position
from shared.resilience.errors import Conflict, KeyReused, NotYet
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

_ATTEMPTS = 8
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ResourceService:
    """`pause`: how long after one request of an office the next one is refused."""

    ledgers: ResourceLedgers
    renewals: SubscriptionRenewals
    licences: Projection[LicenceCopy]
    pause: timedelta
    clock: Clock

    async def follow(self, subscription: UUID, cause: Cause) -> None:
        """Does nothing for a subscription that has neither a ledger nor a registration: nothing is wanted for
        it. Raises NotYet where its licence or a registration can't be read: by less than all of them, what
        the office has would be withdrawn."""

        async def decide(ledger: ResourceLedger | None) -> Decision[ResourceLedger] | None:
            if ledger is None and not await self.renewals.is_any(subscription):
                return None
            facts = await self._facts_of(subscription)
            known = ledger or ResourceLedger.of(_owner(facts))
            return follow_facts(known, facts, self.clock.now())

        await self.ledgers.change(ledger_id(subscription), decide, cause)

    async def follow_many(self, subscriptions: Collection[UUID], cause: Cause) -> bool:
        """Like `follow`, in one round trip. Leaves out and logs those whose ledger, licence or registrations
        can't be read. Whether a ledger changed. Raises Conflict after several lost races."""
        if not subscriptions:
            return False
        for _ in range(_ATTEMPTS):
            stored, damaged = await self.ledgers.stored(subscriptions)
            facts = await self._facts(set(subscriptions) - damaged)
            if unread := set(subscriptions) - facts.keys():
                log.error("resources.unread", subscriptions=sorted(map(str, unread)))
            decided = list(self._followed(stored, facts))
            if await self.ledgers.save_many(decided, cause):
                return bool(decided)
        raise Conflict(f"resource ledgers: lost {_ATTEMPTS} races in a row")

    def _followed(
        self, stored: Mapping[UUID, Stored[ResourceLedger]], facts: Mapping[UUID, ResourceFacts]
    ) -> Iterator[tuple[Stored[ResourceLedger] | None, str, Decision[ResourceLedger]]]:
        now = self.clock.now()
        for id, known in facts.items():
            ledger = stored.get(id)
            if ledger is None and not known.renewals:
                continue
            state = ledger.state if ledger else ResourceLedger.of(_owner(known))
            if decision := follow_facts(state, known, now):
                yield ledger, str(ledger_id(id)), decision

    async def record(self, event: ResourcesGranted, cause: Cause, at: Position) -> None:
        """Raises Unproven for an answer to what was never asked."""
        await self.ledgers.change(
            ledger_id(event.subscription_id),
            lambda ledger: record_answer(ledger, event, at, self.clock.now()),
            cause,
        )

    async def ask_anew(self, office_ref: str, product_code: str, who: Person, key: str) -> None:
        """The office, or the desk for it, asks the platform anew. A repeat with the same key asks nothing.
        Raises RenewalError where the person is of another office, there is no licence, it was asked a moment
        ago, or nothing can be asked for; a 403 problem for a person who may only see the office."""
        permissions.require_may_register(who, office_ref)
        id = subscription_id(office_ref, product_code)

        async def decide(ledger: ResourceLedger | None) -> Decision[ResourceLedger]:
            facts = await self._facts_of(id)
            if facts.licence is None:
                raise RenewalError("licence-unknown")
            known = ledger or ResourceLedger.of(_owner(facts))
            return ask_anew(known, facts, self.pause, self.clock.now())

        cause = Cause.request(who.sub, f"ask resources {id}", key=key)
        await self.ledgers.change(ledger_id(id), decide, cause)

    async def ask_again(self, picked: Sequence[PickedGrant], who: Person, key: str) -> int:
        """Asks again for the picked grants that are still open, in one round trip, and returns how many those
        are. Raises RenewalError where none of them is known, KeyReused, and Conflict after
        several lost races."""
        wanted: dict[UUID, set[UUID]] = defaultdict(set)
        for each in picked:
            wanted[each.subscription_id].add(each.grant_id)
        content = "".join(sorted(str(each.grant_id) for each in picked)).encode()
        cause = Cause.request(who.sub, "ask resources again", key=key, content=content)
        now = self.clock.now()
        for _ in range(_ATTEMPTS):
            found, _ = await self.ledgers.stored(wanted)
            ours = [g for id, stored in found.items() for g in stored.state.grants if g.id in wanted[id]]
            if not ours:
                raise RenewalError("grant-unknown")
            decided = [
                (stored, stored.id, decision)
                for id, stored in found.items()
                if not _is_handled(stored, cause) and (decision := ask_again(stored.state, wanted[id], now))
            ]
            if await self.ledgers.save_many(decided, cause):
                return sum(grant.is_open for grant in ours)
        raise Conflict(f"resource ledgers: lost {_ATTEMPTS} races in a row")

    async def close(self, picked: PickedGrant, seen: int, reason: str, who: Person, key: str) -> None:
        """A clerk has settled the grant with the platform's people. `seen`: the version that the clerk saw.
        Raises RenewalError, and KeyReused."""

        def decide(ledger: ResourceLedger | None) -> Decision[ResourceLedger]:
            if ledger is None:
                raise RenewalError("grant-unknown")
            return close_grant(ledger, picked.grant_id, seen, who.sub, reason, self.clock.now())

        action = f"close grant {picked.grant_id}"
        cause = Cause.request(who.sub, action, reason, key=key, content=reason.encode())
        await self.ledgers.change(ledger_id(picked.subscription_id), decide, cause)

    async def _facts_of(self, subscription: UUID) -> ResourceFacts:
        """Raises NotYet where not all of them can be read."""
        facts = await self._facts([subscription])
        if subscription not in facts:
            raise NotYet(f"readable licence and registrations of {subscription}")
        return facts[subscription]

    async def _facts(self, subscriptions: Iterable[UUID]) -> dict[UUID, ResourceFacts]:
        """Without the subscriptions whose licence or registrations can't be read."""
        ids = set(subscriptions)
        licences, damaged = await self.licences.get_readable(map(str, ids))
        found, unread = await self.renewals.of_subscriptions(ids)
        renewals: dict[UUID, list[Renewal]] = defaultdict(list)
        for renewal in found:
            renewals[renewal.registration.subscription_id].append(renewal)
        now = self.clock.now()

        def facts(id: UUID) -> ResourceFacts:
            licence, made = licences.get(str(id)), renewals[id]
            zone = licence.zone if licence else made[-1].registration.zone if made else "UTC"
            return ResourceFacts(licence, made, civil_date(now, zone))

        return {id: facts(id) for id in ids - unread if str(id) not in damaged}


def _owner(facts: ResourceFacts) -> LedgerOwner:
    """Whose ledger it is, by the licence, or by a registration where there is no copy of the licence yet."""
    if facts.licence:
        return LedgerOwner.of(facts.licence)
    made = facts.renewals[-1].registration
    return LedgerOwner(made.subscription_id, made.office_ref, made.product_code, made.zone)


def _is_handled(stored: Stored[ResourceLedger], cause: Cause) -> bool:
    """Raises KeyReused where the request's key came before with another content."""
    if cause.message_id not in stored.handled:
        return False
    if cause.content_id not in stored.handled:
        raise KeyReused
    return True
