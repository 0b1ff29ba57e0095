"""What responders and authorities say about revocation, as it was fetched: nothing in it is checked yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from asn1crypto import crl, ocsp

from services.signing.pades.tolerance.usability import check_list, check_response

_KINDS: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "ocsp": (ocsp.OCSPResponse, check_response),
    "crl": (crl.CertificateList, check_list),
}


@dataclass(frozen=True, slots=True)
class RevocationAnswer:
    """An OCSP response or a revocation list in DER. `source` says where it came from, and about what. `kept`:
    it is of an earlier request, and was found authentic."""

    kind: Literal["ocsp", "crl"]
    source: str
    der: bytes
    kept: bool = False


def read_responses(answers: Iterable[RevocationAnswer]) -> list[ocsp.OCSPResponse]:
    """The OCSP responses that can be used; the others count as no answer."""
    return _usable("ocsp", answers)


def read_lists(answers: Iterable[RevocationAnswer]) -> list[crl.CertificateList]:
    """The revocation lists that can be used; the others count as no answer."""
    return _usable("crl", answers)


def _usable(kind: str, answers: Iterable[RevocationAnswer]) -> list[Any]:
    ders = (each.der for each in answers if each.kind == kind)
    return [loaded for der in ders if (loaded := _load(kind, der)) is not None]


@lru_cache(maxsize=32)
def _load(kind: str, der: bytes) -> Any:
    """None if it can't be used. A list can be long, and the next certificate of its authority needs it again.

    Raises MemoryError for one that is too long for this process: it isn't damaged, and may name a revoked
    certificate.
    """
    try:
        parser, check = _KINDS[kind]
        loaded = parser.load(der, strict=True)
        _ = loaded.native  # parsing is lazy: find errors inside it now
        check(loaded)
    except MemoryError:
        raise
    except Exception:  # a damaged value makes asn1crypto raise nearly anything
        return None
    return loaded
