"""A file that was signed elsewhere: whose signature counts, and that it is accepted once."""

import pytest

from services.signing.domain.attempt import AttemptStatus, SigningParty
from services.signing.domain.contract import prepare
from services.signing.domain.form import FormStatus, SigningForm
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.domain.upload import VerifiedUpload, accept_upload, is_known
from shared.events.base import SendBy
from shared.events.signing import FormSigned
from tests.services.signing.domain.uploads import PERSON, party
from tests.services.signing.factory import (
    NOW,
    TODAY,
    awaiting,
    begun,
    contract_prepared,
    document,
)

SIGNED = document("uploaded")


def upload(*parties: SigningParty, looks: tuple[str, ...] = ()) -> VerifiedUpload:
    return VerifiedUpload(document("form").sha256, parties or (party(),), looks)


def event_of(state: SigningForm, given: VerifiedUpload) -> FormSigned:
    (event,) = accept_upload(state, given, SIGNED, NOW).events
    assert isinstance(event, FormSigned)
    return event


@pytest.mark.parametrize("parties", [(party(), PERSON), (PERSON, party())])
def test_of_two_people_the_offices_certificate_counts(parties: tuple[SigningParty, ...]) -> None:
    decision = accept_upload(awaiting(), upload(*parties), SIGNED, NOW)
    assert decision.state.upload
    assert decision.state.upload.parties == parties
    assert decision.state.signed_with == party().certificate
    assert decision.state.status is FormStatus.SIGNED
    event = event_of(awaiting(), upload(*parties))
    assert (event.certificate.match, event.signed_at, event.signed_form) == ("tax_code", NOW, SIGNED)


def test_a_persons_certificate_alone_goes_to_the_desk() -> None:
    assert event_of(awaiting(), upload(PERSON)).certificate.match == "review"


def test_what_only_a_person_can_judge_is_published() -> None:
    """As `review`, too: an earlier release of renewal knows nothing of the looks."""
    event = event_of(awaiting(), upload(looks=("stamp_covers_content",)))
    assert event.looks == ("stamp_covers_content",)
    assert event.certificate.match == "review"


def test_an_open_attempt_is_closed() -> None:
    state = accept_upload(begun(), upload(), SIGNED, NOW).state
    assert [each.status for each in state.attempts] == [AttemptStatus.CLOSED]


def test_a_copy_of_the_file_is_known_and_another_signature_is_not() -> None:
    state = accept_upload(awaiting(), upload(party(), PERSON), SIGNED, NOW).state
    assert is_known(state, upload(party(), PERSON))
    assert is_known(state, upload(PERSON))
    assert not is_known(state, upload(party(), party("c")))
    assert not is_known(awaiting(), upload())


@pytest.mark.parametrize(
    ("state", "given", "why"),
    [
        (awaiting(send_by=SendBy.PAPER), upload(), RefusalReason.NOT_AWAITING),
        (awaiting().with_changes(status=FormStatus.SIGNED), upload(), RefusalReason.NOT_AWAITING),
        (
            awaiting(),
            VerifiedUpload(document("older").sha256, (party(),), ()),
            RefusalReason.FORM_CHANGED,
        ),
    ],
)
def test_refused(state: SigningForm, given: VerifiedUpload, why: RefusalReason) -> None:
    with pytest.raises(SigningError) as refused:
        accept_upload(state, given, SIGNED, NOW)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (upload(PERSON), RefusalReason.CERTIFICATE_OF_ANOTHER),
        (upload(looks=("stamp_covers_content",)), RefusalReason.UPLOAD_UNCLEAR),
    ],
)
def test_contract_that_would_need_a_clerk_is_refused(given: VerifiedUpload, why: RefusalReason) -> None:
    """Nobody looks at a contract between the office's signature and the seal."""
    event = contract_prepared(sign_by=TODAY)
    seal = prepare(event, awaiting()).state
    of_contract = VerifiedUpload(event.contract.sha256, given.parties, given.looks)
    with pytest.raises(SigningError) as refused:
        accept_upload(seal, of_contract, SIGNED, NOW)
    assert refused.value.why is why
