"""Reads who signed from a certificate, and how well the certificate proves it."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from services.signing.domain.report.facts import (
    Chain,
    Revocation,
    RevocationSource,
    SignerCertificate,
    Strength,
)
from services.signing.pades.certificates import common_name, name_of, user_ids, validation_context
from services.signing.pades.inspection.kept import find_source
from services.signing.pades.rejection import Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.usage import check_purposes, check_signer
from shared.text.characters import harmless

_SMALLEST_KEYS = {"rsa": 2048, "ec": 256}  # bits
_WEAK = {
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
}
_REVOKED = {AdESIndeterminate.REVOKED_NO_POE, AdESIndeterminate.REVOKED_CA_NO_POE}
_CHAINS: dict[object, Chain] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "none",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "constraints",
}


@dataclass(frozen=True, slots=True)
class SignerFacts:
    certificate: SignerCertificate
    chain: Chain
    strength: Strength
    revocation: Revocation
    path: ValidationPath | None


async def read_signer(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, trust: TrustSettings, moment: datetime
) -> SignerFacts:
    """`status` is pyHanko's, with revocation required, at `moment`, which is within the certificate's
    period."""
    signer, problem = signature.signer_cert, status.trust_problem_indic
    path: ValidationPath | None = status.validation_path
    unknown = problem not in {None, *_REVOKED, *_CHAINS}
    chain = _CHAINS.get(problem, "trusted")
    if unknown:
        chain, path = await _look_for_path(signature, trust, moment)
    if chain == "trusted" and path and not _may_sign(signer, path, trust):
        chain = "constraints"
    revoked = status.revocation_details is not None
    source = await find_source(signer, path, trust, moment, revoked=revoked) if path else None
    return SignerFacts(
        certificate=_certificate(signer, trust, path),
        chain=chain,
        strength="outdated" if problem in _WEAK or _is_short(signer) else "good",
        revocation=_revocation(status, source, known=not unknown and chain != "none"),
        path=path,
    )


async def _look_for_path(
    signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime
) -> tuple[Chain, ValidationPath | None]:
    """The path to one of our roots where nothing says whether its certificates are revoked, or where pyHanko
    has not looked for one."""
    context = validation_context(trust, moment)
    validator = CertificateValidator(signature.signer_cert, signature.other_embedded_certs, context)
    try:
        return "trusted", await validator.async_validate_path()
    except PathBuildingError:
        return "none", None
    except ValidationError:
        return "broken", None


def _may_sign(signer: x509.Certificate, path: ValidationPath, trust: TrustSettings) -> bool:
    try:
        check_signer(signer, trust.purposes)
        for authority in path.iter_certs(include_root=False):
            check_purposes(authority, trust.purposes)
    except Rejected:
        return False
    return True


def _is_short(signer: x509.Certificate) -> bool:
    key = signer.public_key
    return key.algorithm in _SMALLEST_KEYS and key.bit_size < _SMALLEST_KEYS[key.algorithm]


def _revocation(status: PdfSignatureStatus, source: RevocationSource | None, *, known: bool) -> Revocation:
    details = status.revocation_details
    if details:
        return Revocation(
            status="revoked",
            revoked_at=details.revocation_date,
            of_authority=details.ca_revoked,
            source=source,
        )
    if not known or status.trust_problem_indic is not None:
        return Revocation(status="unknown")
    return Revocation(status="good", source=source)


def _certificate(
    signer: x509.Certificate, trust: TrustSettings, path: ValidationPath | None
) -> SignerCertificate:
    validity, uids = signer["tbs_certificate"]["validity"], user_ids(signer)

    def codes(kind: str) -> tuple[str, ...]:
        return tuple(harmless(code) for found, code in uids if found == kind)

    return SignerCertificate(
        holder=common_name(signer),
        authority=name_of(signer.issuer),
        serial=f"{signer.serial_number:x}",
        fingerprint=signer.sha256.hex(),
        valid_from=validity["not_before"].native,
        valid_to=validity["not_after"].native,
        tax_codes=codes("MST"),
        budget_codes=codes("MNS"),
        personal_codes=codes("CCCD"),
        scheme=trust.scheme_of(path.first) if path else None,
    )
