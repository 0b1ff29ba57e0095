"""The papers that an office which pays through the State Treasury prints and signs, and when there are which.

They are drafts. None of them is issued, numbered or kept: what counts is the paper that people signed.
"""

from datetime import date
from enum import StrEnum
from typing import Self

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.domain.renewal import Renewal
from shared.events.renewal import Term


class TreasuryPaper(StrEnum):
    """`PAYMENT_ORDER`: the lines to copy onto the treasury's own form. `PAYMENT_REQUEST`: by which the
    office's accountant asks its head to approve the payment. `ACCEPTANCE`: the record, of both parties, that
    the service was provided."""

    PAYMENT_ORDER = "payment-order"
    PAYMENT_REQUEST = "payment-request"
    ACCEPTANCE = "acceptance"


class ContractBasis(Frozen):
    """The contract in force, as the papers cite it."""

    number: ContractNumber
    dated: date
    term: Term

    @classmethod
    def of(cls, renewal: Renewal) -> Self | None:
        """None before the contract is issued, and after it is void."""
        number, dated = renewal.contract_number, renewal.contract_date
        if renewal.status is not RegistrationStatus.CONTRACT_ISSUED or number is None or dated is None:
            return None
        registration = renewal.registration
        term = on_contract_date(registration.term, dated, registration.term_rule)
        return cls(number=number, dated=dated, term=term)


def offered_papers(renewal: Renewal, open_amount: int) -> tuple[TreasuryPaper, ...]:
    """The papers that can be drawn now: two while something is to be paid, the record of acceptance once
    there is a contract, paid or not."""
    payment = (TreasuryPaper.PAYMENT_ORDER, TreasuryPaper.PAYMENT_REQUEST) if open_amount else ()
    return (*payment, TreasuryPaper.ACCEPTANCE) if ContractBasis.of(renewal) else payment


def subject_of(registration: Registration, paper: TreasuryPaper) -> Registration:
    """What the paper is about. Of a joint registration, the papers of the payment are about all products, and
    rest on their one form, not on one product's contract; the record of acceptance is each product's own."""
    if paper is TreasuryPaper.ACCEPTANCE:
        return registration.model_copy(update={"joined": ()})
    return registration
