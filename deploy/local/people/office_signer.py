"""An office's signing tool in its own process: it receives a hash and returns a signature. The key never
leaves it.

    python -m deploy.local.people.office_signer --p12 FILE --password-env NAME

It answers JSON lines from standard input, one line each, until the input ends:

    {"do": "certificates"}                               -> {"certificates": [base64 DER, own first]}
    {"do": "sign", "digest": base64, "algorithm": NAME}  -> {"signature": base64}

NAME is PS256, RS256, ES256 or ES384 (RFC 7518; ECDSA signatures in DER). Every error is answered as {"error":
text}. The tool simulates a hardware token, so it shares no code with the service that it talks to.
"""

import argparse
import base64
import json
import os
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "PS256": hashes.SHA256(),
    "RS256": hashes.SHA256(),
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
}


class TokenRefused(Exception):
    """The request cannot be done. The caller gets the text."""


class Token:
    """A key and its certificates, the key's own certificate first."""

    def __init__(self, p12: bytes, password: str) -> None:
        content = _open(p12, password)
        own = content.cert
        if content.key is None or own is None:
            raise TokenRefused("the file holds no key with its certificate")
        self._key = content.key
        self.chain = [own.certificate, *(extra.certificate for extra in content.additional_certs)]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request:
            case {"do": "certificates"}:
                return {"certificates": [_base64(_der(certificate)) for certificate in self.chain]}
            case {"do": "sign", "digest": str(digest), "algorithm": str(name)}:
                return {"signature": _base64(self.sign(base64.b64decode(digest, validate=True), name))}
            case _:
                raise TokenRefused("not a request that is known here")

    def sign(self, digest: bytes, name: str) -> bytes:
        """Sign the hash with exactly the requested algorithm. The salt of PSS is as long as the hash."""
        hashed = _HASHES.get(name)
        if hashed is None or len(digest) != hashed.digest_size:
            raise TokenRefused(f"no such algorithm, or the digest isn't of its length: {name}")
        if name.startswith("ES") and isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(digest, ec.ECDSA(Prehashed(hashed)))
        if name == "PS256" and isinstance(self._key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
            return self._key.sign(digest, pss, Prehashed(hashed))
        if name == "RS256" and isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(digest, padding.PKCS1v15(), Prehashed(hashed))
        raise TokenRefused(f"this key can't sign with {name}")


def _open(p12: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    """Open the file. A password with Vietnamese letters may be typed composed or decomposed, so both are
    tried."""
    for form in ("NFC", "NFD"):
        try:
            return pkcs12.load_pkcs12(p12, unicodedata.normalize(form, password).encode())
        except ValueError:
            continue
    raise TokenRefused("wrong password, or not a PKCS#12 file")


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def serve(token: Token, lines: Iterable[str]) -> None:
    for line in lines:
        try:
            answer = token.answer(json.loads(line))
        except (TokenRefused, ValueError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.people.office_signer")
    parser.add_argument("--p12", type=Path, required=True, help="the office's PKCS#12 file")
    parser.add_argument("--password-env", required=True, help="the variable that holds its password")
    given = parser.parse_args(arguments)
    try:
        token = Token(given.p12.read_bytes(), os.environ[given.password_env])
    except (TokenRefused, OSError, KeyError) as error:
        raise SystemExit(f"office_signer: {error}") from None
    serve(token, sys.stdin)


if __name__ == "__main__":
    main()
