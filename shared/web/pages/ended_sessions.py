"""Sessions that people ended by signing out: their token is refused here until it expires by itself."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.runtime.settings import Platform
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel
from shared.time.clock import Clock
from shared.web.delegated_renewers import DelegatedRenewerVerifier, RenewerOf
from shared.web.people import Person, TokenVerifier, token_id, unauthenticated

INDEX = IndexModel([("until", 1)], name="until", expireAfterSeconds=60)
_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class EndedSessions:
    """The ended sessions. `clock` is real time, because tokens expire by it."""

    collection: Collection
    clock: Clock

    async def end(self, token: str) -> None:
        """Ends the session of a verified token, in one insert. If the process dies before it, the session
        continues. Repeating it changes nothing."""
        try:
            await self.collection.insert_one({"_id": token_id(token), "until": self.end_of(token)})
        except mongo.DuplicateKeyError:
            return

    async def has(self, id: str) -> bool:
        """`id` is the token's."""
        return await self.collection.find_one({"_id": id}, {"_id": 1}) is not None

    def end_of(self, token: str) -> datetime:
        """When the token expires by itself and its entry is deleted."""
        payload = token.split(".")[1]
        expires = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
        latest = self.clock.now() + _LONGEST
        return min(latest, datetime.fromtimestamp(min(expires, latest.timestamp()), UTC))


class VerifiedSession(BaseModel):
    """A session that can be asked about later without its token. `person` has the token's own roles; `until`
    is when the token expires by itself."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    person: Person
    until: AwareDatetime


class SessionVerifier(DelegatedRenewerVerifier):
    """Verifies tokens. Raises a 401 problem for the token of an ended session."""

    def __init__(self, platform: Platform, renewer_of: RenewerOf, ended: EndedSessions) -> None:
        super().__init__(platform, renewer_of)
        self.ended = ended

    async def verify(self, token: str) -> Person:
        who = await super().verify(token)
        if await self.ended.has(token_id(token)):
            raise unauthenticated()
        return who

    async def describe(self, token: str) -> VerifiedSession:
        """The session of a token. Raises a 401 problem for an invalid token."""
        person = await TokenVerifier.verify(self, token)
        return VerifiedSession(id=token_id(token), person=person, until=self.ended.end_of(token))

    async def find_person(self, session: VerifiedSession) -> Person | None:
        """Whose session it is, with the roles that this person has now. None once it has ended."""
        over = self.ended.clock.now() >= session.until or await self.ended.has(session.id)
        return None if over else await self.with_appointment(session.person)

    async def end(self, token: str) -> None:
        """Ends the token's session, also where it has already ended. Raises a 401 problem for an invalid
        token."""
        self.spend(await TokenVerifier.verify(self, token))
        await self.ended.end(token)
