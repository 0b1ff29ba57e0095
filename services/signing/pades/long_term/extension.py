"""Makes a signature PAdES B-LT: a time stamp on it, and in a revision of its own the certificates, OCSP
responses and lists by which it can be judged when nobody can be asked any more."""

from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.validation.dss import collect_validation_info
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from services.signing.pades.certificates import CHECKED, validation_context
from services.signing.pades.embedded import USAGES
from services.signing.pades.long_term.security_store import (
    check_stated_time,
    end_of_path,
    kept_context,
    with_evidence,
)
from services.signing.pades.long_term.time_stamp import insert_time_stamp, signature_in
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings


@dataclass(frozen=True, slots=True)
class ExtendedPdf:
    """`proved_until`: the earliest end of a certificate of the newest time stamp."""

    pdf: bytes
    proved_until: datetime


async def extend(pdf: bytes, field: str, token: bytes, trust: TrustSettings, moment: datetime) -> ExtendedPdf:
    """`pdf` with its newest signature, in `field`, made B-LT by this time stamp and by the answers and lists
    of `trust`.

    Raises Rejected unless that is enough to judge it by the file alone, and whatever asn1crypto and pyHanko
    raise for a damaged time stamp.
    """
    stamped = insert_time_stamp(pdf, field, token)
    paths = await collect_validation_info(
        signature_in(stamped, field), validation_context(trust, moment, CHECKED)
    )
    kept = with_evidence(stamped, paths, trust)
    signature = signature_in(kept, field)
    await _check(signature, kept_context(signature.reader, paths, trust, moment), moment)
    return ExtendedPdf(kept, end_of_path(paths[-1]))


async def _check(signature: EmbeddedPdfSignature, kept: ValidationContext, moment: datetime) -> None:
    """Raises Rejected unless signature and time stamp are valid, and no certificate of either is revoked, by
    our roots and by what the file holds, nothing else."""
    status = await async_validate_pdf_signature(signature, kept, key_usage_settings=USAGES, skip_diff=True)
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.intact and stamp.valid and stamp.trusted):
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp isn't valid")
    if not (status.intact and status.valid and status.trusted):
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, status.summary())
    check_stated_time(stamp.timestamp, moment)
