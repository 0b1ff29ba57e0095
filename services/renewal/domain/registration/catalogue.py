"""The catalogue: what can be ordered and at what price, in editions that are in force from a date."""

from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from services.renewal.domain import money
from services.renewal.domain.desk.good_standing import Condition
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.renewal_window import RenewalWindow
from services.renewal.domain.registration.term import TermRule
from shared.events.order import FullGrant
from shared.events.renewal import FormKind
from shared.text import amounts
from shared.text.characters import code as read_code
from shared.text.names import Item, OrganisationName


class ContractPreparation(StrEnum):
    """Who decides that the contract is prepared once the form is signed."""

    AUTOMATIC = "automatic"
    DESK = "desk"


class ContractNumbering(StrEnum):
    """Whether each product on a form has a contract of its own, or the whole order has one."""

    EACH = "each"
    ORDER = "order"


class Price(Frozen):
    """The price of one unit for a year, in đồng, before VAT. `vat_percent` null: not subject to VAT, which
    isn't the same as 0%."""

    item: Item
    unit: Item
    vnd: int = Field(ge=0)
    vat_percent: int | None = Field(ge=0, le=100)


class Package(Frozen):
    """A package of a product: what it includes, and the price of extra users and storage (null: not sold)."""

    code: str
    name: Item
    included_users: int = Field(ge=1)
    included_storage_gb: int = Field(ge=0)
    price: Price
    extra_user: Price | None
    extra_storage_gb: Price | None


class Product(Frozen):
    """A product and the terms of business that hold for it."""

    code: str
    name: OrganisationName
    line: str = Field("hcsn", pattern="^[a-z0-9-]+$", description="whose templates its documents take")
    form_kind: FormKind = Field(FormKind.RENEWAL, description="what its form is called unless chosen")
    contract_prepare: ContractPreparation
    good_standing: tuple[Condition, ...] = Field(
        (), description="under which conditions an automatic preparation needs no clerk"
    )
    assent_days: int | None = Field(
        None,
        ge=1,
        le=60,
        description="within how many working days the office signs the contract too, before the vendor does"
        " (null: its form is enough)",
    )
    full_grant: FullGrant = Field(
        FullGrant.AT_CONTRACT,
        description="from when an office may use fully what its contract grants: `at_contract`, or"
        " `at_payment` (its line needs an edition of the contract that says so; turn it on once every replica"
        " of all services knows it)",
    )
    joint: bool = Field(
        False,
        description="whether it may stand on one form with other products of its line (turn it on once every"
        " replica of all services knows joint registrations)",
    )
    contract_number: ContractNumbering = Field(
        ContractNumbering.EACH,
        description="whether each product on a form gets a contract with a number of its own, or the `order`"
        " one over all: where all on the form have `order`, and the office signs no contract (turn it on once"
        " every replica of all services knows it)",
    )
    commitment_days: int = Field(ge=0, description="how long after registration payment may be promised")
    commitment_conditions: tuple[Condition, ...] | None = Field(
        None, description="under which conditions a promised payment needs no clerk (null: it always does)"
    )
    extension_days: int = Field(
        30, ge=0, le=90, description="by how many days the desk may extend a promised payment, once"
    )
    max_years: int = Field(ge=1)
    max_users: int = Field(ge=1)
    max_storage_gb: int = Field(ge=0)
    term: TermRule = Field(description="from when the years of a late renewal count")
    window: RenewalWindow = Field(
        RenewalWindow(), description="what becomes of a renewal long before the last day, or of a second one"
    )
    packages: tuple[Package, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _grants_at_payment_alone(self) -> Self:
        if self.joint and self.full_grant is FullGrant.AT_PAYMENT:
            raise ValueError("a product that grants at the payment stands on no form with others")
        return self

    @model_validator(mode="after")
    def _largest_order_can_be_put_in_words(self) -> Self:
        for package in self.packages:
            more = [(package.extra_user, self.max_users), (package.extra_storage_gb, self.max_storage_gb)]
            priced = [(package.price, 1), *((price, most) for price, most in more if price)]
            a_year = sum(price.vnd * units * (100 + (price.vat_percent or 0)) for price, units in priced)
            if a_year * self.max_years > money.LIMIT * 100:
                raise ValueError(
                    f"{package.code}: its largest order costs more than {amounts.vnd(money.LIMIT)}"
                )
        return self

    def kept_terms(self, total: int) -> dict[str, Any]:
        """The terms of business that a registration for `total` đồng keeps, by its fields. What costs nothing
        gives full use at the contract."""
        return {
            "prepare": self.contract_prepare,
            "good_standing": self.good_standing,
            "line": self.line,
            "term_rule": self.term,
            "assent_days": self.assent_days,
            "full_grant": self.full_grant if total else FullGrant.AT_CONTRACT,
            "commitment_conditions": self.commitment_conditions,
            "extension_days": self.extension_days,
        }

    def most_users(self, package: Package) -> int:
        """The most users that can be ordered: only the included ones where no extra users are sold."""
        return self.max_users if package.extra_user else package.included_users

    def package(self, code: str) -> Package:
        if package := self.find(code):
            return package
        raise RenewalError("registration-invalid", InvalidField("/order/package", "package_unknown"))

    def find(self, code: str) -> Package | None:
        """The package with that code, in upper or lower case: for a licence with `ADVANCED`, the form must
        not offer the first package instead."""
        sought = read_code(code).casefold()
        return next((each for each in self.packages if read_code(each.code).casefold() == sought), None)


class Edition(Frozen):
    """The whole list of products, in force from `effective_from` until the next edition."""

    effective_from: date
    products: tuple[Product, ...]


class Catalogue(Frozen):
    editions: tuple[Edition, ...] = Field(min_length=1)

    def product(self, code: str, day: date) -> Product:
        """The product as sold on `day`. Raises RenewalError where it isn't sold on that day."""
        for product in self.on(day):
            if product.code == code:
                return product
        raise RenewalError("product-not-sold", InvalidField("/product_code", "product_unknown"))

    def on(self, day: date) -> tuple[Product, ...]:
        """All products on sale on `day`."""
        in_force = [edition for edition in self.editions if edition.effective_from <= day]
        newest = max(in_force, key=lambda edition: edition.effective_from, default=None)
        return newest.products if newest else ()
