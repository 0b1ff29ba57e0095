"""A file that the office signed elsewhere and uploaded: whether it signs the document."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from services.signing.domain.attempt import Completion, Signable, SignedUpload, SigningParty
from services.signing.domain.attempt_steps import require_awaiting
from services.signing.domain.certificate import match
from services.signing.domain.refusal import RefusalReason, SigningError
from shared.events.base import DocumentRef, Sha256
from shared.storage.aggregate import Decision

S = TypeVar("S", bound=Signable)


@dataclass(frozen=True, slots=True)
class VerifiedUpload:
    """A file that was verified against `issued`. `parties` are in the order of signing, at least one. `looks`
    are codes of what only a person can judge."""

    issued: Sha256
    parties: tuple[SigningParty, ...]
    looks: tuple[str, ...]


def refuse_earlier(state: Signable, uploaded: bytes) -> None:
    """Raises SigningError for a file that begins with an earlier revision of the document."""
    if any(sha256(uploaded[: each.size]).hexdigest() == each.sha256 for each in state.subject.earlier):
        require_awaiting(state)
        raise SigningError(RefusalReason.FORM_CHANGED)


def is_known(state: Signable, upload: VerifiedUpload) -> bool:
    """Whether these signatures were accepted before, in whatever copy of the file."""
    known = {party.identity for party in state.upload.parties} if state.upload else set()
    return {party.identity for party in upload.parties} <= known


def accept_upload(state: S, upload: VerifiedUpload, document: DocumentRef, now: datetime) -> Decision[S]:
    """Sign the document with the uploaded file, which is stored as `document`.

    Of several people's signatures that of the office counts, or else the first. Raises SigningError if the
    document awaits no signature, is no longer the one that was issued, or these certificates may not sign it.
    """
    require_awaiting(state)
    if upload.issued != state.subject.document.sha256:
        raise SigningError(RefusalReason.FORM_CHANGED)
    party = _deciding(state, upload.parties)
    state.check_signer(party.certificate)
    signed = SignedUpload(
        parties=upload.parties,
        certificate=party.certificate,
        old_padding=party.old_padding,
        signed_at=now,
        looks=upload.looks,
    )
    uploaded = state.without_open_attempt().model_copy(update={"upload": signed})
    completion = Completion(document, party.certificate, party.old_padding, upload.looks)
    return uploaded.sign(completion, now, now)


def _deciding(state: Signable, parties: tuple[SigningParty, ...]) -> SigningParty:
    """The party with the office's certificate; else one who may sign; else the first."""
    own = [party for party in parties if _is_own(state, party)]
    return (own or [party for party in parties if _may_sign(state, party)] or list(parties))[0]


def _is_own(state: Signable, party: SigningParty) -> bool:
    subject = state.subject
    return match(party.certificate, subject.tax_code, subject.budget_code) != "review"


def _may_sign(state: Signable, party: SigningParty) -> bool:
    try:
        state.check_signer(party.certificate)
    except SigningError:
        return False
    return True
