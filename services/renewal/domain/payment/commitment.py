"""An office's commitment to pay by a day: the vendor accepts or refuses it, and follows it until the money is
here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.working_days import working_day_after
from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit

SEEN_AFTER, ACCESS_AFTER = 3, 5
"""Working days after the last day to pay: by then a transfer of that day is seen, and access ends."""
REFUSED_PAYS_IN = 5
"""Working days in which an office pays whose day isn't accepted."""
BEFORE, AFTER = (7, 1), (7, 14)
"""Calendar days of the reminders before the last day to pay, and after the commitment was broken."""


class CommitmentStatus(StrEnum):
    """`BROKEN`: the vendor had accepted it, the last day passed, and not all was paid."""

    AWAITING = "awaiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    BROKEN = "broken"


class CommitmentStep(StrEnum):
    """A step that changes a commitment. `PAY`: all is paid, or no longer."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    EXTEND = "extend"
    BREAK = "break"
    PAY = "pay"


S, Step = CommitmentStatus, CommitmentStep
COMMITMENT_FLOW = FlowTable(
    first=(S.AWAITING,),
    transitions={
        S.AWAITING: {Step.ACCEPT: (S.ACCEPTED,), Step.REFUSE: (S.REFUSED,), Step.PAY: (S.AWAITING,)},
        S.ACCEPTED: {Step.EXTEND: (S.ACCEPTED,), Step.BREAK: (S.BROKEN,), Step.PAY: (S.ACCEPTED,)},
        S.REFUSED: {Step.EXTEND: (S.ACCEPTED,), Step.PAY: (S.REFUSED,)},
        S.BROKEN: {Step.EXTEND: (S.ACCEPTED,), Step.PAY: (S.BROKEN,)},
    },
    step_owners={
        Step.ACCEPT: (Owner.RULE, Owner.DESK),
        Step.REFUSE: (Owner.DESK,),
        Step.EXTEND: (Owner.DESK,),
        Step.BREAK: (Owner.RULE,),
        Step.PAY: (Owner.OFFICE,),
    },
    limits={
        S.AWAITING: WaitLimit(Owner.DESK, 1),
        S.ACCEPTED: WaitLimit(Owner.OFFICE, SEEN_AFTER, LimitStart.PAY_DAY),
        S.REFUSED: WaitLimit(Owner.OFFICE, SEEN_AFTER, LimitStart.PAY_DAY),
        S.BROKEN: WaitLimit(Owner.DESK, 5),
    },
    settled=(),
)
"""It waits once the form is here, and until all is paid (`Commitment.paid`), whatever was decided. A step
that isn't listed is refused."""


@dataclass(frozen=True, slots=True)
class Reminder:
    on: date
    why: Literal["due", "overdue"]


class Commitment(Frozen):
    """`pay_by` is the last day to pay, never a day off. `decided_by`: "rule", or the clerk's subject.

    `extended_from` is the day before the extension. `broken_at` stays, also after an extension. `paid`: all
    is paid, whatever was decided. `paid_of`: while not all is, the registrations of a joint one to which
    their whole price is allocated. `reminded` counts the reminders that came or are past; `next_on` is the
    day of the next one, None where none comes any more.
    """

    pay_by: date
    status: CommitmentStatus = CommitmentStatus.AWAITING
    decided_by: str | None = None
    reason: str = ""
    decided_at: datetime | None = None
    extended_from: date | None = None
    broken_at: datetime | None = None
    paid: bool = False
    paid_of: tuple[UUID, ...] = ()
    reminded: int = 0
    next_on: date | None = None

    @classmethod
    def made(cls, pay_by: date, today: date) -> Self:
        """The office commits itself today."""
        return cls(pay_by=pay_by).reminded_until(today)

    def of_product(self, renewal_id: UUID) -> Self:
        """As it stands for one product of a joint registration: kept, too, where its own price is paid."""
        return self.model_copy(update={"paid": self.paid or renewal_id in self.paid_of})

    @property
    def seen_on(self) -> date:
        """The day on which a transfer of the last day is seen at the latest."""
        return working_day_after(self.pay_by, SEEN_AFTER)

    @property
    def access_until(self) -> date:
        """The last day of the access that an accepted commitment gives. The office is told some days before
        that its money hasn't come."""
        return working_day_after(self.pay_by, ACCESS_AFTER)

    @property
    def reminders(self) -> tuple[Reminder, ...]:
        """In their order."""
        before = [Reminder(self.pay_by - timedelta(days=n), "due") for n in BEFORE]
        after = [Reminder(self.seen_on + timedelta(days=n), "overdue") for n in (0, *AFTER)]
        return (*before, *after)

    @property
    def is_running(self) -> bool:
        """Whether the office has until its last day."""
        return self.status in (CommitmentStatus.AWAITING, CommitmentStatus.ACCEPTED) and not self.paid

    @property
    def shown_as(self) -> str:
        """The key of the text that says how it stands."""
        return "kept" if self.paid else self.status.value

    @property
    def is_in_default(self) -> bool:
        """After that, the office renews by paying, or by a clerk's decision."""
        return self.status is CommitmentStatus.BROKEN and not self.paid

    def reminded_until(self, today: date) -> Self:
        """With the reminders up to and including today counted. Once all is paid none comes."""
        ladder = self.reminders
        past = sum(reminder.on <= today for reminder in ladder)
        next_on = ladder[past].on if past < len(ladder) and not self.paid else None
        return self.model_copy(update={"reminded": past, "next_on": next_on})

    def may(self, step: CommitmentStep) -> bool:
        """Whether the step is possible now."""
        once_more = step == CommitmentStep.EXTEND and self.extended_from is not None
        return COMMITMENT_FLOW.may(self.status, step) and not once_more

    def after(self, step: CommitmentStep) -> CommitmentStatus:
        """Raises RenewalError where the step isn't possible."""
        if not (targets := COMMITMENT_FLOW.targets(self.status, step)):
            raise RenewalError("commitment-decided")
        return targets[0]

    def decided(self, step: CommitmentStep, by: str, reason: str, now: datetime, **changes: object) -> Self:
        """After a decision of a clerk or the rule."""
        decision = {"status": self.after(step), "decided_by": by, "reason": reason, "decided_at": now}
        return self.model_copy(update=decision | changes)

    def without_reminders(self) -> Self:
        """Nothing is to be paid any more."""
        return self.model_copy(update={"next_on": None})

    def after_payment(self, paid: bool, today: date) -> Self:
        """All is `paid`, or no longer: then, if all reminders are past, the last one comes again today."""
        if paid:
            return self.without_reminders().model_copy(update={"paid": True})
        again = self.model_copy(update={"paid": False}).reminded_until(today)
        return again.model_copy(update={"next_on": again.next_on or today})
