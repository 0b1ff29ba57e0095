"""Which refusals the relay causes, and which the recipient."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.bounce import BounceClass, SmtpPhase, classify, parse_reply

RELAY, HARD, SOFT = BounceClass.RELAY, BounceClass.HARD, BounceClass.SOFT


@pytest.mark.parametrize(
    ("place", "code", "text", "bounce_class"),
    [
        (SmtpPhase.CONNECT, 554, "no service here", RELAY),
        (SmtpPhase.SIGN_IN, 535, "5.7.8 bad credentials", RELAY),
        (SmtpPhase.SIGN_IN, 454, "4.7.0 try later", RELAY),
        (SmtpPhase.SENDER, 530, "5.7.0 Must issue a STARTTLS command first", RELAY),
        (SmtpPhase.SENDER, 554, "5.7.1 Relay access denied", RELAY),
        (SmtpPhase.SENDER, 451, "4.1.8 domain of sender not found", RELAY),
        (SmtpPhase.SENDER, 552, "5.3.4 message too big", SOFT),
        (SmtpPhase.RECIPIENT, 530, "5.7.0 Authentication required", RELAY),
        (SmtpPhase.RECIPIENT, 550, "5.1.8 Sender address rejected: Domain not found", RELAY),
        (SmtpPhase.RECIPIENT, 553, "5.1.7 sender address", RELAY),
        (SmtpPhase.RECIPIENT, 421, "4.7.0 try again later, closing", RELAY),
        (SmtpPhase.RECIPIENT, 550, "5.7.54 unable to relay recipient in non-accepted domain", RELAY),
        (SmtpPhase.LETTER, 550, "5.4.5 Daily sending quota exceeded", RELAY),
        (SmtpPhase.LETTER, 550, "5.7.26 unauthenticated", RELAY),
        (SmtpPhase.SENDER, 552, "5.2.2 over quota", RELAY),  # the sender's own mailbox
        (SmtpPhase.SENDER, 552, "too big", SOFT),
        (SmtpPhase.RECIPIENT, 525, "", RELAY),
        (SmtpPhase.RECIPIENT, 454, "4.7.1 Relay access denied", RELAY),
        (SmtpPhase.RECIPIENT, 550, "5.7.1 we do not relay", SOFT),
        (SmtpPhase.RECIPIENT, 503, "5.5.1 RCPT out of order", SOFT),
        (SmtpPhase.LETTER, 554, "5.7.1 spam", SOFT),
        (SmtpPhase.RECIPIENT, 550, "#5.1.0 Address rejected.", HARD),
        (SmtpPhase.RECIPIENT, 511, "sorry, no mailbox here by that name (#5.1.1)", HARD),
        (SmtpPhase.RECIPIENT, 550, "5.1.1 no such user", HARD),
        (SmtpPhase.RECIPIENT, 550, "5.1.10 null MX", HARD),
        (SmtpPhase.RECIPIENT, 550, "5.2.1 disabled", HARD),
        (SmtpPhase.LETTER, 552, "5.2.2 mailbox full", HARD),
        (SmtpPhase.RECIPIENT, 550, "5.4.1 no answer from host", HARD),
        (SmtpPhase.RECIPIENT, 550, "5.4.4 unable to route", HARD),
        (SmtpPhase.RECIPIENT, 554, "5.7.1 Relay access denied", SOFT),
        (SmtpPhase.RECIPIENT, 451, "4.7.1 greylisted", SOFT),
        (SmtpPhase.RECIPIENT, 450, "4.1.1 unverified recipient", SOFT),
        (SmtpPhase.RECIPIENT, 552, "", SOFT),
        (SmtpPhase.RECIPIENT, 550, "user unknown", SOFT),
        (SmtpPhase.LETTER, 552, "5.3.4 message too big", SOFT),
        (SmtpPhase.RECIPIENT, 553, "5.6.7 SMTPUTF8 required", SOFT),
    ],
)
def test_the_table(place: SmtpPhase, code: int, text: str, bounce_class: BounceClass) -> None:
    assert parse_reply(place, code, text).bounce_class is bounce_class


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
    assert parse_reply(SmtpPhase.RECIPIENT, code, text).enhanced == enhanced


@given(st.sampled_from(SmtpPhase), st.integers(-1, 999), st.text())
def test_any_reply_can_be_read_and_its_words_are_not_kept(place: SmtpPhase, code: int, text: str) -> None:
    read = parse_reply(place, code, text)
    assert read.bounce_class in BounceClass
    assert set(read.text) <= set("abcdefghijklmnopqrstuvwxyz-: .0123456789")


@given(st.integers(400, 499), st.from_regex(r"4\.[0-9]\.[0-9]{1,2}", fullmatch=True))
def test_nothing_said_for_now_is_the_addressees_at_once(code: int, enhanced: str) -> None:
    assert classify(SmtpPhase.RECIPIENT, code, enhanced) is not HARD
