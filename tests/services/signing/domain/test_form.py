"""A form to sign: it is opened, superseded when its term becomes untrue, and reissued."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.signing.domain.form import (
    FormStatus,
    change_sending,
    close,
    confirm_term,
    open_form,
    replace_form,
    supersede,
)
from shared.events.base import SendBy, Stage
from shared.events.signing import SigningSuperseded
from tests.services.signing.factory import (
    NOW,
    RENEWAL,
    TAX_CODE,
    TODAY,
    awaiting,
    begun,
    changed_sending,
    document,
    registered,
    reissue,
    term,
)

EXPIRED = date(2026, 11, 1)


def test_registered_form_awaits_its_signature() -> None:
    decision = open_form(registered())
    assert decision.events == ()
    assert decision.state.status is FormStatus.AWAITING
    assert decision.state.tax_code == TAX_CODE
    assert decision.state.form == document()


def test_termination_supersedes_a_form_made_before_it() -> None:
    decision = supersede(begun(), EXPIRED, TODAY, NOW)
    assert decision.state.status is FormStatus.SUPERSEDED
    assert decision.state.open_attempt is None
    (event,) = decision.events
    assert isinstance(event, SigningSuperseded)
    assert (event.renewal_id, event.form_revision, event.issued_form) == (RENEWAL, 1, document().sha256)


def test_form_confirmed_on_the_eve_may_be_signed_after_midnight() -> None:
    """Guards against: the office confirms at 23:58 and signs at 00:03, and the form is superseded in
    between."""
    eve = awaiting(effective_on=TODAY - timedelta(days=1))
    assert supersede(eve, EXPIRED, TODAY, NOW).state.can_be_signed
    assert not supersede(eve, EXPIRED, TODAY + timedelta(days=1), NOW).state.can_be_signed


def test_reissued_form_knows_its_earlier_revisions() -> None:
    state = replace_form(awaiting(), reissue()).state
    assert state.earlier_forms == (document(),)
    assert replace_form(state, reissue()).state == state
    for revision in range(3, 40):
        state = replace_form(state, reissue(form=document(f"{revision}"), form_revision=revision)).state
    assert len(state.earlier_forms) == 20
    assert state.earlier_forms[-1] == document("38")


def test_way_of_sending_closes_the_attempt_and_opens_the_form_again() -> None:
    on_paper = change_sending(begun(), changed_sending(SendBy.PAPER)).state
    assert (on_paper.can_be_signed, on_paper.open_attempt) == (False, None)
    assert change_sending(on_paper, changed_sending(SendBy.ELECTRONIC)).state.can_be_signed


def test_closed_form_is_signed_and_reissued_no_more_and_a_signed_one_stays() -> None:
    over = close(begun()).state
    assert (over.status, over.open_attempt) == (FormStatus.CLOSED, None)
    assert replace_form(over, reissue()).state == over
    signed = awaiting().with_changes(status=FormStatus.SIGNED)
    assert change_sending(signed, changed_sending(SendBy.PAPER)).state == signed
    assert close(signed).state == signed.with_changes(ended=True)


def test_superseded_once() -> None:
    once = supersede(awaiting(), EXPIRED, TODAY, NOW).state
    assert supersede(once, EXPIRED, TODAY, NOW).events == ()


@given(st.sampled_from(Stage), st.dates(date(2026, 10, 25), date(2026, 11, 5)), st.sampled_from(FormStatus))
def test_superseded_only_when_untrue_and_not_signed(stage: Stage, expired: date, status: FormStatus) -> None:
    state = awaiting(term=term(basis_stage=stage)).with_changes(status=status)
    decision = supersede(state, expired, TODAY, NOW)
    untrue = stage is not Stage.TERMINATED and expired == EXPIRED and status is FormStatus.AWAITING
    assert bool(decision.events) is untrue
    assert untrue or decision.state == state


def test_reissued_form_awaits_again() -> None:
    state = replace_form(supersede(begun(), EXPIRED, TODAY, NOW).state, reissue()).state
    assert (state.status, state.revision, state.form) == (FormStatus.AWAITING, 2, document("form 2"))
    assert state.term.basis_stage is Stage.TERMINATED
    assert supersede(state, EXPIRED, TODAY, NOW).events == ()


def test_reissue_closes_the_open_attempt() -> None:
    assert replace_form(begun(), reissue()).state.open_attempt is None


def test_earlier_revision_or_signed_form_stays() -> None:
    later = awaiting(form_revision=3)
    assert replace_form(later, reissue()).state == later
    signed = awaiting().with_changes(status=FormStatus.SIGNED, signed_form=document("signed"))
    restated = replace_form(signed, reissue()).state
    assert (restated.status, restated.signed_form) == (FormStatus.SIGNED, document("signed"))
    assert (restated.term, restated.signed_revision) == (reissue().term, 1)


def test_signed_form_whose_term_ends_earlier_now_awaits_a_signature_or_the_offices_word() -> None:
    """Case 40: the date is corrected to an earlier day after the signature. When it is corrected back, the
    signature counts again."""
    signed = awaiting().with_changes(status=FormStatus.SIGNED, signed_form=document("signed"))
    shorter = reissue().model_copy(update={"reason": "corrected", "unconfirmed": (1,)})
    waits = replace_form(signed, shorter).state
    assert (waits.status, waits.revision, waits.form) == (FormStatus.AWAITING, 2, document("form 2"))
    agreed = confirm_term(waits).state
    assert (agreed.status, agreed.signed_form, agreed.signed_revision) == (
        FormStatus.SIGNED,
        document("signed"),
        1,
    )
    assert confirm_term(agreed).state == agreed
    back = replace_form(waits, shorter.model_copy(update={"form_revision": 3, "unconfirmed": ()})).state
    assert (back.status, back.signed_form) == (FormStatus.SIGNED, document("signed"))
    assert confirm_term(awaiting()).state == awaiting()
