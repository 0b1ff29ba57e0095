"""Signature values: makes them, checks them against a key, and names their algorithms for CMS."""

from asn1crypto import x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from services.signing.domain.algorithm import Algorithm
from services.signing.pades.rejection import InvalidityReason, Rejected

_HASHES: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}


def hash_of(algorithm: Algorithm) -> hashes.HashAlgorithm:
    return _HASHES[algorithm.hash]


def cms_algorithm(algorithm: Algorithm) -> SignedDigestAlgorithm:
    """The algorithm as a CMS SignerInfo names it."""
    if algorithm is Algorithm.PS256:
        mask = {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}}
        parameters = {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": mask,
            "salt_length": 32,
        }
        return SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
    if algorithm is Algorithm.RS256:
        return SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    return SignedDigestAlgorithm({"algorithm": f"{algorithm.hash}_ecdsa"})


def sign(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: Algorithm, digest: bytes) -> bytes:
    """The signature value over a digest of the algorithm's hash."""
    hashed = Prehashed(hash_of(algorithm))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(digest, ec.ECDSA(hashed))
    return key.sign(digest, _padding(algorithm), hashed)


def identify_signature(
    signer: x509.Certificate, requested: Algorithm, digest: bytes, signature: bytes
) -> tuple[Algorithm, bytes]:
    """The algorithm with which the key made `signature` over `digest`, and the value in the form for CMS.

    Older RSA tokens return PKCS#1 v1.5 whatever was requested. PKCS#11 returns an ECDSA value as two joined
    numbers instead of DER. Raises Rejected for a value that this key didn't make.
    """
    key = load_der_public_key(signer.public_key.dump())
    if isinstance(key, rsa.RSAPublicKey):
        candidates = [(Algorithm.PS256, signature), (Algorithm.RS256, signature)]
    else:
        candidates = [(requested, signature), (requested, _to_der(signature))]
    for algorithm, value in candidates:
        try:
            _verify(key, algorithm, digest, value)
        except InvalidSignature:
            continue
        return algorithm, value
    raise Rejected(InvalidityReason.SIGNATURE_MISMATCH)


def _verify(key: object, algorithm: Algorithm, digest: bytes, value: bytes) -> None:
    hashed = Prehashed(hash_of(algorithm))
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, digest, ec.ECDSA(hashed))
        return
    assert isinstance(key, rsa.RSAPublicKey)  # `algorithm_of` rejects every other kind of key
    key.verify(value, digest, _padding(algorithm), hashed)


def _padding(algorithm: Algorithm) -> padding.AsymmetricPadding:
    hashed = hash_of(algorithm)
    if algorithm is Algorithm.PS256:
        return padding.PSS(padding.MGF1(hashed), hashed.digest_size)
    return padding.PKCS1v15()


def _to_der(pair: bytes) -> bytes:
    half = len(pair) // 2
    return encode_dss_signature(int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big"))
