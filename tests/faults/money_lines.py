"""Reads what databases and topics hold of money and access, as lines of a history."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from services.subscription.domain.subscription import Subscription
from shared.events import CATALOGUE
from shared.events.base import Event
from shared.events.invoice import InvoiceRequested
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.events.renewal import RenewalRegistered
from shared.events.resources import ResourcesRequested
from shared.events.signing import ContractIssued
from shared.messaging.envelope import BadRecord, Envelope
from tests.faults.line import Line
from tests.faults.money_history import (
    AccessCause,
    FormProducts,
    GrantedAccess,
    KnownPayment,
    StoredAllocation,
    StoredBankLine,
    StoredReceipt,
    StoredStatement,
    ToldGrant,
    ToldInvoiceRequest,
    ToldReceipt,
    ToldShare,
)
from tests.support.access_causes import access_causes

MONEY = ("statement_files", "bank_lines", "receivables")
"""The collections of renewal that hold money."""
_ZONE = "Asia/Ho_Chi_Minh"
Told = tuple[Envelope, Event]


def stored_money(collection: str, document: dict[str, Any]) -> Iterator[Line]:
    """What a document of renewal holds of money."""
    match collection:
        case "statement_files":
            summary = document["summary"] or {}
            counts = {name: summary[name] for name in ("lines", "known") if name in summary}
            yield StoredStatement(id=document["_id"], phase=document["phase"], **counts)
        case "bank_lines":
            yield StoredBankLine(
                id=document["_id"],
                statement=document["file_id"],
                status=document["status"],
                amount=document["line"]["amount"],
                decided_at=(document["decision"] or {}).get("at"),
                shares={share["renewal_id"]: share["amount"] for share in document["shares"]},
            )
        case "receivables":
            for receipt in document["receipts"]:
                yield StoredReceipt(
                    id=receipt["id"],
                    renewal=document["renewal_id"],
                    amount=receipt["amount"],
                    counts=receipt["reversal"] is None,
                    line=receipt["line_id"],
                    decided_at=receipt["line_decided_at"],
                )
            if shares := {each["renewal_id"]: each["amount"] for each in document["allocated"]}:
                yield StoredAllocation(form=document["renewal_id"], shares=shares)


def known_money(document: dict[str, Any], today: date) -> Iterator[Line]:
    """What a document of subscription knows of payments, and the access that it grants."""
    state = Subscription.model_validate(document, extra="ignore")
    for renewal, known in state.registrations.items():
        if not known.closed and renewal not in state.renewals:
            paid = known.paid_until is not None
            yield KnownPayment(service="subscription", renewal=str(renewal), paid=paid)
    yield GrantedAccess(
        subscription=str(state.id),
        today=today,
        full_until=state.full_until,
        temporary_until=state.temporary_until,
        contracts=tuple(map(str, state.renewals)),
    )


def told_money(told: Iterable[Told]) -> Iterator[Line]:
    """What the log says of money, and of what gives access."""
    seen: set[str] = set()
    receipts = _ReceiptReader()
    by_subscription: defaultdict[str, list[Event]] = defaultdict(list)
    for envelope, event in told:
        id, subscription = str(envelope.id), str(event.subscription_id)
        match event:
            case PaymentRecorded() | PaymentReversed():
                yield from receipts.lines(id, event)
            case RenewalRegistered() if event.joined:
                joined = (str(each.renewal_id) for each in event.joined)
                yield FormProducts(form=str(event.renewal_id), products=(str(event.renewal_id), *joined))
            case ResourcesRequested(kind="full", cause="contract"):
                yield ToldGrant(subscription=subscription, contract=str(event.renewal_id))
            case InvoiceRequested():
                yield ToldInvoiceRequest(event=id, renewal=str(event.renewal_id), revision=event.revision)
            case ContractIssued():
                yield AccessCause(subscription=subscription, why="contract", contract=str(event.renewal_id))
            case _:
                pass
        if id not in seen:
            seen.add(id)
            by_subscription[subscription].append(event)
    for subscription, events in by_subscription.items():
        ordered = sorted(events, key=lambda event: event.occurred_at)
        for cause in access_causes(ordered, _ZONE):
            yield AccessCause(subscription=subscription, why=cause.why, until=cause.until)


@dataclass(slots=True)
class _ReceiptReader:
    """Reads what is told of receipts. An allocation tells the newest receipt of a form again, with another
    share: that is no receipt."""

    _shares: dict[tuple[UUID, bool], int] = field(default_factory=dict)
    _allocations: set[str] = field(default_factory=set)

    def lines(self, id: str, event: PaymentRecorded | PaymentReversed) -> Iterator[Line]:
        told = {
            "event": id,
            "renewal": str(event.renewal_id),
            "receipt": str(event.receipt_id),
            "reversed": isinstance(event, PaymentReversed),
        }
        if event.form_paid_vnd is not None:
            yield ToldShare(**told, paid=event.paid_vnd, total=event.total_vnd)
        if event.lead_id is None and not self._allocates(id, event):
            paid, total = event.asked_of_office
            yield ToldReceipt(**told, amount=event.amount_vnd, paid=paid, total=total)

    def _allocates(self, id: str, event: PaymentRecorded | PaymentReversed) -> bool:
        key = (event.receipt_id, isinstance(event, PaymentReversed))
        if event.form_paid_vnd is not None and self._shares.get(key, event.paid_vnd) != event.paid_vnd:
            self._allocations.add(id)
        self._shares[key] = event.paid_vnd
        return id in self._allocations


def told_events(records: Iterable[ConsumerRecord]) -> Iterator[Told]:
    """The events in the records, in the order of the log. What is no event of ours, a fault put there."""
    for record in records:
        try:
            envelope = Envelope.parse(record.headers, record.value)
            yield envelope, CATALOGUE[envelope.type].model_validate_json(envelope.body)
        except (BadRecord, ValueError, KeyError):
            continue
