"""The tasks that run in the worker processes: whole steps, bytes in and bytes out.

They can't run on the event loop: preparing takes 40-60 ms and verifying 40-80 ms of pure Python. They don't
run in threads either: two threads blocked the loop for up to 80 ms, two processes for up to 21 ms (20 forms,
2 busy cores, same throughput). And a file that is made to be slow can take any time: only killing its process
ends it.
"""

import asyncio
import logging
import os
import resource
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Self

from pyhanko.pdf_utils.reader import PdfFileReader

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.domain.level import SignatureLevel
from services.signing.pades.certificates import load_chain, read_chain, validate_certificate
from services.signing.pades.completion import check_prepared, complete
from services.signing.pades.long_term import document_time_stamp, extension
from services.signing.pades.long_term.document_time_stamp import OpenStamp, chains_to_prove
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.long_term.time_stamp import read_stamper, stamped
from services.signing.pades.preparation import PreparedPdf, prepare
from services.signing.pades.rejection import InvalidityReason, Rejected, UnreadableDocument
from services.signing.pades.revocation import authenticity, questions
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.revocation.questions import RevocationQuestion
from services.signing.pades.stamp.appearance import PLAIN, GivenImages, StampDetails
from services.signing.pades.trust import TrustSettings
from services.signing.pades.uploaded.sealability import check_sealable
from services.signing.pades.uploaded.verdict import UploadVerdict
from services.signing.pades.uploaded.verification import verify_upload
from services.signing.pades.verification import VerificationResult, readable, verify

_MEMORY = 1024**3  # address space, bytes; a form needs a third of it
_MOST_SIGNATURES = 20
_NICER = 10


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """`zone` is the IANA zone of the times on stamps. `old_padding` accepts PKCS#1 v1.5, with a warning.
    `require_long_term` refuses a signature that can't be made B-LT."""

    trust: TrustSettings
    zone: str
    old_padding: bool
    require_long_term: bool = False

    def with_answers(self, answers: Iterable[RevocationAnswer]) -> Self:
        return replace(self, trust=replace(self.trust, answers=tuple(answers)))


def configure_worker() -> None:
    """Runs once in each worker process. It loads the layout engine, which the service itself never does, and
    silences the libraries, which log personal names from certificates and files."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import_module("services.signing.pades.stamp.engine")
    for name in ("pyhanko", "pyhanko_certvalidator", "weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def configure_report_worker() -> None:
    """Where the machine is busy, signatures and seals go before reports."""
    configure_worker()
    os.nice(_NICER)


def begin(
    issued: bytes,
    field: str,
    certificates: tuple[bytes, ...],
    policy: SigningPolicy,
    moment: datetime,
    stamp: StampDetails | GivenImages = PLAIN,
) -> tuple[Certificate, PreparedPdf]:
    """Check the certificate, then prepare the PDF for it. Raises Rejected."""
    details = stamp.read() if isinstance(stamp, GivenImages) else stamp
    return asyncio.run(_begin(issued, field, certificates, policy, moment, details))


async def _begin(
    issued: bytes,
    field: str,
    certificates: tuple[bytes, ...],
    policy: SigningPolicy,
    moment: datetime,
    details: StampDetails,
) -> tuple[Certificate, PreparedPdf]:
    chain = read_chain(certificates)
    certificate = await validate_certificate(chain, policy.trust, moment)
    with readable():
        return certificate, await prepare(issued, field, chain, moment, policy.zone, details)


def check_certificate(
    certificates: tuple[bytes, ...], policy: SigningPolicy, moment: datetime
) -> Certificate:
    """Check that the first of `certificates` may sign. Raises Rejected."""
    return asyncio.run(validate_certificate(read_chain(certificates), policy.trust, moment))


def check_certificates(
    chains: tuple[tuple[bytes, ...], ...], policy: SigningPolicy, moment: datetime
) -> list[Certificate | InvalidityReason]:
    """Check the first certificate of each chain. Gives the reason for one that may not sign."""

    async def run() -> list[Certificate | InvalidityReason]:
        found: list[Certificate | InvalidityReason] = []
        for chain in chains:
            try:
                found.append(await validate_certificate(read_chain(chain), policy.trust, moment))
            except Rejected as rejected:
                found.append(rejected.reason)
        return found

    return asyncio.run(run())


def find_questions(
    chains: tuple[tuple[bytes, ...], ...], policy: SigningPolicy, moment: datetime
) -> tuple[RevocationQuestion, ...]:
    """What can be asked about the first certificate of each chain; nothing about one that isn't trusted.

    No chain is too long here: the verification of a file takes it as it is, so without the question a revoked
    certificate would pass like one about which nobody answers.
    """

    async def run() -> Iterable[RevocationQuestion]:
        found: dict[str, RevocationQuestion] = {}
        for ders in chains:
            if chain := load_chain(ders):
                asked = await questions.find_questions(chain, policy.trust, moment)
                found |= {each.fingerprint: each for each in asked}
        return found.values()

    return tuple(asyncio.run(run()))


def find_authentic(
    chains: tuple[tuple[bytes, ...], ...], policy: SigningPolicy, moment: datetime
) -> list[RevocationAnswer]:
    """The policy's answers that are the authorities' own, about certificates of these chains."""
    loaded = [chain for ders in chains if (chain := load_chain(ders))]
    return asyncio.run(authenticity.find_authentic(loaded, policy.trust, moment))


def read_upload_chains(uploaded: bytes) -> tuple[tuple[bytes, ...], ...]:
    """The certificates of each signature in a PDF, in DER, the signer's first; none if it can't be read: its
    verification says so. Raises Rejected if it is too complex."""
    try:
        with readable():
            found = PdfFileReader(BytesIO(uploaded), strict=False).embedded_signatures
            chains = ((each.signer_cert, *each.other_embedded_certs) for each in found[:_MOST_SIGNATURES])
            return tuple(tuple(certificate.dump() for certificate in chain) for chain in chains)
    except UnreadableDocument:
        return ()


def read_stamper_chain(token: bytes) -> tuple[bytes, ...]:
    """The certificates of who made a time stamp, in DER, its own first. Raises Rejected if it is damaged."""
    with stamped():
        chain = read_stamper(token)
        return tuple(certificate.dump() for certificate in (chain.signer, *chain.others))


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A signed PDF that passed the verification, and its result. `digest` is the SHA-256 of the signature
    value, for a time stamp. `proved_until`: the earliest end of a certificate of its time stamp."""

    pdf: bytes
    verified: VerificationResult
    digest: bytes
    level: SignatureLevel = SignatureLevel.BASIC
    proved_until: datetime | None = None


def finish(
    issued: bytes,
    field: str,
    prepared: bytes,
    resumable: Resumable,
    requested: Algorithm,
    signature: bytes,
    policy: SigningPolicy,
    moment: datetime,
) -> SignedPdf:
    """Put the signature in, then check the file as if a stranger had sent it. Raises Rejected."""

    async def run() -> SignedPdf:
        pdf = await complete(prepared, resumable, requested, signature, old_padding=policy.old_padding)
        check_prepared(pdf, prepared, resumable)
        verified = await verify(pdf, issued, field, policy.trust, moment, old_padding=policy.old_padding)
        return SignedPdf(pdf, verified, sha256(signature).digest())

    return asyncio.run(run())


def extend(
    signed: SignedPdf, issued: bytes, field: str, token: bytes, policy: SigningPolicy, moment: datetime
) -> SignedPdf:
    """Make the signature B-LT with this time stamp, then check the file again. Raises Rejected if they, and
    the policy's answers, don't suffice."""

    async def run() -> SignedPdf:
        with stamped():
            made = await extension.extend(signed.pdf, field, token, policy.trust, moment)
        verified = await verify(made.pdf, issued, field, policy.trust, moment, old_padding=policy.old_padding)
        return replace(
            signed,
            pdf=made.pdf,
            verified=verified,
            level=SignatureLevel.LONG_TERM,
            proved_until=made.proved_until,
        )

    return asyncio.run(run())


def read_chains_to_prove(pdf: bytes, level: SignatureLevel) -> tuple[tuple[bytes, ...], ...]:
    """The certificates, in DER, that a document time stamp must prove. Raises Rejected."""
    with stamped():
        found = chains_to_prove(pdf, level)
        return tuple(tuple(each.dump() for each in (chain.signer, *chain.others)) for chain in found)


def open_stamp(pdf: bytes, level: SignatureLevel, policy: SigningPolicy, moment: datetime) -> OpenStamp:
    """The PDF with a place for a document time stamp. Raises Rejected."""
    check_sealable(pdf)
    with stamped():
        return asyncio.run(document_time_stamp.open_stamp(pdf, level, policy.trust, moment))


def close_stamp(opened: OpenStamp, token: bytes, policy: SigningPolicy, moment: datetime) -> ExtendedPdf:
    """The PDF with its document time stamp. Raises Rejected if the stamp, with the policy's answers, doesn't
    prove the file."""
    with stamped():
        return asyncio.run(document_time_stamp.close_stamp(opened, token, policy.trust, moment))


def judge_upload(
    uploaded: bytes, issued: bytes, field: str, policy: SigningPolicy, moment: datetime, *, sealable: bool
) -> UploadVerdict:
    """Check a PDF that was signed elsewhere; with `sealable`, also that it can be sealed. Raises Rejected."""
    if sealable and uploaded.startswith(issued):
        check_sealable(uploaded)
    return asyncio.run(
        verify_upload(uploaded, issued, field, policy.trust, moment, old_padding=policy.old_padding)
    )
