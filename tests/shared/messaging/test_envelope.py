"""Every record is either a valid event or a BadRecord, whose reason shows no value."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.subscription import SubscriptionExpiring
from shared.ids import derived
from shared.messaging.envelope import BadRecord, Envelope, header, read_event
from tests.support.counter import expiring

NAMES = st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_sequence", "ce_correlationid", "ce_specversion"])
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
INSTANTS = st.datetimes(timezones=st.just(UTC))


def _envelope(body: bytes = b"{}", sequence: int = 1, at: datetime | None = None) -> Envelope:
    return Envelope(
        id=derived("event"),
        type=SubscriptionExpiring.TYPE,
        source="/giahan/subscription",
        subject="subject",
        time=at or datetime(2026, 11, 25, tzinfo=UTC),
        aggregate="subscription/a",
        sequence=sequence,
        correlation_id=derived("chain"),
        causation_id=None,
        traceparent=None,
        body=body,
    )


@given(st.binary(), st.integers(1, 2**53), INSTANTS)
def test_envelope_comes_back_as_it_was_sent(body: bytes, sequence: int, at: datetime) -> None:
    sent = _envelope(body, sequence, at)
    assert Envelope.parse(sent.headers(), sent.body) == sent


@given(st.lists(st.tuples(TEXT, st.none() | st.binary(max_size=40))), st.none() | st.binary())
def test_arbitrary_record_is_a_bad_record(
    headers: list[tuple[str, bytes | None]], body: bytes | None
) -> None:
    with pytest.raises(BadRecord):
        Envelope.parse(headers, body)


@given(NAMES, st.none() | st.binary(max_size=60))
def test_one_damaged_header_gives_an_envelope_or_a_bad_record(name: str, value: bytes | None) -> None:
    damaged = [(n, value if n == name else v) for n, v in _envelope().headers()]
    with suppress(BadRecord):
        assert Envelope.parse(damaged, b"{}").body == b"{}"


@given(st.binary() | TEXT.map(str.encode))
def test_arbitrary_body_is_a_bad_record(body: bytes) -> None:
    with pytest.raises(BadRecord):
        read_event(SubscriptionExpiring, body)


def test_reason_names_the_field_and_shows_no_value() -> None:
    body = expiring(1).model_dump_json().replace('"days_left":30', '"days_left":"Nguyễn Thị Hoa"')
    with pytest.raises(BadRecord, match="days_left") as refused:
        read_event(SubscriptionExpiring, body.encode())
    assert "Hoa" not in str(refused.value)


def test_header_is_read_even_if_it_is_not_utf8() -> None:
    headers = [("a", b"\xc3\x28"), ("b", None), ("c", b"x")]
    assert header(headers, "a") == "�("
    assert header(headers, "b") is None
    assert header(headers, "c") == "x"
