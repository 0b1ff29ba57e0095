"""Who is asking: a JWT from the platform, verified with its published keys."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

import httpx
import structlog
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.problems import Problem

log = structlog.get_logger()

_ALGORITHMS = ["ES256", "RS256", "EdDSA"]
_KEYS_SECONDS = 300.0
_REFETCH_SECONDS = 5.0
# For how long keys that can't be renewed still serve: an hour's outage must lock nobody out.
_KEPT_SECONDS = 24 * 3600.0


class Role(StrEnum):
    RENEWER = "renewer"
    MEMBER = "member"
    DESK = "desk"
    OPS = "ops"


class Person(BaseModel):
    """`office_ref` is None for the vendor's own people."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: str
    office_ref: str | None = None
    roles: frozenset[Role] = frozenset()

    def belongs_to(self, office_ref: str) -> bool:
        return self.office_ref == office_ref and bool(self.roles & {Role.RENEWER, Role.MEMBER})


class Keys:
    """The platform's key set, from a URL or a file; fetched again when old or when a key is unknown."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._keys: KeySet | None = None
        self._at = 0.0

    async def verify(self, token: str) -> Person:
        """The person, or a 401 problem. Times in the token are real time."""
        try:
            return self._read(token, await self._current(_KEYS_SECONDS))
        except (JoseError, ValidationError, ValueError, TypeError):
            pass  # perhaps signed with a key that is newer than our copy
        try:
            return self._read(token, await self._current(_REFETCH_SECONDS))
        except (JoseError, ValidationError, ValueError, TypeError):
            raise _unauthenticated() from None

    def _read(self, token: str, keys: KeySet) -> Person:
        decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(exp={"essential": True}, leeway=30).validate(decoded.claims)
        return Person.model_validate(decoded.claims)

    async def _current(self, oldest: float) -> KeySet:
        age = time.monotonic() - self._at
        if self._keys is None or age > oldest:
            try:
                self._keys, self._at = await self._fetch(), time.monotonic()
            except (Problem, OSError, JoseError, ValueError, TypeError, KeyError) as error:
                if self._keys is None or age > _KEPT_SECONDS:
                    raise _unreachable() from None
                log.warning("people.keys_not_renewed", error=type(error).__name__)
        return self._keys

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


def _key_set(document: bytes) -> KeySet:
    return KeySet.import_key_set(json.loads(document))


def _unreachable() -> Problem:
    title = ("Chưa kiểm tra được người dùng, vui lòng thử lại", "Your sign-in can't be checked right now")
    return Problem(503, "people-unreachable", title)


def _unauthenticated() -> Problem:
    return Problem(401, "unauthenticated", ("Vui lòng đăng nhập lại", "Please sign in again"))


def forbidden() -> Problem:
    return Problem(403, "forbidden", ("Bạn không có quyền làm việc này", "You may not do this"))


def asking(keys: Keys, *roles: Role) -> Callable[[Request], Awaitable[Person]]:
    """A FastAPI dependency: the signed-in person, who must have one of `roles` if any are given."""

    async def person(request: Request) -> Person:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated()
        who = await keys.verify(token)
        if roles and not who.roles & set(roles):
            raise forbidden()
        return who

    return person
