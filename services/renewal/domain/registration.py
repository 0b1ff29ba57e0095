"""A registration: what the office declared, what it orders for how much, and the term it gets for that."""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.renewal.domain.catalogue import Catalogue, Preparation, Product
from services.renewal.domain.declaration import Declaration, Payment
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.identifiers import check_digit_fails
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbering import registration_number
from services.renewal.domain.order import Order, order
from services.renewal.domain.provinces import place
from services.renewal.domain.refusal import Fault, Refused
from services.renewal.domain.term import new_term
from services.renewal.domain.text import fold
from shared.calendar import civil_date
from shared.events.base import SendBy, Stage
from shared.events.renewal import Party, Term


class Purchaser(Frozen):
    """Who the invoice is for, as declared and checked: the rules may change, what was declared doesn't."""

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str


class Invoice(Frozen):
    """`buyer` null: the office itself. `wanted_on` null: the vendor chooses the date."""

    buyer: Purchaser | None
    wanted_on: date | None


class Registration(Frozen):
    """Everything the form prints of the office's side; fixed at registration but for the term.

    `place` is the office's province, None where its code is of before the merger.
    """

    renewal_id: UUID
    number: str
    subscription_id: UUID
    office_ref: str
    product_code: str
    product_name: str
    zone: str
    place: str | None
    office: Party
    invoice: Invoice
    order: Order
    payment: Payment
    term: Term
    send_by: SendBy
    prepare: Preparation
    registered_at: datetime
    registered_on: date


def declare(
    renewal_id: UUID,
    declaration: Declaration,
    licence: LicenceCopy,
    catalogue: Catalogue,
    now: datetime,
) -> Registration:
    """The registration that this declaration makes, sent electronically.

    Raises Refused ("registration-invalid") with every fault found.
    """
    today = civil_date(now, licence.zone)
    product = catalogue.product(licence.product_code, today)
    package = product.package(declaration.order.package)
    if faults := [*_order_faults(declaration, product), *_date_faults(declaration, product, today)]:
        raise Refused("registration-invalid", *faults)
    wanted = declaration.order
    return Registration(
        renewal_id=renewal_id,
        number=registration_number(renewal_id),
        subscription_id=licence.subscription_id,
        office_ref=licence.office_ref,
        product_code=product.code,
        product_name=product.name,
        zone=licence.zone,
        place=place(licence.province_code),
        office=Party(**declaration.office.model_dump()),
        invoice=Invoice.model_validate(declaration.invoice.model_dump()),
        order=order(package, wanted.years, wanted.users),
        payment=declaration.payment,
        term=new_term(licence.expires_on, licence.stage, wanted.years, today),
        send_by=SendBy.ELECTRONIC,
        prepare=product.contract_prepare,
        registered_at=now,
        registered_on=today,
    )


def restate(registration: Registration, expires_on: date, stage: Stage, today: date) -> Registration:
    """The same registration with the term that is true now."""
    term = new_term(expires_on, stage, registration.term.years, today)
    return registration.model_copy(update={"term": term})


def warnings(declaration: Declaration, licence: LicenceCopy) -> tuple[Fault, ...]:
    """What looks odd but is the office's to decide: shown to it and to the desk, never refused."""
    office, buyer = declaration.office, declaration.invoice.buyer
    found = []
    if office.tax_code and check_digit_fails(office.tax_code):
        found.append(Fault("/office/tax_code", "tax_code_check_digit"))
    if buyer and buyer.tax_code and check_digit_fails(buyer.tax_code):
        found.append(Fault("/invoice/buyer/tax_code", "tax_code_check_digit"))
    if fold(office.name) != fold(licence.name):
        found.append(Fault("/office/name", "name_differs"))
    return tuple(found)


def _order_faults(declaration: Declaration, product: Product) -> list[Fault]:
    wanted, faults = declaration.order, []
    if wanted.years > product.max_years:
        faults.append(Fault("/order/years", "too_many", {"most": product.max_years}))
    if wanted.users > product.max_users:
        faults.append(Fault("/order/users", "too_many", {"most": product.max_users}))
    return faults


def _date_faults(declaration: Declaration, product: Product, today: date) -> list[Fault]:
    payment, wanted_on, faults = declaration.payment, declaration.invoice.wanted_on, []
    if wanted_on and wanted_on < today:
        faults.append(Fault("/invoice/wanted_on", "in_the_past"))
    if payment.kind == "paid":
        return [*faults, Fault("/payment/on", "in_the_future")] if payment.on > today else faults
    latest = today + timedelta(days=product.commitment_days)
    if payment.on < today:
        faults.append(Fault("/payment/on", "in_the_past"))
    if payment.on > latest:
        faults.append(Fault("/payment/on", "after_latest", {"latest": latest.strftime("%d/%m/%Y")}))
    if not payment.committed:
        faults.append(Fault("/payment/committed", "commitment_missing"))
    return faults
