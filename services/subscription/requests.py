"""A person's request: who sends it, for what reason, and with which idempotency key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from shared.storage.aggregate import Cause
from shared.text.names import Reason
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


class PersonRequest(BaseModel):
    """A request's body. An unknown field is an error: it may be a typing error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonedRequest(PersonRequest):
    reason: Reason


@dataclass(frozen=True, slots=True)
class Requester:
    """A person, and the idempotency key of the request: a repeat with the same key changes nothing."""

    who: Person
    key: str | None

    def cause(self, action: str, body: BaseModel | None = None, reason: str = "") -> Cause:
        content = body.model_dump_json().encode() if body else b""
        return Cause.request(self.who.sub, action, reason, key=self.key, content=content)


def requester(
    verifier: TokenVerifier, *roles: Role
) -> Callable[[Person, IdempotencyKey], Awaitable[Requester]]:
    """A FastAPI dependency: the signed-in person, who must have one of `roles`."""
    allowed = Depends(require_person(verifier, *roles))

    async def resolve(who: Annotated[Person, allowed], key: IdempotencyKey = None) -> Requester:
        return Requester(who, key)

    return resolve
