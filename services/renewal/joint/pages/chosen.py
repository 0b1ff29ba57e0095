"""The products that an office chose to renew together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from services.renewal.domain.joint.declaration import MOST, check_joined
from services.renewal.domain.registration.draft import Draft
from services.renewal.joint.pages import form as joint_form
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

    async def newest(self, drafts: Drafts) -> Draft | None:
        """The draft that somebody typed into last; None where nobody has."""
        typed = [await drafts.typed_draft(each.licence) for each in self.summaries]
        return max((each for each in typed if each), key=lambda each: each.saved_at, default=None)

    async def reviews(self, drafts: Drafts, visitor: Visitor) -> dict[str, Review]:
        """What would be registered today, by the product's code: its own order, and the shared parts as the
        form shows them."""
        who, office_ref = visitor.person, self.office_ref
        opened = [(await drafts.open(office_ref, code, who)).state for code in self.codes]
        typed = joint_form.typed_in(opened, await self.newest(drafts))
        return {
            code: await drafts.review_fields(office_ref, code, joint_form.of_product(typed, code), who)
            for code in self.codes
        }


async def choose(queries: OfficeQueries, office_ref: str, codes: Sequence[str], visitor: Visitor) -> Chosen:
    """Raises a 404 problem for an unknown product, a 403 problem for who may only see the office, and
    RenewalError where the products can't stand on one form."""
    known = [await queries.to_register(office_ref, code, visitor) for code in dict.fromkeys(codes)]
    if not known:
        await queries.summaries(office_ref, visitor)
        if not visitor.person.may_register(office_ref):
            raise forbidden()
    if len(known) > 1:
        check_joined([(each.licence, queries.product(each)) for each in known])
    return Chosen(office_ref, tuple(known))
