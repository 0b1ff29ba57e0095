"""Renewers whom the vendor's desk named, in addition to those of the platform's tokens."""

from collections.abc import Awaitable, Callable

from shared.runtime.settings import Platform
from shared.web.people import Person, Role, TokenVerifier

RenewerOf = Callable[[str], Awaitable[str | None]]
"""Gives the `sub` of the person whom the desk named for an office, by office reference; None if nobody is."""


class DelegatedRenewerVerifier(TokenVerifier):
    """Verifies tokens with the platform's keys, and gives the role RENEWER to a member of an office whom the
    desk named for it."""

    def __init__(self, platform: Platform, renewer_of: RenewerOf) -> None:
        super().__init__(platform)
        self._renewer_of = renewer_of

    async def verify(self, token: str) -> Person:
        return await self.with_appointment(await super().verify(token))

    async def with_appointment(self, who: Person) -> Person:
        """The person with the role RENEWER too, if the desk names this person now."""
        if who.office_ref is None or Role.RENEWER in who.roles or Role.MEMBER not in who.roles:
            return who
        if await self._renewer_of(who.office_ref) != who.sub:
            return who
        return who.model_copy(update={"roles": who.roles | {Role.RENEWER}})
