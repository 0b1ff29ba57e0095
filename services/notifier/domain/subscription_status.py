"""The status of a subscription, built from the other services' events. Banners are made from it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from services.notifier.domain.frozen import ProjectionModel
from services.notifier.domain.payment.progress import PaymentProgress
from shared.events.base import Capability, SendBy, Stage
from shared.events.order import OrderedResources
from shared.events.renewal import Term
from shared.events.signing import ContractIssued
from shared.situation import Contract, Facts, Turn, turn_of
from shared.time.calendar import add_years


class InvoiceProgress(ProjectionModel):
    """The invoice of one registration. `requested`: it is to be issued, and wanted on `wanted_on`."""

    requested: bool = False
    wanted_on: date | None = None
    issued_on: date | None = None


class GrantProgress(ProjectionModel):
    """The newest revision of the grant of resources that a contract gives. `withdrawn`: it no longer
    counts."""

    id: UUID | None = None
    revision: int = 0
    withdrawn: bool = False


class RegistrationProgress(ProjectionModel):
    """The progress of one registration. Its parts come from several services, in any order.

    `term` is that of the form's newest `revision`; None in copies older than this field. `paper_here`: the
    vendor has a stamped form and did not send it back. `unconfirmed` are the revisions whose term was
    corrected to end earlier, until the office agrees. `restated` is the newest revision with another term
    than the one before; None if there is none, or in copies older than this field. `joined` are the codes of
    the other products on the form that it carries. `reminded` is the number of the last reminder for the
    form. `sign_by` is the last day on which the office can sign its contract, while the contract waits for
    it.

    `ordered` is what the order gives; `total` in đồng what is to be paid, None in copies older than these
    fields. `wait_until` is the last day of the wait that renewal told last. `copy_sent`: a picture of the
    stamped form came once, `shown`: the newest one counts, `shown_again`: it came after the form was sent
    back (`returned`). `contract_here`: the contract came stamped. `contract_on`: it is in force since then.
    `replaced_by` is the renewal in its place; None in copies older than this field. `grant` is what the
    platform was asked for by the contract.
    """

    registration_no: str = ""
    send_by: SendBy = SendBy.ELECTRONIC
    basis_expires_on: date | None = None
    registered_at: datetime | None = None
    term: Term | None = None
    revision: int = 1
    signed: bool = False
    signed_revision: int | None = None
    accepted: bool = False
    sign_by: date | None = None
    paper_here: bool = False
    paper_revision: int | None = None
    unconfirmed: tuple[int, ...] = ()
    restated: int | None = None
    joined: tuple[str, ...] = ()
    reminded: int = 0
    issued: bool = False
    closed: bool = False
    closed_as: Literal["refused", "cancelled", "contract_void"] | None = None
    closed_on: date | None = None
    replaced: bool = False
    replaced_by: UUID | None = None
    ordered: OrderedResources | None = None
    total: int | None = None
    wait_until: date | None = None
    copy_sent: bool = False
    shown: bool = False
    shown_again: bool = False
    returned: bool = False
    signed_at: AwareDatetime | None = None
    paper_on: date | None = None
    contract_here: bool = False
    contract_on: date | None = None
    payment: PaymentProgress = PaymentProgress()
    invoice: InvoiceProgress = InvoiceProgress()
    grant: GrantProgress = GrantProgress()

    @property
    def turn(self) -> Turn:
        return turn_of(
            self.send_by,
            accepted=self.accepted,
            signed=(self.signed_revision or 1) if self.signed else None,
            paper=(self.paper_revision or 1) if self.paper_here else None,
            unconfirmed=self.unconfirmed,
            assents=self.sign_by is not None,
        )

    @property
    def waits(self) -> bool:
        return not (self.issued or self.closed)

    @property
    def is_open(self) -> bool:
        return self.registered_at is not None and self.waits

    def agrees_with(self, contract: ContractIssued) -> bool:
        """Whether the contract has this registration's number and term. After a termination the term runs
        from the contract's date."""
        if self.closed or self.registration_no != contract.registration_no:
            return False
        if self.term is None or contract.term == self.term:
            return True
        dated = contract.contract_date
        moved = {"term_from": dated, "term_to": add_years(dated, self.term.years)}
        ended = self.term.basis_stage is Stage.TERMINATED
        return ended and contract.term == self.term.model_copy(update=moved)


class SubscriptionStatus(ProjectionModel):
    """Fields are empty until the service that knows them publishes its event. `renewals` is by renewal id.

    The subscription's facts come from its events (`facts_from`). `reminded_on` is the local
    date of the last reminder; `temporary_until` is the last day, past or not, of the term's temporary access.
    `package` and `users` are what the licence allows; empty in copies older than these fields.
    """

    office_ref: str
    product_code: str
    zone: str | None = None
    package: str | None = None
    users: int | None = None
    stage: Stage | None = None
    access: tuple[Capability, ...] = ()
    expires_on: date | None = None
    counted_from: date | None = None
    temporary_until: date | None = None
    ends_on: date | None = None
    end_notice_days: int | None = None
    deletion_due_on: date | None = None
    deleted_on: date | None = None
    held: str | None = None
    contracts: tuple[UUID, ...] | None = None
    disputed: tuple[UUID, ...] = ()
    unpaid: tuple[UUID, ...] = ()
    pay_by: date | None = None
    reminded_on: date | None = None
    renewals: Mapping[UUID, RegistrationProgress] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _read_older_release(cls, stored: Any) -> Any:
        """Read copies of an older release, which stored each end together with its expiry."""
        if not isinstance(stored, dict) or "ends_on" in stored:
            return stored
        ends = {}
        for name, old in (("ends_on", "termination"), ("deletion_due_on", "deletion")):
            end = stored.get(old)
            if end and end["expires_on"] == stored.get("expires_on"):
                ends[name] = end["ends_on"]
                ends.setdefault("end_notice_days", end.get("notice_days"))
        return {**ends, **stored}

    @property
    def facts(self) -> Facts | None:
        """The facts for `shared.situation`; None while too little is known."""
        if self.expires_on is None or self.stage is None:
            return None
        ends = ("ends_on", "end_notice_days", "deletion_due_on", "deleted_on")
        names = ("access", "counted_from", "temporary_until", *ends)
        return Facts(
            stage=self.stage,
            expires_on=self.expires_on,
            held=self.held,
            contract=self.contract,
            registration=self.turn,
            sign_by=self.registration.sign_by if self.registration else None,
            pay_by=self.pay_by,
            **{name: getattr(self, name) for name in names},
        )

    @property
    def registration(self) -> RegistrationProgress | None:
        """The open registration, or the one whose contract in force waits for its payment: the latest one."""
        id = self.registration_id
        return self.renewals[id] if id else None

    @property
    def turn(self) -> Turn | None:
        """What the open registration waits for. None where there is none."""
        if self.registration_id in self.unpaid:
            return Turn.PAY
        return self.registration.turn if self.registration else None

    @property
    def registration_id(self) -> UUID | None:
        """The id of the renewal whose registration is open, or whose contract in force waits for its
        payment."""
        known = [
            (str(one.registered_at), id)
            for id, one in self.renewals.items()
            if one.is_open or (id in self.unpaid and not one.closed)
        ]
        return max(known, key=lambda dated: dated[0])[1] if known else None

    @property
    def contract(self) -> Contract | None:
        """The state of an issued contract whose term is not in effect here yet: disputed or pending."""
        if self.disputed:
            return Contract.DISPUTED
        issued = (
            (id, one)
            for id, one in self.renewals.items()
            if one.issued and not one.closed and id not in self.unpaid
        )
        return Contract.PENDING if any(self._is_pending(*each) for each in issued) else None

    def _is_pending(self, id: UUID, renewal: RegistrationProgress) -> bool:
        is_unknown = self.contracts is not None and id not in self.contracts
        return is_unknown or renewal.basis_expires_on == self.expires_on
