"""When several refusals show that the relay is at fault."""

from datetime import timedelta

import pytest

from services.notifier.domain.bounce import SmtpPhase, parse_reply
from services.notifier.domain.delivery import AttemptMoment, update_relay_record
from services.notifier.domain.delivery_result import DeliveryOutcome, DeliveryResult, result_of
from services.notifier.domain.notice import Notice
from services.notifier.domain.relay_record import RelayRecord, registrable_domain
from tests.services.notifier import examples as ex

NOW = ex.NOON
TAKEN = DeliveryResult(outcome=DeliveryOutcome.DELIVERED, code=250)


def refusal(code: int, text: str = "", place: SmtpPhase = SmtpPhase.RECIPIENT) -> DeliveryResult:
    return result_of(parse_reply(place, code, text), handed_over=False)


def recorded(*answers: tuple[str, DeliveryResult], notice: Notice | None = None) -> RelayRecord:
    record, letter = RelayRecord(), notice or ex.notice(ex.locked())
    for second, (domain, result) in enumerate(answers):
        at = AttemptMoment(now=NOW, real=NOW + timedelta(seconds=second))
        record = update_relay_record(record, letter, result, domain, at)
    return record


@pytest.mark.parametrize(
    "result",
    [refusal(554, "5.7.1 denied"), refusal(550, "5.1.1 no such user"), refusal(550), refusal(550, "5.4.1")],
)
def test_three_unrelated_domains_refused_alike_are_the_relays_fault(result: DeliveryResult) -> None:
    assert recorded(("a.vn", result), ("b.vn", result)).cause is None
    cause = recorded(("a.vn", result), ("b.vn", result), ("c.vn", result)).cause
    assert cause is not None
    assert cause.startswith(result.reply.kind if result.reply else "?")


def test_one_domain_of_many_offices_is_that_domains_fault() -> None:
    assert recorded(*[("a.vn", refusal(554, "5.7.1 denied"))] * 40).cause is None


def test_refusals_of_different_classes_are_not_the_relays_fault() -> None:
    answers = [refusal(550), *(refusal(550, f"5.{n}.0") for n in (0, 1, 2, 4, 5, 6, 7))]
    assert recorded(*((f"{n}.vn", result) for n, result in enumerate(answers))).cause is None


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        (
            (refusal(554, "5.7.1 denied"), refusal(550, "5.7.0 policy"), refusal(550, "5.7.13 off")),
            "5.7.0, 5.7.1, 5.7.13",
        ),
        ((refusal(550, "5.4.1"), refusal(550, "5.4.4"), refusal(550, "5.4.1")), "5.4.1, 5.4.4"),
        ((refusal(550, "5.1.1"), refusal(550, "5.1.2"), refusal(553, "5.1.3")), "5.1.1, 5.1.2, 5.1.3"),
        ((refusal(550, "no relaying"), refusal(554), refusal(553)), "550, 553, 554"),
    ],
)
def test_relay_that_words_one_refusal_differently_is_at_fault(
    answers: tuple[DeliveryResult, ...], kinds: str
) -> None:
    cause = recorded(*((f"{n}.vn", result) for n, result in enumerate(answers))).cause
    assert cause == f"{kinds} from several unrelated domains at once"


def test_dead_mailboxes_of_one_class_among_fifty_are_the_addressees() -> None:
    good = [(f"{n}.vn", TAKEN) for n in range(50)]
    dead = [(f"dead{n}.vn", refusal(550, f"5.{n}.1 gone")) for n in (1, 2)] + [
        ("old.vn", refusal(552, "5.2.2 full"))
    ]
    for place in (0, 1, 25, 50):
        assert recorded(*good[:place], *dead, *good[place:]).cause is None


def test_three_dead_mailboxes_among_fifty_are_three_whatever_their_order() -> None:
    dead = refusal(550, "5.1.1 no such user")
    good = [(f"{n}.vn", TAKEN) for n in range(50)]
    bad = [(f"dead{n}.vn", dead) for n in range(3)]
    for place in range(0, 51, 10):
        assert recorded(*good[:place], *bad, *good[place:]).cause is None
    assert recorded(("x.vn", dead), *good[:1], ("y.vn", dead), *good[1:2], ("z.vn", dead)).cause is None


def test_relay_that_breaks_after_fifty_good_letters_is_at_fault() -> None:
    good = [(f"{n}.vn", TAKEN) for n in range(50)]
    assert recorded(*good, *((f"bad{n}.vn", refusal(550, "5.1.1")) for n in range(6))).cause is not None


def test_relay_that_serves_its_own_domain_alone_is_at_fault() -> None:
    denied = refusal(554, "5.7.1 denied")
    answers = [("a.vn", denied), ("b.vn", denied), ("own.vn", TAKEN), ("c.vn", denied), ("own.vn", TAKEN)]
    assert recorded(*answers).cause is not None


def test_what_the_relay_says_of_us_holds_until_it_takes_a_letter() -> None:
    record = recorded(("a.vn", refusal(530, "5.7.0 authenticate first")))
    assert record.cause == "recipient refused: 530 5.7.0"
    assert record.record_delivery("b.vn", NOW).cause is None


def test_letter_refused_before_and_after_the_relay_served_others_says_nothing_of_it() -> None:
    """Guards against: one letter that the relay always refuses stops all others for ever."""
    notice = ex.notice(ex.locked()).model_copy(update={"refused_at": NOW - timedelta(hours=1)})
    record = RelayRecord().record_delivery("a.vn", NOW)
    at = AttemptMoment(now=NOW, real=NOW)
    assert update_relay_record(record, notice, refusal(421, "4.3.0 closing"), "b.vn", at) == record
    assert update_relay_record(record, notice, refusal(550, "5.1.1"), "b.vn", at) == record
    assert update_relay_record(record, notice, refusal(554, place=SmtpPhase.SENDER), "b.vn", at).cause


def test_greylisting_holds_nothing_up_and_hours_of_it_do() -> None:
    grey, domains = refusal(451, "4.7.1 greylisted"), [f"{n}.vn" for n in range(40)]
    assert recorded(*((domain, grey) for domain in domains)).cause is None
    long = ex.notice(ex.locked()).model_copy(update={"refused_since": NOW - timedelta(hours=1)})
    assert recorded(*((domain, grey) for domain in domains), notice=long).cause is not None


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ke.toan@ubnd.angiang.gov.vn", "angiang.gov.vn"),
        ("a@stc.angiang.gov.vn", "angiang.gov.vn"),
        ("a@truong.edu.vn", "truong.edu.vn"),
        ("a@gmail.com", "gmail.com"),
        ("a@mail.GMAIL.com.", "gmail.com"),
        ("a@dv-1.example", "dv-1.example"),
        ("a@localhost", "localhost"),
    ],
)
def test_the_domain_that_one_owner_registers(address: str, domain: str) -> None:
    assert registrable_domain(address) == domain
