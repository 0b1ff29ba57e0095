"""The signature time stamp (RFC 3161): put into a signature that stands in a PDF, and read."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.pades.certificates import CertificateChain
from services.signing.pades.rejection import InvalidityReason, Rejected
from shared.resilience.errors import Transient


@contextmanager
def stamped() -> Iterator[None]:
    """Turn any error about a time stamp, or about what proves it, into Rejected: a damaged one makes
    asn1crypto and pyHanko raise nearly anything."""
    try:
        yield
    except (Rejected, Transient):
        raise
    except Exception as error:
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, type(error).__name__) from error


def signature_in(pdf: bytes, field: str) -> EmbeddedPdfSignature:
    found: list[EmbeddedPdfSignature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return next(each for each in found if each.field_name == field)


def read_stamper(token: bytes) -> CertificateChain:
    """The certificates of who made the time stamp (a CMS ContentInfo in DER)."""
    return signer_of(cms.ContentInfo.load(token, strict=True)["content"])


def stamper_of(signature: EmbeddedPdfSignature) -> CertificateChain:
    """The certificates of who made the time stamp of a signature. Raises Rejected if it has none."""
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return signer_of(attribute["values"][0]["content"])
    raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the signature has no time stamp")


def signer_of(signed: cms.SignedData) -> CertificateChain:
    found = extract_certificate_info(signed)
    return CertificateChain(found.signer_cert, tuple(found.other_certs))


def insert_time_stamp(pdf: bytes, field: str, token: bytes) -> bytes:
    """`pdf` with the time stamp among the unsigned attributes of the signature in `field`. Nothing else
    changes. Raises Rejected if the place that is reserved for the signature is too small."""
    signature = signature_in(pdf, field)
    content = cms.ContentInfo.load(signature.pkcs7_content)
    stamp = cms.CMSAttribute(
        {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token, strict=True)]}
    )
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([stamp])
    _, start, end, _ = signature.byte_range
    digits: bytes = content.dump().hex().encode()
    if len(digits) > end - start - 2:
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp is too large")
    return pdf[: start + 1] + digits.ljust(end - start - 2, b"0") + pdf[end - 1 :]
