"""The invoice of a registration, from the request on the form to what was issued."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain import money
from services.renewal.domain.dossier.retention import DossierDeletion, DossierRetention
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.closure import clear_look, follow_registration
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.issuance import add_files, record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.request_steps import (
    cancel_request,
    change_request,
    request_by_desk,
    request_by_rule,
)
from services.renewal.domain.invoice.requested_invoice import InvoiceDetails, RequestedInvoice
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Event
from shared.events.invoice import (
    InvoiceAdjusted,
    InvoiceIssued,
    InvoiceReplaced,
    InvoiceRequestCancelled,
    InvoiceRequestChanged,
    InvoiceRequested,
)
from shared.ids import fresh
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

MADE = registration()
STATUSES = InvoiceStatus


def renewal(status: RegistrationStatus = RegistrationStatus.CONTRACT_ISSUED) -> Renewal:
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(status, NOW)


def declared() -> RequestedInvoice:
    return RequestedInvoice.of(MADE, money.in_words(MADE.order.total))


def decided(decision: Decision[RequestedInvoice] | None) -> RequestedInvoice:
    assert decision is not None
    return decision.state


def requested() -> RequestedInvoice:
    return decided(request_by_rule(declared(), renewal(), NOW))


def details(**change: Any) -> InvoiceDetails:
    return InvoiceDetails(**(declared().buyer.model_dump() | {"wanted_on": MADE.invoice.wanted_on} | change))


def entry(**change: Any) -> InvoiceEntry:
    fields = {"symbol": "1C26TAA", "number": "7", "dated": TODAY, "total": MADE.order.total}
    return InvoiceEntry.model_validate(fields | change)


def record(state: RequestedInvoice, what: InvoiceEntry) -> Decision[RequestedInvoice] | None:
    return record_invoice(state, renewal(), what, (), "einvoice-1", NOW)


def issued() -> RequestedInvoice:
    return decided(record(requested(), entry()))


def test_rule_requests_once_what_the_form_declares() -> None:
    decision = request_by_rule(declared(), renewal(), NOW)
    assert decision is not None
    (event,) = decision.events
    assert isinstance(event, InvoiceRequested)
    office = MADE.office
    assert (event.buyer.name, event.buyer.email) == (office.name, office.contact_email)
    assert (event.wanted_on, event.revision, event.total_vnd) == (date(2026, 1, 20), 1, MADE.order.total)
    assert sum(line.net_vnd + line.vat_vnd for line in event.lines) == event.total_vnd
    assert event.total_in_words == money.in_words(MADE.order.total)
    assert (decision.state.status, decision.state.waiting_since) == (STATUSES.REQUESTED, NOW)
    assert request_by_rule(decision.state, renewal(), NOW) is None
    assert request_by_rule(issued(), renewal(), NOW) is None
    cancelled = decided(cancel_request(declared(), renewal(), "lập ngoài hệ thống", NOW))
    assert request_by_rule(cancelled, renewal(), NOW) is None, "the desk said no"


def test_closed_registration_asks_for_no_invoice() -> None:
    closed = sending.cancel(renewal(RegistrationStatus.AWAITING_SIGNATURE), "office", "thôi", NOW).state
    assert request_by_rule(declared(), closed, NOW) is None
    with pytest.raises(RenewalError, match="nothing-to-invoice"):
        request_by_desk(declared(), closed, NOW)
    with pytest.raises(RenewalError, match="nothing-to-invoice"):
        change_request(declared(), closed, details(name="Trường khác"), "office", "", NOW)


def test_change_before_the_contract_goes_with_the_request() -> None:
    """Guards against: the e-invoice system hears of a change before it hears of the request."""
    changed = change_request(declared(), renewal(), details(name="Trường khác"), "office", "", NOW)
    assert changed is not None
    assert (changed.events, changed.state.status) == ((), STATUSES.DECLARED)
    decision = request_by_rule(changed.state, renewal(), NOW)
    assert decision is not None
    (event,) = decision.events
    assert isinstance(event, InvoiceRequested)
    assert (event.buyer.name, event.revision) == ("Trường khác", 1)


def test_change_after_the_request_is_a_new_revision() -> None:
    decision = change_request(requested(), renewal(), details(wanted_on=None), "desk", "gọi điện", NOW)
    assert decision is not None
    (event,) = decision.events
    assert isinstance(event, InvoiceRequestChanged)
    assert (event.revision, event.wanted_on, event.changed_by, event.reason) == (2, None, "desk", "gọi điện")
    assert decision.state.waiting_since == NOW
    assert change_request(decision.state, renewal(), details(wanted_on=None), "desk", "lại", NOW) is None


def test_wanted_day_that_passed_is_no_new_mistake() -> None:
    """Guards against: after the wanted day the office can't correct its e-mail any more."""
    later = NOW + timedelta(days=30)
    same = change_request(requested(), renewal(), details(email="moi@truong.example"), "office", "", later)
    assert same is not None
    for day in (TODAY, TODAY + timedelta(days=500)):
        with pytest.raises(RenewalError) as refused:
            change_request(requested(), renewal(), details(wanted_on=day), "office", "", later)
        assert refused.value.errors[0].pointer == "/invoice/wanted_on"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 401},
        {"address": "x" * 401},
        {"tax_code": "12"},
        {"budget_code": "12345678"},
        {"email": f"{'x' * 45}@a.example"},
        {"phone": "12"},
        {"tax_code": None, "budget_code": None},
        {"wanted_on": "mai"},
        {"other": "x"},
    ],
)
def test_limits_of_the_fields(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        details(**wrong)
    assert details(name="x" * 400, address="x" * 400, email=f"{'x' * 40}@a.example").buyer


def test_changes_are_bounded_and_stop_no_rule() -> None:
    state = declared()
    for n in range(100):
        state = decided(change_request(state, renewal(), details(name=f"Trường {n}"), "office", "", NOW))
    with pytest.raises(RenewalError, match="invoice-changes-full"):
        change_request(state, renewal(), details(name="Trường"), "office", "", NOW)
    assert decided(request_by_rule(state, renewal(), NOW)).status is STATUSES.REQUESTED


def test_office_can_not_use_up_the_changes_of_the_desk() -> None:
    """Guards against: an office that changed its mind too often keeps the desk from mending or requesting."""
    state = requested().model_copy(update={"changes": 100})
    with pytest.raises(RenewalError, match="invoice-changes-full"):
        change_request(state, renewal(), details(name="Trường"), "office", "", NOW)
    mended = decided(change_request(state, renewal(), details(name="Trường"), "desk", "gọi điện", NOW))
    assert mended.changes == 100
    cancelled = cancel_request(mended, renewal(), "không cần", NOW).state
    assert request_by_desk(cancelled, renewal(), NOW).state.status is STATUSES.REQUESTED


def test_cancelled_request_may_be_made_again() -> None:
    decision = cancel_request(requested(), renewal(), "đơn vị chưa cần", NOW)
    assert [type(event) for event in decision.events] == [InvoiceRequestCancelled]
    assert (decision.state.status, decision.state.waiting_since) == (STATUSES.CANCELLED, None)
    with pytest.raises(RenewalError, match="invoice-cancelled"):
        change_request(decision.state, renewal(), details(wanted_on=None), "office", "", NOW)
    again = request_by_desk(decision.state, renewal(), NOW)
    assert (again.state.status, again.state.revision, again.state.cancelled) == (STATUSES.REQUESTED, 2, None)
    with pytest.raises(RenewalError, match="invoice-requested"):
        request_by_desk(again.state, renewal(), NOW)


def test_issued_adjusted_replaced() -> None:
    first = record(requested(), entry(number="00000007", lookup_code="AB12"))
    assert first is not None
    (event,) = first.events
    assert isinstance(event, InvoiceIssued)
    assert (event.number, event.symbol, event.dated) == ("7", "1C26TAA", TODAY)
    assert (first.state.status, first.state.waiting_since) == (STATUSES.ISSUED, None)
    with pytest.raises(RenewalError, match="invoice-issued"):
        change_request(first.state, renewal(), details(wanted_on=None), "office", "", NOW)
    with pytest.raises(RenewalError, match="invoice-issued"):
        cancel_request(first.state, renewal(), "muộn", NOW)
    second = record(first.state, entry(kind="adjustment", number="8", total=-1000, reason="giảm giá"))
    assert second is not None
    (event_2,) = second.events
    assert isinstance(event_2, InvoiceAdjusted)
    assert (event_2.of_number, event_2.total_vnd, event_2.reason) == ("7", -1000, "giảm giá")
    third = record(second.state, entry(kind="replacement", number="9", reason="sai tên"))
    assert third is not None
    (event_3,) = third.events
    assert isinstance(event_3, InvoiceReplaced)
    assert event_3.of_number == "7", "an adjustment doesn't stand for the whole"
    assert third.state.status is STATUSES.REPLACED


def test_recorded_twice_is_recorded_once() -> None:
    assert record(issued(), entry()) is None
    assert record(issued(), entry(number="007", symbol="1c26taa")) is None, "the same, printed otherwise"
    with pytest.raises(RenewalError, match="invoice-known"):
        record(issued(), entry(dated=TODAY - timedelta(days=1)))


@pytest.mark.parametrize(
    ("state", "wrong", "pointer"),
    [
        (issued, {"number": "8"}, "/kind"),
        (requested, {"kind": "adjustment", "reason": "x"}, "/kind"),
        (issued, {"kind": "replacement", "number": "8"}, "/reason"),
        (requested, {"dated": TODAY + timedelta(days=1)}, "/dated"),
        (requested, {"request_revision": 2}, "/request_revision"),
        (declared, {"request_revision": 1}, "/request_revision"),
        (requested, {"dated": date(2023, 1, 1), "symbol": "1C23TAA"}, "/dated"),
        (requested, {"symbol": "1C25TAA"}, "/symbol"),
        (requested, {"total": -1}, "/total"),
    ],
)
def test_what_can_not_be(state: Any, wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RenewalError) as refused:
        record(state(), entry(**wrong))
    assert [error.pointer for error in refused.value.errors] == [pointer]


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": "C26TAA"},
        {"symbol": "0C26TAA"},
        {"symbol": "1C2６TA"},
        {"symbol": "1X26TAA"},
        {"number": "0"},
        {"number": "123456789"},
        {"number": "1.5"},
        {"lookup_url": "javascript:alert(1)"},
        {"lookup_url": "https://a b"},
        {"lookup_code": "x" * 101},
        {"total": "1000"},
        {"total": 10**13},
    ],
)
def test_shapes(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entry(**wrong)


def test_system_whose_clock_is_ahead_is_believed() -> None:
    """Guards against: an invoice of the first minute of a day is refused for good by our slower clock."""
    tomorrow = NOW.astimezone(ZoneInfo(MADE.zone)).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    about, soon, early = entry(dated=tomorrow.date()), timedelta(minutes=1), timedelta(hours=1)
    assert record_invoice(requested(), renewal(), about, (), "einvoice-1", tomorrow - soon)
    with pytest.raises(RenewalError, match="invoice-invalid"):
        record_invoice(requested(), renewal(), about, (), "einvoice-1", tomorrow - early)


def closed_renewal() -> Renewal:
    waits = renewal(RegistrationStatus.AWAITING_SIGNATURE)
    return sending.cancel(waits, "office", "thôi", NOW).state


def test_request_ends_with_its_registration() -> None:
    """Guards against: the e-invoice system issues an invoice for a registration that was cancelled."""
    decision = follow_registration(requested(), closed_renewal(), "đăng ký đã hủy", NOW)
    assert decision is not None
    (event,) = decision.events
    assert isinstance(event, InvoiceRequestCancelled)
    assert (event.revision, event.reason) == (1, "đăng ký đã hủy")
    assert (decision.state.status, decision.state.waiting_since) == (STATUSES.CANCELLED, None)
    assert follow_registration(decision.state, closed_renewal(), "x", NOW) is None
    assert follow_registration(declared(), closed_renewal(), "x", NOW) is None, "nothing was sent"
    for status in (RegistrationStatus.AWAITING_SIGNATURE, RegistrationStatus.CONTRACT_ISSUED):
        assert follow_registration(requested(), renewal(status), "x", NOW) is None


def test_issued_before_the_contract_follows_its_registration() -> None:
    waits = renewal(RegistrationStatus.AWAITING_SIGNATURE)
    state = decided(record_invoice(requested(), waits, entry(), (), "einvoice-1", NOW))
    assert (state.before_contract, state.look_since) == (True, None)
    assert follow_registration(state, waits, "x", NOW) is None
    closed = follow_registration(state, closed_renewal(), "x", NOW)
    assert closed is not None
    assert closed.events == ()
    assert (closed.state.before_contract, closed.state.look_since) == (False, NOW)
    sealed = decided(follow_registration(state, renewal(), "x", NOW))
    assert (sealed.before_contract, sealed.look_since) == (False, None)
    assert follow_registration(sealed, renewal(), "x", NOW) is None


def to_look_at() -> RequestedInvoice:
    return decided(record(requested(), entry(total=1)))


@pytest.mark.parametrize(
    ("state", "about"),
    [
        (requested().model_copy(update={"revision": 2}), {"request_revision": 1}),
        (requested(), {"total": 1}),
        (requested().model_copy(update={"cancelled": "không cần"}), {}),
    ],
)
def test_odd_invoice_is_to_be_looked_at(state: RequestedInvoice, about: dict[str, Any]) -> None:
    """Guards against: the desk hears of it only if it happens to open the page."""
    assert decided(record(state, entry(**about))).look_since == NOW
    assert issued().look_since is None
    late = decided(record_invoice(requested(), closed_renewal(), entry(), (), "einvoice-1", NOW))
    assert late.look_since == NOW


@pytest.mark.parametrize(
    ("correction", "stays"),
    [
        ({"kind": "replacement"}, False),
        ({"kind": "replacement", "total": 2}, True),
        ({"kind": "adjustment", "total": MADE.order.total - 1}, False),
        ({"kind": "adjustment", "total": 1}, True),
    ],
)
def test_correction_ends_the_look_unless_it_is_odd_itself(correction: dict[str, Any], stays: bool) -> None:
    after = decided(record(to_look_at(), entry(number="8", reason="sai", **correction)))
    assert (after.look_since is not None) is stays
    cancelled = cancel_request(requested(), renewal(), "không cần", NOW).state
    replaced = decided(record(cancelled, entry()))
    replaced = decided(record(replaced, entry(kind="replacement", number="8", reason="sai")))
    assert replaced.look_since is None, "who replaced it knew"


def test_clerk_ends_the_look_with_a_reason() -> None:
    after = clear_look(to_look_at(), "đã thống nhất với đơn vị", NOW).state
    assert after.look_since is None
    assert after.looked is not None
    assert (after.looked.at, after.looked.reason) == (NOW, "đã thống nhất với đơn vị")
    assert record(after, entry(total=1)) is None, "recorded again, it stays looked at"
    for state in (after, issued(), requested()):
        with pytest.raises(RenewalError, match="invoice-looked-at"):
            clear_look(state, "x", NOW)


def test_fact_is_recorded_whatever_the_request_is() -> None:
    """Guards against: an invoice that exists in law is known nowhere here."""
    cancelled = cancel_request(requested(), renewal(), "không cần", NOW).state
    closed = sending.cancel(renewal(RegistrationStatus.AWAITING_SIGNATURE), "office", "thôi", NOW).state
    for state, about in ((declared(), renewal()), (cancelled, renewal()), (declared(), closed)):
        after = decided(record_invoice(state, about, entry(), (), "clerk-1", NOW))
        assert after.status is STATUSES.ISSUED


def test_files_come_later_too() -> None:
    pdf, xml = document("pdf"), document("xml")
    state = decided(record_invoice(requested(), renewal(), entry(), (pdf,), "clerk-1", NOW))
    invoice = state.issued[0]
    more = decided(add_files(state, renewal(), invoice.id, (pdf, xml)))
    assert more.issued[0].files == (pdf, xml)
    assert add_files(more, renewal(), invoice.id, (xml,)) is None
    deleted = DossierDeletion(
        reason="", proposed_by="a", proposed_at=NOW, approved_by="b", approved_at=NOW, manifest="", files=()
    )
    closed = renewal().with_changes(retention=DossierRetention(deletion=deleted))
    with pytest.raises(RenewalError, match="dossier-deleted"):
        add_files(more, closed, invoice.id, (document("late"),))
    with pytest.raises(RenewalError, match="dossier-deleted"):
        record_invoice(requested(), closed, entry(), (pdf,), "clerk-1", NOW)
    assert record_invoice(requested(), closed, entry(), (), "clerk-1", NOW)
    again = decided(record_invoice(more, renewal(), entry(), (document("other"),), "clerk-1", NOW))
    assert len(again.issued[0].files) == 3, "recorded again with a file more"
    with pytest.raises(RenewalError, match="invoice-files-full"):
        add_files(more, renewal(), invoice.id, tuple(document(f"{n}") for n in range(5)))
    with pytest.raises(RenewalError, match="invoice-unknown"):
        add_files(state, renewal(), fresh(), (pdf,))


STEPS = st.sampled_from(["rule", "desk", "change", "cancel", "original", "adjustment", "replacement"])


@given(st.lists(st.tuples(STEPS, st.integers(1, 4)), max_size=12))
def test_states_in_any_order(steps: list[tuple[str, int]]) -> None:
    """Whatever comes in whatever order: the rule requests at most once, what is sent is numbered without
    gaps, an issued invoice stays, and only a request that waits is on the desk's list."""
    state, events = declared(), list[Event]()
    for step, n in steps:
        before = state
        try:
            decision = _step(state, step, n)
        except RenewalError:
            continue
        if decision:
            state = decision.state
            events.extend(decision.events)
        assert state.issued[: len(before.issued)] == before.issued
        assert (state.waiting_since is not None) is (state.status is STATUSES.REQUESTED)
        assert len({(each.symbol, each.number) for each in state.issued}) == len(state.issued)
    sent = [event.revision for event in events if isinstance(event, InvoiceRequested | InvoiceRequestChanged)]
    assert sent == list(range(1, state.revision + 1))
    assert sum(isinstance(event, InvoiceIssued) for event in events) == bool(state.issued)
    assert RequestedInvoice.model_validate(state.model_dump(mode="json")) == state


def _step(state: RequestedInvoice, step: str, n: int) -> Decision[RequestedInvoice] | None:
    match step:
        case "rule":
            return request_by_rule(state, renewal(), NOW)
        case "desk":
            return request_by_desk(state, renewal(), NOW)
        case "change":
            return change_request(state, renewal(), details(name=f"Trường {n}"), "office", "", NOW)
        case "cancel":
            return cancel_request(state, renewal(), "thôi", NOW)
        case kind:
            return record(state, entry(kind=kind, number=str(n), reason="" if kind == "original" else "sai"))
