"""What can be ordered and at what price: editions, each in force from a date."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import Fault, Refused
from services.renewal.domain.text import Item, OrganisationName


class Preparation(StrEnum):
    """Who decides that the contract is prepared once the form is signed."""

    AUTOMATIC = "automatic"
    DESK = "desk"


class Package(Frozen):
    """A package of a product. Prices in đồng a year, before VAT; `vat_percent` null is "not subject"."""

    code: str
    name: Item
    included_users: int = Field(ge=1)
    price_vnd: int = Field(ge=0)
    extra_user_vnd: int = Field(ge=0)
    vat_percent: int | None = Field(ge=0, le=100)


class Product(Frozen):
    """A product and the terms of business that hold for it."""

    code: str
    name: OrganisationName
    contract_prepare: Preparation
    commitment_days: int = Field(ge=0, description="how long after registration payment may be promised")
    max_years: int = Field(ge=1)
    max_users: int = Field(ge=1)
    packages: tuple[Package, ...] = Field(min_length=1)

    def package(self, code: str) -> Package:
        for package in self.packages:
            if package.code == code:
                return package
        raise Refused("registration-invalid", Fault("/order/package", "package_unknown"))


class Edition(Frozen):
    """The whole list as it holds from `effective_from` until the next edition."""

    effective_from: date
    products: tuple[Product, ...]


class Catalogue(Frozen):
    editions: tuple[Edition, ...] = Field(min_length=1)

    def product(self, code: str, day: date) -> Product:
        """The product as sold on `day`. Raises Refused where it isn't sold then."""
        in_force = [edition for edition in self.editions if edition.effective_from <= day]
        newest = max(in_force, key=lambda edition: edition.effective_from, default=None)
        for product in newest.products if newest else ():
            if product.code == code:
                return product
        raise Refused("registration-invalid", Fault("/product_code", "product_unknown"))
