"""The declaration: what an office declares when it registers (step 1 of the form), checked field by field."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.rules import broken
from shared.events.renewal import FormKind
from shared.text.identifiers import BudgetCode, Email, Phone, TaxCode
from shared.text.names import Address, OrganisationName, PersonName


class _Buyer(Frozen):
    """A party that an invoice can be made out to. It has a tax code, a budget code, or both."""

    name: OrganisationName
    tax_code: TaxCode | None = None
    budget_code: BudgetCode | None = None
    address: Address

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if not (self.tax_code or self.budget_code):
            raise broken("buyer_code_missing")
        return self


class Office(_Buyer):
    """The office that registers, its signer and its contact person.

    `superior` is the body above the office; `authority` is the line above the signer's title (TM., KT.,
    TL. …).
    """

    representative: PersonName
    title: PersonName
    contact_name: PersonName
    contact_phone: Phone
    contact_email: Email
    superior: OrganisationName | None = None
    authority: PersonName | None = None


class Buyer(_Buyer):
    """The party that the invoice is for, where it isn't the office itself."""


class InvoiceRequest(Frozen):
    """The invoice that the office requests. `buyer` null: the office itself. `wanted_on` null: the vendor
    chooses the date."""

    buyer: Buyer | None = None
    wanted_on: date | None = None


class OrderRequest(Frozen):
    """The order that the office requests. `users` and `storage_gb` are totals, with what the package
    includes. `storage_gb` null: only what is included."""

    package: str = Field(max_length=50)
    years: int = Field(default=1, ge=1)
    users: int = Field(ge=1)
    storage_gb: int | None = Field(default=None, ge=0)


class Payment(Frozen):
    """The payment. `paid`: it was made on the day `on`. `promised`: the office commits (`committed`) to pay
    by `on`."""

    kind: Literal["paid", "promised"]
    on: date
    committed: bool = False


class Declaration(Frozen):
    kind: FormKind = FormKind.RENEWAL
    office: Office
    invoice: InvoiceRequest = InvoiceRequest()
    order: OrderRequest
    payment: Payment
