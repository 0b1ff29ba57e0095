"""The steps of an attempt to sign a document. One is open at a time: a newer one closes the older."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Attempt, AttemptStatus, Completion, Resumable, Signable
from services.signing.domain.certificate import Certificate, find_code_mismatch
from services.signing.domain.refusal import RefusalReason, SigningError
from shared.events.base import Sha256
from shared.storage.aggregate import Decision

S = TypeVar("S", bound=Signable)

# Old attempts are stored for later questions. Repeated attempts must not fill the document. A completed one
# stays: it is the office's signature.
_MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class SignaturePreparation:
    """A document prepared for one certificate. `issued` and `prepared` are its two files. `looks` are codes
    of what only a person can judge in the second."""

    issued: Sha256
    certificate: Certificate
    digest: bytes
    algorithm: Algorithm
    prepared: Sha256
    resumable: Resumable
    looks: tuple[str, ...] = ()


class Caution(StrEnum):
    """A warning to the signer about a signature that is accepted. The vendor reviews one whose certificate
    has another office's code (NEEDS_REVIEW), or none."""

    REVOCATION_UNKNOWN = "revocation_unknown"
    NEEDS_REVIEW = "needs_review"
    NO_CODE = "no_code"
    OLD_PADDING = "old_padding"


def cautions(state: Signable, attempt: Attempt) -> tuple[Caution, ...]:
    old = (Caution.OLD_PADDING,) if attempt.old_padding else ()
    return certificate_cautions(state, attempt.certificate) + old


def certificate_cautions(state: Signable, certificate: Certificate) -> tuple[Caution, ...]:
    """The warnings that are known before anything is signed."""
    subject = state.subject
    mismatch = find_code_mismatch(certificate, subject.tax_code, subject.budget_code)
    found = {
        Caution.REVOCATION_UNKNOWN: certificate.revocation == "unknown",
        Caution.NEEDS_REVIEW: mismatch == "other_code",
        Caution.NO_CODE: mismatch == "no_code",
    }
    return tuple(caution for caution, holds in found.items() if holds)


def signing_moment(now: datetime) -> datetime:
    """The moment of a signature, in whole seconds as a PDF writes it.

    The stamp on the page, the signature in the file and the event all state this moment.
    """
    return now.replace(microsecond=0)


def require_awaiting(state: Signable) -> None:
    """Raises SigningError unless it can be signed."""
    if not state.can_be_signed:
        raise SigningError(state.subject.not_awaiting)


def require_seen(state: Signable, seen: Sha256 | None) -> None:
    """Raises SigningError unless the document awaits a signature and is the one that the signer saw. `seen`
    is None if the signer doesn't say it."""
    require_awaiting(state)
    if seen not in (None, state.subject.document.sha256):
        raise SigningError(RefusalReason.FORM_CHANGED)


def begin_attempt(
    state: S, preparation: SignaturePreparation, now: datetime, lifetime: timedelta
) -> Decision[S]:
    """Open an attempt. Raises SigningError if the document awaits no signature, is no longer the one that was
    prepared, or may not be signed with this certificate."""
    require_awaiting(state)
    if preparation.issued != state.subject.document.sha256:
        raise SigningError(RefusalReason.FORM_CHANGED)
    state.check_signer(preparation.certificate)
    attempt = Attempt(
        n=state.last_attempt + 1,
        certificate=preparation.certificate,
        digest=preparation.digest,
        algorithm=preparation.algorithm,
        prepared=preparation.prepared,
        resumable=preparation.resumable,
        opened_at=now,
        expires_at=now + lifetime,
        looks=preparation.looks,
    )
    earlier = _without_oldest(state.without_open_attempt().attempts)
    return Decision(state.model_copy(update={"attempts": (*earlier, attempt)}))


def _without_oldest(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """The attempts that are kept beside a new one, in their order."""
    surplus = max(0, len(attempts) - _MOST_ATTEMPTS + 1)
    failed = [each.n for each in attempts if each.status is not AttemptStatus.COMPLETED]
    return tuple(each for each in attempts if each.n not in failed[:surplus])


def find_attempt(state: Signable, n: int) -> Attempt:
    attempt = next((a for a in state.attempts if a.n == n), None)
    if attempt is None:
        raise SigningError(RefusalReason.NO_SUCH_ATTEMPT)
    return attempt


def require_open(state: Signable, n: int, now: datetime) -> Attempt:
    """The attempt, if a signature for it is still accepted. Raises SigningError otherwise."""
    attempt = find_attempt(state, n)
    require_awaiting(state)
    if attempt.status is not AttemptStatus.OPEN:
        raise SigningError(RefusalReason.ATTEMPT_CLOSED)
    if now >= attempt.expires_at:
        raise SigningError(RefusalReason.ATTEMPT_EXPIRED)
    return attempt


def complete_attempt(state: S, n: int, completion: Completion, now: datetime) -> Decision[S]:
    """Sign the document: the signature was verified. Raises SigningError if it can't be signed any more."""
    attempt = require_open(state, n, now)
    state.check_signer(completion.certificate)
    completed = attempt.complete(completion.certificate, old_padding=completion.old_padding)
    return state.with_attempt(completed).sign(completion, attempt.signed_at, now)
