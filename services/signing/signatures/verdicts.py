"""Whether a certificate can sign a document, found out before anything is signed with it."""

from dataclasses import dataclass

from services.signing.domain.attempt import Signable
from services.signing.domain.certificate import Certificate
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.pades.rejection import InvalidityReason


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """`invalidity`: the certificate can't sign anything. `refusal`: it can't sign this document."""

    certificate: Certificate | None = None
    invalidity: InvalidityReason | None = None
    refusal: RefusalReason | None = None


def judge(signable: Signable, found: Certificate | InvalidityReason) -> CertificateVerdict:
    if isinstance(found, InvalidityReason):
        return CertificateVerdict(invalidity=found)
    try:
        signable.check_signer(found)
    except SigningError as refused:
        return CertificateVerdict(found, refusal=refused.why)
    return CertificateVerdict(found)
