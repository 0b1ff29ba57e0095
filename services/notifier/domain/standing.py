"""Where a subscription stands, as the other services' events told us. What banners are made from."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from services.notifier.domain.frozen import Copied
from shared.events.base import Capability, SendBy, Stage


class Step(StrEnum):
    """What an open registration waits for."""

    SIGN = "sign"
    SEND_PAPER = "send_paper"
    VENDOR = "vendor"


class Registration(Copied):
    """Parts come from several services, in any order; the renewal's own come with its registration.

    `paper_here`: a stamped form is at the vendor's and wasn't sent back. `reminded` counts how often the
    office was asked for its form, signed or stamped.
    """

    registration_no: str = ""
    send_by: SendBy = SendBy.ELECTRONIC
    basis_expires_on: date | None = None
    registered_at: datetime | None = None
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


class End(Copied):
    """`ends_on` holds for the expiry it was told with, and no longer once that is corrected."""

    expires_on: date
    ends_on: date


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

    @property
    def ends_on(self) -> date | None:
        """For an office without access: the date from which the service is ended or, once it is, the
        data is due for deletion."""
        ends = {
            Stage.LOCKED: self.termination,
            Stage.FINAL_NOTICE: self.termination,
            Stage.TERMINATED: self.deletion,
        }
        end = ends.get(self.stage) if self.stage else None
        return end.ends_on if end and end.expires_on == self.expires_on else None

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
