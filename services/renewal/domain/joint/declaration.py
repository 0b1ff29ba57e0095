"""A joint registration: several products of one office on one form, with one payment and one invoice.

The first product's registration is the lead. It carries the form and the registrations of the other products
(`Registration.joined`), until it is accepted and each of them gets a renewal of its own (`members`).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.renewal.domain import money
from services.renewal.domain.desk.good_standing import Condition
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.joint.form_carrier import FormCarrier
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.catalogue import ContractNumbering, ContractPreparation, Product
from services.renewal.domain.registration.declaration import (
    Declaration,
    InvoiceRequest,
    Office,
    OrderRequest,
    Payment,
)
from services.renewal.domain.registration.registration import (
    Registrant,
    Registration,
    confirm_window,
    declare,
)
from shared.events.order import FullGrant
from shared.events.renewal import Conditions, FormKind
from shared.text.characters import digits

MOST = 8
"""How many products one form can carry: the renderer limits the size of a form's content."""


class ProductOrder(Frozen):
    """What is ordered for one of the products. `confirmed_until` is the last day of its new term that the
    person confirmed, where its renewal is early."""

    product_code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")
    order: OrderRequest
    confirmed_until: date | None = None


class JointDeclaration(Frozen):
    """What an office declares once for all products, and what it orders for each. The first product leads."""

    kind: FormKind = FormKind.RENEWAL
    office: Office
    invoice: InvoiceRequest = InvoiceRequest()
    payment: Payment
    products: tuple[ProductOrder, ...] = Field(min_length=2, max_length=MOST)

    def of(self, place: int) -> Declaration:
        """The declaration of one product, as if it were registered alone."""
        return Declaration(
            kind=self.kind,
            office=self.office,
            invoice=self.invoice,
            order=self.products[place].order,
            payment=self.payment,
        )


@dataclass(frozen=True, slots=True)
class JoinedProduct:
    """One of the products: the licence, the product as sold today, and the id of its renewal. `renewed_on` is
    the date of the contract that gave the present term; None: no contract gave it."""

    renewal_id: UUID
    licence: LicenceCopy
    product: Product
    renewed_on: date | None = None


def check_joined(products: Sequence[tuple[LicenceCopy, Product]]) -> None:
    """Raises RenewalError where the products can't stand on one form: one of them twice, of another office,
    of another line of products, or of a kind that is registered alone."""
    codes = [product.code for _, product in products]
    if len(set(codes)) < len(codes):
        raise RenewalError("joint-twice")
    if not all(product.joint for _, product in products):
        raise RenewalError("joint-alone")
    if len({product.line for _, product in products}) > 1:
        raise RenewalError("joint-lines")
    if len({_identity(licence) for licence, _ in products}) > 1:
        raise RenewalError("joint-offices")


def largest_joint(products: Sequence[tuple[LicenceCopy, Product]]) -> list[LicenceCopy]:
    """The licences of the most products that can stand on one form, at most MOST; none where no two can."""
    groups: dict[Hashable, list[LicenceCopy]] = {}
    for licence, product in products:
        if product.joint:
            groups.setdefault((product.line, _identity(licence)), []).append(licence)
    largest = max(groups.values(), key=len, default=[])
    return largest[:MOST] if len(largest) > 1 else []


def declare_joint(
    declaration: JointDeclaration,
    products: Sequence[JoinedProduct],
    by: Registrant,
    now: datetime,
    conditions: Conditions | None = None,
) -> Registration:
    """The lead's registration, with the others joined.

    Raises RenewalError ("registration-invalid") with all invalid fields, each by its place in the joint
    declaration, "early-renewal" with the first product whose early renewal isn't confirmed, or as
    `check_joined` does.
    """
    check_joined([(each.licence, each.product) for each in products])
    made: list[Registration] = []
    errors: dict[tuple[str, str], InvalidField] = {}
    asked: list[RenewalError] = []
    for place, each in enumerate(products):
        try:
            alone = declare(
                each.renewal_id, declaration.of(place), each.licence, each.product, by, now, conditions
            )
            confirmed = declaration.products[place].confirmed_until
            made.append(confirm_window(alone, each.product, each.renewed_on, confirmed))
        except RenewalError as refused:
            placed = [replace(error, pointer=_pointer(error.pointer, place)) for error in refused.errors]
            errors |= {(error.pointer, error.rule): error for error in placed}
            if not placed:
                asked.append(RenewalError(refused.name, **refused.about, product_code=each.product.code))
    if errors:
        raise RenewalError("registration-invalid", *errors.values())
    if asked:
        raise asked[0]
    lead = _led(made).model_copy(update={"numbering": _numbering([each.product for each in products])})
    if lead.total > money.LIMIT:
        raise RenewalError("joint-sum")
    return lead


def _led(made: Sequence[Registration]) -> Registration:
    """The first registration with the others joined. The strictest terms of business hold for all."""
    lead, others = made[0], made[1:]
    carrier = FormCarrier(renewal_id=lead.renewal_id, number=lead.number)
    by_desk = any(each.prepare is ContractPreparation.DESK for each in made)
    return lead.model_copy(
        update={
            "joined": tuple(each.model_copy(update={"lead": carrier}) for each in others),
            "prepare": ContractPreparation.DESK if by_desk else lead.prepare,
            "good_standing": _all_of([each.good_standing for each in made]),
            "commitment_conditions": _strictest([each.commitment_conditions for each in made]),
            "extension_days": min(each.extension_days for each in made),
        }
    )


def _numbering(products: Sequence[Product]) -> ContractNumbering:
    """One contract over all only where each product allows it. A contract that the office signs, or that says
    when its full use begins, is of one product."""
    alike = all(
        each.contract_number is ContractNumbering.ORDER
        and each.assent_days is None
        and each.full_grant is FullGrant.AT_CONTRACT
        for each in products
    )
    return ContractNumbering.ORDER if alike else ContractNumbering.EACH


def _strictest(conditions: Sequence[tuple[Condition, ...] | None]) -> tuple[Condition, ...] | None:
    """None where a product's commitments always need a clerk."""
    known = [each for each in conditions if each is not None]
    return _all_of(known) if len(known) == len(conditions) else None


def _all_of(conditions: Sequence[tuple[Condition, ...]]) -> tuple[Condition, ...]:
    return tuple(dict.fromkeys(condition for each in conditions for condition in each))


def _identity(licence: LicenceCopy) -> tuple[str, str, str, str]:
    codes = (digits(licence.tax_code or ""), digits(licence.budget_code or ""))
    return licence.office_ref, licence.zone, *codes


def _pointer(pointer: str, place: int) -> str:
    """Where the error of one product's declaration stands in the joint declaration."""
    part = pointer.removeprefix("/order")
    return f"/products/{place}/order{part}" if part != pointer else pointer
