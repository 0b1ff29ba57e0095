"""What a PDF holds itself to prove its signatures: certificates, OCSP responses and revocation lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator.path import ValidationPath

from services.signing.domain.report.facts import RevocationSource
from services.signing.pades.long_term.security_store import IN_FILE, kept_answers, read_kept
from services.signing.pades.revocation.answers import RevocationAnswer, read_lists, read_responses
from services.signing.pades.revocation.authenticity import is_authentic
from services.signing.pades.trust import TrustSettings

_MOST = 200


def with_kept(trust: TrustSettings, reader: PdfFileReader) -> TrustSettings:
    """`trust` with what the file holds. Its roots stay ours: a certificate in a file is only a step on a path
    to them, and each answer is checked like a fetched one."""
    return replace(
        trust,
        intermediates=(*trust.intermediates, *read_kept(reader, "/Certs", _MOST)),
        answers=(*kept_answers(reader, _MOST), *trust.answers),
    )


def kept_alone(trust: TrustSettings) -> TrustSettings:
    """`trust` without what is said elsewhere than in the file."""
    return replace(trust, crls=None, answers=tuple(each for each in trust.answers if each.source == IN_FILE))


def without_kept_responses(trust: TrustSettings) -> TrustSettings:
    """`trust` with the lists that the file holds, but not its OCSP responses."""
    others = (each for each in trust.answers if each.source != IN_FILE or each.kind != "ocsp")
    return replace(trust, answers=tuple(others))


async def find_source(
    certificate: x509.Certificate,
    path: ValidationPath,
    trust: TrustSettings,
    moment: datetime,
    *,
    revoked: bool,
) -> RevocationSource | None:
    """The newest response about this certificate, or else the newest list of its authority, that counts at
    `moment`. Of a revoked one it is the newest of both: what is older may not know. Our own lists need no
    proof of who made them."""
    own = replace(trust, answers=()).anchors().crls
    found = [_of_list(listed, "") for listed in own if listed.issuer == certificate.issuer]
    found += [
        source
        for answer in trust.answers
        for source in _sources(certificate, answer)
        if await is_authentic(answer, certificate, path, trust, moment)
    ]
    return max(found, key=_made_at if revoked else _rank, default=None)


async def find_newest_kept(
    certificate: x509.Certificate, path: ValidationPath, trust: TrustSettings
) -> datetime | None:
    """When the newest was made that the file holds and that says, or said then, if this certificate is
    revoked."""
    found = [
        source.made_at
        for answer in kept_alone(trust).answers
        for source in _sources(certificate, answer)
        if source.made_at and await is_authentic(answer, certificate, path, trust, source.made_at)
    ]
    return max(found, default=None)


def _rank(source: RevocationSource) -> tuple[bool, float]:
    return source.kind == "ocsp", _made_at(source)


def _made_at(source: RevocationSource) -> float:
    return source.made_at.timestamp() if source.made_at else 0.0


def _sources(certificate: x509.Certificate, answer: RevocationAnswer) -> list[RevocationSource]:
    """What the answer says of the certificate, whoever made it."""
    lists = (each for each in read_lists([answer]) if each.issuer == certificate.issuer)
    return [*_of_responses(certificate, answer), *(_of_list(each, answer.source) for each in lists)]


def _of_responses(certificate: x509.Certificate, answer: RevocationAnswer) -> Iterator[RevocationSource]:
    for response in read_responses([answer]):
        for said in response.response_data["responses"]:
            if _is_about(said["cert_id"], certificate):
                place = "file" if answer.source == IN_FILE else "authority"
                yield RevocationSource(kind="ocsp", place=place, made_at=said["this_update"].native)


def _is_about(asked: ocsp.CertId, certificate: x509.Certificate) -> bool:
    issuer = getattr(certificate.issuer, asked["hash_algorithm"]["algorithm"].native, None)
    about = asked["serial_number"].native, asked["issuer_name_hash"].native
    return about == (certificate.serial_number, issuer)


def _of_list(listed: crl.CertificateList, source: str) -> RevocationSource:
    place = {"": "service", IN_FILE: "file"}.get(source, "authority")
    made_at = listed["tbs_cert_list"]["this_update"].native
    return RevocationSource(kind="crl", place=place, made_at=made_at)
