"""What is found about an uploaded PDF that is not rejected: who signed it, and what a person must look at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.signing.domain.certificate import Certificate
from shared.events.base import Sha256


class LookReason(StrEnum):
    """What only a person can judge."""

    STAMP_COVERS_CONTENT = "stamp_covers_content"
    STAMP_WITHOUT_NAME = "stamp_without_name"
    STAMP_SAYS_MORE = "stamp_says_more"
    CERTIFICATE_NOT_SIGNED = "certificate_not_signed"


@dataclass(frozen=True, slots=True)
class UploadedSignature:
    """One party's signature. `holder` is the common name in the certificate, the only name to show: the words
    in the PDF are the signer's own, and nothing checks them.

    `old_padding`: RSA with PKCS#1 v1.5, which gets a warning. `stated_at` is the time that the signer states;
    None if there is none, or none with a zone. `identity` is the same for every copy of this signature of the
    issued PDF, whatever was changed in the bytes that no signature covers: find a signature again by it,
    never by the file's SHA-256.
    """

    holder: str
    certificate: Certificate
    old_padding: bool
    stated_at: datetime | None
    identity: Sha256


@dataclass(frozen=True, slots=True)
class UploadVerdict:
    """The signatures, in the order of signing: at least one. Whether one is the office's is for the caller,
    by `domain.certificate.match`. `looks` are for the desk; empty if a machine can judge it all."""

    signatures: tuple[UploadedSignature, ...]
    looks: tuple[LookReason, ...]
