"""Authentication of people: a JWT from the platform, verified with its published keys."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import structlog
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from shared.events.base import OfficeRef, Subject
from shared.runtime.settings import Platform
from shared.web.problems import TITLES, Problem
from shared.web.rate_limit import Rate

log = structlog.get_logger()

_ALGORITHMS = ["ES256", "RS256", "EdDSA"]
_KEYS_SECONDS = 300.0
_REFETCH_SECONDS = 5.0
# How long keys that cannot be fetched again are still used: an outage of an hour must lock nobody out.
_KEPT_SECONDS = 24 * 3600.0
READS = ("GET", "HEAD", "OPTIONS")
_LONGEST_TOKEN = 16 * 1024


class Role(StrEnum):
    """`EINVOICE` is the vendor's e-invoice system, not a person."""

    RENEWER = "renewer"
    MEMBER = "member"
    DESK = "desk"
    OPS = "ops"
    EINVOICE = "einvoice"


_VENDORS = {Role.DESK, Role.OPS}


def _known(roles: object) -> frozenset[Role]:
    """The roles known here. The platform also has roles for other products, which are ignored."""
    values = roles if isinstance(roles, list | tuple | set | frozenset) else ()
    names = {role for role in values if isinstance(role, str)}
    return frozenset(role for role in Role if role in names)


class Person(BaseModel):
    """`office_ref` is None for the vendor's own people."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    sub: Subject
    office_ref: OfficeRef | None = None
    roles: Annotated[frozenset[Role], BeforeValidator(_known)] = frozenset()

    @property
    def is_vendor(self) -> bool:
        return bool(self.roles & _VENDORS)

    @property
    def is_desk(self) -> bool:
        return Role.DESK in self.roles

    def belongs_to(self, office_ref: str) -> bool:
        return self.office_ref == office_ref and bool(self.roles & {Role.RENEWER, Role.MEMBER})

    def may_see(self, office_ref: str) -> bool:
        """Whether the person is of the vendor or of the office."""
        return self.is_vendor or self.belongs_to(office_ref)

    def may_register(self, office_ref: str) -> bool:
        """Whether the person is the office's renewer, or of the vendor's desk, on the office's behalf."""
        return self.is_desk or (Role.RENEWER in self.roles and self.belongs_to(office_ref))


class TokenVerifier:
    """Verifies tokens with the platform's key set, which is fetched again when it is old or a key is unknown.

    One fetch runs at a time. During a fetch, and for some seconds after a failed one, the present keys are
    used.
    """

    def __init__(self, platform: Platform) -> None:
        self._source = platform.jwks
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": platform.issuer},
            aud={"essential": True, "value": platform.audience},
            exp={"essential": True},
            leeway=30,
        )
        self._keys: KeySet | None = None
        self._at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._offices, self._vendors = Rate(platform.writes_a_minute), Rate(platform.desk_writes_a_minute)

    async def verify(self, token: str) -> Person:
        """The person of the token. Raises a 401 problem if it is not valid. Its times are real time."""
        keys = await self._current(_KEYS_SECONDS)
        claims = _signed_claims(token, keys)
        if claims is None:  # perhaps signed with a key that is newer than our copy
            newer = await self._current(_REFETCH_SECONDS)
            claims = _signed_claims(token, newer) if newer is not keys else None
        if claims is None:
            raise unauthenticated()
        try:
            self._claims.validate(claims)
            return Person.model_validate(claims)
        except (JoseError, ValidationError):
            raise unauthenticated() from None

    def spend(self, who: Person, cost: int = 1) -> None:
        """Count a write of this person as `cost` writes. Raises a 429 problem if the person writes too
        often."""
        rate = self._vendors if who.is_vendor or Role.EINVOICE in who.roles else self._offices
        rate.spend(f"{who.office_ref or ''} {who.sub}", cost)

    async def _current(self, oldest: float) -> KeySet:
        now = time.monotonic()
        fresh = now - self._at <= oldest or now - self._tried_at <= _REFETCH_SECONDS
        if self._keys is not None and (fresh or self._fetching.locked()):
            return self._usable_keys()
        async with self._fetching:
            if max(self._at, self._tried_at) <= now:  # otherwise another request fetched meanwhile
                await self._renew()
            return self._usable_keys()

    def _usable_keys(self) -> KeySet:
        if self._keys is None or time.monotonic() - self._at > _KEPT_SECONDS:
            raise _unreachable()
        return self._keys

    async def _renew(self) -> None:
        try:
            self._keys, self._at = await self._fetch(), time.monotonic()
        except (Problem, OSError, JoseError, ValueError, TypeError, KeyError) as error:
            self._tried_at = time.monotonic()
            log.warning("people.keys_not_renewed", error=type(error).__name__)

    async def _fetch(self) -> KeySet:
        if not self._source.startswith(("http://", "https://")):
            return _key_set(await asyncio.to_thread(Path(self._source).read_bytes))
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self._source)
                answer.raise_for_status()
        except httpx.HTTPError:
            raise _unreachable() from None
        return _key_set(answer.content)


def token_id(token: str) -> str:
    """An id of the token without its signature, because one signature can be encoded in several ways."""
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()


def _signed_claims(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The token's claims; None unless one of the keys signed it."""
    if len(token) > _LONGEST_TOKEN:
        return None
    try:
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except Exception:  # unknown bytes make the parsers raise nearly any error
        return None
    return claims if isinstance(claims, dict) else None


def _key_set(document: bytes) -> KeySet:
    """The keys that can be read: the platform may also publish new kinds of keys."""
    keys: list[Key] = []
    for described in json.loads(document)["keys"]:
        with suppress(JoseError, ValueError, TypeError, KeyError):
            keys.extend(KeySet.import_key_set({"keys": [described]}))
    if not keys:
        raise ValueError("the set has no key that can be read")
    return KeySet(keys)


def _unreachable() -> Problem:
    return Problem(503, "people-unreachable", TITLES["people-unreachable"])


def unauthenticated() -> Problem:
    return Problem(401, "unauthenticated", TITLES["unauthenticated"])


def forbidden() -> Problem:
    return Problem(403, "forbidden", TITLES["forbidden"])


def bearer(request: Request) -> str:
    """The request's bearer token. Raises a 401 problem if it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated()
    return token


def require_person(
    verifier: TokenVerifier, *roles: Role, cost: int = 1
) -> Callable[[Request], Awaitable[Person]]:
    """A FastAPI dependency: the signed-in person, who must have one of `roles` if any are given. A request
    that writes counts as `cost` writes against the person's limit."""

    async def person(request: Request) -> Person:
        who = await verifier.verify(bearer(request))
        if roles and not who.roles & set(roles):
            raise forbidden()
        if request.method not in READS:
            verifier.spend(who, cost)
        return who

    return person
