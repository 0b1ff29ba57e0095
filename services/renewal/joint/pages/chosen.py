"""The products that an office chose to renew together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from services.renewal.domain.joint.declaration import MOST
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.pages import urls
from services.renewal.registration.drafts import Drafts, Review
from shared.web.pages.session import Visitor
from shared.web.people import forbidden

ProductCodes = Annotated[
    Sequence[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]], Query(max_length=MOST)
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """At most one of each product; the first one leads."""

    office_ref: str
    summaries: tuple[SubscriptionSummary, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(each.licence.product_code for each in self.summaries)

    def url(self, step: str = "", **more: str) -> str:
        return urls.joint(self.office_ref, self.codes, step, **more)

    def alone(self) -> str | None:
        """Where to go with fewer than two products: one is registered as ever."""
        if len(self.summaries) > 1:
            return None
        if not self.summaries:
            return urls.office(self.office_ref)
        return urls.subscription(self.office_ref, self.codes[0], "declare")

    async def reviews(self, drafts: Drafts, visitor: Visitor) -> dict[str, Review]:
        """Each product's draft as it would be registered today, by its code."""
        return {code: await drafts.review(self.office_ref, code, visitor.person) for code in self.codes}


async def choose(queries: OfficeQueries, office_ref: str, codes: Sequence[str], visitor: Visitor) -> Chosen:
    """Raises a 404 problem for an unknown product, and a 403 problem for who may only see the office."""
    known = [await queries.to_register(office_ref, code, visitor) for code in dict.fromkeys(codes)]
    if not known:
        await queries.summaries(office_ref, visitor)
        if not visitor.person.may_register(office_ref):
            raise forbidden()
    return Chosen(office_ref, tuple(known))
