"""An office commits itself to pay, pays, and what becomes of that. Each event has its place (`number`) in the
order of its aggregate."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.subscription.domain.changes import payment, registration
from services.subscription.domain.registration_facts import OrderedLicence
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.ids import derived
from tests.services.subscription.domain.changes.states import ID, Change
from tests.services.subscription.examples import BOTH, ENDS, days, noon

DUE = 1_000_000
START = ENDS + days(40)
UNTIL = START + days(70)


def fields(at: datetime, id: UUID = ID) -> dict[str, Any]:
    about = {"office_ref": "ngoc-ha", "product_code": "qlts", "effective_on": at.date()}
    return about | {
        "subscription_id": UUID(int=1),
        "occurred_at": at,
        "recorded_at": at,
        "renewal_id": id,
        "registration_no": "GH-1",
    }


def commits(
    until: date,
    on: date = START,
    number: int = 10,
    *,
    id: UUID = ID,
    by: Literal["rule", "desk"] = "desk",
) -> Change:
    about = fields(noon(on), id)
    event = CommitmentAccepted(**about, pay_by=until, access_until=until, decided_by=by, reason="")
    return lambda state: payment.record_commitment(state, event, number, noon(on), BOTH)


def extends(until: date, on: date, number: int = 20) -> Change:
    event = CommitmentExtended(
        **fields(noon(on)), old_pay_by=on, pay_by=until, access_until=until, reason="kho bạc chậm"
    )
    return lambda state: payment.record_commitment(state, event, number, noon(on), BOTH)


def breaks(on: date, number: int = 15) -> Change:
    event = CommitmentBroken(**fields(noon(on)), pay_by=on, open_vnd=DUE, total_vnd=DUE)
    return lambda state: payment.record_default(state, event, number, noon(on), BOTH)


def received(amount: int, on: date, total: int = DUE) -> PaymentRecorded:
    made = {"receipt_id": derived("r", amount), "amount_vnd": amount, "paid_vnd": amount, "total_vnd": total}
    return PaymentRecorded(**fields(noon(on)), **made, received_on=on)


def pays(amount: int, on: date = START, number: int = 1) -> Change:
    event = received(amount, on)
    return lambda state: payment.record_payment(state, event, number, noon(on), BOTH)


def reverses(on: date, number: int = 5, left: int = 0) -> Change:
    made = {"receipt_id": ID, "amount_vnd": DUE, "paid_vnd": left, "total_vnd": DUE}
    event = PaymentReversed(**fields(noon(on)), **made, reason="nhầm", refunded=False)
    return lambda state: payment.record_payment(state, event, number, noon(on), BOTH)


def paper(on: date, revision: int | None) -> Change:
    """The stamped form of the revision arrives, or is sent back (None)."""
    return lambda state: registration.record_paper(state, ID, revision, noon(on), noon(on), BOTH)


def registered(state: Subscription, id: UUID = ID, way: SendBy = SendBy.ELECTRONIC) -> Subscription:
    known = registration.change_sending(state, id, way, noon(START), noon(START), BOTH)
    assert known is not None
    order = OrderedLicence(package="standard", users=1, total_vnd=DUE)
    facts = known.state.registrations[id].model_copy(update={"ordered": order})
    return known.state.with_(registrations={**known.state.registrations, id: facts})
