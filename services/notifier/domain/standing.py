"""Where a subscription stands, as the other services' events told us. What banners are made from."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from services.notifier.domain.frozen import Copied
from shared.calendar import add_years
from shared.events.base import Capability, SendBy, Stage
from shared.events.renewal import Term
from shared.events.signing import ContractIssued


class Step(StrEnum):
    """What an open registration waits for."""

    SIGN = "sign"
    SEND_PAPER = "send_paper"
    VENDOR = "vendor"


class Registration(Copied):
    """Parts come from several services, in any order; the renewal's own come with its registration.

    `term` is the form's as it was issued last; None in what was told before it was kept. `paper_here`: a
    stamped form is at the vendor's and wasn't sent back. `reminded` counts how often the office was asked for
    its form, signed or stamped.
    """

    registration_no: str = ""
    send_by: SendBy = SendBy.ELECTRONIC
    basis_expires_on: date | None = None
    registered_at: datetime | None = None
    term: Term | None = None
    signed: bool = False
    accepted: bool = False
    paper_here: bool = False
    reminded: int = 0
    issued: bool = False
    closed: bool = False

    @property
    def step(self) -> Step:
        if self.signed or self.accepted:
            return Step.VENDOR
        if self.send_by is SendBy.ELECTRONIC:
            return Step.SIGN
        return Step.VENDOR if self.paper_here else Step.SEND_PAPER

    @property
    def waits(self) -> bool:
        return not (self.issued or self.closed)

    def agrees_with(self, contract: ContractIssued) -> bool:
        """Whether it is this registration's: its number, and its term, which after an end runs from the
        contract's date."""
        if self.closed or self.registration_no != contract.registration_no:
            return False
        if self.term is None or contract.term == self.term:
            return True
        dated = contract.contract_date
        moved = {"term_from": dated, "term_to": add_years(dated, self.term.years)}
        ended = self.term.basis_stage is Stage.TERMINATED
        return ended and contract.term == self.term.model_copy(update=moved)


def later_end(ends_on: date, notice_days: int | None, told_on: date) -> date:
    """The end is so many days after its notice at least."""
    return max(ends_on, told_on + timedelta(days=notice_days)) if notice_days else ends_on


class End(Copied):
    """`ends_on` holds for the expiry it was told with, and no longer once that is corrected. `notice_days`
    where its notice isn't known to have been given: it comes so many days after that at least."""

    expires_on: date
    ends_on: date
    notice_days: int | None = None


class Standing(Copied):
    """Partly empty until each service has told its part. `renewals` is by renewal id.

    `reminded_on` is the local date of the last reminder told; `temporary_until` the last day, past or not,
    of the term's temporary access.
    """

    office_ref: str
    product_code: str
    zone: str | None = None
    stage: Stage | None = None
    access: tuple[Capability, ...] = ()
    expires_on: date | None = None
    temporary_until: date | None = None
    reminded_on: date | None = None
    termination: End | None = None
    deletion: End | None = None
    renewals: Mapping[UUID, Registration] = Field(default_factory=dict)

    def ends_on(self, today: date) -> date | None:
        """For an office without access: the date from which the service is ended or, once it is, the
        data is due for deletion."""
        ends = {
            Stage.LOCKED: self.termination,
            Stage.FINAL_NOTICE: self.termination,
            Stage.TERMINATED: self.deletion,
        }
        end = ends.get(self.stage) if self.stage else None
        if end is None or end.expires_on != self.expires_on:
            return None
        return later_end(end.ends_on, end.notice_days, today)

    @property
    def registration(self) -> Registration | None:
        """The open registration for the term that runs out: the latest one."""
        known = [r for r in self._of_this_term if r.registered_at and not (r.issued or r.closed)]
        return max(known, key=lambda r: str(r.registered_at), default=None)

    @property
    def renewed(self) -> bool:
        """A contract for what follows this term is in force, and its extension on its way to us."""
        return any(r.issued for r in self._of_this_term)

    @property
    def _of_this_term(self) -> list[Registration]:
        return [r for r in self.renewals.values() if r.basis_expires_on == self.expires_on]
