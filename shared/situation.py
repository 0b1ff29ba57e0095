"""The situation of one subscription, as its office sees it: one rule for gate, banner, e-mail and page.

Each service keeps its own copy of the facts (`shared.situation_facts` reads them from the events) and has its
own texts. Only this module decides which text applies, with which dates. docs/adr/0015 has the reasons.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from shared.events.base import Capability, SendBy, Stage


class SituationKind(StrEnum):
    """Which text applies.

    `temporary`: the last day has passed, and temporary access was granted. `overdue`: it has passed, and
    access was not taken away. `held`: the vendor is checking an unexpected date. `at_the_desk`: a contract
    was computed from another expiry, and the vendor is checking it. `renewed`: a contract is in force, and
    its term is being recorded. `read_only` and `limited`: part of the access is left, without or with WRITE.
    """

    ACTIVE = "active"
    EXPIRING = "expiring"
    LAST_DAY = "last_day"
    TEMPORARY = "temporary"
    OVERDUE = "overdue"
    HELD = "held"
    AT_THE_DESK = "at_the_desk"
    RENEWED = "renewed"
    READ_ONLY = "read_only"
    LIMITED = "limited"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"


CLOSED = frozenset({SituationKind.LOCKED, SituationKind.FINAL_NOTICE, SituationKind.TERMINATED})
"""The product can't be opened."""
_VENDOR_AT_WORK = frozenset({SituationKind.HELD, SituationKind.AT_THE_DESK, SituationKind.RENEWED})
"""The vendor has to act: the office does not have to register."""


class Turn(StrEnum):
    """Who must act next, and how. `vendor`: the vendor; all others: the office. `confirm`: it agrees to the
    corrected term of its reissued form. `assent`: it signs the contract, electronically or on paper. `pay`:
    it pays for its contract in force, which gives full use only then."""

    REGISTER = "register"
    SIGN = "sign"
    SEND_PAPER = "send_paper"
    CONFIRM = "confirm"
    ASSENT = "assent"
    PAY = "pay"
    VENDOR = "vendor"


def turn_of(
    send_by: SendBy,
    *,
    accepted: bool,
    signed: int | None,
    paper: int | None,
    unconfirmed: Collection[int] = (),
    assents: bool = False,
    pays: bool = False,
) -> Turn:
    """What an open registration waits for.

    `signed` is the revision of the form that was signed electronically; `paper` the one that came stamped
    and was not sent back (None: no form has come). `unconfirmed` are the revisions whose term was corrected
    to end earlier, until the office agrees. `assents`: the contract waits for the office's signature.
    `pays`: it is in force and waits for its payment.
    """
    if pays:
        return Turn.PAY
    if accepted:
        return Turn.ASSENT if assents else Turn.VENDOR
    revision = signed if send_by is SendBy.ELECTRONIC else paper
    if revision is None:
        return Turn.SIGN if send_by is SendBy.ELECTRONIC else Turn.SEND_PAPER
    return Turn.CONFIRM if revision in unconfirmed else Turn.VENDOR


class Contract(StrEnum):
    """A contract that is in force but not part of the recorded term: still to be recorded, or disputed."""

    PENDING = "pending"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rule needs to know of a subscription.

    `counted_from` is the day to which days are counted, None if no event gave it. The service may end on
    `ends_on` or `end_notice_days` after the office was notified, whichever is later; `end_notice_days` is
    None once it was notified. `held` is why an unexpected date does not take access away. `registration` is
    what the open registration waits for, None if there is none. `sign_by` is the last day on which the
    office can sign its contract, `pay_by` the last day to pay for its contract in force.
    """

    stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
    counted_from: date | None = None
    temporary_until: date | None = None
    ends_on: date | None = None
    end_notice_days: int | None = None
    deletion_due_on: date | None = None
    deleted_on: date | None = None
    held: str | None = None
    contract: Contract | None = None
    registration: Turn | None = None
    sign_by: date | None = None
    pay_by: date | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What to say to an office, with its dates.

    `last_day` is the last day of the term. `usable_until` includes temporary access; `days_left` counts to it
    and is negative after it. `temporary_until` is set only if temporary access is why the product is open.
    `ends_on` is the day on which the service ends or, at `terminated`, on which data is due for deletion;
    None if there is no such day, or if an open registration prevents it. `sign_by` is set only while the
    office has to sign its contract, `pay_by` while it has to pay for its contract by a day.
    """

    kind: SituationKind
    turn: Turn
    last_day: date
    usable_until: date
    days_left: int
    ends_on: date | None = None
    ends_in: int | None = None
    temporary_until: date | None = None
    deleted_on: date | None = None
    sign_by: date | None = None
    pay_by: date | None = None

    @property
    def next_step(self) -> str:
        """The key of the text that says what is to be done next."""
        return "pay_now" if self.turn is Turn.PAY and self.pay_by is None else self.turn.value

    @property
    def registered(self) -> bool:
        """A registration is open, so the office does not have to register."""
        return self.turn is not Turn.REGISTER and self.kind not in _VENDOR_AT_WORK

    @property
    def asks_to_register(self) -> bool:
        return self.turn is Turn.REGISTER and self.kind not in _VENDOR_AT_WORK

    @property
    def is_closed(self) -> bool:
        return self.kind in CLOSED

    @property
    def is_news(self) -> bool:
        """Whether there is something to show to an office without being asked."""
        if self.kind is SituationKind.ACTIVE:
            return self.registered
        return self.kind is not SituationKind.RENEWED


def situation(facts: Facts, today: date) -> Situation:
    """`today` is the date in the office's zone; the stage is the one in force, never computed here."""
    usable = _usable_until(facts)
    kind = _kind(facts, usable, today)
    turn = Turn.VENDOR if kind in _VENDOR_AT_WORK else facts.registration or Turn.REGISTER
    result = Situation(
        kind=kind,
        turn=turn,
        last_day=facts.expires_on,
        usable_until=usable,
        days_left=(usable - today).days,
        temporary_until=usable if kind is SituationKind.TEMPORARY else None,
        sign_by=facts.sign_by if turn is Turn.ASSENT else None,
        pay_by=facts.pay_by if turn is Turn.PAY else None,
    )
    return _with_end(result, facts, today)


def _usable_until(facts: Facts) -> date:
    days = (facts.expires_on, facts.counted_from, facts.temporary_until)
    return max(day for day in days if day)


def _kind(facts: Facts, usable: date, today: date) -> SituationKind:
    if facts.contract:
        return SituationKind.RENEWED if facts.contract is Contract.PENDING else SituationKind.AT_THE_DESK
    if facts.stage is Stage.TERMINATED:
        return SituationKind.TERMINATED
    if facts.stage in (Stage.LOCKED, Stage.FINAL_NOTICE):
        return _after_lock(facts)
    if facts.held == "many_at_once":
        return SituationKind.HELD
    if facts.stage is Stage.ACTIVE:
        return SituationKind.ACTIVE
    if today <= facts.expires_on or (today <= usable and not facts.held):
        return _before_end(facts, usable, today)
    return SituationKind.OVERDUE


def _before_end(facts: Facts, usable: date, today: date) -> SituationKind:
    if today > facts.expires_on:
        return SituationKind.TEMPORARY
    return SituationKind.LAST_DAY if today == usable else SituationKind.EXPIRING


def _after_lock(facts: Facts) -> SituationKind:
    if not facts.access:
        return SituationKind(facts.stage.value)
    return SituationKind.LIMITED if Capability.WRITE in facts.access else SituationKind.READ_ONLY


def _with_end(result: Situation, facts: Facts, today: date) -> Situation:
    """An open registration prevents the end and the deletion, unless its form still waits for an electronic
    signature."""
    prevented = result.turn not in (Turn.REGISTER, Turn.SIGN)
    if result.kind is SituationKind.TERMINATED:
        due = None if prevented or facts.deleted_on else facts.deletion_due_on
        return replace(result, ends_on=due, deleted_on=facts.deleted_on)
    reduced = result.is_closed or result.kind in (SituationKind.READ_ONLY, SituationKind.LIMITED)
    if not reduced or prevented or facts.ends_on is None:
        return result
    ends_on = max(facts.ends_on, today + timedelta(days=facts.end_notice_days or 0))
    left = (ends_on - today).days
    return replace(result, ends_on=ends_on, ends_in=left if left > 0 else None)
