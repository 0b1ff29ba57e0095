"""The content of a document: all that its template prints, and nothing that changes with time."""

from datetime import date, datetime, timedelta
from typing import Self

from pydantic import Field, model_validator

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.transfer import declared_transfer
from services.renewal.domain.payment.treasury_paper import ContractBasis, TreasuryPaper
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.vendor import Vendor
from shared.events.base import Sha256, Stage
from shared.events.order import FullGrant, TransferDetails
from shared.events.renewal import Conditions, Term
from shared.time.calendar import civil_date, start_of_day


class FormContent(Frozen):
    """The content of a registration form. `issued_at` (UTC) is when this revision was made. `conditions_url`
    is where people read the conditions that the registration names. `asks`: whether it says how to pay; not
    where money came, or is said to have been sent."""

    vendor: Vendor
    registration: Registration
    revision: int = Field(ge=1, le=99)
    issued_at: datetime
    conditions_url: str | None = None
    total_in_words: str = Field(max_length=255)
    asks: bool = True

    @property
    def kind(self) -> str:
        """The folder of its template."""
        return "joint" if self.registration.joined else "form"

    @property
    def conditions(self) -> Conditions | None:
        return self.registration.conditions

    @property
    def fields(self) -> set[str]:
        """The names of its signature fields."""
        return {"office"}

    @property
    def code(self) -> FormCode:
        """The code by which the posted form is found. Raises ValidationError for an invalid number."""
        return FormCode(number=self.registration.number, revision=self.revision)

    @property
    def transfer(self) -> TransferDetails | None:
        """How to pay; None where nothing is left to pay, or not all of it."""
        return declared_transfer(self.registration, self.vendor) if self.asks else None

    @property
    def day(self) -> date:
        return civil_date(self.issued_at, self.registration.zone)

    @property
    def anew(self) -> bool:
        return self.is_anew(self.registration.term)

    @property
    def any_anew(self) -> bool:
        return any(self.is_anew(each.term) for each in self.registration.on_form)

    @staticmethod
    def is_anew(term: Term) -> bool:
        return _runs_anew(term)


class Restated(Frozen):
    """How the term of the signed form was restated. The form was signed in its `revision`, with the term
    `stated`. The notice of a later revision, numbered `notice` and of `told_at`, restated the term.
    `confirmed`: the office agreed to the new term."""

    revision: int
    stated: Term
    notice: str
    told_at: datetime
    confirmed: bool


class ContractTerm(Frozen):
    """The term that a contract over several products gives to one of them, and how its form's was
    restated."""

    term: Term
    restated: Restated | None = None


class ContractContent(Frozen):
    """The content of a contract. It rests on a form that the office signed electronically at `form_signed_at`
    (UTC), or on a stamped form that came on `form_received_on`, whose scan is `signed_form`; its number is
    `form_number`. `restated` is set where that form states another term.

    `numbered_at` (UTC) is when it got its number and its date `dated`. It is the registration's `nth`
    contract. `pay_by`: until when it gives temporary use before its payment; None: it gives full use at once,
    or no day is agreed. `joined` are the terms of the registration's joined products: the contract is over
    them, too.
    """

    vendor: Vendor
    registration: Registration
    number: ContractNumber
    dated: date
    numbered_at: datetime
    term: Term
    total_in_words: str = Field(max_length=255)
    form_number: str
    signed_form: Sha256
    form_signed_at: datetime | None
    form_received_on: date | None = None
    restated: Restated | None = None
    nth: int = 1
    pay_by: date | None = None
    joined: tuple[ContractTerm, ...] = ()

    @property
    def kind(self) -> str:
        """The folder of its template."""
        return JOINT_CONTRACT if self.joined else contract_kind(self.registration.full_grant)

    @property
    def products(self) -> tuple[tuple[Registration, ContractTerm], ...]:
        """What it is over, its own registration first."""
        own = ContractTerm(term=self.term, restated=self.restated)
        return tuple(zip(self.registration.on_form, (own, *self.joined), strict=True))

    @property
    def conditions(self) -> Conditions | None:
        return self.registration.conditions

    @property
    def fields(self) -> set[str]:
        """The names of its signature fields."""
        return {"office", "vendor"} if self.code else {"vendor"}

    @property
    def code(self) -> FormCode | None:
        """The code by which the posted contract is found. None where the office doesn't sign the contract."""
        registration = self.registration
        if registration.assent_days is None:
            return None
        return FormCode(number=registration.number, revision=self.nth, paper="contract")

    @model_validator(mode="after")
    def _stands_on_one_form(self) -> Self:
        if (self.form_signed_at is None) == (self.form_received_on is None):
            raise ValueError("a contract stands on a form signed electronically or on a stamped one")
        return self

    @property
    def day(self) -> date:
        return self.dated

    @property
    def anew(self) -> bool:
        return self.is_anew(self.term)

    @staticmethod
    def is_anew(term: Term) -> bool:
        return _runs_anew(term)


JOINT_CONTRACT = "joint-contract"
"""The folder of the template of a contract over several products."""


def contract_kind(full_grant: FullGrant) -> str:
    """The folder of a contract's template: one that gives full use at the payment says so."""
    return "contract" if full_grant is FullGrant.AT_CONTRACT else "contract-at-payment"


class TreasuryContent(Frozen):
    """The content of a paper that people print, date, number and sign. `transfer` is how to pay what is open,
    None where nothing is; `paid` came of the sum, None where payments aren't followed. `drawn_on` chooses the
    edition, and isn't printed."""

    paper: TreasuryPaper
    vendor: Vendor
    registration: Registration
    drawn_on: date
    contract: ContractBasis | None
    transfer: TransferDetails | None
    paid: int | None = Field(ge=0)
    amount_in_words: str = Field(max_length=255)
    total_in_words: str = Field(max_length=255)

    @property
    def conditions(self) -> None:
        """It names none."""

    @property
    def fields(self) -> set[str]:
        """It is signed on paper."""
        return set()

    @property
    def kind(self) -> str:
        return self.paper

    @property
    def day(self) -> date:
        return self.drawn_on

    @property
    def drawn_at(self) -> datetime:
        """The beginning of the day (UTC): a paper that is drawn again that day has the same bytes."""
        return start_of_day(self.drawn_on, self.registration.zone)

    @property
    def open_amount(self) -> int | None:
        """What is left of the sum; None where payments aren't followed."""
        return None if self.paid is None else self.registration.price - self.paid


Content = FormContent | ContractContent | TreasuryContent


def _runs_anew(term: Term) -> bool:
    """Whether the term runs from the contract's date, rather than from the old expiry."""
    return term.basis_stage is Stage.TERMINATED and term.term_from != term.basis_expires_on + timedelta(
        days=1
    )
