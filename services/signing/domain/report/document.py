"""The document of ours that a report is about. All of it is what the service itself keeps: a file may say
anything."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm

Kind = Literal["form", "contract"]


class ReportedDocument(BaseModel):
    """`registration_no` is empty for a form of an older release, `contract_number` is None for a contract
    that was replaced by another. The codes are the office's, where known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    registration_no: str
    contract_number: str | None = None
    office_ref: str
    tax_code: str | None = None
    budget_code: str | None = None

    @classmethod
    def of_form(cls, form: SigningForm) -> Self:
        return cls(
            kind="form",
            registration_no=form.ordered.registration_no if form.ordered else "",
            office_ref=form.office_ref,
            tax_code=form.tax_code,
            budget_code=form.budget_code,
        )

    @classmethod
    def of_contract(cls, seal: ContractSeal) -> Self:
        return cls(
            kind="contract",
            registration_no=seal.contract.registration_no,
            contract_number=seal.contract.contract_number,
            office_ref=seal.contract.office_ref,
            tax_code=seal.tax_code,
            budget_code=seal.budget_code,
        )
