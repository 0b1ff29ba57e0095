"""A draft stores exactly what was typed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.draft import (
    begin,
    copy_registration,
    fill,
    is_typed,
    move_to_term,
)
from services.renewal.domain.registration.form_fields import NAMES, declaration
from services.renewal.domain.registration.registration import find_errors
from shared.events.renewal import Party
from tests.services.renewal.examples import NOW, TODAY, catalogue, licence, product, registration

LICENCE = licence(
    address="Số 5 phố Đội Cấn",
    representative="Nguyễn Thị Hồng Hạnh",
    title="Hiệu trưởng",
    contact_name="Trần Văn Dũng",
    contact_phone="0912345678",
    contact_email="ketoan@kimdong.example",
    package="standard",
    users=12,
)
BEGUN = begin(LICENCE, product(), "renewer-1", NOW).state
LATER = NOW + timedelta(minutes=5)


def test_prefilled_from_the_licence() -> None:
    assert tuple(BEGUN.fields) == NAMES
    assert BEGUN.basis_expires_on == date(2025, 12, 31)
    told = {
        "office.name": "Trường Tiểu học Kim Đồng",
        "office.tax_code": "0199900025",
        "office.contact_email": "ketoan@kimdong.example",
        "invoice.same": "yes",
        "order.package": "standard",
        "order.users": "12",
        "order.storage_gb": "20",
        "payment.kind": "promised",
        "payment.on": "05/04/2026",
        "payment.committed": "",
    }
    assert {name: BEGUN.fields[name] for name in told} == told


@pytest.mark.parametrize("written", ["ADVANCED", " Advanced ", "ad\u200bvanced"])
def test_the_licences_package_is_ordered_however_it_is_written(written: str) -> None:
    fields = begin(licence(package=written), product(), "renewer-1", NOW).state.fields
    assert fields["order.package"] == "advanced"


@pytest.mark.parametrize("code", ["qlts", "ktns", "qlcb"])
def test_prefilled_lacks_nothing_but_the_promise_to_pay(code: str) -> None:
    sold = catalogue().product(code, TODAY)
    fields = begin(LICENCE, sold, "renewer-1", NOW).state.fields
    told = [(fault.pointer, fault.rule) for fault in find_errors(declaration(fields), sold, TODAY)]
    assert told == [("/payment/committed", "commitment_missing")]
    assert fields["kind"] == sold.form_kind


def test_package_that_is_not_sold_any_more_becomes_the_first_that_is() -> None:
    assert begin(licence(package="gold"), product(), "x", NOW).state.fields["order.package"] == "basic"


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=50)))
def test_typed_text_is_stored_with_its_errors(typed: dict[str, str]) -> None:
    kept = fill(BEGUN, typed, "renewer-2", LATER).state
    assert kept.fields == dict.fromkeys(NAMES, "") | typed
    assert (kept.saved_by, kept.saved_at, kept.basis_expires_on) == (
        "renewer-2",
        LATER,
        BEGUN.basis_expires_on,
    )


@pytest.mark.parametrize(
    ("typed", "pointer", "rule"),
    [
        ({"office.colour": "đỏ"}, "/office/colour", "field_unknown"),
        ({"office.name": "a" * 1001}, "/office/name", "too_long"),
        ({"office.name": "\ud800"}, "/office/name", "unprintable"),
        ({"office.\ud800": "a"}, "/office/?", "field_unknown"),
    ],
)
def test_what_no_form_sends_is_refused(typed: dict[str, str], pointer: str, rule: str) -> None:
    """Half a character (a lone surrogate) can be sent in JSON, but no database can store it."""
    with pytest.raises(RenewalError) as refused:
        fill(BEGUN, typed, "renewer-1", LATER)
    assert [(fault.pointer, fault.rule) for fault in refused.value.errors] == [(pointer, rule)]
    assert all("{" not in text for text in refused.value.errors[0].message)


def test_expiry_that_moved_keeps_what_was_typed() -> None:
    typed = fill(BEGUN, {"office.name": "Trường"}, "renewer-1", LATER).state
    kept = move_to_term(typed, licence(expires_on=date(2026, 6, 30))).state
    assert (kept.basis_expires_on, kept.fields) == (date(2026, 6, 30), typed.fields)


def test_draft_of_before_a_field_is_not_typed_because_it_lacks_the_field() -> None:
    """Guards against: after an upgrade, each draft that was only prefilled was offered as a saved one."""
    fields = {name: value for name, value in BEGUN.fields.items() if name != "office.superior"}
    older = BEGUN.model_copy(update={"fields": fields})
    assert not is_typed(older, LICENCE, product())
    assert is_typed(fill(older, fields | {"office.title": "Kế toán"}, "x", LATER).state, LICENCE, product())


def test_registration_of_a_newer_release_is_copied_without_what_is_not_known() -> None:
    made = registration()
    newer = Party.model_validate(made.office.model_dump() | {"nickname": "Trường"}, extra="allow")
    copied = copy_registration(BEGUN, made.model_copy(update={"office": newer}), "renewer-2", LATER).state
    assert tuple(copied.fields) == NAMES
    assert copied.fields["office.title"] == made.office.title
    assert copied.fields["order.users"] == "12"
