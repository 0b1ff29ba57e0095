"""Whom the vendor's desk named to renew for an office, beside what the platform's token says."""

from collections.abc import Awaitable, Callable

from shared.runtime.settings import Platform
from shared.web.people import Keys, Person, Role

RenewerOf = Callable[[str], Awaitable[str | None]]
"""The subject of whom the desk named for the office of that reference; None where nobody is named."""


class DelegatedRenewerVerifier(Keys):
    """The platform's keys, and whom the desk named: a member of the office that the token says counts as its
    renewer from then on, wherever it is asked who somebody is."""

    def __init__(self, platform: Platform, renewer_of: RenewerOf) -> None:
        super().__init__(platform)
        self._renewer_of = renewer_of

    async def verify(self, token: str) -> Person:
        who = await super().verify(token)
        if who.office_ref is None or Role.RENEWER in who.roles or Role.MEMBER not in who.roles:
            return who
        if await self._renewer_of(who.office_ref) != who.sub:
            return who
        return who.model_copy(update={"roles": who.roles | {Role.RENEWER}})
