"""What the events of one renewal make the next step, in whatever order those of different services come."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from services.notifier.domain.progress import awaited_step
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.notices.status_handlers import StatusHandlers
from shared.events.base import Event, SendBy
from shared.events.invoice import InvoiceBuyer, InvoiceIssued, InvoiceRequestCancelled, InvoiceRequested
from shared.events.paper_form import PaperCopyUploaded
from shared.events.renewal import RenewalAccepted
from shared.messaging.routes import Routes
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.email.letters import Shelf
from tests.services.notifier.world import aggregate_of, envelope
from tests.support.memory_projection import MemoryProjection

TODAY = ex.NOON.date()
OF = {**ex.common(), "renewal_id": ex.renewal_id(), "registration_no": "DK-2026-000123"}
BUYER = InvoiceBuyer(name="Trường", tax_code="1", budget_code=None, address="x", email=None, phone=None)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def registered(**change: Any) -> Event:
    told = {"transfer": pay.TRANSFER, "wait_until": day(14)}
    return ex.registered().model_copy(update={**told, **change})


def invoice_requested(wanted_on: date | None) -> InvoiceRequested:
    request = {"revision": 1, "buyer": BUYER, "wanted_on": wanted_on, "lines": (), "total_vnd": pay.TOTAL}
    contract = {"total_in_words": "", "contract_number": "12/2026/HĐ-GHS", "contract_date": TODAY}
    return InvoiceRequested(**OF, **request, **contract)


def invoice_issued() -> InvoiceIssued:
    named = {"invoice_id": ex.renewal_id("invoice"), "symbol": "1C26TAA", "number": "1", "dated": TODAY}
    found = {"lookup_code": "x", "lookup_url": "", "total_vnd": 1, "request_revision": 1, "files": ()}
    return InvoiceIssued(**OF, **named, **found)


ACCEPTED = RenewalAccepted(**OF, decided_by="rule", reason="", wait_until=day(1))
SHOWN = PaperCopyUploaded(**OF, form_revision=1, shown=ex.SCAN)
CANCELLED = InvoiceRequestCancelled(**OF, revision=1, reason="")
ON_PAPER = registered(send_by=SendBy.PAPER)
IN_FORCE = [registered(), ex.signed(), ACCEPTED, ex.issued(), ex.renewed()]


class EveryDocument(Shelf):
    """Every document has the provenance that is asked for."""

    async def is_of(self, *_: object) -> bool:
        return True


async def step_after(events: Sequence[Event]) -> tuple[str, str | None, date | None] | None:
    statuses, routes = MemoryProjection(SubscriptionStatus), Routes()
    StatusHandlers(statuses, EveryDocument()).add_routes(routes)
    counts: dict[str, int] = {}
    for event in [ex.recorded(), *events]:
        counts[aggregate_of(event)] = counts.get(aggregate_of(event), 0) + 1
        await routes.handle(envelope(event, counts[aggregate_of(event)]))
    step = awaited_step(statuses.only(), ex.renewal_id(), TODAY)
    return (step.detail.value, step.waits_for, step.until) if step else None


@pytest.mark.parametrize(
    ("events", "step"),
    [
        ([registered()], ("form_to_sign", "office", day(14))),
        ([registered(), ex.signed()], ("contract_checked", "vendor", None)),
        ([registered(), ex.signed(), ACCEPTED], ("contract_sealed", "vendor", day(1))),
        ([registered(), ex.sent_on_paper()], ("form_to_send", "office", ex.LAST_DAY)),
        ([ON_PAPER, SHOWN], ("form_to_post", "office", day(14))),
        (
            [ON_PAPER, SHOWN, ex.paper_received().model_copy(update={"wait_until": day(1)})],
            ("contract_checked", "vendor", day(1)),
        ),
        (
            [ON_PAPER, SHOWN, ex.paper_received(), ex.paper_returned()],
            ("form_returned", "office", None),
        ),
        ([ON_PAPER, SHOWN, ex.copy_refused()], ("form_to_send", "office", None)),
        ([registered(), ex.cancelled()], None),
        ([registered(), ex.signed(), ACCEPTED, ex.contract_voided()], ("contract_checked", "vendor", None)),
    ],
)
async def test_step_after(events: list[Event], step: tuple[str, str, date | None] | None) -> None:
    assert await step_after(events) == step


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ([], ("payment_awaited", "office", pay.PAY_BY)),
        ([invoice_requested(day(3))], ("invoice_awaited", "vendor", day(3))),
        ([invoice_requested(None)], ("payment_awaited", "office", pay.PAY_BY)),
        ([invoice_requested(day(3)), CANCELLED], ("payment_awaited", "office", pay.PAY_BY)),
        ([invoice_requested(day(3)), invoice_issued()], ("payment_awaited", "office", pay.PAY_BY)),
        ([invoice_requested(day(3)), invoice_issued(), pay.received()], None),
        ([pay.received()], None),
    ],
)
async def test_step_after_the_contract(more: list[Event], step: tuple[str, str, date] | None) -> None:
    assert await step_after([*IN_FORCE, *more]) == step


OLD = {"renewal_id": ex.renewal_id("old")}
REPLACED = ex.cancelled(name="old", replaced_by=ex.renewal_id())


@pytest.mark.parametrize(
    ("earlier", "step"),
    [
        ([pay.received(name="old"), REPLACED], ("payment_here", "vendor", None)),
        ([REPLACED, pay.received(name="old")], ("payment_here", "vendor", None)),
        ([pay.received(1, name="old"), REPLACED], ("payment_awaited", "office", pay.PAY_BY)),
        ([pay.received(name="old"), ex.cancelled(name="old")], ("payment_awaited", "office", pay.PAY_BY)),
        (
            [pay.received(name="old"), REPLACED, pay.taken_back(refunded=True, name="old")],
            ("payment_awaited", "office", pay.PAY_BY),
        ),
    ],
)
async def test_what_came_for_the_registration_that_was_replaced_is_not_asked_for(
    earlier: list[Event], step: tuple[str, str, date | None]
) -> None:
    assert await step_after([registered(**OLD), *earlier, *IN_FORCE]) == step


async def test_events_of_different_services_may_come_in_any_order() -> None:
    mixed = [ex.signed(), ACCEPTED, pay.received(1_000_000)]
    for order in permutations(mixed):
        assert await step_after([registered(), *order]) == ("contract_sealed", "vendor", day(1))
