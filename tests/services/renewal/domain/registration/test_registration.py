from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.registration.registration import Registrant, declare, find_warnings, restate
from shared.events.base import SendBy, Stage
from tests.services.renewal.examples import (
    NOW,
    RENEWAL,
    TODAY,
    declaration,
    licence,
    product,
    registration,
)


def test_what_is_declared_is_what_is_registered() -> None:
    made = registration()
    assert made.registered_on == TODAY
    assert made.place == "Hà Nội"
    assert made.order.total == 4_800_000 + 2 * 250_000
    assert (made.term.term_from, made.term.term_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert made.office.name == "Trường Tiểu học Kim Đồng"
    assert made.invoice.wanted_on == date(2026, 1, 20)


def test_today_is_the_offices_day_at_half_past_eleven_at_night_utc() -> None:
    late = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)
    assert registration(now=late).registered_on == date(2026, 1, 5)
    elsewhere = licence(zone="America/New_York")
    paid = declaration(payment={"kind": "paid", "on": "2026-01-04"})
    assert registration(paid, elsewhere, late).registered_on == date(2026, 1, 4)


@given(st.integers(-5, 100))
def test_payment_may_be_promised_for_ninety_days(days: int) -> None:
    promised = declaration(payment={"on": (TODAY + timedelta(days=days)).isoformat()})
    rules = _rules_broken(promised)
    assert rules == (["in_the_past"] if days < 0 else ["after_latest"] if days > 90 else [])


def test_payment_promised_for_a_day_off_is_due_on_the_next_working_day() -> None:
    """Guards against: a deadline on a Sunday. The declared day is stored as it is; the 90 days are checked
    with it."""
    saturday = registration(declaration(payment={"on": "2026-04-04"}))
    assert (saturday.payment.on, saturday.payment_day) == (date(2026, 4, 4), date(2026, 4, 6))
    sunday_the_ninetieth = registration(declaration(payment={"on": "2026-04-05"}))
    assert sunday_the_ninetieth.payment_day == date(2026, 4, 6)
    monday = registration(declaration(payment={"on": "2026-03-30"}))
    assert monday.payment_day == monday.payment.on


def test_payment_made_on_a_day_off_stays_on_its_day() -> None:
    paid = registration(declaration(payment={"kind": "paid", "on": "2026-01-04"}))
    assert (paid.pay_by, paid.payment_day) == (None, date(2026, 1, 4))


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"payment": {"committed": False}}, "/payment/committed", "commitment_missing"),
        ({"payment": {"kind": "paid", "on": "2026-01-06"}}, "/payment/on", "in_the_future"),
        ({"payment": {"kind": "paid", "on": "1900-01-01"}}, "/payment/on", "long_ago"),
        ({"payment": {"kind": "paid", "on": "2024-01-04"}}, "/payment/on", "long_ago"),
        ({"invoice": {"wanted_on": "9999-12-31"}}, "/invoice/wanted_on", "after_latest"),
        ({"invoice": {"wanted_on": "2027-01-06"}}, "/invoice/wanted_on", "after_latest"),
        ({"invoice": {"wanted_on": "2026-01-04"}}, "/invoice/wanted_on", "in_the_past"),
        ({"order": {"years": 6}}, "/order/years", "too_many"),
        ({"order": {"users": 1001}}, "/order/users", "too_many"),
        ({"order": {"package": "gold"}}, "/order/package", "package_unknown"),
    ],
)
def test_what_cannot_be_registered(change: dict[str, Any], pointer: str, rule: str) -> None:
    with pytest.raises(RenewalError) as refused:
        registration(declaration(**change))
    assert [(fault.pointer, fault.rule) for fault in refused.value.errors] == [(pointer, rule)]
    vietnamese, english = refused.value.errors[0].message
    assert "{" not in vietnamese + english


@pytest.mark.parametrize(("years", "rules"), [(1, ["term_over"]), (2, [])])
def test_years_that_are_over_before_they_are_bought_are_refused(years: int, rules: list[str]) -> None:
    """Guards against: an office renews two years late, pays for one year, and is still locked."""
    sold = product("ktns")
    ended = licence(product_code="ktns", expires_on=date(2024, 6, 30), stage=Stage.TERMINATED)
    wanted = declaration(order={"years": years})
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=SendBy.PAPER)
    try:
        declare(RENEWAL, wanted, ended, sold, by, NOW)
        found: list[str] = []
    except RenewalError as refused:
        found = [fault.rule for fault in refused.errors]
    assert found == rules


def test_all_errors_are_reported_at_once() -> None:
    wrong = declaration(
        order={"years": 9},
        payment={"on": "2027-01-01", "committed": False},
        invoice={"wanted_on": "2025-01-01"},
    )
    assert _rules_broken(wrong) == ["too_many", "in_the_past", "after_latest", "commitment_missing"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"office": {"tax_code": None, "budget_code": None}}, "buyer_code_missing"),
        ({"office": {"name": "Trường 🏫"}}, "unprintable"),
        ({"office": {"name": " "}}, "empty"),
        ({"office": {"name": "a" * 401}}, "too_long"),
        ({"office": {"contact_phone": "12"}}, "phone_format"),
        ({"office": {"nickname": "KĐ"}}, "extra_forbidden"),
        ({"invoice": {"buyer": {"name": "Kho bạc", "address": "Hà Nội"}}}, "buyer_code_missing"),
        ({"order": {"users": 0}}, "greater_than_equal"),
    ],
)
def test_what_is_no_declaration(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError) as error:
        declaration(**change)
    assert [fault["type"] for fault in error.value.errors()] == [rule]


def test_oddities_are_warned_of() -> None:
    odd = declaration(
        office={"name": "Trường Kim Đồng", "tax_code": "0199900019"},
        invoice={"buyer": {"name": "Kho bạc", "tax_code": "0199900017", "address": "Hà Nội"}},
    )
    assert [(fault.pointer, fault.rule) for fault in find_warnings(odd, licence())] == [
        ("/office/tax_code", "tax_code_check_digit"),
        ("/invoice/buyer/tax_code", "tax_code_check_digit"),
        ("/office/name", "name_differs"),
    ]


def test_name_typed_in_capitals_and_decomposed_does_not_differ() -> None:
    typed = declaration(office={"name": "TRƯỜNG TIỂU HỌC  KIM ĐỒNG"})
    assert find_warnings(typed, licence(name="Trường Tiểu học Kim Đồng")) == ()


def test_restated_when_terminated() -> None:
    restated = restate(registration(), date(2025, 12, 31), Stage.TERMINATED, date(2026, 3, 2))
    assert restated.term.term_from == date(2026, 3, 2)
    assert restated.term.basis_stage is Stage.TERMINATED
    assert restated.model_copy(update={"term": registration().term}) == registration()


def test_a_stored_registration_reads_back() -> None:
    made = registration()
    assert type(made).model_validate(made.model_dump(mode="json")) == made


def _rules_broken(declared: Declaration) -> list[str]:
    try:
        registration(declared)
    except RenewalError as refused:
        return [fault.rule for fault in refused.errors]
    return []
