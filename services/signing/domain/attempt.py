"""A document that an office signs, a form or a contract, and the attempts to sign it."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.certificate import Certificate
from services.signing.domain.refusal import RefusalReason
from shared.events.base import DocumentRef, Sha256
from shared.storage.aggregate import Decision, State


class AttemptStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    COMPLETED = "completed"


class Resumable(BaseModel):
    """What is needed to finish a prepared PDF once its signature has come.

    The place for the signature is from byte `reserved_from` to `reserved_to`. `attributes` is the DER of the
    signed attributes: their hash is the digest that was given out. `certificates` is DER, the signer's first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_digest: bytes
    reserved_from: int
    reserved_to: int
    attributes: bytes
    certificates: tuple[bytes, ...]


class Attempt(BaseModel):
    """One attempt: a digest given out for one certificate. Only an open attempt has `resumable`. `prepared`
    is the prepared PDF. `looks` are codes of what only a person can judge in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    certificate: Certificate
    digest: bytes
    algorithm: Algorithm
    prepared: Sha256
    resumable: Resumable | None
    opened_at: datetime
    expires_at: datetime
    status: AttemptStatus = AttemptStatus.OPEN
    old_padding: bool = False
    looks: tuple[str, ...] = ()

    @property
    def signed_at(self) -> datetime:
        """The moment that the stamp and the signature state."""
        return self.opened_at

    def close(self) -> Self:
        return self.model_copy(update={"status": AttemptStatus.CLOSED, "resumable": None})

    def complete(self, certificate: Certificate, *, old_padding: bool) -> Self:
        found = {"certificate": certificate, "old_padding": old_padding}
        return self.close().model_copy(update={"status": AttemptStatus.COMPLETED, **found})


class SigningParty(BaseModel):
    """Who signed an uploaded file. `holder` is the name in the certificate. `identity` is the same for every
    copy of this signature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    holder: str
    certificate: Certificate
    old_padding: bool
    identity: Sha256


class SignedUpload(BaseModel):
    """A file that the office signed elsewhere. `certificate` is the one that counts, of the `parties`.
    `signed_at` is the moment of the upload: nothing proves the time that such a file states. `looks` are
    codes of what only a person can judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parties: tuple[SigningParty, ...]
    certificate: Certificate
    old_padding: bool
    signed_at: datetime
    looks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """A verified signature. `certificate` is as verified with it, which may differ from the attempt's.
    `looks`: codes of what only a person can judge in the file."""

    signed: DocumentRef
    certificate: Certificate
    old_padding: bool = False
    looks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningSubject:
    """What is signed, and by which office. `document` is the file as it was issued. Its signed file is stored
    as `signed_kind`. `not_awaiting` is the refusal if it isn't to be signed now. `earlier` are the revisions
    before it."""

    renewal_id: UUID
    office_ref: str
    tax_code: str | None
    budget_code: str | None
    document: DocumentRef
    signed_kind: Literal["signed_form", "signed_contract"]
    not_awaiting: RefusalReason
    earlier: tuple[DocumentRef, ...] = ()


class Signable(State):
    """An aggregate whose document the office signs."""

    attempts: tuple[Attempt, ...] = ()
    upload: SignedUpload | None = None

    @property
    @abstractmethod
    def subject(self) -> SigningSubject: ...

    @property
    @abstractmethod
    def signed_document(self) -> DocumentRef | None:
        """The newest signed file."""

    @property
    @abstractmethod
    def can_be_signed(self) -> bool: ...

    @abstractmethod
    def check_signer(self, certificate: Certificate) -> None:
        """Raises SigningError if this certificate may not sign the document."""

    @abstractmethod
    def check_images(self) -> None:
        """Raises SigningError if the stamp on the document may have no images of the office's own."""

    @abstractmethod
    def sign(self, completion: Completion, signed_at: datetime, now: datetime) -> Decision[Self]:
        """Record a signature that was checked. Raises SigningError."""

    @property
    def last_attempt(self) -> int:
        """The number of the newest attempt; 0 before the first one."""
        return self.attempts[-1].n if self.attempts else 0

    @property
    def open_attempt(self) -> Attempt | None:
        return next((a for a in self.attempts if a.status is AttemptStatus.OPEN), None)

    @property
    def signature(self) -> Attempt | SignedUpload | None:
        """The office's newest signature."""
        made: list[Attempt | SignedUpload] = [a for a in self.attempts if a.status is AttemptStatus.COMPLETED]
        return max([*made, *filter(None, [self.upload])], key=lambda each: each.signed_at, default=None)

    def with_attempt(self, attempt: Attempt) -> Self:
        """With the new version of this attempt."""
        attempts = tuple(attempt if each.n == attempt.n else each for each in self.attempts)
        return self.model_copy(update={"attempts": attempts})

    def without_open_attempt(self) -> Self:
        closed = tuple(a.close() if a.status is AttemptStatus.OPEN else a for a in self.attempts)
        return self.model_copy(update={"attempts": closed})
