"""Makes a signature PAdES B-LT: a time stamp on it, and in a revision of its own the certificates, OCSP
responses and lists by which it can be judged when nobody can be asked any more."""

from datetime import datetime, timedelta
from io import BytesIO

from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from services.signing.pades.certificates import CHECKED, revocation_trust, validation_context
from services.signing.pades.embedded import USAGES
from services.signing.pades.long_term.time_stamp import insert_time_stamp, signature_in
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings

_TOLERANCE = timedelta(minutes=5)
"""Between our clock and the time that the stamp states."""


async def extend(pdf: bytes, field: str, token: bytes, trust: TrustSettings, moment: datetime) -> bytes:
    """`pdf` with its newest signature, in `field`, made B-LT by this time stamp and by the answers and lists
    of `trust`.

    Raises Rejected unless that is enough to judge it by the file alone, and whatever asn1crypto and pyHanko
    raise for a damaged time stamp.
    """
    stamped = insert_time_stamp(pdf, field, token)
    paths = await collect_validation_info(
        signature_in(stamped, field), validation_context(trust, moment, CHECKED)
    )
    kept = _keep(stamped, paths, trust)
    await _check(signature_in(kept, field), trust, moment)
    return kept


def _keep(pdf: bytes, paths: list[ValidationPath], trust: TrustSettings) -> bytes:
    """`pdf` with a revision that keeps the paths' certificates, the answers, and those of our lists that
    concern them."""
    anchors = trust.anchors()
    names = {each.subject.hashable for path in paths for each in path.iter_certs(include_root=True)}
    output = BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        output,
        None,
        paths=paths,
        ocsps=anchors.ocsps,
        crls=[each for each in anchors.crls if each.issuer.hashable in names],
    )
    return output.getvalue()


async def _check(signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime) -> None:
    """Raises Rejected unless signature and time stamp are valid, and no certificate of either is revoked, by
    our roots and by what the file holds, nothing else."""
    status = await async_validate_pdf_signature(
        signature, _kept_context(signature, trust, moment), key_usage_settings=USAGES, skip_diff=True
    )
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.intact and stamp.valid and stamp.trusted):
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp isn't valid")
    if not (status.intact and status.valid and status.trusted):
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, status.summary())
    if abs(stamp.timestamp - moment) > _TOLERANCE:
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp is of another time")


def _kept_context(
    signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime
) -> ValidationContext:
    return DocumentSecurityStore.read_dss(signature.reader).as_validation_context(
        {
            "trust_roots": list(trust.anchors().roots),
            "moment": moment,
            "revinfo_policy": revocation_trust(CHECKED, fetched=True),
        }
    )
