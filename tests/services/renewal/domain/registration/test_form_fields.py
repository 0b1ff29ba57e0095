"""From typed fields to a declaration: all ways of writing are read, and each error is reported for its
input."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_fields import NAMES, declaration, read
from services.renewal.domain.registration.rules import TEXTS
from shared.events.renewal import FormKind
from tests.services.renewal.examples import DECLARED

OFFICE: dict[str, str] = DECLARED["office"]
TYPED = {f"office.{name}": value or "" for name, value in OFFICE.items()} | {
    "kind": "renewal",
    "invoice.same": "yes",
    "order.package": "standard",
    "order.years": "1",
    "order.users": "12",
    "order.storage_gb": "",
    "payment.kind": "promised",
    "payment.on": "31/03/2026",
    "payment.committed": "yes",
}
BUYER = {
    "invoice.same": "",
    "invoice.buyer.name": "Kho bạc",
    "invoice.buyer.tax_code": "0199900018",
    "invoice.buyer.address": "Hà Nội",
}


def errors(**typed: str) -> list[tuple[str, str]]:
    """The example's inputs with some changed; `__` in a name stands for a dot."""
    fields = TYPED | {name.replace("__", "."): value for name, value in typed.items()}
    return [(fault.pointer, fault.rule) for fault in read(fields).errors]


def test_what_is_typed_is_what_is_declared() -> None:
    made = declaration(TYPED)
    assert made.model_dump(mode="json")["office"] == OFFICE
    assert (made.kind, made.order.users, made.order.storage_gb) == (FormKind.RENEWAL, 12, None)
    assert (made.payment.kind, made.payment.on, made.payment.committed) == (
        "promised",
        date(2026, 3, 31),
        True,
    )
    assert made.invoice.buyer is None


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from("/.-"), st.booleans())
def test_day_as_people_here_write_it(day: date, mark: str, padded: bool) -> None:
    shown = f"{day.day:02d}{mark}{day.month:02d}" if padded else f"{day.day}{mark}{day.month}"
    typed = f" {shown}{mark}{day.year} "
    assert declaration(TYPED | {"payment.on": typed}).payment.on == day


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_day_as_a_browsers_field_sends_it(day: date) -> None:
    made = declaration(TYPED | {"payment.on": day.isoformat(), "invoice.wanted_on": day.isoformat()})
    assert made.payment.on == made.invoice.wanted_on == day


@pytest.mark.parametrize(
    "typed",
    ["0", "86400", "31122026", "20261231", "31/02/2026", "2026-02-30", "1/1/26", "2026-W05-1",
     "2026-02-01T00:00:00", "ngày mai", "٠١/٠٢/٢٠٢٦", "00/01/2026", "1/13/2026", "1//2026"],
)  # fmt: skip
def test_invalid_day_is_an_error_and_never_guessed(typed: str) -> None:
    assert errors(payment__on=typed) == [("/payment/on", "not_a_day")]
    assert errors(invoice__wanted_on=typed) == [("/invoice/wanted_on", "not_a_day")]


@given(st.integers(1, 10**9), st.sampled_from([".", " ", "\u00a0", ""]))
def test_thousands_may_be_set_apart(number: int, mark: str) -> None:
    typed = f"{number:,}".replace(",", mark)
    assert declaration(TYPED | {"order.users": typed, "order.storage_gb": typed}).order.users == number


@pytest.mark.parametrize(
    ("typed", "rule"),
    [("1.5", "not_a_number"), ("mười", "not_a_number"), ("9" * 5000, "not_a_number"), ("0", "too_few"),
     ("-1", "too_few"), ("", "empty"), (" ", "empty")],
)  # fmt: skip
def test_what_is_no_number_of_users(typed: str, rule: str) -> None:
    assert errors(order__users=typed) == [("/order/users", rule)]


@pytest.mark.parametrize("typed", ["", "no", "on", "true", "Yes"])
def test_only_yes_is_a_tick(typed: str) -> None:
    assert declaration(TYPED | {"payment.committed": typed}).payment.committed is False
    assert read(TYPED | {"invoice.same": typed}).invoice is None


def test_another_buyer_is_declared_when_the_tick_is_gone() -> None:
    made = declaration(TYPED | BUYER)
    assert made.invoice.buyer
    assert made.invoice.buyer.model_dump() == {
        "name": "Kho bạc",
        "tax_code": "0199900018",
        "budget_code": None,
        "address": "Hà Nội",
    }


def test_buyer_left_in_the_form_under_the_tick_does_not_count() -> None:
    assert declaration(TYPED | BUYER | {"invoice.same": "yes"}).invoice.buyer is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"kind": "gift"}, [("/kind", "not_a_choice")]),
        ({"office__name": "Trường 🏫"}, [("/office/name", "unprintable")]),
        ({"office__name": "  "}, [("/office/name", "empty")]),
        ({"office__name": "a" * 401}, [("/office/name", "too_long")]),
        ({"office__contact_phone": "12"}, [("/office/contact_phone", "phone_format")]),
        ({"office__contact_email": "a@b"}, [("/office/contact_email", "email_format")]),
        ({"office__tax_code": "1"}, [("/office/tax_code", "tax_code_format")]),
        ({"office__budget_code": "1"}, [("/office/budget_code", "budget_code_format")]),
        ({"office__tax_code": "", "office__budget_code": ""}, [("/office/tax_code", "buyer_code_missing")]),
        ({"payment__kind": "never"}, [("/payment/kind", "not_a_choice")]),
        ({"payment__on": ""}, [("/payment/on", "empty")]),
        ({"order__package": ""}, [("/order/package", "empty")]),
        ({"order__package": "x" * 51}, [("/order/package", "too_long")]),
        ({"order__colour": "đỏ"}, [("/order/colour", "field_unknown")]),
        (
            {"invoice__same": "", "invoice__buyer__name": "Kho bạc", "invoice__buyer__address": "Hà Nội"},
            [("/invoice/buyer/tax_code", "buyer_code_missing")],
        ),
        (
            {"invoice__same": ""},
            [("/invoice/buyer/name", "empty"), ("/invoice/buyer/address", "empty")],
        ),
    ],
)
def test_error_is_reported_at_its_input(typed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert errors(**typed) == expected


def test_faults_come_in_the_forms_order_and_all_at_once() -> None:
    told = read({}).errors
    places = [NAMES.index(fault.pointer[1:].replace("/", ".")) for fault in told]
    assert places == sorted(places)
    assert {fault.pointer.split("/")[1] for fault in told} == {"office", "invoice", "order", "payment"}
    with pytest.raises(RenewalError) as refused:
        declaration({})
    assert refused.value.errors == told


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=20), st.text(st.characters(), max_size=30)))
def test_whatever_is_typed_is_declared_or_refused_in_words(typed: dict[str, str]) -> None:
    _declared_or_refused(typed)


SOMETHING = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), st.text(st.characters() | st.sampled_from("0123456789./- -yes")))
)


@given(st.lists(SOMETHING, max_size=3))
def test_whatever_is_typed_into_a_good_form_is_declared_or_refused_in_words(
    typed: list[tuple[str, str]],
) -> None:
    _declared_or_refused(TYPED | BUYER | dict(typed))


def _declared_or_refused(typed: dict[str, str]) -> None:
    told = read(typed).errors
    for fault in told:
        assert fault.rule in TEXTS
        assert fault.pointer.isascii()
        assert all(text and "{" not in text for text in fault.message)
    with pytest.raises(RenewalError) if told else nullcontext():
        declaration(typed)
