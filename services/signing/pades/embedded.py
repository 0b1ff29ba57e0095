"""Checks one signature in a PDF: it covers the whole file, holds nothing else, and is valid."""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from asn1crypto import parser
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import get_signing_cert_attr
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from services.signing.domain.certificate import Certificate
from services.signing.pades.certificates import CertificateChain, validate_certificate, validation_context
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings

_PADES = SigSeedSubFilter.PADES.value
_SUBFILTERS = {_PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value}
USAGES = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
_OLD_PADDING = "rsassa_pkcs1v15"
_PADDINGS = {"rsassa_pss", "ecdsa", _OLD_PADDING}


def check_coverage(signature: EmbeddedPdfSignature, pdf: bytes) -> None:
    """Check that the byte range is the whole file without the signature's hexadecimal digits, and that these
    hold nothing but the signature. Raises Rejected."""
    ranges = [int(number) for number in signature.byte_range]
    if len(ranges) != 4:
        raise Rejected(InvalidityReason.SIGNATURE_COVERAGE, f"{len(ranges)} numbers")
    start, before, after, rest = ranges
    if start != 0 or not 0 < before < after or after + rest != len(pdf):
        raise Rejected(
            InvalidityReason.SIGNATURE_COVERAGE, "the file isn't covered from its first to its last byte"
        )
    digits = re.fullmatch(rb"<((?:[0-9A-Fa-f]{2})+)>", pdf[before:after])
    if digits is None or bytes.fromhex(digits[1].decode()) != signature.pkcs7_content:
        raise Rejected(InvalidityReason.SIGNATURE_COVERAGE, "the gap is not the signature")
    content = signature.pkcs7_content
    if content[_length(content) :].strip(b"\0"):
        raise Rejected(InvalidityReason.SIGNATURE_PADDING)


def _length(content: bytes) -> int:
    """The length of the value at the beginning: DER, or BER that ends where its parts end (poppler's)."""
    _, _, _, header, body, trailer = parser.parse(content, strict=False)
    return len(header) + len(body) + len(trailer)


async def check_signature(
    signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime, *, old_padding: bool
) -> tuple[Certificate, bool]:
    """The signer's certificate, and whether the padding is PKCS#1 v1.5. Raises Rejected for any defect."""
    if signature.sig_object.get("/SubFilter") not in _SUBFILTERS or signature.sig_object_type != "/Sig":
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, "not a signature of an accepted kind")
    certificate = await validate_certificate(
        CertificateChain(signature.signer_cert, tuple(signature.other_embedded_certs)), trust, moment
    )
    if signature.sig_object["/SubFilter"] == _PADES and not names_certificate(signature):
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, "the certificate isn't among what was signed")
    padding = signature.signer_info["signature_algorithm"].signature_algo
    if padding not in _PADDINGS:
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, padding)
    if padding == _OLD_PADDING and not old_padding:
        raise Rejected(InvalidityReason.SIGNATURE_OLD_PADDING)
    await _validate(signature, trust, moment)
    return certificate, padding == _OLD_PADDING


def names_certificate(signature: EmbeddedPdfSignature) -> bool:
    """Whether the certificate is among what was signed. Otherwise another certificate of the same key could
    be put in its place. PAdES requires it; older PKCS#7 signatures may lack it."""
    return get_signing_cert_attr(signature.signer_info["signed_attrs"]) is not None


def identify(signature: EmbeddedPdfSignature, issued: bytes) -> str:
    """The SHA-256 of the issued file's hash and the attributes that were signed.

    It doesn't use the signature's value: anybody can turn an ECDSA value into another valid one.
    """
    attributes = signature.signer_info["signed_attrs"].untag().dump()
    return sha256(sha256(issued).digest() + attributes).hexdigest()


async def _validate(signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime) -> None:
    """Check the value and the strength of the algorithms. The caller has already reviewed all changes since
    the issued revision, and the certificate."""
    context = _without_answers(trust, moment)
    try:
        status = await async_validate_pdf_signature(
            signature, context, key_usage_settings=USAGES, skip_diff=True
        )
    except SignatureValidationError as error:
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, type(error).__name__) from error
    if not (status.intact and status.valid and status.trusted):
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, status.summary())


async def check_time_stamp(signature: EmbeddedPdfSignature, trust: TrustSettings, moment: datetime) -> None:
    """Check a document time stamp. Raises Rejected if it was not made for this file. Whose it is doesn't
    matter: nothing relies on it."""
    context = _without_answers(trust, moment)
    try:
        status = await async_validate_pdf_timestamp(signature, context, skip_diff=True)
    except SignatureValidationError as error:
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, type(error).__name__) from error
    if not (status.intact and status.valid):
        raise Rejected(InvalidityReason.SIGNATURE_INVALID, "time stamp")


def _without_answers(trust: TrustSettings, moment: datetime) -> ValidationContext:
    """The context for a check that asks nothing about revocation: a damaged answer can't spoil it."""
    return validation_context(replace(trust, crls=None, answers=()), moment)
