"""The signature algorithms that are accepted (TT 15/2025/TT-BKHCN), named as in RFC 7518."""

from enum import StrEnum


class Algorithm(StrEnum):
    """The algorithm of a signature.

    PS256 is RSASSA-PSS with MGF1 over SHA-256 and a salt of 32 bytes. RS256 (PKCS#1 v1.5) is never requested.
    Older tokens return it all the same; it is accepted with a warning if the settings allow it.
    """

    PS256 = "PS256"
    RS256 = "RS256"
    ES256 = "ES256"
    ES384 = "ES384"

    @property
    def hash(self) -> str:
        return "sha384" if self is Algorithm.ES384 else "sha256"
