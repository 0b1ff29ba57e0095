"""The JSON of a draft and of its review."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.registration.renewal_window import EarlyReason, EarlyRenewal
from services.renewal.domain.renewal import Renewal
from services.renewal.registration.drafts import Review
from services.renewal.render.conditions import ConditionsEdition
from services.renewal.rest.order_views import OrderView
from services.renewal.rest.views import field_errors
from services.renewal.texts import STATUSES
from shared.events.renewal import Term
from shared.storage.aggregate import Stored
from shared.text.i18n import Text
from shared.web.problems import FieldError


class DraftView(BaseModel):
    """A draft. `fields`: what was typed, by the form's input names. Send `version` back as If-Match."""

    version: int
    office_ref: str
    product_code: str
    basis_expires_on: date
    fields: Mapping[str, str]
    saved_at: datetime

    @classmethod
    def of(cls, stored: Stored[Draft]) -> Self:
        return cls(version=stored.version, **stored.state.model_dump(include=set(cls.model_fields)))


class OpenRegistration(BaseModel):
    """The registration that prevents a new one. Continue it, or replace it while it isn't accepted."""

    id: UUID
    number: str
    status: RegistrationStatus
    status_text: Text


class ConditionsView(BaseModel):
    """The general conditions that the form names. `clauses` are the key clauses; the whole text is at
    `href`."""

    edition: str
    sha256: str
    clauses: list[Text]
    href: str

    @classmethod
    def of(cls, edition: ConditionsEdition) -> Self:
        return cls(
            **edition.reference.model_dump(),
            clauses=list(zip(edition.clauses["vi"], edition.clauses["en"], strict=True)),
            href=f"/renewal/conditions/{edition.reference.edition}",
        )


class EarlyRenewalView(BaseModel):
    """A question to the person about an early renewal. It is answered by `confirmed_until` when
    registering."""

    reason: EarlyReason
    question: Text
    answer: Text
    confirmed_until: date

    @classmethod
    def of(cls, early: EarlyRenewal) -> Self:
        until = early.term.term_to
        return cls(
            reason=early.reasons[0], question=early.question, answer=early.answer, confirmed_until=until
        )


class ReviewView(BaseModel):
    """What would be registered today. `order`, `in_words` and `term` only need a valid order. `early`: what
    the person must confirm; null also where an early renewal is refused, which is in `faults`."""

    faults: list[FieldError]
    warnings: list[FieldError]
    order: OrderView | None
    in_words: str | None
    term: Term | None
    latest_payment: date
    pay_by: date | None
    standing: OpenRegistration | None
    conditions: ConditionsView | None
    early: EarlyRenewalView | None

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(
            faults=field_errors(review.errors),
            warnings=field_errors(review.warnings),
            order=OrderView.of(review.order) if review.order else None,
            in_words=review.in_words,
            term=review.term,
            latest_payment=review.latest_payment,
            pay_by=review.pay_by,
            standing=_open_registration(review.standing) if review.standing else None,
            conditions=ConditionsView.of(review.conditions) if review.conditions else None,
            early=EarlyRenewalView.of(review.early) if review.early and not review.early.refused else None,
        )


def _open_registration(renewal: Renewal) -> OpenRegistration:
    registration = renewal.registration
    text = STATUSES[renewal.status]
    return OpenRegistration(
        id=registration.renewal_id, number=registration.number, status=renewal.status, status_text=text
    )
