"""The aggregate `Receivable`: what an office is to pay for one registration, and what was received of it.

Other services read its events: a payment in full gives access while the contract is awaited.
"""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from services.renewal.domain.flow import OPEN, VALID
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.joint.shares import ProductShare, ReceiptEvent, shares_of, tell_each
from services.renewal.domain.payment.claims.claim import PaymentClaim, PaymentSlip, Side
from services.renewal.domain.payment.commitment import REFUSED_PAYS_IN, SEEN_AFTER
from services.renewal.domain.payment.transfer import due_day, is_payable, transfer_of
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal, event_fields
from services.renewal.domain.vendor import Vendor
from services.renewal.domain.working_days import working_day_after
from shared import ids
from shared.events.commitment import PaymentAwaited
from shared.events.payment import PaymentClaimed, PaymentClaimRefused, PaymentRecorded, PaymentReversed
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

_MOST_RECEIPTS, _MOST_CLAIMS = 100, 50


class Reversal(Frozen):
    """`refunded`: the money was given back; otherwise it was recorded in error."""

    reason: str
    refunded: bool
    by: str
    at: datetime


class Receipt(Frozen):
    """Money that the vendor received, in đồng. `reference`: the bank's number of the transfer, or a note.
    `line_id`: the line of a bank statement that says so, if it came by one, and `line_decided_at` when it was
    decided that the line pays this."""

    id: UUID
    amount: int
    received_on: date
    reference: str
    recorded_by: str
    recorded_at: datetime
    reversal: Reversal | None = None
    line_id: UUID | None = None
    line_decided_at: datetime | None = None

    @property
    def counts(self) -> bool:
        return self.reversal is None


class Receivable(State):
    """`amount` is to be paid by `due_on`; None where the office declared that it has paid, until the desk
    didn't find that money. `claim` is the newest one.

    `slips`, the oldest first, are the payment orders that the office uploaded; a later one removes none.
    `claims` counts the claims. `claimed_since` is when the office first said that it paid, or money came
    `here`, while not all of it is recorded and the claim isn't refused: then the desk looks for it.
    `unsettled_since`: what is received changed then, and the commitment to pay hasn't followed yet.
    `earlier`: the registrations that this one replaced and to which payments may have been made, the oldest
    first. `here`: the đồng that came for those and that the desk hasn't moved yet. Nobody asks the office for
    them. `over_since`: more is here than is due since then. `may_close`: money came while its registration
    could still be closed. `allocated`: how a clerk allocated a part payment to the products of a joint
    registration; `unallocated_since`: some money waits for that since then.
    """

    id: UUID
    renewal_id: UUID
    amount: int
    due_on: date | None
    claim: PaymentClaim | None = None
    receipts: tuple[Receipt, ...] = ()
    claimed_since: datetime | None = None
    claims: int = 0
    unsettled_since: datetime | None = None
    slips: tuple[PaymentSlip, ...] = ()
    earlier: tuple[UUID, ...] = ()
    here: int = 0
    over_since: datetime | None = None
    may_close: bool = False
    allocated: tuple[ProductShare, ...] = ()
    unallocated_since: datetime | None = None

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """As it begins. A declaration of having paid is a claim; a joined product has none."""
        payment, claim = registration.payment, None
        if payment.kind == "paid" and not registration.lead:
            side: Side = "desk" if registration.on_behalf else "office"
            claim = PaymentClaim(
                paid_on=payment.on, memo="", side=side, claimed_at=registration.registered_at
            )
        return cls(
            id=receivable_id(registration.renewal_id),
            renewal_id=registration.renewal_id,
            amount=registration.total,
            due_on=None if payment.kind == "paid" else registration.payment_day,
            claim=claim,
            claimed_since=registration.registered_at if claim else None,
        )

    @property
    def paid(self) -> int:
        return sum(receipt.amount for receipt in self.receipts if receipt.counts)

    @property
    def asked(self) -> int:
        """What the office is still asked for."""
        return max(self.amount - self.paid - self.here, 0)

    @property
    def refunded(self) -> int:
        """What was given back."""
        return sum(each.amount for each in self.receipts if each.reversal and each.reversal.refunded)

    @property
    def open_claim(self) -> bool:
        return self.claim is not None and self.claim.refused is None

    def told(self, event: ReceiptEvent, renewal: Renewal) -> Decision[Self]:
        """This state, with the event told of each product that the money is for."""
        told = tell_each(event, renewal.registration, self.paid, self.allocated)
        return Decision(self.waiting_for_shares(renewal, event.recorded_at), told)

    def waiting_for_shares(self, renewal: Renewal, now: datetime) -> Self:
        """This state, with since when some of the money waits to be allocated; None where none does, or the
        registration is closed and nothing is due."""
        counted = sum(shares_of(renewal.registration, self.paid, self.allocated).values())
        waits = counted < self.paid and renewal.status in VALID
        return self.model_copy(
            update={"unallocated_since": (self.unallocated_since or now) if waits else None}
        )

    def _with_covered_allocation(self) -> Self:
        """Without an allocation of more than is left: later money isn't what the clerk allocated."""
        if sum(each.amount for each in self.allocated) <= self.paid:
            return self
        return self.model_copy(update={"allocated": ()})

    def changed(self, now: datetime, **changes: object) -> Self:
        changed = self.model_copy(update=changes)
        waits = (changed.open_claim or changed.here) and changed.paid < changed.amount
        return changed.model_copy(update={"claimed_since": (self.claimed_since or now) if waits else None})


def receivable_id(renewal_id: UUID) -> UUID:
    """An id of its own: its events are numbered apart from the renewal's."""
    return ids.derived("receivable", renewal_id)


def claim_payment(
    state: Receivable, renewal: Renewal, paid_on: date, memo: str, side: Side, now: datetime
) -> Decision[Receivable] | None:
    """The office says that it has paid. None where it has said so already. Raises RenewalError where there is
    nothing to pay, or all is here."""
    if not is_payable(renewal):
        raise RenewalError("nothing-to-pay")
    if state.paid >= state.amount:
        raise RenewalError("paid-already")
    known = state.claim if state.open_claim else None
    claim = PaymentClaim(
        paid_on=paid_on, memo=memo or (known.memo if known else ""), side=side, claimed_at=now
    )
    if known and (known.paid_on, known.memo) == (claim.paid_on, claim.memo):
        return None
    if state.claims >= _MOST_CLAIMS:
        raise RenewalError("claims-full")
    changed = state.changed(now, claim=claim, claims=state.claims + 1)
    return Decision(changed, (claim_event(renewal, claim, now),))


def claim_event(renewal: Renewal, claim: PaymentClaim, now: datetime) -> PaymentClaimed:
    fields = event_fields(renewal.registration, now)
    said_on = civil_date(claim.claimed_at, renewal.registration.zone)
    seen_by = working_day_after(said_on, SEEN_AFTER)
    return PaymentClaimed(**fields, paid_on=claim.paid_on, claimed_by=claim.side, seen_by=seen_by)


def chase_claim(
    state: Receivable, renewal: Renewal, vendor: Vendor, now: datetime
) -> Decision[Receivable] | None:
    """Tell the office that the money it says to have paid isn't seen, some working days later. Once a claim.
    None where it isn't due."""
    claim, today = state.claim, civil_date(now, renewal.registration.zone)
    if claim is None or claim.refused or claim.chased_at:
        return None
    chased = state.changed(now, claim=claim.model_copy(update={"chased_at": now}))
    if not is_payable(renewal):
        return Decision(chased)
    said_on = civil_date(claim.claimed_at, renewal.registration.zone)
    if not state.asked or today <= working_day_after(said_on, SEEN_AFTER):
        return None
    transfer = transfer_of(renewal, vendor, state.asked)
    event = PaymentAwaited(
        **event_fields(renewal.registration, now),
        why="not_seen",
        due_on=due_day(renewal),
        claimed_on=claim.paid_on,
        reminder=state.claims + 1,
        transfer=transfer,
    )
    return Decision(chased, (event,))


def refuse_claim(state: Receivable, renewal: Renewal, reason: str, now: datetime) -> Decision[Receivable]:
    """The desk didn't find the money. An office that declared it as paid, and committed itself to no day,
    now pays within some working days. Raises RenewalError where nobody claims, or all is here."""
    if state.claim is None or state.claim.refused or state.claimed_since is None:
        raise RenewalError("nothing-claimed")
    refused, due_on = state.claim.model_copy(update={"refused": reason}), state.due_on
    if due_on is None and renewal.commitment is None:
        due_on = working_day_after(civil_date(now, renewal.registration.zone), REFUSED_PAYS_IN)
    new_day = due_on if due_on != state.due_on else None
    event = PaymentClaimRefused(**event_fields(renewal.registration, now), reason=reason, due_on=new_day)
    return Decision(state.changed(now, claim=refused, due_on=due_on), (event,))


def record_receipt(
    state: Receivable,
    renewal: Renewal,
    amount: int,
    received_on: date,
    reference: str,
    by: str,
    now: datetime,
    *,
    line_id: UUID | None = None,
    line_decided_at: datetime | None = None,
) -> Decision[Receivable]:
    """The vendor received `amount`. More than is due, and money for a closed registration, are recorded too:
    they are here, and the desk decides what becomes of them. Raises RenewalError for a reference that counts
    already: of the lines of statements, which may share one, that of the same day and amount."""
    if renewal.registration.lead:
        raise RenewalError("joint-paid-with-lead")
    known = [receipt for receipt in state.receipts if receipt.counts and receipt.reference == reference]
    if any(line_id is None or (each.amount, each.received_on) == (amount, received_on) for each in known):
        raise RenewalError("receipt-known")
    if len(state.receipts) >= _MOST_RECEIPTS:
        raise RenewalError("receipts-full")
    receipt = Receipt(
        id=ids.derived("receipt", state.renewal_id, len(state.receipts) + 1),
        amount=amount,
        received_on=received_on,
        reference=reference,
        recorded_by=by,
        recorded_at=now,
        line_id=line_id,
        line_decided_at=line_decided_at,
    )
    receipts, here = (*state.receipts, receipt), max(state.here - amount, 0)
    changes = {"receipts": receipts, "here": here, "may_close": renewal.status in OPEN}
    changed = state.changed(now, **changes, unsettled_since=now)
    fields = event_fields(renewal.registration, now) | receipt_fields(changed, receipt)
    return changed.told(PaymentRecorded(**fields, received_on=received_on), renewal)


def reverse_receipt(
    state: Receivable,
    renewal: Renewal,
    receipt_id: UUID,
    reason: str,
    by: str,
    now: datetime,
    *,
    refunded: bool = False,
) -> Decision[Receivable]:
    """A receipt no longer counts. It stays, with the reason. An allocation of more than is left ends. Raises
    RenewalError for a receipt that is unknown or reversed already."""
    found = next((each for each in state.receipts if each.id == receipt_id), None)
    if found is None:
        raise RenewalError("receipt-unknown")
    if found.reversal:
        raise RenewalError("receipt-reversed")
    reversal = Reversal(reason=reason, refunded=refunded, by=by, at=now)
    gone = found.model_copy(update={"reversal": reversal})
    receipts = tuple(gone if each.id == receipt_id else each for each in state.receipts)
    changed = state.changed(now, receipts=receipts, unsettled_since=now)._with_covered_allocation()
    fields = event_fields(renewal.registration, now) | receipt_fields(changed, gone)
    return changed.told(PaymentReversed(**fields, reason=reason, refunded=refunded), renewal)


def receipt_fields(state: Receivable, receipt: Receipt) -> dict[str, object]:
    return {
        "receipt_id": receipt.id,
        "amount_vnd": receipt.amount,
        "paid_vnd": state.paid,
        "total_vnd": state.amount,
    }
