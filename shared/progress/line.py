"""The progress of one registration as a line: what is done, with its day; the one point at which it is now;
and what comes next.

Pages, the history, REST, e-mails and banners tell this line. It is computed from the facts each time and
never stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

from shared.progress.facts import ProgressFacts
from shared.progress.point import Milestone, PointDetail, PointState, ProgressPoint
from shared.situation import Turn

D = PointDetail


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """`points`: first those that are done, by their day; then what the office has for the present; then the
    one that is now; then those that come next. An ended registration has only the first."""

    points: tuple[ProgressPoint, ...]

    @property
    def now(self) -> ProgressPoint | None:
        return next((point for point in self.points if point.state is PointState.NOW), None)

    @property
    def awaited(self) -> ProgressPoint | None:
        """What somebody still has to do, for a text that is read later: `now`, but not the new term, which is
        recorded within moments, if something comes after it."""
        waits = [point for point in self.points if point.state in (PointState.NOW, PointState.NEXT)]
        lasting = [point for point in waits if point.detail is not D.ACCESS_RECORDED]
        return next(iter([*lasting, *waits]), None)

    def find(self, milestone: Milestone) -> ProgressPoint | None:
        return next((point for point in self.points if point.milestone is milestone), None)


def progress_line(facts: ProgressFacts) -> ProgressLine:
    points = list(_points(facts))
    dated = [point for point in points if point.on is not None]
    running = [point for point in points if point.state is PointState.RUNNING]
    awaited = [point for point in points if point.state is PointState.NEXT]
    if facts.closed:
        awaited = []
    order = list(Milestone)
    dated.sort(key=lambda point: (point.on, order.index(point.milestone)))
    if facts.contract_on:
        awaited.sort(key=partial(_urgency, facts))
    if awaited:
        awaited[0] = replace(awaited[0], state=PointState.NOW)
    return ProgressLine((*dated, *running, *awaited))


def _urgency(facts: ProgressFacts, point: ProgressPoint) -> tuple[int, date, bool]:
    """The term must be recorded before anything else. While full use waits for the payment, the payment comes
    next, and full use last. Of the others the earliest last day counts."""
    access_unpaid = point.detail is D.ACCESS_UNPAID
    first = point.milestone is Milestone.ACCESS and not access_unpaid
    pays = facts.unpaid and point.milestone is Milestone.PAYMENT
    return 0 if first else 1 if pays else 2, point.until or date.max, access_unpaid


def _points(facts: ProgressFacts) -> Iterator[ProgressPoint]:
    """In the order of the milestones. Those that aren't done yet come as NEXT."""
    yield _done(Milestone.DECLARED, D.DECLARED, facts.declared_on)
    if form := _form(facts):
        yield form
    if not facts.closed:
        yield _contract(facts)
        yield _access(facts)
    if payment := _payment(facts):
        yield payment
    if invoice := _invoice(facts):
        yield invoice
    if facts.closed:
        yield ProgressPoint(Milestone.CLOSED, PointState.STOPPED, D(facts.closed), on=facts.closed_on)


def _form(facts: ProgressFacts) -> ProgressPoint | None:
    """None for an ended registration whose form never came."""
    if facts.form_on:
        detail = D.FORM_RECEIVED if facts.on_paper else D.FORM_SIGNED
        return _done(Milestone.FORM, detail, facts.form_on)
    if facts.closed:
        return None
    if facts.turn is Turn.SEND_PAPER and facts.form_shown:
        return _awaited(facts, Milestone.FORM, D.FORM_TO_POST, "office", facts.post_by)
    posted = D.FORM_RETURNED if facts.form_returned else D.FORM_TO_SEND
    details = {Turn.CONFIRM: D.TERM_TO_CONFIRM, Turn.SEND_PAPER: posted}
    return _awaited(facts, Milestone.FORM, details.get(facts.turn, D.FORM_TO_SIGN), "office", facts.form_by)


def _contract(facts: ProgressFacts) -> ProgressPoint:
    if facts.contract_on:
        return _done(Milestone.CONTRACT, D.CONTRACT_ISSUED, facts.contract_on)
    if not facts.form_on:
        return _awaited(facts, Milestone.CONTRACT, D.CONTRACT_AWAITED, "vendor")
    if facts.turn is Turn.ASSENT:
        return _awaited(facts, Milestone.CONTRACT, D.CONTRACT_TO_SIGN, "office", facts.sign_by)
    sealing = D.CONTRACT_RECEIVED if facts.contract_here else D.CONTRACT_SEALED
    detail = sealing if facts.accepted else D.CONTRACT_CHECKED
    return _awaited(facts, Milestone.CONTRACT, detail, "vendor", facts.answer_by)


def _access(facts: ProgressFacts) -> ProgressPoint:
    """Access by the contract, from the day of the contract. Where its term is disputed, the desk looks at it
    while access goes on."""
    if not facts.contract_on:
        if until := facts.temporary_until:
            return ProgressPoint(Milestone.ACCESS, PointState.RUNNING, D.ACCESS_TEMPORARY, until=until)
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_AWAITED, "vendor")
    if facts.unpaid and not (facts.payment and facts.payment.paid_on):
        return _access_at_payment(facts)
    if facts.disputed:
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_CHECKED, "vendor")
    if not facts.recorded:
        return _awaited(facts, Milestone.ACCESS, D.ACCESS_RECORDED, "vendor")
    return _done(Milestone.ACCESS, D.ACCESS_GIVEN, facts.contract_on)


def _access_at_payment(facts: ProgressFacts) -> ProgressPoint:
    """The contract is in force, and gives temporary use until its payment, where that still runs."""
    if until := facts.temporary_until:
        return ProgressPoint(Milestone.ACCESS, PointState.RUNNING, D.ACCESS_TEMPORARY, until=until)
    return _awaited(facts, Milestone.ACCESS, D.ACCESS_UNPAID, "office")


def _payment(facts: ProgressFacts) -> ProgressPoint | None:
    payment = facts.payment
    if payment is None:
        return None
    if payment.paid_on:
        return _done(Milestone.PAYMENT, D.PAID, payment.paid_on)
    if payment.is_here:
        return _awaited(facts, Milestone.PAYMENT, D.PAYMENT_HERE, "vendor")
    if payment.is_reported:
        return _awaited(facts, Milestone.PAYMENT, D.PAYMENT_REPORTED, "vendor", payment.seen_by)
    detail = D.PAYMENT_PART if payment.in_part else D.PAYMENT_AWAITED
    return _awaited(facts, Milestone.PAYMENT, detail, "office", payment.due_on)


def _invoice(facts: ProgressFacts) -> ProgressPoint | None:
    invoice = facts.invoice
    if invoice is None:
        return None
    if invoice.issued_on:
        return _done(Milestone.INVOICE, D.INVOICE_ISSUED, invoice.issued_on)
    return _awaited(facts, Milestone.INVOICE, D.INVOICE_AWAITED, "vendor", invoice.wanted_on)


def _done(milestone: Milestone, detail: PointDetail, on: date) -> ProgressPoint:
    return ProgressPoint(milestone, PointState.DONE, detail, on=on)


def _awaited(
    facts: ProgressFacts,
    milestone: Milestone,
    detail: PointDetail,
    waits_for: Literal["office", "vendor"],
    until: date | None = None,
) -> ProgressPoint:
    late = until is not None and until < facts.today
    return ProgressPoint(milestone, PointState.NEXT, detail, waits_for=waits_for, until=until, late=late)
