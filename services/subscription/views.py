"""Subscriptions as callers of the REST API see them."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, Field

from services.subscription.domain.facts import (
    Concession,
    ContractTerms,
    DateTrust,
    Deletion,
    HoldReason,
    Recovery,
    Release,
)
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.storage.aggregate import Stored
from shared.web.problems import FieldError


class SubscriptionView(BaseModel):
    """A subscription as it was recorded on `told_on`; the next change is at `next_change_at`.

    What an office may do at this moment is the gate's answer, not this one.
    """

    id: UUID
    version: int
    office_ref: str
    product_code: str
    licence: Licence
    source: Licence | None
    next_policy: str | None
    trust: DateTrust
    stage: Stage
    told_on: date
    next_change_at: AwareDatetime | None
    locked_since: date | None
    ends_on: date | None
    terminated_on: date | None
    notices: tuple[Stage, ...]
    hold: HoldReason | None
    temporary_until: date | None
    extension: Concession | None
    exemption: Concession | None
    release: Release | None
    open_registrations: tuple[UUID, ...]
    renewals: tuple[UUID, ...]
    disputed: tuple[ContractTerms, ...]
    deletion: Deletion | None
    recoveries: tuple[Recovery, ...]

    @classmethod
    def of(cls, stored: Stored[Subscription], **more: Any) -> Self:
        state = {name: value for name, value in stored.state if name in cls.model_fields}
        return cls(version=stored.version, **state, **more)


class StatedSubscriptionView(SubscriptionView):
    """`warnings`: what looks doubtful in the licence, and was accepted."""

    warnings: list[FieldError]


class SubscriptionSummaryView(BaseModel):
    """One line of a list."""

    id: UUID = Field(validation_alias="_id")
    office_ref: str
    product_code: str
    name: str
    policy: str
    stage: Stage
    expires_on: date
    ends_on: date | None
    locked_since: date | None
    terminated_on: date | None
    hold: HoldReason | None
    disputed: int
    next_change_at: AwareDatetime | None


def etag(stored: Stored[Subscription]) -> str:
    return f'"{stored.version}"'


def view_with_etag(stored: Stored[Subscription], response: Response) -> SubscriptionView:
    """The view of a subscription; sets the response's ETag to its version."""
    response.headers["etag"] = etag(stored)
    return SubscriptionView.of(stored)
