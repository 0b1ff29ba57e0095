"""Tells which certificates, OCSP responses and lists pyHanko can use.

Anybody can make one that can be parsed, and at which pyHanko fails when it sorts it, or compares it with what
it needs. So one of them would spoil all the others.
"""

from datetime import datetime
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator.registry import SimpleCertificateStore

_BASIC = "basic_ocsp_response"
_HASHES = {"sha1", "sha256"}
_LAST_YEAR = 9999
"""pyHanko can't add to it the time for which an answer counts."""


class Unusable(ValueError):
    """The text says why, for our logs."""


def check_certificate(certificate: x509.Certificate) -> None:
    """Raises Unusable, and whatever asn1crypto raises."""
    _ = certificate.native  # parsing is lazy: find errors inside it now
    SimpleCertificateStore.from_certs([certificate])  # type: ignore[no-untyped-call]
    _ = certificate.issuer.hashable, certificate.authority_key_identifier, certificate.authority_issuer_serial
    _check_times(certificate.not_valid_before, certificate.not_valid_after)


def check_response(response: ocsp.OCSPResponse) -> None:
    """Raises Unusable, and whatever asn1crypto raises."""
    _ = response.native
    content = response["response_bytes"]
    if response["response_status"].native != "successful" or content["response_type"].native != _BASIC:
        raise Unusable("no basic response")
    basic = response.basic_ocsp_response
    responder = basic["tbs_response_data"]["responder_id"]
    if responder.name == "by_name":
        _ = responder.chosen.hashable
    for said in basic["tbs_response_data"]["responses"]:
        _check_said(said)
    for certificate in basic["certs"]:
        check_certificate(certificate)


def _check_said(said: ocsp.SingleResponse) -> None:
    if said["cert_id"]["hash_algorithm"]["algorithm"].native not in _HASHES:
        raise Unusable("a certificate named by an unknown hash")
    status = said["cert_status"]
    revoked = [status.chosen["revocation_time"].native] if status.name == "revoked" else []
    _check_made(said["this_update"].native)
    _check_times(said["next_update"].native, *revoked)


def check_list(listed: crl.CertificateList) -> None:
    """Raises Unusable, and whatever asn1crypto raises. The entries, of which there can be many, are not read:
    they count only if the list's authority has made them."""
    head = listed["tbs_cert_list"]
    _ = listed.issuer.hashable, head["crl_extensions"].native, listed.signature
    _check_made(head["this_update"].native)
    _check_times(head["next_update"].native)


def _check_made(made_at: Any) -> None:
    _check_times(made_at)
    if made_at is None or made_at.year == _LAST_YEAR:
        raise Unusable("not made at any time")


def _check_times(*times: Any) -> None:
    """Raises Unusable for a time that can't be compared with others. None is no time."""
    for each in times:
        if each is not None and not (isinstance(each, datetime) and each.tzinfo):
            raise Unusable("a time without a zone, or before all years")
