"""The JSON of a renewal. Texts for people are pairs: Vietnamese, English."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy, Usage
from services.renewal.domain.refusal import InvalidField
from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.domain.renewal import DeskReason, DossierDocument, Renewal
from services.renewal.rest.order_views import OrderView
from services.renewal.texts import DESK_REASONS, RETURN_REASONS, STATUSES, next_text, status_text
from shared.events.base import SendBy, Stage
from shared.events.order import FullGrant
from shared.events.paper_form import ReturnReason
from shared.events.renewal import FormKind, Term
from shared.situation import Turn
from shared.text.i18n import Text
from shared.web.problems import FieldError


class DocumentView(BaseModel):
    """A document of the dossier, to be fetched at `href`. `void`: it no longer counts, because it was
    replaced, refused or cancelled."""

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
    def of(cls, renewal: Renewal, paper: DossierDocument) -> Self:
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
    """A registration as its office and the vendor see it. `needs_desk`: why a clerk must decide. `on_behalf`:
    the desk registered it for the office.

    `turn`: who must act next, while it is open. `unconfirmed`: the form's revisions that are enough, once
    signed, only if the office agrees to the restated term.
    `contract_of`: the registration whose contract is over this one too, where it is another one.
    `sign_by`: the last day for the office to sign its contract, while it must. `full_grant`: from when its
    contract gives full use.
    `returned`: why the last paper form was sent back. `copy_refused`: why the newest copy doesn't count.
    `refused`: why the desk refused the registration.
    `early`: the question that the person confirmed, where the renewal was early.
    `joined`: the other products' registrations on its form; `lead_id`: the registration that carries its
    form, where it is another one.
    """

    id: UUID
    number: str
    office_ref: str
    product_code: str
    status: RegistrationStatus
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
    contract_of: UUID | None
    sign_by: date | None
    full_grant: FullGrant
    registered_at: datetime
    on_behalf: bool
    documents: list[DocumentView]
    kind: FormKind
    cancelled: str | None
    refused: str | None
    returned: ReturnReason | None
    returned_text: Text | None
    returned_note: str | None
    copy_refused: str | None
    replaced_by: UUID | None
    lead_id: UUID | None
    joined: list[UUID]
    warnings: list[FieldError]
    early: Text | None

    @classmethod
    def of(cls, renewal: Renewal, warnings: tuple[InvalidField, ...] = ()) -> Self:
        registration = renewal.registration
        return cls(
            id=registration.renewal_id,
            number=registration.number,
            office_ref=registration.office_ref,
            product_code=registration.product_code,
            status=renewal.status,
            status_text=status_text(renewal),
            next_text=next_text(renewal),
            needs_desk=renewal.needs_desk,
            needs_desk_text=DESK_REASONS[renewal.needs_desk] if renewal.needs_desk else None,
            send_by=registration.send_by,
            form_revision=renewal.form_revision,
            unconfirmed=renewal.unconfirmed,
            turn=renewal.turn,
            term=registration.term,
            order=OrderView.of(registration.order),
            payment_kind=registration.payment.kind,
            payment_day=registration.payment_day,
            contract_number=str(renewal.contract_number) if renewal.contract_number else None,
            contract_date=renewal.contract_date,
            contract_of=renewal.contract_of,
            sign_by=renewal.sign_by,
            full_grant=registration.full_grant,
            registered_at=registration.registered_at,
            on_behalf=registration.on_behalf,
            documents=[DocumentView.of(renewal, paper) for paper in renewal.dossier],
            warnings=field_errors(warnings),
            kind=registration.kind,
            cancelled=renewal.cancelled,
            refused=renewal.refused,
            returned=renewal.returned.reason if renewal.returned else None,
            returned_text=RETURN_REASONS[renewal.returned.reason] if renewal.returned else None,
            returned_note=renewal.returned.note if renewal.returned else None,
            copy_refused=renewal.copy_refused.reason if renewal.copy_refused else None,
            replaced_by=renewal.replaced_by,
            early=registration.early.question if registration.early else None,
            lead_id=registration.lead.renewal_id if registration.lead else None,
            joined=[each.renewal_id for each in registration.joined],
        )


class FoundView(BaseModel):
    """A registration in a list: found by a search, or one of an office's others."""

    id: UUID
    number: str
    office_ref: str
    office_name: str
    tax_code: str | None
    product_code: str
    product_name: str
    status: RegistrationStatus
    status_text: Text
    form_revision: int
    registered_at: datetime
    replaced_by: UUID | None

    @classmethod
    def of(cls, renewal: Renewal) -> Self:
        registration = renewal.registration
        return cls(
            id=registration.renewal_id,
            number=registration.number,
            office_ref=registration.office_ref,
            office_name=registration.office.name,
            tax_code=registration.office.tax_code,
            product_code=registration.product_code,
            product_name=registration.product_name,
            status=renewal.status,
            status_text=STATUSES[renewal.status],
            form_revision=renewal.form_revision,
            registered_at=registration.registered_at,
            replaced_by=renewal.replaced_by,
        )


class OwnedProductView(BaseModel):
    """A product that the office has. `storage_gb`: what is paid for, else what the package includes; null
    where neither is known."""

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


def field_errors(errors: tuple[InvalidField, ...]) -> list[FieldError]:
    return [FieldError(pointer=f.pointer, rule=f.rule, message=f.message) for f in errors]
