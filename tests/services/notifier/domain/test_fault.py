"""Whose fault a refusal is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.fault import Fault, Place, fault_of, reply

OURS, ADDRESSEE, PASSING = Fault.OURS, Fault.ADDRESSEE, Fault.PASSING


@pytest.mark.parametrize(
    ("place", "code", "text", "fault"),
    [
        (Place.CONNECT, 554, "no service here", OURS),
        (Place.SIGN_IN, 535, "5.7.8 bad credentials", OURS),
        (Place.SIGN_IN, 454, "4.7.0 try later", OURS),
        (Place.SENDER, 530, "5.7.0 Must issue a STARTTLS command first", OURS),
        (Place.SENDER, 554, "5.7.1 Relay access denied", OURS),
        (Place.SENDER, 451, "4.1.8 domain of sender not found", OURS),
        (Place.SENDER, 552, "5.3.4 message too big", PASSING),
        (Place.RECIPIENT, 530, "5.7.0 Authentication required", OURS),
        (Place.RECIPIENT, 550, "5.1.8 Sender address rejected: Domain not found", OURS),
        (Place.RECIPIENT, 553, "5.1.7 sender address", OURS),
        (Place.RECIPIENT, 421, "4.7.0 try again later, closing", OURS),
        (Place.RECIPIENT, 550, "5.7.54 unable to relay recipient in non-accepted domain", OURS),
        (Place.LETTER, 550, "5.4.5 Daily sending quota exceeded", OURS),
        (Place.LETTER, 550, "5.7.26 unauthenticated", OURS),
        (Place.SENDER, 552, "5.2.2 over quota", OURS),  # our own mailbox
        (Place.SENDER, 552, "too big", PASSING),
        (Place.RECIPIENT, 525, "", OURS),
        (Place.RECIPIENT, 454, "4.7.1 Relay access denied", OURS),
        (Place.RECIPIENT, 550, "5.7.1 we do not relay", PASSING),
        (Place.RECIPIENT, 503, "5.5.1 RCPT out of order", PASSING),
        (Place.LETTER, 554, "5.7.1 spam", PASSING),
        (Place.RECIPIENT, 550, "#5.1.0 Address rejected.", ADDRESSEE),
        (Place.RECIPIENT, 511, "sorry, no mailbox here by that name (#5.1.1)", ADDRESSEE),
        (Place.RECIPIENT, 550, "5.1.1 no such user", ADDRESSEE),
        (Place.RECIPIENT, 550, "5.1.10 null MX", ADDRESSEE),
        (Place.RECIPIENT, 550, "5.2.1 disabled", ADDRESSEE),
        (Place.LETTER, 552, "5.2.2 mailbox full", ADDRESSEE),
        (Place.RECIPIENT, 550, "5.4.1 no answer from host", ADDRESSEE),
        (Place.RECIPIENT, 550, "5.4.4 unable to route", ADDRESSEE),
        (Place.RECIPIENT, 554, "5.7.1 Relay access denied", PASSING),
        (Place.RECIPIENT, 451, "4.7.1 greylisted", PASSING),
        (Place.RECIPIENT, 450, "4.1.1 unverified recipient", PASSING),
        (Place.RECIPIENT, 552, "", PASSING),
        (Place.RECIPIENT, 550, "user unknown", PASSING),
        (Place.LETTER, 552, "5.3.4 message too big", PASSING),
        (Place.RECIPIENT, 553, "5.6.7 SMTPUTF8 required", PASSING),
    ],
)
def test_the_table(place: Place, code: int, text: str, fault: Fault) -> None:
    assert reply(place, code, text).fault is fault


@pytest.mark.parametrize(
    ("code", "text", "enhanced"),
    [
        (550, "5.1.1 gone", "5.1.1"),
        (550, "#5.1.1 gone", "5.1.1"),
        (550, "[5.1.1] gone", "5.1.1"),
        (553, "sorry, no (#5.7.1)", "5.7.1"),
        (550, "Requested action not taken\n5.1.1 gone", "5.1.1"),
        (550, "5.2.1 first\n5.1.1 second", "5.2.1"),
        (550, "gone", None),
        (550, "4.1.1 of another class", None),
        (550, "5.1.1.9 is an address", None),
        (550, "mailbox 5.1.1 in the middle", None),
        (450, "4.2.0", "4.2.0"),
        (550, "", None),
    ],
)
def test_the_enhanced_code_of_one_line_or_many(code: int, text: str, enhanced: str | None) -> None:
    assert reply(Place.RECIPIENT, code, text).enhanced == enhanced


@given(st.sampled_from(Place), st.integers(-1, 999), st.text())
def test_any_reply_can_be_read_and_its_words_are_not_kept(place: Place, code: int, text: str) -> None:
    read = reply(place, code, text)
    assert read.fault in Fault
    assert set(read.text) <= set("abcdefghijklmnopqrstuvwxyz-: .0123456789")


@given(st.integers(400, 499), st.from_regex(r"4\.[0-9]\.[0-9]{1,2}", fullmatch=True))
def test_nothing_said_for_now_is_the_addressees_at_once(code: int, enhanced: str) -> None:
    assert fault_of(Place.RECIPIENT, code, enhanced) is not ADDRESSEE
