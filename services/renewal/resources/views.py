"""Resources and their grants, as REST shows them."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.resources.grant import GrantCause, GrantKind, ResourceGrant, VoidReason
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.domain.resources.picture import ResourcePicture
from services.renewal.resources.open_grants import OpenGrant


class GrantAnswerView(BaseModel):
    """What the platform answered about `revision`."""

    revision: int
    package: str
    users: int
    storage_gb: int | None
    withdrawn: bool
    answered_at: datetime


class GrantView(BaseModel):
    """A grant as it was asked for. `waiting_since`, `look_since`: since when it waits for the platform, or
    for a clerk's look at an answer that differs. `closed`: nobody waits any more; why is the desk's alone."""

    grant_id: UUID
    renewal_id: UUID | None
    kind: GrantKind
    cause: GrantCause
    cause_no: str
    package: str
    users: int
    storage_gb: int | None
    granted_from: date
    granted_to: date
    revision: int
    requests: int
    requested_at: datetime
    confirmed_at: datetime | None
    waiting_since: datetime | None
    look_since: datetime | None
    voided_by: VoidReason | None
    closed: bool
    answer: GrantAnswerView | None

    @classmethod
    def of(cls, grant: ResourceGrant) -> Self:
        told = grant.answer
        answer = told and GrantAnswerView(
            **told.allowed.model_dump(),
            **told.model_dump(include={"revision", "withdrawn", "answered_at"}),
        )
        same = set(cls.model_fields) - {"grant_id", "package", "users", "storage_gb", "closed", "answer"}
        return cls(
            grant_id=grant.id,
            **grant.resources.model_dump(),
            **{name: getattr(grant, name) for name in same},
            closed=grant.closed is not None,
            answer=answer,
        )


class ResourcesView(BaseModel):
    """What the office may use now. `told_at` null: as the licence says, the platform hasn't told. Use is null
    where the platform doesn't measure it."""

    office_ref: str
    product_code: str
    package: str
    users: int | None
    storage_gb: int | None
    users_used: int | None
    storage_used_bytes: int | None
    measured_at: datetime | None
    told_at: datetime | None
    temporary_to: date | None
    waits: bool
    differs: bool
    grants: list[GrantView]

    @classmethod
    def of(cls, licence: LicenceCopy, ledger: ResourceLedger | None, today: date) -> Self:
        picture = ResourcePicture.of(licence, ledger, today)
        use = picture.use
        shown = ("package", "users", "storage_gb", "told_at", "temporary_to", "waits", "differs")
        return cls(
            office_ref=licence.office_ref,
            product_code=licence.product_code,
            **{name: getattr(picture, name) for name in shown},
            users_used=use.users if use else None,
            storage_used_bytes=use.storage_bytes if use else None,
            measured_at=use.measured_at if use else None,
            grants=[GrantView.of(grant) for grant in reversed(ledger.grants if ledger else ())],
        )


class OpenGrantView(BaseModel):
    """A grant that isn't settled. `owner` must act; until `limit` the platform may take its time."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    since: datetime
    limit: datetime
    age_seconds: int
    owner: Literal["platform", "desk"]
    grant: GrantView

    @classmethod
    def of(cls, open_: OpenGrant) -> Self:
        ledger = open_.ledger
        return cls(
            subscription_id=ledger.subscription_id,
            office_ref=ledger.office_ref,
            product_code=ledger.product_code,
            since=open_.since,
            limit=open_.limit,
            age_seconds=int(open_.age.total_seconds()),
            owner="desk" if open_.with_desk else "platform",
            grant=GrantView.of(open_.grant),
        )


class OpenGrantsView(BaseModel):
    """The oldest first; of at most 200 subscriptions each. `waiting_after`, `to_look_at_after`: for the next
    page, null on the last."""

    waiting: list[OpenGrantView]
    waiting_after: str | None
    to_look_at: list[OpenGrantView]
    to_look_at_after: str | None


class GrantRepeatView(BaseModel):
    """`asked`: how many of the grants were still open, so that the platform is asked again."""

    asked: int
