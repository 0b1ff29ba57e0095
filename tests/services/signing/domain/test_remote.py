"""The states of a remote signature, without a provider."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.signing.domain.refusal import RefusalReason
from services.signing.domain.remote import RemoteFailure, RemoteSession, RemoteStatus, session_id
from shared.ids import fresh
from shared.storage.aggregate import Decision

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
PERIOD = timedelta(seconds=30)

Step = Callable[[RemoteSession], Decision[RemoteSession] | None]


def asked(**changed: object) -> RemoteSession:
    values = {
        "kind": "form",
        "renewal_id": fresh(),
        "attempt": 1,
        "provider": "one",
        "key": "0912345678",
        "algorithm": "1.2",
        "signer": "Nguyễn Văn A",
        "title": ("Phiếu", "Form"),
        "with_code": False,
        "until": NOW + timedelta(minutes=3),
    }
    return RemoteSession.model_validate(values | changed)


def after(session: RemoteSession, step: Step) -> RemoteSession:
    decision = step(session)
    assert decision is not None
    assert decision.events == ()
    return decision.state


def test_confirmed_signature_is_completed() -> None:
    waiting = after(asked(), lambda state: state.wait("h1"))
    assert (waiting.status, waiting.handle) == (RemoteStatus.ASKED, "h1")
    assert waiting.wait("h1") is None
    confirmed = after(waiting, lambda state: state.confirm(b"value"))
    assert (confirmed.status, confirmed.signature, confirmed.is_unfinished) == ("confirmed", b"value", True)
    done = after(confirmed, RemoteSession.complete)
    assert (done.status, done.is_unfinished) == (RemoteStatus.COMPLETED, False)


ENDS: list[tuple[Step, RemoteStatus]] = [
    (RemoteSession.cancel, RemoteStatus.CANCELLED),
    (RemoteSession.expire, RemoteStatus.EXPIRED),
    (lambda state: state.fail(RemoteFailure.REFUSED), RemoteStatus.FAILED),
    (lambda state: state.refuse(RefusalReason.ATTEMPT_CLOSED), RemoteStatus.FAILED),
    (lambda state: state.refuse(RefusalReason.ATTEMPT_EXPIRED), RemoteStatus.EXPIRED),
]


@pytest.mark.parametrize(("step", "status"), ENDS)
def test_end_erases_what_names_the_person_and_nothing_happens_after_it(
    step: Step, status: RemoteStatus
) -> None:
    ended = after(after(asked(), lambda state: state.wait("h1")), step)
    assert (ended.status, ended.key, ended.signer, ended.handle) == (status, "", "", "")
    later: list[Step] = [lambda state: state.confirm(b"v"), lambda state: state.wait("h2")]
    later += [RemoteSession.complete, *(each for each, _ in ENDS)]
    assert [each(ended) for each in later] == [None] * len(later)


def test_value_that_is_here_is_not_cancelled() -> None:
    confirmed = after(asked(), lambda state: state.confirm(b"value"))
    assert confirmed.cancel() is None
    assert confirmed.confirm(b"another") is None


def test_one_process_follows_it_at_a_time() -> None:
    held = after(asked(), lambda state: state.hold("a", NOW, PERIOD))
    assert held.is_held_by_another("b", NOW)
    assert held.hold("b", NOW, PERIOD) is None
    assert not held.is_held_by_another("a", NOW)
    late = NOW + PERIOD
    assert not held.is_held_by_another("b", late)
    assert after(held, lambda state: state.hold("b", late, PERIOD)).holder == "b"


def test_holder_of_a_waiting_session_renews_its_hold_only_when_half_is_over() -> None:
    held = after(asked(), lambda state: state.hold("a", NOW, PERIOD))
    assert held.hold("a", NOW + PERIOD / 3, PERIOD) is None
    assert (
        after(held, lambda state: state.hold("a", NOW + PERIOD * 0.6, PERIOD)).held_until
        == NOW + PERIOD * 1.6
    )


def test_released_session_is_anybodys() -> None:
    held = after(asked(), lambda state: state.hold("a", NOW, PERIOD))
    assert held.release("b") is None
    released = after(held, lambda state: state.release("a"))
    assert released.release("a") is None
    assert after(released, lambda state: state.hold("b", NOW, PERIOD)).holder == "b"


def test_session_that_nobody_followed_to_its_end_is_told_as_expired() -> None:
    session = asked()
    assert session.status_at(session.until - PERIOD) is RemoteStatus.ASKED
    assert session.status_at(session.until) is RemoteStatus.EXPIRED
    confirmed = after(session, lambda state: state.confirm(b"v"))
    assert confirmed.status_at(session.until) is RemoteStatus.CONFIRMED


def test_newer_session_is_not_replaced_while_it_goes_on() -> None:
    """One that has ended may be of a void contract, which an earlier release counted apart."""
    older, newer = asked(), asked(attempt=2)
    assert newer.is_newer(older, NOW)
    assert not older.is_newer(newer, NOW)
    assert not newer.is_newer(older, newer.until)
    assert not after(newer, RemoteSession.cancel).is_newer(older, NOW)


def test_form_and_contract_of_a_renewal_have_their_own() -> None:
    renewal = fresh()
    assert session_id("form", renewal) == session_id("form", renewal) != session_id("contract", renewal)
