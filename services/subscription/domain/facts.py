"""Facts about a subscription besides its licence. They decide where the stage differs from the calendar's."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.subscription.domain.deletion_flow import DELETION_FLOW, DeletionStatus, DeletionStep
from services.subscription.domain.stages.policy import SEVERITY
from shared.events.base import Stage
from shared.events.renewal import Party
from shared.events.subscription import Licence

DATE_WAITS = timedelta(days=7)
"""How long a new date waits before it may tighten access, unless a contract or a named person set it."""
LONGEST_FOR_A_FORM = timedelta(days=90)
"""How long a form gives access, counted from the day on which it came."""


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateTrust(Fact):
    """How the present last day of use was set, on `set_on`. `before` is the stage on that day.

    `named`: a contract, an adoption or a named person set it. Otherwise it came in a list: it may tighten
    access only after a week and once its notice is on record (`noticed_on`). With `needs_release`, it waits
    until a named person releases it, and the office gets no notice of it.
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
        """The first day on which the date may tighten access. None: a notice or a release is missing."""
        if self.named:
            return self.set_on
        if self.needs_release or self.noticed_on is None:
            return None
        return max(self.expected_from, self.noticed_on)

    def is_held_on(self, day: date) -> bool:
        return not self.named and (self.trusted_from is None or day < self.trusted_from)

    @property
    def stage_cap(self) -> Stage:
        """The tightest stage while the date is held. A notice may be given, unless it is probably a
        mistake."""
        return (
            self.before if self.needs_release else max(self.before, Stage.EXPIRING, key=SEVERITY.__getitem__)
        )


class ReminderGiven(Fact):
    """The first reminder that counted down to the last day of use `counted_from`, and the day it was given.

    "Given" means that the next mail server accepted it, that the desk called the office, or that the renewer
    saw it on a page.
    """

    counted_from: date
    on: date

    @property
    def lock_from(self) -> date:
        """The first day on which a lock may follow: at least one whole local day after the reminder."""
        return self.on + timedelta(days=2)


class FormDays(Fact):
    """The days of temporary access that a form gives, of which some may be used.

    The form came on `came_on`, in the term that began at `term_since` (`renewed_at` of the subscription).
    `used` of its `count` days were used up to and including the day `counted_to`. The others follow this day,
    or the last day of full access if that is later.
    """

    came_on: date
    count: int
    used: int = 0
    counted_to: date
    term_since: AwareDatetime | None = None

    @property
    def left(self) -> int:
        return self.count - self.used

    def last_day(self, full_until: date) -> date:
        """The last of the days that are left, if full access lasts until `full_until`."""
        begins_after = max(self.counted_to, full_until)
        return min(begins_after + timedelta(days=self.left), self.came_on + LONGEST_FOR_A_FORM)

    def counted(self, full_until: date, today: date) -> Self:
        """With the days counted that were used up to today, while full access lasted until `full_until`."""
        spent = (min(today, self.last_day(full_until)) - max(self.counted_to, full_until)).days
        used = self.used + max(spent, 0)
        return self.model_copy(update={"used": used, "counted_to": max(today, self.counted_to)})

    def ended(self, full_until: date, today: date) -> Self:
        """With none left after today."""
        counted = self.counted(full_until, today)
        return counted.model_copy(update={"count": counted.used})

    def again(self, came_on: date, full_until: date, today: date, *, runs: bool) -> Self:
        """For a further form: the days that are left. If they don't run, none was used since."""
        known = self.counted(full_until, today) if runs and today > self.last_day(full_until) else self
        counted_to = known.counted_to if runs else max(known.counted_to, came_on)
        return known.model_copy(update={"came_on": max(known.came_on, came_on), "counted_to": counted_to})


HoldReason = Literal["date_too_new", "notice_missing", "many_at_once"]


class Concession(Fact):
    """One office's extension or exemption: `until` is its last day, `by` whoever granted it."""

    until: date
    reason: str
    by: str


class Release(Fact):
    """Two people released the end for `day`. `plan` is the hash of that day's plan."""

    day: date
    plan: str
    by: tuple[str, str]


class EarlierTerm(Fact):
    """What the subscription was before a contract gave it a new term: it is so again if the contract is void.

    `since` is when that term began (`renewed_at` of the subscription). `broken_at`: the commitment of the
    contract's own registration was broken in that term. `contract`: the contract that gave that term.
    `office`: the licence's fields about the office that the contract wrote over. Both are empty in documents
    of earlier releases.
    """

    expires_on: date
    package: str
    users: int
    policy: str
    storage_gb: int | None = None
    since: AwareDatetime | None = None
    signed_days: FormDays | None = None
    copy_days: FormDays | None = None
    broken_at: AwareDatetime | None = None
    contract: "ContractTerms | None" = None
    office: Mapping[str, str | None] = Field(default_factory=dict)


class ContractTerms(Fact):
    """What a contract grants, and the expiry date it was computed from.

    `office` is what its registration declared about the office, None if unknown. `stated` is the last day of
    use that was stated while the contract was in force: that is why it is in dispute. `earlier`: the term
    that it replaced, None before it counts and in documents of earlier releases.
    """

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
    earlier: EarlierTerm | None = None

    @property
    def declared(self) -> dict[str, str]:
        """What the office declared of the licence's fields. One that it left empty keeps its known value."""
        declared = self.office.model_dump(include=set(Licence.model_fields)) if self.office else {}
        return {field: value for field, value in declared.items() if value}

    def without_terms_over(self, today: date) -> Self:
        """Remembers the contract before it only while that one's term runs: the memory stays short."""
        if (earlier := self.earlier) is None or (before := earlier.contract) is None:
            return self
        kept = None if before.term_to < today else before.without_terms_over(today)
        return self.model_copy(update={"earlier": earlier.model_copy(update={"contract": kept})})


class Deletion(Fact):
    """The deletion of an ended subscription's data.

    One person proposes it, another approves it, then the platform is asked to delete. The platform's proof
    completes it. `proposed_on`, `approved_on`: None where an earlier release recorded it.
    """

    id: UUID
    terminated_on: date
    reason: str
    proposed_by: str
    proposed_on: date | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    cancelled: bool = False
    deleted_at: datetime | None = None
    proof: str | None = None

    @property
    def requested(self) -> bool:
        return self.approved_by is not None

    @property
    def status(self) -> DeletionStatus:
        if self.deleted_at:
            return DeletionStatus.DELETED
        if self.cancelled:
            return DeletionStatus.CANCELLED
        return DeletionStatus.REQUESTED if self.requested else DeletionStatus.PROPOSED

    def may(self, step: DeletionStep) -> bool:
        return DELETION_FLOW.may(self.status, step)

    def late_after(self, due_on: date) -> date | None:
        """The last day on which nobody is late with it. `due_on`: the end of the hold. None where it waits
        for nobody."""
        if (limit := DELETION_FLOW.limits.get(self.status)) is None:
            return None
        since = self.approved_on if self.requested else self.proposed_on
        return max(since or due_on, due_on) + timedelta(days=limit.days)


class Recovery(Fact):
    """An office's request to have its data back, and the platform's answer."""

    id: UUID
    asked_on: date
    answer: Literal["restored", "partly", "impossible"] | None = None
    note: str = ""
