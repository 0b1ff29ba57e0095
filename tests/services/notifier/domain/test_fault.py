"""Whose fault a refusal is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.fault import FaultOwner, SmtpPhase, fault_of, reply

OURS, ADDRESSEE, PASSING = FaultOwner.OURS, FaultOwner.ADDRESSEE, FaultOwner.PASSING


@pytest.mark.parametrize(
    ("place", "code", "text", "fault"),
    [
        (SmtpPhase.CONNECT, 554, "no service here", OURS),
        (SmtpPhase.SIGN_IN, 535, "5.7.8 bad credentials", OURS),
        (SmtpPhase.SIGN_IN, 454, "4.7.0 try later", OURS),
        (SmtpPhase.SENDER, 530, "5.7.0 Must issue a STARTTLS command first", OURS),
        (SmtpPhase.SENDER, 554, "5.7.1 Relay access denied", OURS),
        (SmtpPhase.SENDER, 451, "4.1.8 domain of sender not found", OURS),
        (SmtpPhase.SENDER, 552, "5.3.4 message too big", PASSING),
        (SmtpPhase.RECIPIENT, 530, "5.7.0 Authentication required", OURS),
        (SmtpPhase.RECIPIENT, 550, "5.1.8 Sender address rejected: Domain not found", OURS),
        (SmtpPhase.RECIPIENT, 553, "5.1.7 sender address", OURS),
        (SmtpPhase.RECIPIENT, 421, "4.7.0 try again later, closing", OURS),
        (SmtpPhase.RECIPIENT, 550, "5.7.54 unable to relay recipient in non-accepted domain", OURS),
        (SmtpPhase.LETTER, 550, "5.4.5 Daily sending quota exceeded", OURS),
        (SmtpPhase.LETTER, 550, "5.7.26 unauthenticated", OURS),
        (SmtpPhase.SENDER, 552, "5.2.2 over quota", OURS),  # our own mailbox
        (SmtpPhase.SENDER, 552, "too big", PASSING),
        (SmtpPhase.RECIPIENT, 525, "", OURS),
        (SmtpPhase.RECIPIENT, 454, "4.7.1 Relay access denied", OURS),
        (SmtpPhase.RECIPIENT, 550, "5.7.1 we do not relay", PASSING),
        (SmtpPhase.RECIPIENT, 503, "5.5.1 RCPT out of order", PASSING),
        (SmtpPhase.LETTER, 554, "5.7.1 spam", PASSING),
        (SmtpPhase.RECIPIENT, 550, "#5.1.0 Address rejected.", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 511, "sorry, no mailbox here by that name (#5.1.1)", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 550, "5.1.1 no such user", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 550, "5.1.10 null MX", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 550, "5.2.1 disabled", ADDRESSEE),
        (SmtpPhase.LETTER, 552, "5.2.2 mailbox full", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 550, "5.4.1 no answer from host", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 550, "5.4.4 unable to route", ADDRESSEE),
        (SmtpPhase.RECIPIENT, 554, "5.7.1 Relay access denied", PASSING),
        (SmtpPhase.RECIPIENT, 451, "4.7.1 greylisted", PASSING),
        (SmtpPhase.RECIPIENT, 450, "4.1.1 unverified recipient", PASSING),
        (SmtpPhase.RECIPIENT, 552, "", PASSING),
        (SmtpPhase.RECIPIENT, 550, "user unknown", PASSING),
        (SmtpPhase.LETTER, 552, "5.3.4 message too big", PASSING),
        (SmtpPhase.RECIPIENT, 553, "5.6.7 SMTPUTF8 required", PASSING),
    ],
)
def test_the_table(place: SmtpPhase, code: int, text: str, fault: FaultOwner) -> None:
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
    assert reply(SmtpPhase.RECIPIENT, code, text).enhanced == enhanced


@given(st.sampled_from(SmtpPhase), st.integers(-1, 999), st.text())
def test_any_reply_can_be_read_and_its_words_are_not_kept(place: SmtpPhase, code: int, text: str) -> None:
    read = reply(place, code, text)
    assert read.fault in FaultOwner
    assert set(read.text) <= set("abcdefghijklmnopqrstuvwxyz-: .0123456789")


@given(st.integers(400, 499), st.from_regex(r"4\.[0-9]\.[0-9]{1,2}", fullmatch=True))
def test_nothing_said_for_now_is_the_addressees_at_once(code: int, enhanced: str) -> None:
    assert fault_of(SmtpPhase.RECIPIENT, code, enhanced) is not ADDRESSEE
