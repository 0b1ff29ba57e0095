"""What callers see of a renewal. Texts for people are pairs: Vietnamese, English."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.catalogue import Catalogue
from services.renewal.domain.draft import Draft
from services.renewal.domain.flow import Status
from services.renewal.domain.licence import LicenceCopy, Usage
from services.renewal.domain.refusal import Fault
from services.renewal.domain.renewal import DeskReason, Paper, Renewal
from services.renewal.drafts import Review
from services.renewal.render.conditions import Edition
from services.renewal.rest.order_views import OrderView
from services.renewal.texts import DESK_REASONS, RETURN_REASONS, STATUSES, next_text, status_text
from shared.aggregate import Stored
from shared.events.base import SendBy, Stage
from shared.events.paper_form import ReturnReason
from shared.events.renewal import FormKind, Term
from shared.problems import FieldError, Text
from shared.situation import Turn


class PaperView(BaseModel):
    """A document of the dossier; fetch it at `href`. `void`: kept, but another took its place or it was
    taken back."""

    kind: str
    revision: int
    void: bool
    sha256: str
    name: str
    media_type: str
    size: int
    filed_at: datetime
    href: str

    @classmethod
    def of(cls, renewal: Renewal, paper: Paper) -> Self:
        document = paper.document
        return cls(
            kind=paper.kind,
            revision=paper.revision,
            void=renewal.is_void(paper),
            filed_at=paper.filed_at,
            href=f"/v1/documents/{document.sha256}",
            **document.model_dump(),
        )


class RegistrationView(BaseModel):
    """A registration as its office and the vendor see it. `needs_desk` says why a person must look,
    `on_behalf` that the desk registered it for the office.

    `turn` says whose turn it is while it is open; `unconfirmed` are the revisions of the form that count,
    once signed, only when the office agrees to the term of the restated one.
    `sign_by`: the last day on which the office signs its contract, where that waits for it.
    `returned` tells why the last paper form was sent back, `copy_refused` why the copy shown last doesn't
    count, `refused` why the desk closed it.
    """

    id: UUID
    number: str
    office_ref: str
    product_code: str
    status: Status
    status_text: Text
    next_text: Text
    needs_desk: DeskReason | None
    needs_desk_text: Text | None
    send_by: SendBy
    form_revision: int
    unconfirmed: tuple[int, ...]
    turn: Turn
    term: Term
    order: OrderView
    payment_kind: Literal["paid", "promised"]
    payment_day: date
    contract_number: str | None
    contract_date: date | None
    sign_by: date | None
    registered_at: datetime
    on_behalf: bool
    documents: list[PaperView]
    kind: FormKind
    cancelled: str | None
    refused: str | None
    returned: ReturnReason | None
    returned_text: Text | None
    returned_note: str | None
    copy_refused: str | None
    replaced_by: UUID | None
    warnings: list[FieldError]

    @classmethod
    def of(cls, renewal: Renewal, warnings: tuple[Fault, ...] = ()) -> Self:
        made = renewal.registration
        return cls(
            id=made.renewal_id,
            number=made.number,
            office_ref=made.office_ref,
            product_code=made.product_code,
            status=renewal.status,
            status_text=status_text(renewal),
            next_text=next_text(renewal),
            needs_desk=renewal.needs_desk,
            needs_desk_text=DESK_REASONS[renewal.needs_desk] if renewal.needs_desk else None,
            send_by=made.send_by,
            form_revision=renewal.form_revision,
            unconfirmed=renewal.unconfirmed,
            turn=renewal.turn,
            term=made.term,
            order=OrderView.of(made.order),
            payment_kind=made.payment.kind,
            payment_day=made.payment_day,
            contract_number=str(renewal.contract_number) if renewal.contract_number else None,
            contract_date=renewal.contract_date,
            sign_by=renewal.sign_by,
            registered_at=made.registered_at,
            on_behalf=made.on_behalf,
            documents=[PaperView.of(renewal, paper) for paper in renewal.dossier],
            warnings=field_errors(warnings),
            kind=made.kind,
            cancelled=renewal.cancelled,
            refused=renewal.refused,
            returned=renewal.returned.reason if renewal.returned else None,
            returned_text=RETURN_REASONS[renewal.returned.reason] if renewal.returned else None,
            returned_note=renewal.returned.note if renewal.returned else None,
            copy_refused=renewal.copy_refused.reason if renewal.copy_refused else None,
            replaced_by=renewal.replaced_by,
        )


class FoundView(BaseModel):
    """One of the registrations that a clerk looked for."""

    id: UUID
    number: str
    office_ref: str
    office_name: str
    tax_code: str | None
    product_code: str
    product_name: str
    status: Status
    status_text: Text
    form_revision: int
    registered_at: datetime
    replaced_by: UUID | None

    @classmethod
    def of(cls, renewal: Renewal) -> Self:
        made = renewal.registration
        return cls(
            id=made.renewal_id,
            number=made.number,
            office_ref=made.office_ref,
            office_name=made.office.name,
            tax_code=made.office.tax_code,
            product_code=made.product_code,
            product_name=made.product_name,
            status=renewal.status,
            status_text=STATUSES[renewal.status],
            form_revision=renewal.form_revision,
            registered_at=made.registered_at,
            replaced_by=renewal.replaced_by,
        )


class DraftView(BaseModel):
    """`fields` as typed, by the names of the form's inputs; send `version` back as If-Match."""

    version: int
    office_ref: str
    product_code: str
    basis_expires_on: date
    fields: Mapping[str, str]
    saved_at: datetime

    @classmethod
    def of(cls, stored: Stored[Draft]) -> Self:
        return cls(version=stored.version, **stored.state.model_dump(include=set(cls.model_fields)))


class Standing(BaseModel):
    """What stands in the way of registering: go on with it, or replace it while it awaits."""

    id: UUID
    number: str
    status: Status
    status_text: Text


class ConditionsView(BaseModel):
    """The general conditions that the form names. `clauses` are the key ones; all of it is at `href`."""

    edition: str
    sha256: str
    clauses: list[Text]
    href: str

    @classmethod
    def of(cls, edition: Edition) -> Self:
        return cls(
            **edition.reference.model_dump(),
            clauses=list(zip(edition.clauses["vi"], edition.clauses["en"], strict=True)),
            href=f"/renewal/conditions/{edition.reference.edition}",
        )


class ReviewView(BaseModel):
    """What would be registered today. `order`, `in_words` and `term` only need the order to be right."""

    faults: list[FieldError]
    warnings: list[FieldError]
    order: OrderView | None
    in_words: str | None
    term: Term | None
    latest_payment: date
    pay_by: date | None
    standing: Standing | None
    conditions: ConditionsView | None

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(
            faults=field_errors(review.faults),
            warnings=field_errors(review.warnings),
            order=OrderView.of(review.order) if review.order else None,
            in_words=review.in_words,
            term=review.term,
            latest_payment=review.latest_payment,
            pay_by=review.pay_by,
            standing=_standing(review.standing) if review.standing else None,
            conditions=ConditionsView.of(review.conditions) if review.conditions else None,
        )


class SubscriptionView(BaseModel):
    """`storage_gb` is what is paid for, else what the package includes, null where neither is known."""

    product_code: str
    product_name: str | None
    package: str
    users: int | None
    storage_gb: int | None
    expires_on: date
    stage: Stage
    usage: Usage | None

    @classmethod
    def of(cls, licence: LicenceCopy, catalogue: Catalogue, today: date) -> Self:
        sold = next((p for p in catalogue.on(today) if p.code == licence.product_code), None)
        package = sold.find(licence.package) if sold else None
        included = package.included_storage_gb if package else None
        return cls(
            product_name=sold.name if sold else None,
            storage_gb=licence.storage_gb or included,
            **licence.model_dump(include=set(cls.model_fields) - {"storage_gb"}),
        )


def _standing(renewal: Renewal) -> Standing:
    made = renewal.registration
    text = STATUSES[renewal.status]
    return Standing(id=made.renewal_id, number=made.number, status=renewal.status, status_text=text)


def field_errors(faults: tuple[Fault, ...]) -> list[FieldError]:
    return [FieldError(pointer=f.pointer, rule=f.rule, message=f.message) for f in faults]
