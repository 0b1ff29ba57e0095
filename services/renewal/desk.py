"""What the vendor's desk decides on a registration, over any channel.

Each decision is one conditional save, and its contract, where it leads to one, is made before it (`papers`).
A clerk decides on what was on the screen: `seen` is the version shown, and where something happened since,
the clerk is told to look again; nobody overwrites anybody.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal.domain import deciding, posted
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import PostedForm, Renewal
from services.renewal.judging import Judging
from services.renewal.papers import Papers
from services.renewal.store import Renewals
from shared.aggregate import Cause, Decision, Stored
from shared.clock import Clock
from shared.events.renewal import ReturnReason
from shared.faults import Conflict, KeyReused
from shared.people import Person
from shared.projection import Projection

_ATTEMPTS = 5
Decide = Callable[[Renewal, datetime], Awaitable[Decision[Renewal]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a clerk asks: of which registration, as it was seen (None: however it stands), with which key."""

    renewal_id: UUID
    who: Person
    seen: int | None = None
    key: str | None = None

    def cause(self, action: str, reason: str = "") -> Cause:
        content = f"{self.renewal_id}\n{reason}".encode()
        return Cause.request(
            self.who.sub, f"{action} {self.renewal_id}", reason, key=self.key, content=content
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """All raise Refused: where there is no such registration, it stands elsewhere, or it has moved."""

    renewals: Renewals
    licences: Projection[LicenceCopy]
    papers: Papers
    judging: Judging
    clock: Clock

    async def receive(self, asked: Asked, form: PostedForm) -> Renewal:
        """The stamped form came by post."""
        cause = asked.cause("receive paper", form.scan.sha256)
        return await self._at_once(asked, cause, lambda state, now: posted.received(state, form, now))

    async def send_back(self, asked: Asked, reason: ReturnReason, note: str) -> Renewal:
        cause = asked.cause("return paper", f"{reason}: {note}")
        return await self._at_once(asked, cause, lambda state, now: posted.returned(state, reason, note, now))

    async def refuse(self, asked: Asked, reason: str) -> Renewal:
        cause = asked.cause("refuse", reason)
        return await self._at_once(asked, cause, lambda state, now: deciding.refuse(state, reason, now))

    async def accept_paper(self, asked: Asked) -> Renewal:
        """The paper form is in order; the contract is prepared with it where the rule accepts."""

        async def decide(state: Renewal, now: datetime) -> Decision[Renewal]:
            licence = await self._licence(state)
            known = await self.judging.known(state, licence, now)
            return posted.accepted(state, asked.who.sub, known, now)

        return await self._decide(asked, asked.cause("accept paper"), decide)

    async def accept(self, asked: Asked, reason: str) -> Renewal:
        """Accept what awaits confirmation; its contract is prepared with it."""

        async def decide(state: Renewal, now: datetime) -> Decision[Renewal]:
            licence = await self._licence(state)
            return deciding.accept(state, asked.who.sub, reason, licence.expires_on, now)

        return await self._decide(asked, asked.cause("accept", reason), decide)

    async def _at_once(
        self, asked: Asked, cause: Cause, decide: Callable[[Renewal, datetime], Decision[Renewal]]
    ) -> Renewal:
        async def decided(state: Renewal, now: datetime) -> Decision[Renewal]:
            return decide(state, now)

        return await self._decide(asked, cause, decided)

    async def _decide(self, asked: Asked, cause: Cause, decide: Decide) -> Renewal:
        """Decided, its contract prepared, and saved; what the same request decided before isn't again."""
        for _ in range(_ATTEMPTS):
            stored = await self._seen(asked, cause)
            if cause.message_id in stored.handled:
                return stored.state
            now = self.clock.now()
            decision = await self.papers.with_contract(await decide(stored.state, now), now)
            with suppress(Conflict):  # somebody was faster: look again
                return (await self.renewals.save(stored, decision, cause, id=stored.id)).state
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def _seen(self, asked: Asked, cause: Cause) -> Stored[Renewal]:
        """As it stands. Raises Refused where the clerk saw it otherwise, KeyReused."""
        stored = await self.renewals.load(asked.renewal_id)
        if stored is None:
            raise Refused("registration-unknown")
        if cause.message_id in stored.handled:
            if cause.content_id not in stored.handled:
                raise KeyReused
        elif asked.seen not in (None, stored.version):
            raise Refused("registration-moved", standing=stored.state.status.value)
        return stored

    async def _licence(self, renewal: Renewal) -> LicenceCopy:
        if (licence := await self.licences.get(renewal.registration.subscription_id)) is None:
            raise Refused("licence-unknown")
        return licence
