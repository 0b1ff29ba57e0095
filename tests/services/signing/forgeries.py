"""Certificates, OCSP responses and lists that anybody can make: they can be parsed, and make pyHanko fail
where it uses them, or hide the real ones."""

from collections.abc import Callable
from datetime import UTC, datetime

from asn1crypto import core, crl, ocsp, x509

Forge = Callable[[bytes], tuple[bytes, ...]]
"""Makes them after a real certificate."""

_NOW = datetime(2026, 11, 25, tzinfo=UTC)
_NO_ZONE = core.GeneralizedTime.load(b"\x18\x0e20261125000000")
_ODD = x509.NameTypeAndValue({"type": "1.2.3.4", "value": core.Integer(1)})
_ODD_NAME = x509.Name("", x509.RDNSequence([x509.RelativeDistinguishedName([_ODD])]))


def odd_certificate(real: bytes) -> bytes:
    """Its subject has something else than texts."""
    made = x509.Certificate.load(real)
    made["tbs_certificate"]["subject"], made["tbs_certificate"]["serial_number"] = _ODD_NAME, 7
    return bytes(made.dump(force=True))


def double(real: bytes) -> bytes:
    """It has the names and the serial number of the real one."""
    made = x509.Certificate.load(real)
    made["signature_value"] = bytes(len(made.signature))
    return bytes(made.dump(force=True))


def strange_double(real: bytes) -> bytes:
    """The same, with a signature of a kind that its issuer's key can't make."""
    made = x509.Certificate.load(real)
    made["signature_algorithm"] = made["tbs_certificate"]["signature"] = {"algorithm": "ed25519"}
    return bytes(made.dump(force=True))


def time_without_zone(real: bytes) -> tuple[bytes, ...]:
    """Two responses, whose times can't be compared."""
    return _response(real), _response(real, made_at=_NO_ZONE)


def unknown_hash(real: bytes) -> tuple[bytes, ...]:
    """A response that names its certificate by a hash that pyHanko doesn't know."""
    return (_response(real, hash_name="sha512", made_at=datetime(2099, 1, 1, tzinfo=UTC)),)


def other_kind(real: bytes) -> tuple[bytes, ...]:
    """A response that isn't a basic one."""
    content = {"response_type": "1.2.3.4", "response": core.ParsableOctetString(b"\x05\x00")}
    made = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": content})
    return (bytes(made.dump()),)


def end_of_time(real: bytes) -> tuple[bytes, ...]:
    """A response of the last second that a date can have: pyHanko adds half an hour."""
    return (_response(real, made_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),)


def strange_response(real: bytes) -> tuple[bytes, ...]:
    """A response with a signature of a kind that its authority's key can't make."""
    return (_response(real, made_at=datetime(2099, 1, 1, tzinfo=UTC), algorithm="ed25519"),)


def list_time_without_zone(real: bytes) -> tuple[bytes, ...]:
    """Two lists, whose times can't be compared."""
    issuer = x509.Certificate.load(real).issuer
    return _list(issuer, x509.Time("general_time", _NOW)), _list(issuer, x509.Time("general_time", _NO_ZONE))


def list_of_odd_name(real: bytes) -> tuple[bytes, ...]:
    """A list whose issuer's name has something else than texts."""
    return (_list(_ODD_NAME, x509.Time("utc_time", _NOW)),)


def with_certificate(response: bytes, added: bytes) -> bytes:
    """The response with one more certificate, which nobody has signed."""
    basic = ocsp.OCSPResponse.load(response).basic_ocsp_response
    made = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": basic["tbs_response_data"],
            "signature_algorithm": basic["signature_algorithm"],
            "signature": basic["signature"],
            "certs": [x509.Certificate.load(added), *basic["certs"]],
        }
    )
    return _successful(made)


def _response(
    real: bytes, hash_name: str = "sha1", made_at: object = _NOW, algorithm: str = "sha256_rsa"
) -> bytes:
    certificate = x509.Certificate.load(real)
    about = {
        "hash_algorithm": {"algorithm": hash_name},
        "issuer_name_hash": certificate.issuer.sha1,
        "issuer_key_hash": certificate.authority_key_identifier,
        "serial_number": certificate.serial_number,
    }
    said = {"cert_id": about, "cert_status": ocsp.CertStatus("good"), "this_update": made_at}
    signed = {
        "responder_id": ocsp.ResponderId("by_key", certificate.authority_key_identifier),
        "produced_at": _NOW,
        "responses": [said],
    }
    content = {
        "tbs_response_data": signed,
        "signature_algorithm": {"algorithm": algorithm},
        "signature": bytes(64),
    }
    return _successful(ocsp.BasicOCSPResponse(content))


def _successful(basic: ocsp.BasicOCSPResponse) -> bytes:
    content = {"response_type": "basic_ocsp_response", "response": basic}
    made = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": content})
    return bytes(made.dump())


def _list(issuer: x509.Name, made_at: x509.Time) -> bytes:
    kind = {"algorithm": "sha256_rsa"}
    head = {"version": "v2", "signature": kind, "issuer": issuer, "this_update": made_at}
    made = crl.CertificateList({"tbs_cert_list": head, "signature_algorithm": kind, "signature": bytes(64)})
    return bytes(made.dump())


UNUSABLE: dict[str, tuple[str, Forge]] = {
    "odd certificate": ("/Certs", lambda real: (odd_certificate(real),)),
    "time without zone": ("/OCSPs", time_without_zone),
    "unknown hash": ("/OCSPs", unknown_hash),
    "other kind": ("/OCSPs", other_kind),
    "end of time": ("/OCSPs", end_of_time),
    "odd certificate in a response": (
        "/OCSPs",
        lambda real: (with_certificate(_response(real), odd_certificate(real)),),
    ),
    "list's time without zone": ("/CRLs", list_time_without_zone),
    "list of an odd name": ("/CRLs", list_of_odd_name),
}
"""Of each the key of a security store under which it stands. They are about the real certificate."""
