"""Why a certificate, a signature or a file is rejected. The texts are in `services.signing.texts`."""

from enum import StrEnum


class InvalidityReason(StrEnum):
    CERTIFICATE_UNREADABLE = "certificate_unreadable"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CERTIFICATE_UNCHECKED = "certificate_unchecked"
    CERTIFICATE_USAGE = "certificate_usage"
    CERTIFICATE_WEAK = "certificate_weak"
    SIGNATURE_MISMATCH = "signature_mismatch"
    SIGNATURE_OLD_PADDING = "signature_old_padding"
    SIGNATURE_INVALID = "signature_invalid"
    FILE_UNREADABLE = "file_unreadable"
    FILE_ENCRYPTED = "file_encrypted"
    FILE_PREFIXED = "file_prefixed"
    FILE_TOO_LARGE = "file_too_large"
    FILE_TOO_COMPLEX = "file_too_complex"
    FILE_NOT_ISSUED = "file_not_issued"
    FILE_RESAVED = "file_resaved"
    FILE_NOT_SEALABLE = "file_not_sealable"
    FILE_EVIDENCE_DAMAGED = "file_evidence_damaged"
    FILE_LOCKED = "file_locked"
    FILE_CHANGED = "file_changed"
    FILE_NOT_PREPARED = "file_not_prepared"
    METADATA_CHANGED = "metadata_changed"
    FIELDS_CHANGED = "fields_changed"
    FIELD_HIDDEN = "field_hidden"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_COUNT = "signature_count"
    SIGNATURE_COVERAGE = "signature_coverage"
    SIGNATURE_PADDING = "signature_padding"
    SIGNATURE_IN_FUTURE = "signature_in_future"
    SIGNATURE_WORDS = "signature_words"
    STAMP_IMAGE = "stamp_image"
    STAMP_COVERS = "stamp_covers"
    EVIDENCE_UNAVAILABLE = "evidence_unavailable"

    @property
    def is_transient(self) -> bool:
        """Whether the same signature may be accepted later: others have not answered what must be known."""
        return self in (InvalidityReason.CERTIFICATE_UNCHECKED, InvalidityReason.EVIDENCE_UNAVAILABLE)


class Rejected(Exception):
    """`detail` is for our logs, in English. It never quotes what was sent."""

    def __init__(self, reason: InvalidityReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value


class UnreadableDocument(Rejected):
    """The file can't be read as a PDF, or doesn't have exactly one empty signature field."""
