"""What an office declares when it registers (step 1 of the form), checked field by field."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.rules import broken
from shared.events.renewal import FormKind
from shared.text.identifiers import BudgetCode, Email, Phone, TaxCode
from shared.text.names import Address, OrganisationName, PersonName


class _Buyer(Frozen):
    """Whoever an invoice can be made out to: known by a tax code, a budget code, or both."""

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
    """The office that registers, and who signs and answers for it.

    `superior` is the body above it, `authority` the line above the signer's title (TM., KT., TL. …).
    """

    representative: PersonName
    title: PersonName
    contact_name: PersonName
    contact_phone: Phone
    contact_email: Email
    superior: OrganisationName | None = None
    authority: PersonName | None = None


class Buyer(_Buyer):
    """Who the invoice is for, where it isn't the office itself."""


class InvoiceRequest(Frozen):
    """`buyer` null: the same as the office. `wanted_on` null: the vendor chooses the date."""

    buyer: Buyer | None = None
    wanted_on: date | None = None


class OrderRequest(Frozen):
    """`users` and `storage_gb` are what is wanted in all, the included counted; null: as included."""

    package: str = Field(max_length=50)
    years: int = Field(default=1, ge=1)
    users: int = Field(ge=1)
    storage_gb: int | None = Field(default=None, ge=0)


class Payment(Frozen):
    """`paid`: paid already, on the day `on`. `promised`: will be paid by `on`, and `committed` is ticked."""

    kind: Literal["paid", "promised"]
    on: date
    committed: bool = False


class Declaration(Frozen):
    kind: FormKind = FormKind.RENEWAL
    office: Office
    invoice: InvoiceRequest = InvoiceRequest()
    order: OrderRequest
    payment: Payment
