"""Attempts to sign: one is open at a time, and only an open one can be completed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.signing.domain.attempt import AttemptStatus, Completion
from services.signing.domain.attempt_steps import (
    Caution,
    begin_attempt,
    cautions,
    certificate_cautions,
    complete_attempt,
    require_open,
)
from services.signing.domain.form import FormStatus, SigningForm, confirm_term, replace_form
from services.signing.domain.refusal import RefusalReason, SigningError
from shared.events.signing import FormSigned
from tests.services.signing.factory import (
    LIFETIME,
    NOW,
    TODAY,
    awaiting,
    begun,
    certificate,
    document,
    preparation,
    reissue,
)

SIGNED = document("signed")
COMPLETION = Completion(SIGNED, certificate())


def refusal(state: SigningForm, n: int, after: timedelta = timedelta()) -> RefusalReason:
    with pytest.raises(SigningError) as refused:
        complete_attempt(state, n, COMPLETION, NOW + after)
    return refused.value.why


def test_newer_attempt_closes_the_older() -> None:
    state = begun(2)
    assert [a.status for a in state.attempts] == [AttemptStatus.CLOSED, AttemptStatus.OPEN]
    assert state.attempts[0].resumable is None
    assert refusal(state, 1) is RefusalReason.ATTEMPT_CLOSED


def test_completed_attempt_signs_the_form() -> None:
    decision = complete_attempt(begun(), 1, COMPLETION, NOW)
    assert decision.state.status is FormStatus.SIGNED
    assert decision.state.attempts[0].status is AttemptStatus.COMPLETED
    assert decision.state.attempts[0].resumable is None
    (event,) = decision.events
    assert isinstance(event, FormSigned)
    assert (event.signed_form, event.issued_form, event.form_revision) == (SIGNED, document().sha256, 1)
    assert event.certificate.match == "tax_code"


def test_event_gives_the_moment_that_the_stamp_gives() -> None:
    """The digest was given out at 23:50 and the signature came at 00:10: page, file and event state the same
    moment."""
    state = begun()
    (event,) = complete_attempt(state, 1, COMPLETION, NOW + timedelta(minutes=20)).events
    assert isinstance(event, FormSigned)
    assert event.signed_at == state.attempts[0].opened_at


def test_signature_after_midnight_counts_for_the_day_of_confirmation() -> None:
    """The office confirms at 23:58 and signs at 00:03."""
    (event,) = complete_attempt(begun(), 1, COMPLETION, NOW + timedelta(minutes=5)).events
    assert event.effective_on == TODAY
    assert event.occurred_at == NOW + timedelta(minutes=5)


def test_signs_once() -> None:
    signed = complete_attempt(begun(), 1, COMPLETION, NOW).state
    assert refusal(signed, 1) is RefusalReason.NOT_AWAITING
    with pytest.raises(SigningError):
        begin_attempt(signed, preparation(), NOW, LIFETIME)


def test_expired_and_unknown_attempts() -> None:
    assert require_open(begun(), 1, NOW + LIFETIME - timedelta(seconds=1)).n == 1
    assert refusal(begun(), 1, after=LIFETIME) is RefusalReason.ATTEMPT_EXPIRED
    assert refusal(begun(), 2) is RefusalReason.NO_SUCH_ATTEMPT


def test_form_reissued_while_it_was_prepared() -> None:
    """The prepared document is of the earlier revision."""
    state = replace_form(awaiting(), reissue()).state
    with pytest.raises(SigningError) as refused:
        begin_attempt(state, preparation(), NOW, LIFETIME)
    assert refused.value.why is RefusalReason.FORM_CHANGED


def test_numbers_go_on_though_old_attempts_are_forgotten() -> None:
    state = begun(50)
    assert state.attempts[-1].n == 50
    assert len(state.attempts) == 20


def test_a_signature_stays_however_often_the_office_begins_again() -> None:
    """Its form was restated: the office begins anew many times, then agrees instead."""
    state = complete_attempt(begun(), 1, COMPLETION, NOW).state
    state = replace_form(state, reissue(unconfirmed=(1,))).state
    for _ in range(25):
        again = replace(preparation(), issued=state.form.sha256)
        state = begin_attempt(state, again, NOW, LIFETIME).state
    state = confirm_term(state).state
    assert [each.n for each in state.attempts] == [1, *range(8, 27)]
    assert (state.status, state.signed_with) == (FormStatus.SIGNED, certificate())


def test_signer_gets_warnings() -> None:
    assert cautions(begun(), begun().attempts[0]) == ()
    doubtful = certificate(revocation="unknown", tax_codes=())
    signed = complete_attempt(begun(), 1, Completion(SIGNED, doubtful, old_padding=True), NOW).state
    expected = (Caution.REVOCATION_UNKNOWN, Caution.NO_CODE, Caution.OLD_PADDING)
    assert cautions(signed, signed.attempts[0]) == expected
    another = certificate(tax_codes=("0100686209",))
    assert certificate_cautions(signed, another) == (Caution.NEEDS_REVIEW,)
    assert signed.attempts[0].certificate == doubtful
