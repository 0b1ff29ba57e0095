"""What a PDF holds itself to prove its signatures: certificates, OCSP responses and revocation lists."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError

from services.signing.domain.report.facts import RevocationSource
from services.signing.pades.revocation.answers import RevocationAnswer, read_lists, read_responses
from services.signing.pades.trust import TrustSettings

_IN_FILE = "file"
_MOST = 200


def with_kept(trust: TrustSettings, reader: PdfFileReader) -> TrustSettings:
    """`trust` with what the file holds. Its roots stay ours: a certificate in a file is only a step on a path
    to them, and each answer is checked like a fetched one."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return trust
    certificates = (each.dump() for each in islice(store.load_certs(), _MOST))
    kept = [
        *(
            RevocationAnswer("ocsp", _IN_FILE, each.get_object().read_data(DecodePurpose.OCSP_RESPONSE))
            for each in store.ocsps[:_MOST]
        ),
        *(
            RevocationAnswer("crl", _IN_FILE, each.get_object().read_data(DecodePurpose.CRL))
            for each in store.crls[:_MOST]
        ),
    ]
    return replace(
        trust,
        intermediates=(*trust.intermediates, *certificates),
        answers=(*kept, *trust.answers),
    )


def find_source(
    certificate: x509.Certificate, trust: TrustSettings, *, in_file: bool = False
) -> RevocationSource | None:
    """The newest response about this certificate, or else the newest list of its authority. With `in_file`,
    only among what the file holds."""
    answers = [each for each in trust.answers if each.source == _IN_FILE or not in_file]
    lists = [] if in_file else list(replace(trust, answers=()).anchors().crls)
    found = [
        *(source for each in answers for source in _of_responses(certificate, each)),
        *(
            _of_list(listed, each.source)
            for each in answers
            for listed in read_lists([each])
            if listed.issuer == certificate.issuer
        ),
        *(_of_list(listed, "") for listed in lists if listed.issuer == certificate.issuer),
    ]
    return max(found, key=_rank, default=None)


def _rank(source: RevocationSource) -> tuple[bool, float]:
    return source.kind == "ocsp", source.made_at.timestamp() if source.made_at else 0.0


def _of_responses(certificate: x509.Certificate, answer: RevocationAnswer) -> Iterator[RevocationSource]:
    for response in read_responses([answer]):
        if response["response_status"].native != "successful":
            continue
        for said in response.response_data["responses"]:
            if _is_about(said["cert_id"], certificate):
                place = "file" if answer.source == _IN_FILE else "authority"
                yield RevocationSource(kind="ocsp", place=place, made_at=said["this_update"].native)


def _is_about(asked: ocsp.CertId, certificate: x509.Certificate) -> bool:
    issuer = getattr(certificate.issuer, asked["hash_algorithm"]["algorithm"].native, None)
    about = asked["serial_number"].native, asked["issuer_name_hash"].native
    return about == (certificate.serial_number, issuer)


def _of_list(listed: crl.CertificateList, source: str) -> RevocationSource:
    place = {"": "service", _IN_FILE: "file"}.get(source, "authority")
    made_at = listed["tbs_cert_list"]["this_update"].native
    return RevocationSource(kind="crl", place=place, made_at=made_at)
