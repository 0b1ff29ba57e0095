"""Reads an X.509 certificate into what the signing page shows and needs."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from asn1crypto import x509

from tools.sign.protocol import Algorithm, TokenCertificate, TokenState, is_visible

_CODE = re.compile(r"(MST|MNS|CCCD):\S+")
_CURVES: dict[str, tuple[str, tuple[Algorithm, ...]]] = {
    "secp256r1": ("EC P-256", ("ES256",)),
    "secp384r1": ("EC P-384", ("ES384",)),
}


def certificate_id(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


class BadCertificate(Exception):
    """What a token stores as a certificate cannot be read as one."""


@contextmanager
def _reading() -> Iterator[None]:
    """asn1crypto raises whatever a broken certificate leads it to, AttributeError too."""
    try:
        yield
    except Exception as error:
        raise BadCertificate(type(error).__name__) from None


def parse(der: bytes) -> x509.Certificate:
    """Raises BadCertificate."""
    with _reading():
        certificate = x509.Certificate.load(der, strict=True)
        certificate.native, certificate.ca  # noqa: B018 - reads all of it now, not on use
        return certificate


def describe(
    certificate: x509.Certificate, others: Collection[x509.Certificate], token: TokenState, *, has_pss: bool
) -> TokenCertificate:
    """`others` are the authorities' certificates on the token; `has_pss`: the token can sign RSA-PSS.

    Raises BadCertificate.
    """
    with _reading():
        key, algorithms = _key(certificate, has_pss)
        der = certificate.dump()
        validity = certificate["tbs_certificate"]["validity"]
        return TokenCertificate(
            id=certificate_id(der),
            certificate=der,
            issuers=tuple(issuer.dump() for issuer in _issuers(certificate, others)),
            holder=_common_name(certificate.subject),
            issuer=_common_name(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            valid_from=validity["not_before"].native,
            valid_to=validity["not_after"].native,
            codes=tuple(code for code in _values(certificate.subject, "user_id") if _CODE.fullmatch(code)),
            key=key,
            algorithms=algorithms,
            token=token,
        )


def visible(text: str) -> str:
    """The text in NFC, with a mark for each character that does not show: a terminal would obey it."""
    return "".join(
        letter if is_visible(letter) else "\ufffd" for letter in unicodedata.normalize("NFC", text)
    )


def _key(certificate: x509.Certificate, has_pss: bool) -> tuple[str, tuple[Algorithm, ...]]:
    key = certificate.public_key
    if key.algorithm == "rsa":
        return f"RSA {key.bit_size}", ("PS256", "RS256") if has_pss else ("RS256",)
    if key.algorithm == "ec" and key.curve[0] == "named":
        return _CURVES.get(key.curve[1], (f"EC {key.curve[1]}", ()))
    return key.algorithm.upper(), ()


def _issuers(
    certificate: x509.Certificate, others: Collection[x509.Certificate]
) -> Iterator[x509.Certificate]:
    """The chain as far as the token has it, without the certificate itself. A circle ends it."""
    left = list(others)
    while certificate.issuer != certificate.subject:
        found = next((other for other in left if other.subject == certificate.issuer), None)
        if found is None:
            return
        left.remove(found)
        yield found
        certificate = found


def _common_name(name: x509.Name) -> str:
    return next(iter(_values(name, "common_name")), "") or visible(name.human_friendly)


def _values(name: x509.Name, kind: str) -> list[str]:
    """The values of one kind in the order of the name. Each may repeat."""
    pairs = (pair for rdn in name.chosen for pair in rdn)
    return [visible(str(pair["value"].native)) for pair in pairs if pair["type"].native == kind]
