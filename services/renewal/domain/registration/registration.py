"""A registration: what the office declared, its order with the price, and the new term."""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.renewal.domain.desk.good_standing import Condition
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.joint.form_carrier import FormCarrier
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbers import registration_number
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.catalogue import ContractNumbering, ContractPreparation, Product
from services.renewal.domain.registration.declaration import (
    Declaration,
    InvoiceRequest,
    OrderRequest,
    Payment,
)
from services.renewal.domain.registration.order import Order, price_order
from services.renewal.domain.registration.renewal_window import EarlyRenewal, check_confirmed
from services.renewal.domain.registration.term import TermRule, new_term
from services.renewal.domain.working_days import next_working_day
from shared.events.base import SendBy, Stage
from shared.events.order import FullGrant
from shared.events.renewal import Conditions, FormKind, JoinedRegistration, Party, Term
from shared.text.characters import digits
from shared.text.identifiers import check_digit_fails
from shared.text.names import fold
from shared.text.provinces import place
from shared.time.calendar import add_years, civil_date


class Purchaser(Frozen):
    """Who the invoice is for, as declared. It was checked then and isn't checked again, because the rules may
    change later."""

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str


class Invoice(Frozen):
    """The invoice. `buyer` null: the office itself. `wanted_on` null: the vendor chooses the date."""

    buyer: Purchaser | None
    wanted_on: date | None


class Registration(Frozen):
    """Everything that the form prints about the office. Only the term and the way of sending change later.

    `registered_by` is the subject of the person's token; `on_behalf` says whether that person is of the
    vendor's desk.
    `place` is the office's province, None where the province code is unknown. `pay_by` is the last day of the
    promised payment, None where it is already paid or the registration is older than this field.
    `conditions` is the edition of the general conditions that the form names, if any. `assent_days` is the
    number of working days for the office to sign the contract too; None: a signed form is enough.
    `full_grant`: from when the contract gives full use. `commitment_conditions` are those of the product;
    `extension_days`: by how many days the desk may extend a commitment to pay. `early`: the person was asked
    whether so early a renewal is meant, and confirmed it. `joined` are the other products on the same form (a
    joint registration); `lead` is the registration that carries the form of this joined one. `numbering`:
    whether one contract is over all of them.
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
    prepare: ContractPreparation
    good_standing: tuple[Condition, ...] = ()
    registered_at: datetime
    registered_on: date
    kind: FormKind = FormKind.RENEWAL
    line: str = "hcsn"
    term_rule: TermRule = TermRule.CONTRACT_DATE
    registered_by: str | None = None
    on_behalf: bool = False
    pay_by: date | None = None
    conditions: Conditions | None = None
    assent_days: int | None = None
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    commitment_conditions: tuple[Condition, ...] | None = None
    extension_days: int = 30
    early: EarlyRenewal | None = None
    joined: tuple["Registration", ...] = ()
    lead: FormCarrier | None = None
    numbering: ContractNumbering = ContractNumbering.EACH

    @property
    def on_form(self) -> tuple["Registration", ...]:
        """All registrations on the form, with this one first."""
        return (self, *self.joined)

    @property
    def total(self) -> int:
        """What all on the form cost together, in đồng. A joined registration is paid with its lead."""
        return 0 if self.lead else sum(each.order.total for each in self.on_form)

    @property
    def price(self) -> int:
        """What the form costs, in đồng; of a joined registration, its own part of that."""
        return self.total or self.order.total

    def form_number(self, revision: int) -> str:
        """The registration number on that revision of the form."""
        return self.lead.number if self.lead and self.lead.carries(revision) else self.number

    @property
    def as_joined(self) -> JoinedRegistration:
        fields = self.model_dump(include=set(JoinedRegistration.model_fields))
        return JoinedRegistration(**fields, total_vnd=self.order.total, ordered=self.order.resources)

    @property
    def payment_day(self) -> date:
        """The day of the payment, or the last day for a promised one."""
        return self.pay_by or self.payment.on


class Registrant(Frozen):
    """Who registers, and by which way the form will be sent."""

    sub: str
    on_behalf: bool
    send_by: SendBy


def declare(
    renewal_id: UUID,
    declaration: Declaration,
    licence: LicenceCopy,
    product: Product,
    by: Registrant,
    now: datetime,
    conditions: Conditions | None = None,
) -> Registration:
    """The registration for this declaration, with the product and prices of today.

    Raises RenewalError ("registration-invalid") with all invalid fields.
    """
    today = civil_date(now, licence.zone)
    if errors := find_errors(declaration, product, today):
        raise RenewalError("registration-invalid", *errors)
    wanted = declaration.order
    term = new_term(licence.expires_on, licence.stage, wanted.years, today, product.term)
    if errors := term_errors(term, today):
        raise RenewalError("registration-invalid", *errors)
    order = price_order(product.package(wanted.package), wanted)
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
        order=order,
        payment=declaration.payment,
        term=term,
        send_by=by.send_by,
        registered_at=now,
        registered_on=today,
        kind=declaration.kind,
        registered_by=by.sub,
        on_behalf=by.on_behalf,
        pay_by=pay_by(declaration.payment),
        conditions=conditions,
        **product.kept_terms(order.total),
    )


def confirm_window(
    registration: Registration, product: Product, renewed_on: date | None, confirmed_until: date | None
) -> Registration:
    """The registration, with what the person confirmed if it is early. `renewed_on` is the date of the
    contract that gave the present term, `confirmed_until` the last day of the new term as confirmed.

    Raises RenewalError where the product's policy refuses it, or its question isn't answered.
    """
    early = product.window.find_early(registration.term, renewed_on, registration.registered_on)
    if early is None:
        return registration
    check_confirmed(early, confirmed_until)
    return registration.model_copy(update={"early": early})


def restate(registration: Registration, expires_on: date, stage: Stage, today: date) -> Registration:
    """The same registration with its term computed again from the current expiry and stage."""
    term = new_term(expires_on, stage, registration.term.years, today, registration.term_rule)
    return registration.model_copy(update={"term": term})


def find_warnings(declared: Declaration | Registration, licence: LicenceCopy) -> tuple[InvalidField, ...]:
    """What looks unusual but is for the office to decide: it and the desk see it, and it is never refused."""
    office, buyer = declared.office, declared.invoice.buyer
    found = []
    if office.tax_code and check_digit_fails(office.tax_code):
        found.append(InvalidField("/office/tax_code", "tax_code_check_digit"))
    if buyer and buyer.tax_code and check_digit_fails(buyer.tax_code):
        found.append(InvalidField("/invoice/buyer/tax_code", "tax_code_check_digit"))
    if fold(office.name) != fold(licence.name):
        found.append(InvalidField("/office/name", "name_differs"))
    return tuple(found)


def changed_identity(declared: Registration, licence: LicenceCopy) -> tuple[str, ...]:
    """The identity fields in which the declaration differs from the licence. A clerk must check them, because
    the contract writes them into the licence. A code that isn't declared changes nothing."""
    office = declared.office
    codes = [(name, getattr(office, name), getattr(licence, name)) for name in ("tax_code", "budget_code")]
    changed = ["name"] if fold(office.name) != fold(licence.name) else []
    changed += [field for field, typed, known in codes if typed and digits(typed) != digits(known or "")]
    return tuple(changed)


def find_errors(declaration: Declaration, product: Product, today: date) -> list[InvalidField]:
    """The fields that break the product's terms of business or have a date out of range."""
    return [
        *order_errors(declaration.order, product),
        *invoice_errors(declaration.invoice, today),
        *payment_errors(declaration.payment, product, today),
    ]


def order_errors(wanted: OrderRequest, product: Product) -> list[InvalidField]:
    if (package := product.find(wanted.package)) is None:
        return [InvalidField("/order/package", "package_unknown")]
    storage = product.max_storage_gb if package.extra_storage_gb else package.included_storage_gb
    ordered = [
        ("/order/years", wanted.years, product.max_years),
        ("/order/users", wanted.users, product.most_users(package)),
        ("/order/storage_gb", wanted.storage_gb or 0, storage),
    ]
    return [InvalidField(pointer, "too_many", {"most": most}) for pointer, n, most in ordered if n > most]


def term_errors(term: Term, today: date) -> list[InvalidField]:
    """When a late renewal counts from the old expiry, its years may already be over today."""
    return [InvalidField("/order/years", "term_over")] if term.term_to < today else []


def invoice_errors(invoice: InvoiceRequest, today: date) -> list[InvalidField]:
    """A day more than a year ahead is taken for a typing error."""
    if invoice.wanted_on is None:
        return []
    if invoice.wanted_on < today:
        return [InvalidField("/invoice/wanted_on", "in_the_past")]
    latest = add_years(today, 1)
    late = {"latest": latest.strftime("%d/%m/%Y")}
    return [InvalidField("/invoice/wanted_on", "after_latest", late)] if invoice.wanted_on > latest else []


def payment_errors(payment: Payment, product: Product, today: date) -> list[InvalidField]:
    if payment.kind == "paid":
        if payment.on > today:
            return [InvalidField("/payment/on", "in_the_future")]
        return [InvalidField("/payment/on", "long_ago")] if payment.on < add_years(today, -2) else []
    latest, errors = latest_payment(product, today), []
    if payment.on < today:
        errors.append(InvalidField("/payment/on", "in_the_past"))
    if payment.on > latest:
        errors.append(InvalidField("/payment/on", "after_latest", {"latest": latest.strftime("%d/%m/%Y")}))
    if not payment.committed:
        errors.append(InvalidField("/payment/committed", "commitment_missing"))
    return errors


def pay_by(payment: Payment) -> date | None:
    """The last day of a promised payment, moved from a day off to the next working day. None where it is
    already paid."""
    return None if payment.kind == "paid" else next_working_day(payment.on)


def latest_payment(product: Product, today: date) -> date:
    """The latest day that an office may promise to pay by."""
    return today + timedelta(days=product.commitment_days)
