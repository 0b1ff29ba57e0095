"""What responders and authorities say about revocation, as it was fetched: nothing in it is checked yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from asn1crypto import crl, ocsp


@dataclass(frozen=True, slots=True)
class RevocationAnswer:
    """An OCSP response or a revocation list in DER. `source` says where it came from, and about what."""

    kind: Literal["ocsp", "crl"]
    source: str
    der: bytes


def read_responses(answers: Iterable[RevocationAnswer]) -> list[ocsp.OCSPResponse]:
    """The OCSP responses that can be read; the others count as no answer."""
    return _readable(ocsp.OCSPResponse, (each.der for each in answers if each.kind == "ocsp"))


def read_lists(answers: Iterable[RevocationAnswer]) -> list[crl.CertificateList]:
    """The revocation lists that can be read; the others count as no answer."""
    return _readable(crl.CertificateList, (each.der for each in answers if each.kind == "crl"))


def _readable(kind: Any, ders: Iterable[bytes]) -> list[Any]:
    return [loaded for der in ders if (loaded := _load(kind, der)) is not None]


@lru_cache(maxsize=32)
def _load(kind: Any, der: bytes) -> Any:
    """None if it is damaged. A list can be long, and the next certificate of its authority needs it again.

    Raises MemoryError for one that is too long for this process: it isn't damaged, and may name a revoked
    certificate.
    """
    try:
        loaded = kind.load(der, strict=True)
        _ = loaded.native  # parsing is lazy: find errors inside it now
    except MemoryError:
        raise
    except Exception:  # a damaged value makes asn1crypto raise nearly anything
        return None
    return loaded
