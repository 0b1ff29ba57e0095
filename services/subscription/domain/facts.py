"""What is known of a subscription besides its licence, and keeps the calendar from having its way."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.stages.policy import SEVERITY
from shared.events.base import SendBy, Stage
from shared.events.renewal import Conditions, Party, Term
from shared.situation import Turn, turn_of

DATE_WAITS = timedelta(days=7)
"""How long a date must have stood before access tightens by it, unless a contract or a person set it."""


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateTrust(Fact):
    """How the present last day of use came to be, on `set_on`: it stood at `before` then.

    `named`: by a contract, an adoption, or a named person. Otherwise it came with many others, and
    tightens access only once it has stood for a week and its notice is on record (`noticed_on`); where
    `needs_release`, not before a named person releases it, and the office isn't bothered with it.
    """

    set_on: date
    named: bool
    before: Stage
    noticed_on: date | None = None
    needs_release: bool = False

    @property
    def expected_from(self) -> date:
        """The first day on which the date counts as expected, if its notice is on record."""
        return self.set_on if self.named else self.set_on + DATE_WAITS

    @property
    def trusted_from(self) -> date | None:
        """The first day on which access may tighten by the date. None: not as things are."""
        if self.named:
            return self.set_on
        if self.needs_release or self.noticed_on is None:
            return None
        return max(self.expected_from, self.noticed_on)

    def is_held_on(self, day: date) -> bool:
        return not self.named and (self.trusted_from is None or day < self.trusted_from)

    @property
    def stage_cap(self) -> Stage:
        """The tightest stage while held. A notice may be given meanwhile, but of a mere mistake."""
        return (
            self.before if self.needs_release else max(self.before, Stage.EXPIRING, key=SEVERITY.__getitem__)
        )


class OrderedLicence(Fact):
    """What a registration orders, as its contract must grant it."""

    package: str
    users: int
    storage_gb: int | None = None
    total_vnd: int
    conditions: Conditions | None = None


class ReminderGiven(Fact):
    """A reminder that counted to the last day of use `counted_from` was given `on` that day, the first of
    its kind: the next mail server took it, or the desk told the office."""

    counted_from: date
    on: date

    @property
    def lock_from(self) -> date:
        """At least one whole local day lies between."""
        return self.on + timedelta(days=2)


class RegistrationFacts(Fact):
    """`send_by` as told by the event of `told_at`; None while only its signature or its end is known.

    `copy_refused_at`: what the office showed up to then was found to be no stamped form.
    `term` is that of the form's `revision`. `office` is what the office declared of itself. Term, order and
    office are None in what was known before they were kept.
    `signed_revision` and `paper_revision` are the revisions of its form that are signed, and here on paper;
    `unconfirmed` those whose term was corrected to end earlier, until the office agrees. `accepted` is told
    last at `accepted_at`: a contract that the desk voids takes it back. `sign_by`: up to when the office
    signs its contract, while that waits for it.
    """

    send_by: SendBy | None = None
    told_at: AwareDatetime | None = None
    signed: bool = False
    closed: bool = False
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

    @property
    def is_known(self) -> bool:
        """Whether the renewal service told of it: what others tell gives nothing by itself."""
        return self.told_at is not None

    @property
    def is_open(self) -> bool:
        return self.is_known and not self.closed and (self.signed or self.send_by is SendBy.PAPER)

    @property
    def turn(self) -> Turn | None:
        """Whose turn it is; None once it is closed, or as long as too little is known of it."""
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


HoldReason = Literal["date_too_new", "notice_missing", "many_at_once"]


class Concession(Fact):
    """One office's extension or exemption: `until` is its last day, `by` whoever granted it."""

    until: date
    reason: str
    by: str


class Release(Fact):
    """Two people let the end come, from `day` on, by the plan of that day with this `plan` hash."""

    day: date
    plan: str
    by: tuple[str, str]


class ContractTerms(Fact):
    """What a contract grants, and the expiry it was computed from. `office` is what its registration declared
    of the office, None where that isn't known. `stated`: the last day that was stated when the contract was
    in force already, which is why it is in dispute."""

    renewal_id: UUID
    contract_number: str
    basis_expires_on: date
    term_from: date
    term_to: date
    package: str
    users: int
    storage_gb: int | None = None
    office: Party | None = None
    stated: date | None = None


class Deletion(Fact):
    """The deletion of an ended subscription's data: proposed by one, approved by another, then requested
    of the platform, whose proof ends it."""

    id: UUID
    terminated_on: date
    reason: str
    proposed_by: str
    approved_by: str | None = None
    cancelled: bool = False
    deleted_at: datetime | None = None
    proof: str | None = None

    @property
    def requested(self) -> bool:
        return self.approved_by is not None


class Recovery(Fact):
    """An office's request to have its data back, and the platform's answer."""

    id: UUID
    asked_on: date
    answer: Literal["restored", "partly", "impossible"] | None = None
    note: str = ""
