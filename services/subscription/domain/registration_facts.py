"""Facts about a registration, until its contract is in force."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from services.subscription.domain.facts import Fact
from shared.events.base import SendBy
from shared.events.renewal import Conditions, Party, Term
from shared.situation import Turn, turn_of


class OrderedLicence(Fact):
    """What a registration orders. Its contract must grant the same."""

    package: str
    users: int
    storage_gb: int | None = None
    total_vnd: int
    conditions: Conditions | None = None


class RegistrationFacts(Fact):
    """What this service knows about a registration.

    - `send_by`: the way of sending, by the event of the instant `told_at`. None while only its signature or
      its end is known.
    - `replaced_by`: the registration that took the place of this closed one.
    - `copy_refused_at`: the copies uploaded up to then don't show a stamped form.
    - `term`: the term of the form's `revision`. `office`: what the office declared about itself. `term`,
      `ordered` and `office` are None in documents of earlier releases.
    - `signed_revision`, `paper_revision`: the revisions of the form that are signed, or have arrived on
      paper.
    - `unconfirmed`: the revisions whose term was corrected to end earlier and that the office must confirm.
    - `accepted`: by the latest event, of `accepted_at`. A contract that the desk voids takes it back.
    - `sign_by`: the last day on which the office may sign its contract, while the contract waits for it.
    - `committed_until`, `paid_until`: the last day of access that an accepted commitment to pay, or a payment
      in full, gives while the contract is awaited; by the events of `committed_at` and `paid_at`.
    """

    send_by: SendBy | None = None
    told_at: AwareDatetime | None = None
    signed: bool = False
    closed: bool = False
    replaced_by: UUID | None = None
    copy_refused_at: AwareDatetime | None = None
    revision: int = 0
    term: Term | None = None
    ordered: OrderedLicence | None = None
    office: Party | None = None
    signed_revision: int | None = None
    paper_revision: int | None = None
    paper_at: AwareDatetime | None = None
    unconfirmed: tuple[int, ...] = ()
    accepted: bool = False
    accepted_at: AwareDatetime | None = None
    sign_by: date | None = None
    committed_until: date | None = None
    committed_at: AwareDatetime | None = None
    paid_until: date | None = None
    paid_at: AwareDatetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether an event of the renewal service was read. Events of other services alone give nothing."""
        return self.told_at is not None

    @property
    def is_open(self) -> bool:
        return self.is_known and not self.closed and (self.signed or self.send_by is SendBy.PAPER)

    @property
    def payment_until(self) -> date | None:
        """The last day of the access that a payment gives, or an accepted commitment whose form is here."""
        form_here = self.signed or self.paper_revision is not None
        days = (self.committed_until if form_here else None, self.paid_until)
        return max((day for day in days if day), default=None)

    @property
    def waits_until(self) -> date | None:
        """The last day of access while the contract is awaited, if something gives that."""
        return max((day for day in (self.sign_by, self.payment_until) if day), default=None)

    @property
    def turn(self) -> Turn | None:
        """Who must act next. None if it is closed, or while too little is known of it."""
        if self.closed or self.send_by is None:
            return None
        return turn_of(
            self.send_by,
            accepted=self.accepted,
            signed=(self.signed_revision or 1) if self.signed else None,
            paper=self.paper_revision,
            unconfirmed=self.unconfirmed,
            assents=self.sign_by is not None,
        )
