"""What callers see of a renewal. Texts for people are pairs: Vietnamese, English."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.refusal import Fault
from services.renewal.domain.renewal import DeskReason, Paper, Renewal, Status
from services.renewal.texts import DESK_REASONS, NEXT, STATUSES
from shared.events.base import SendBy
from shared.events.renewal import Term
from shared.problems import FieldError, Text


class LineView(BaseModel):
    """Amounts in đồng. `vat_percent` null: not subject to VAT."""

    item: str
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int | None
    net: int


class OrderView(BaseModel):
    package: str
    years: int
    users: int
    lines: list[LineView]
    net: int
    vat: int
    total: int


class PaperView(BaseModel):
    """A document of the dossier; fetch it at `href`. A form of an earlier revision is void."""

    kind: str
    revision: int
    sha256: str
    name: str
    media_type: str
    size: int
    filed_at: datetime
    href: str

    @classmethod
    def of(cls, paper: Paper) -> Self:
        document = paper.document
        return cls(
            kind=paper.kind,
            revision=paper.revision,
            filed_at=paper.filed_at,
            href=f"/v1/documents/{document.sha256}",
            **document.model_dump(),
        )


class RegistrationView(BaseModel):
    """A registration as its office and the vendor see it. `needs_desk` says why a person must look."""

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
    term: Term
    order: OrderView
    contract_number: str | None
    contract_date: date | None
    registered_at: datetime
    documents: list[PaperView]
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
            status_text=STATUSES[renewal.status],
            next_text=NEXT[renewal.status],
            needs_desk=renewal.needs_desk,
            needs_desk_text=DESK_REASONS[renewal.needs_desk] if renewal.needs_desk else None,
            send_by=made.send_by,
            form_revision=renewal.form_revision,
            term=made.term,
            order=_order(renewal),
            contract_number=str(renewal.contract_number) if renewal.contract_number else None,
            contract_date=renewal.contract_date,
            registered_at=made.registered_at,
            documents=[PaperView.of(paper) for paper in renewal.dossier],
            warnings=field_errors(warnings),
        )


def field_errors(faults: tuple[Fault, ...]) -> list[FieldError]:
    return [FieldError(pointer=f.pointer, rule=f.rule, message=f.message) for f in faults]


def _order(renewal: Renewal) -> OrderView:
    order = renewal.registration.order
    lines = [LineView(**line.model_dump(), net=line.net) for line in order.lines]
    return OrderView(
        package=order.package,
        years=order.years,
        users=order.users,
        lines=lines,
        net=order.net,
        vat=order.vat,
        total=order.total,
    )
