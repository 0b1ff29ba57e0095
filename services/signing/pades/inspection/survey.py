"""The first look at a PDF, before anything is judged: whom to ask about its certificates, and whether it may
be a document of ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.pades.certificates import CertificateChain, within_period
from services.signing.pades.inspection.inspection import read_pdf, readable_signatures, stated_at
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.questions import RevocationQuestion, find_questions
from services.signing.pades.trust import TrustSettings
from services.signing.pades.uploaded.file import text_of
from services.signing.pades.verification import readable

_END = re.compile(rb"%%EOF(\r\n|\r|\n)?")
_MOST_REVISIONS = 40
_NUMBER = re.compile("GH-[0-9A-Z]{4}-[0-9A-Z]{4}")
_MOST_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Survey:
    """`moment` is the one to judge for. `prefixes` are the SHA-256 of what the file was at the end of each
    revision, the shortest first; the last is the whole file's. Empty if nobody asked."""

    moment: datetime
    questions: tuple[RevocationQuestion, ...]
    prefixes: tuple[str, ...] = ()


async def survey(pdf: bytes, trust: TrustSettings, moment: datetime | None, *, origin: bool) -> Survey:
    """Without a moment it is the one that the newest signature states: only for a file whose newest signature
    is our own. `origin`: also the prefixes. Raises Rejected if the file can't be read."""
    with readable():
        reader = read_pdf(pdf)
        at = moment or _newest(reader)
        questions: dict[str, RevocationQuestion] = {}
        for chain in _chains(reader):
            found = await find_questions(chain, trust, within_period(chain.signer, at))
            questions |= {each.fingerprint: each for each in found}
    return Survey(at, tuple(questions.values()), _prefixes(pdf) if origin else ())


def _newest(reader: PdfFileReader) -> datetime:
    stated = [found for each in readable_signatures(reader) if (found := stated_at(each))]
    if not stated:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, "no signature that states its time")
    return max(stated)


def _chains(reader: PdfFileReader) -> list[CertificateChain]:
    """Those of each signature and of each time stamp on it."""
    found = (_chain(each) for one in readable_signatures(reader) for each in _signed_data(one))
    return [chain for chain in found if chain]


def _chain(signed_data: cms.SignedData) -> CertificateChain | None:
    """None if it is damaged: then there is nobody to ask about."""
    try:
        info = extract_certificate_info(signed_data)
    except Exception:  # damaged content makes asn1crypto raise nearly anything
        return None
    return CertificateChain(info.signer_cert, tuple(info.other_certs))


def _signed_data(signature: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    yield signature.signed_data
    for signed in (False, True):
        yield from extract_tst_data_iter(signature.signer_info, signed=signed)


def _prefixes(pdf: bytes) -> tuple[str, ...]:
    """A revision ends with `%%EOF` and perhaps one line break, which belongs to it or not: both are tried."""
    ends = {
        end
        for found in islice(_END.finditer(pdf), _MOST_REVISIONS)
        for end in (found.start() + 5, found.end())
    }
    digest, done, hashes = sha256(), 0, []
    for end in sorted(ends | {len(pdf)}):
        digest.update(memoryview(pdf)[done:end])
        done = end
        hashes.append(digest.copy().hexdigest())
    return tuple(hashes)


def read_numbers(pdf: bytes) -> tuple[str, ...]:
    """The registration numbers in the text of the first pages."""
    return tuple(islice(dict.fromkeys(_NUMBER.findall(text_of(pdf))), _MOST_NUMBERS))
