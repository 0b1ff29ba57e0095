"""Identifiers. A derived id is the same for the same thing; a fresh id is never repeated."""

from functools import lru_cache
from hashlib import sha1
from uuid import UUID, uuid4

_ROOT = sha1(UUID("6f1f0b1e-8d4a-5c0e-9d55-0c5f3e6a1c11").bytes, usedforsecurity=False)


def derived(*parts: object) -> UUID:
    """An id computed from `parts`: the same parts give the same id, in every process and release. It is a
    `uuid5`, made faster."""
    named = _ROOT.copy()
    named.update("\x1f".join(map(str, parts)).encode())
    return UUID(bytes=named.digest()[:16], version=5)


def fresh() -> UUID:
    return uuid4()


@lru_cache(maxsize=4096)
def subscription_id(office_ref: str, product_code: str) -> UUID:
    """An office has one subscription a product, and its id never changes. Cached: one row of an import needs
    it several times."""
    return derived("subscription", office_ref, product_code)


def event_id(aggregate: str, sequence: int, event_type: str) -> UUID:
    """A retry of the same change makes the same event id."""
    return derived("event", aggregate, sequence, event_type)
