"""Checks a certificate, before anything is signed with it and again when the signature has come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.certificate import Certificate
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.past_status import as_of
from services.signing.pades.tolerance.parts import Candidates, TolerantValidator
from services.signing.pades.trust import TrustSettings
from services.signing.pades.usage import check_purposes, check_signer
from shared.resilience.errors import Transient
from shared.text.characters import harmless

_LONGEST_CHAIN = 8
_LARGEST = 16 * 1024
_SMALLEST_RSA = 2048
_CURVES = {"secp256r1": Algorithm.ES256, "secp384r1": Algorithm.ES384}
_USER_ID = "0.9.2342.19200300.100.1.1"

_CHECKED, _UNCHECKED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK
CHECKED = RevocationCheckingPolicy(_CHECKED, _CHECKED)
"""OCSP responses or lists must show that no certificate of the path is revoked."""
# Rules for the signer's certificate and for its CAs, the strictest first: the first rule for which there are
# enough lists decides. pyHanko's soft-fail mode is not used: it ignores lists that we have if the certificate
# names no distribution point.
_REVOCATION = (
    (_CHECKED, _CHECKED),
    (_CHECKED, _UNCHECKED),
    (_UNCHECKED, _CHECKED),
    (_UNCHECKED, _UNCHECKED),
)
_REASONS: tuple[tuple[type[Exception], InvalidityReason], ...] = (
    (RevokedError, InvalidityReason.CERTIFICATE_REVOKED),
    (ExpiredError, InvalidityReason.CERTIFICATE_EXPIRED),
    (NotYetValidError, InvalidityReason.CERTIFICATE_NOT_YET_VALID),
    (DisallowedAlgorithmError, InvalidityReason.CERTIFICATE_WEAK),
    (InsufficientRevinfoError, InvalidityReason.CERTIFICATE_UNCHECKED),
    (PathBuildingError, InvalidityReason.CERTIFICATE_UNTRUSTED),
    (ValidationError, InvalidityReason.CERTIFICATE_UNTRUSTED),
)


@dataclass(frozen=True, slots=True)
class CertificateChain:
    """The signer's certificate and those that came with it, in any order."""

    signer: x509.Certificate
    others: tuple[x509.Certificate, ...] = ()


def read_chain(ders: Sequence[bytes]) -> CertificateChain:
    """Parse DER certificates, the signer's first. Raises Rejected if one can't be read, is too large, or
    there are too many."""
    if not 0 < len(ders) <= _LONGEST_CHAIN or any(len(der) > _LARGEST for der in ders):
        raise Rejected(InvalidityReason.CERTIFICATE_UNREADABLE, f"a chain of {len(ders)}")
    signer, *others = map(_certificate, ders)
    return CertificateChain(signer, tuple(others))


def load_chain(ders: Sequence[bytes]) -> CertificateChain | None:
    """The certificates as a file's verification finds them: any number, parsed only where they are used. None
    if one isn't a certificate."""
    try:
        signer, *others = map(x509.Certificate.load, ders)
    except ValueError:
        return None
    return CertificateChain(signer, tuple(others))


def _certificate(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.Certificate.load(der, strict=True)
        _ = certificate.native  # parsing is lazy: find errors inside it now
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise Rejected(InvalidityReason.CERTIFICATE_UNREADABLE, type(error).__name__) from error
    return certificate


async def validate_certificate(
    chain: CertificateChain, trust: TrustSettings, moment: datetime
) -> Certificate:
    """Check that this certificate may sign at `moment`. Raises Rejected with the first reason against it."""
    try:
        return await _validate(chain, trust, moment)
    except (Rejected, Transient, MemoryError):
        raise
    except Exception as error:  # a damaged certificate makes asn1crypto raise nearly anything
        if trust.answers:  # so does a damaged answer, which counts as none
            return await validate_certificate(chain, replace(trust, answers=()), moment)
        raise Rejected(InvalidityReason.CERTIFICATE_UNREADABLE, type(error).__name__) from error


async def _validate(chain: CertificateChain, trust: TrustSettings, moment: datetime) -> Certificate:
    check_signer(chain.signer, trust.purposes)
    algorithm_of(chain.signer)
    revocation, root = await _check_path(chain, trust, moment)
    validity = chain.signer["tbs_certificate"]["validity"]
    uids = user_ids(chain.signer)
    return Certificate(
        fingerprint=chain.signer.sha256.hex(),
        issuer=harmless(chain.signer.issuer.human_friendly),
        serial=f"{chain.signer.serial_number:x}",
        valid_from=validity["not_before"].native,
        valid_to=validity["not_after"].native,
        revocation=revocation,
        tax_codes=tuple(code for kind, code in uids if kind == "MST"),
        budget_codes=tuple(code for kind, code in uids if kind == "MNS"),
        scheme=trust.scheme_of(root),
    )


def algorithm_of(certificate: x509.Certificate) -> Algorithm:
    """The algorithm requested of this certificate's key. Raises Rejected for a key that is too weak or of an
    unknown kind."""
    key = certificate.public_key
    if key.algorithm == "rsa" and key.bit_size >= _SMALLEST_RSA:
        return Algorithm.PS256
    if key.algorithm == "ec" and key.curve[0] == "named" and key.curve[1] in _CURVES:
        return _CURVES[key.curve[1]]
    size = f", {key.bit_size} bits" if key.algorithm in ("rsa", "ec") else ""
    raise Rejected(InvalidityReason.CERTIFICATE_WEAK, f"{key.algorithm}{size}")


async def _check_path(
    chain: CertificateChain, trust: TrustSettings, moment: datetime
) -> tuple[Literal["good", "unknown"], x509.Certificate]:
    """Check the path to one of our roots at `moment`; `good` if OCSP responses or lists cover all of it. With
    the root.

    Raises Rejected.
    """
    for own, authorities in _REVOCATION[:1] if trust.require_revocation else _REVOCATION:
        context = validation_context(trust, moment, RevocationCheckingPolicy(own, authorities))
        try:
            path = await CertificateValidator(chain.signer, chain.others, context).async_validate_path()
        except InsufficientRevinfoError as error:
            last = error
            continue
        except (ValidationError, PathBuildingError) as error:
            raise rejection_of(error) from error
        for authority in path.iter_certs(include_root=False):
            check_purposes(authority, trust.purposes)
        if (own, authorities) == (_CHECKED, _CHECKED):
            return "good", path.first
        _check_old_lists(chain, trust)
        return "unknown", path.first
    raise rejection_of(last)


def _check_old_lists(chain: CertificateChain, trust: TrustSettings) -> None:
    """Raises Rejected if an outdated list names a certificate: it stays revoked, though such a list no longer
    shows that the others are good. Only our own lists count here: nothing has checked who made a fetched
    one."""
    certificates = [chain.signer, *chain.others]
    for listed in replace(trust, answers=()).anchors().crls:
        named = {
            entry["user_certificate"].native for entry in listed["tbs_cert_list"]["revoked_certificates"]
        }
        if any(one.issuer == listed.issuer and one.serial_number in named for one in certificates):
            raise Rejected(InvalidityReason.CERTIFICATE_REVOKED, "named by an outdated list")


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name, composed (NFC) and made safe; empty if it has none."""
    return name_of(certificate.subject)


def name_of(subject: x509.Name) -> str:
    """The common name, composed (NFC) and made safe; empty if there is none."""
    name = subject.native.get("common_name", "")
    return harmless(name if isinstance(name, str) else name[0])


def within_period(certificate: x509.Certificate, moment: datetime) -> datetime:
    """`moment`, or the end of the certificate's period that is nearer to it."""
    validity = certificate["tbs_certificate"]["validity"]
    found: datetime = min(max(moment, validity["not_before"].native), validity["not_after"].native)
    return found


async def find_path(chain: CertificateChain, trust: TrustSettings, moment: datetime) -> ValidationPath | None:
    """The path to one of our roots, whatever is said about revocation. None if there is none."""
    try:
        context = validation_context(trust, moment)
        return await CertificateValidator(chain.signer, chain.others, context).async_validate_path()
    except (Transient, MemoryError):
        raise
    except Exception:  # a damaged certificate makes asn1crypto raise nearly anything
        return None


def rejection_of(error: Exception) -> Rejected:
    reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
    return Rejected(reason, type(error).__name__)


def validation_context(
    trust: TrustSettings,
    moment: datetime,
    revocation: RevocationCheckingPolicy | None = None,
    *,
    later: bool = False,
) -> ValidationContext:
    """The context for a check at `moment`, with our roots only. Without `revocation` no lists are used. With
    `later`, what was said after the moment counts too: newer lists, and responses that name a later
    revocation."""
    anchors = trust.anchors()
    policy = revocation or RevocationCheckingPolicy(_UNCHECKED, _UNCHECKED)
    return ValidationContext(
        trust_roots=list(anchors.roots),
        certificate_registry=Candidates.build(anchors.intermediates),
        signature_validator=TolerantValidator(),
        crls=list(anchors.crls),
        ocsps=as_of(anchors.ocsps, moment) if later else list(anchors.ocsps),
        moment=moment,
        revinfo_policy=revocation_trust(policy, fetched=later or bool(trust.answers)),
    )


def revocation_trust(policy: RevocationCheckingPolicy, *, fetched: bool) -> CertRevTrustPolicy:
    """With `fetched`, answers count that were made after the moment: they were asked for because of it."""
    return CertRevTrustPolicy(policy, retroactive_revinfo=fetched)


def user_ids(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """The subject's UID values as (kind, code), read from its RDNs, never from a printed name."""
    values = [
        attribute["value"].native
        for rdn in certificate.subject.chosen
        for attribute in rdn
        if attribute["type"].dotted == _USER_ID
    ]
    split = [value.partition(":") for value in values if isinstance(value, str)]
    return [(kind.strip().upper(), code.strip()) for kind, _, code in split]
