"""The declaration: what an office declares when it registers (step 1 of the form), checked field by field."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.form_part import FormPart, Input
from services.renewal.domain.registration.rules import broken
from shared.events.renewal import FormKind
from shared.text.identifiers import BudgetCode, Email, Phone, TaxCode
from shared.text.names import Address, OrganisationName, PersonName

_LATER = Field(exclude_if=lambda value: value is None)
"""For a field that came after a release. While it is empty, the JSON leaves it out: an idempotency key stands
for the declaration's JSON, and a repeat may reach the release before."""


class _Buyer(Frozen):
    """A party that an invoice can be made out to. It has a tax code, a budget code, or both."""

    name: Annotated[
        OrganisationName, Input(row=2, autocomplete="organization", example="Trường Tiểu học Kim Đồng")
    ]
    tax_code: Annotated[TaxCode | None, Input(row=4, kind="code", example="0199900025")] = None
    budget_code: Annotated[BudgetCode | None, Input(row=4, kind="code", example="1047665")] = None
    address: Annotated[
        Address,
        Input(
            row=3,
            autocomplete="street-address",
            example="Số 5 phố Đội Cấn, phường Ba Đình, thành phố Hà Nội",
        ),
    ]

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

    representative: Annotated[PersonName, Input(row=5, example="Nguyễn Thị Hồng Hạnh")]
    title: Annotated[
        PersonName, Input(row=5, autocomplete="organization-title", joined=", ", example="Hiệu trưởng")
    ]
    contact_name: Annotated[PersonName, Input(row=7, autocomplete="name", example="Trần Văn Dũng")]
    contact_position: Annotated[
        PersonName | None,
        Input(row=7, autocomplete="organization-title", joined=", ", example="Kế toán trưởng"),
        _LATER,
    ] = None
    contact_phone: Annotated[
        Phone, Input(row=8, kind="tel", autocomplete="tel", joined=" · ", example="0912345678")
    ]
    contact_email: Annotated[
        Email,
        Input(row=8, kind="email", autocomplete="email", joined=" · ", example="ketoan@kimdong.example"),
    ]
    superior: Annotated[
        OrganisationName | None, Input(row=1, late=True, example="Ủy ban nhân dân phường Ba Đình")
    ] = None
    authority: Annotated[PersonName | None, Input(row=6, late=True, example="KT. Hiệu trưởng")] = None


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


OFFICE_PART = FormPart.of("office", Office)
BUYER_PART = FormPart.of("invoice.buyer", Buyer)
