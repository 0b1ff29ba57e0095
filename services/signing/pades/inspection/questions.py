"""Whom to ask about the certificates in a PDF: those of its signatures and of the time stamps on them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from asn1crypto import cms
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.pades.certificates import CertificateChain, within_period
from services.signing.pades.revocation.questions import RevocationQuestion, find_questions
from services.signing.pades.trust import TrustSettings


async def find_all_questions(
    signatures: Iterable[EmbeddedPdfSignature], trust: TrustSettings, moment: datetime
) -> tuple[RevocationQuestion, ...]:
    """Each once. None about a certificate that isn't trusted."""
    found: dict[str, RevocationQuestion] = {}
    chains = (_chain(each) for one in signatures for each in _signed_data(one))
    for chain in filter(None, chains):
        asked = await find_questions(chain, trust, within_period(chain.signer, moment))
        found |= {each.fingerprint: each for each in asked}
    return tuple(found.values())


def _signed_data(signature: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    yield signature.signed_data
    for signed in (False, True):
        yield from extract_tst_data_iter(signature.signer_info, signed=signed)


def _chain(signed_data: cms.SignedData) -> CertificateChain | None:
    """None if it is damaged: then there is nobody to ask about."""
    try:
        info = extract_certificate_info(signed_data)
    except Exception:  # damaged content makes asn1crypto raise nearly anything
        return None
    return CertificateChain(info.signer_cert, tuple(info.other_certs))
