"""Attempts to sign a form. One is open at a time: a newer one closes the older."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.certificate import Certificate, match
from services.signing.domain.document import (
    Attempt,
    AttemptStatus,
    Resumable,
    SigningDocument,
    Status,
    about,
)
from services.signing.domain.refusal import Refusal, Refused
from shared.aggregate import Decision
from shared.events.base import DocumentRef, Sha256
from shared.events.signing import FormSigned

# Attempts are kept for who asks what happened; an office that tries without end must not fill the document.
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Preparation:
    """A form made ready for one certificate. `issued` is the form that it was made from."""

    issued: Sha256
    certificate: Certificate
    digest: bytes
    algorithm: Algorithm
    prepared: Sha256
    resumable: Resumable


@dataclass(frozen=True, slots=True)
class Completion:
    """A signature that was verified; `certificate` is what that found, which may differ from before."""

    signed_form: DocumentRef
    certificate: Certificate
    old_padding: bool = False


class Caution(StrEnum):
    """What the signer is told beside a signature that is taken."""

    REVOCATION_UNKNOWN = "revocation_unknown"
    NEEDS_REVIEW = "needs_review"
    OLD_PADDING = "old_padding"


def cautions(state: SigningDocument, attempt: Attempt) -> tuple[Caution, ...]:
    matched = match(attempt.certificate, state.tax_code, state.budget_code)
    found = {
        Caution.REVOCATION_UNKNOWN: attempt.certificate.revocation == "unknown",
        Caution.NEEDS_REVIEW: matched == "review",
        Caution.OLD_PADDING: attempt.old_padding,
    }
    return tuple(caution for caution, holds in found.items() if holds)


def signing_moment(now: datetime) -> datetime:
    """The one moment of a signature, in whole seconds as a PDF writes it.

    The stamp on the page, the signature in the file and the event all give this moment.
    """
    return now.replace(microsecond=0)


def require_awaiting(state: SigningDocument) -> None:
    """Raises Refused unless the form can be signed."""
    if not state.can_be_signed:
        raise Refused(Refusal.NOT_AWAITING)


def begin_attempt(
    state: SigningDocument, preparation: Preparation, now: datetime, lifetime: timedelta
) -> Decision[SigningDocument]:
    """Open an attempt. Raises Refused when the form is not awaiting, or is no longer the one prepared."""
    require_awaiting(state)
    if preparation.issued != state.form.sha256:
        raise Refused(Refusal.FORM_CHANGED)
    attempt = Attempt(
        n=state.attempts[-1].n + 1 if state.attempts else 1,
        certificate=preparation.certificate,
        digest=preparation.digest,
        algorithm=preparation.algorithm,
        prepared=preparation.prepared,
        resumable=preparation.resumable,
        opened_at=now,
        expires_at=now + lifetime,
    )
    kept = state.without_open_attempt().attempts[1 - _KEPT :]
    return Decision(state.with_(attempts=(*kept, attempt)))


def find_attempt(state: SigningDocument, n: int) -> Attempt:
    attempt = next((a for a in state.attempts if a.n == n), None)
    if attempt is None:
        raise Refused(Refusal.NO_SUCH_ATTEMPT)
    return attempt


def require_open(state: SigningDocument, n: int, now: datetime) -> Attempt:
    """The attempt, if a signature for it is still taken. Raises Refused."""
    attempt = find_attempt(state, n)
    require_awaiting(state)
    if attempt.status is not AttemptStatus.OPEN:
        raise Refused(Refusal.ATTEMPT_CLOSED)
    if now >= attempt.expires_at:
        raise Refused(Refusal.ATTEMPT_EXPIRED)
    return attempt


def complete_attempt(
    state: SigningDocument, n: int, completion: Completion, now: datetime
) -> Decision[SigningDocument]:
    """The signature was verified: the form is signed, at the moment that its stamp gives.

    Raises Refused when meanwhile it can't be.
    """
    attempt = require_open(state, n, now)
    completed = attempt.completed(completion.certificate, old_padding=completion.old_padding)
    event = FormSigned(
        **about(state, state.confirmed_on, now),
        form_revision=state.revision,
        issued_form=state.form.sha256,
        signed_form=completion.signed_form,
        signed_at=attempt.opened_at,
        certificate=completion.certificate.facts(
            match(completion.certificate, state.tax_code, state.budget_code)
        ),
    )
    signed = state.with_(
        status=Status.SIGNED,
        attempts=tuple(completed if each.n == n else each for each in state.attempts),
        signed_form=completion.signed_form,
        signed_revision=None,
    )
    return Decision(signed, (event,))
