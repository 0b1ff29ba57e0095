"""The checks of the effects detect each kind of wrong effect."""

from typing import Any

import pytest

from tests.faults.effects import dead_faults, gaps, mail_faults


def notice(reason: str, status: str = "delivered", unknowns: int = 0) -> dict[str, Any]:
    return {
        "matter": {"reason": reason},
        "status": status,
        "unknowns": unknowns,
        "message_id": f"<{reason}>",
    }


ONCE = ("locked", "registered", "contract")
WHOLE = [notice(reason) for reason in ("expiring", "locked", "registered", "contract")]
COPIES = {one["message_id"]: 1 for one in WHOLE}


def test_one_letter_for_each_notice_is_right() -> None:
    assert not list(mail_faults(WHOLE, COPIES, ONCE))


def test_an_attempt_without_an_answer_may_have_brought_a_second_letter() -> None:
    notices = [*WHOLE[:1], notice("locked", unknowns=1), *WHOLE[2:]]
    assert not list(mail_faults(notices, {**COPIES, "<locked>": 2}, ONCE))
    assert list(mail_faults(notices, {**COPIES, "<locked>": 3}, ONCE))


def test_a_reminder_may_be_given_up_when_its_outcome_is_unknown() -> None:
    notices = [notice("expiring", "parked", 1), *WHOLE[1:]]
    assert not list(mail_faults(notices, COPIES, ONCE))
    assert not list(mail_faults(notices, {**COPIES, "<expiring>": 0}, ONCE))


@pytest.mark.parametrize(
    ("notices", "copies"),
    [
        (WHOLE, {**COPIES, "<locked>": 2}),
        (WHOLE, {**COPIES, "<locked>": 0}),
        ([*WHOLE[:1], notice("locked", "parked", 1), *WHOLE[2:]], COPIES),
        ([*WHOLE[:1], notice("locked", "sending"), *WHOLE[2:]], {**COPIES, "<locked>": 0}),
        ([notice("expiring", "overtaken"), *WHOLE[1:]], COPIES),
        ([*WHOLE, notice("locked")], COPIES),
        (WHOLE[:-1], COPIES),
    ],
    ids=["twice", "never", "given up", "not ended", "overtaken but sent", "two notices", "none"],
)
def test_mail_that_is_wrong_is_seen(notices: list[dict[str, Any]], copies: dict[str, int]) -> None:
    assert list(mail_faults(notices, copies, ONCE))


def number(n: int, renewal: str) -> dict[str, Any]:
    return {"_id": {"year": 2026, "n": n}, "renewal": renewal}


def test_contract_numbers_without_a_gap_one_a_renewal() -> None:
    assert not list(gaps([number(2, "b"), number(1, "a")]))
    assert list(gaps([number(1, "a"), number(3, "b")]))
    assert list(gaps([number(1, "a"), number(2, "a")]))


def test_only_poison_is_dead_and_wherever_it_was_read() -> None:
    poison = {"a/0/1": frozenset({"renewal", "signing"}), "b/0/1": frozenset({"signing"})}
    assert not list(dead_faults({"renewal": {"a/0/1"}, "signing": {"a/0/1", "b/0/1"}}, poison))
    assert list(dead_faults({"renewal": {"a/0/1"}, "signing": {"a/0/1"}}, poison))
    assert list(dead_faults({"renewal": {"a/0/1", "a/0/2"}, "signing": {"a/0/1", "b/0/1"}}, poison))
