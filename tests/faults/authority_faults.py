"""Faults of the authorities, while which nobody can prove that a signature will hold, and of the provider who
holds an office's key."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from tests.services.signing.evidence.responders import Answer, Responders, die, drip, hang, saying
from tests.services.signing.signatures.remote.provider import PhoneProvider

WAYS: Mapping[str, Answer] = MappingProxyType(
    {
        "dies in its answer": die,
        "hangs": hang,
        "answers without end": drip,
        "answers garbage": saying(b"\x30\x82\x01"),
        "answers 503": saying(b"", 503),
    }
)
KILLS = "sees the service die"


@dataclass(frozen=True, slots=True)
class AuthorityFault:
    """The `parts` of the authority fail in this way, each after `honest` good answers."""

    parts: tuple[str, ...]
    way: str
    honest: int = 0

    @property
    def name(self) -> str:
        later = f" after {self.honest}" if self.honest else ""
        return f"{' and '.join(self.parts)}{later} {self.way}"


@dataclass(frozen=True, slots=True)
class ProviderFault:
    """The provider fails in this way when it is asked for `method`."""

    method: str
    way: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.way}"


Fault = AuthorityFault | ProviderFault
AUTHORITY_FAULTS = tuple(
    AuthorityFault(parts, way, honest)
    for parts, honest in ((("ocsp", "crl"), 0), (("tsa",), 0), (("tsa",), 1))
    for way in (*WAYS, KILLS)
)
"""The first time stamp is for the form, the next for the contract's seal."""
PROVIDER_FAULTS = tuple(
    ProviderFault(method, way)
    for method in ("credentials/info", "credentials/authorize", "signatures/signHash")
    for way in (*WAYS, KILLS)
)
FAULTS: tuple[Fault, ...] = (*AUTHORITY_FAULTS, *PROVIDER_FAULTS)


@dataclass(slots=True)
class _Failure:
    """`struck`: how many requests met the fault."""

    honest: Answer
    broken: Answer
    left: int
    struck: int = 0

    async def answer(self, request: Request, body: bytes) -> Response:
        if self.left:
            self.left -= 1
            return await self.honest(request, body)
        self.struck += 1
        return await self.broken(request, body)


@contextmanager
def failing(
    authority: Responders, fault: AuthorityFault, kill: Callable[[], None]
) -> Iterator[Callable[[], int]]:
    """Yields how many requests have met the fault so far. At the end the authority is honest again. `kill`
    restarts the service that asks; it is called once at most."""
    broken = _killing(kill) if fault.way == KILLS else WAYS[fault.way]
    failures = {part: _Failure(getattr(authority, part), broken, fault.honest) for part in fault.parts}
    with ExitStack() as ending:
        for part, failure in failures.items():
            setattr(authority, part, failure.answer)
            ending.callback(setattr, authority, part, failure.honest)
        yield lambda: sum(failure.struck for failure in failures.values())


@contextmanager
def failing_provider(
    provider: PhoneProvider, fault: ProviderFault, kill: Callable[[], None]
) -> Iterator[Callable[[], int]]:
    """As `failing`."""
    broken, before = _killing(kill) if fault.way == KILLS else WAYS[fault.way], provider.done[fault.method]

    async def answer(request: Request) -> Response:
        return await broken(request, b"")

    provider.instead[fault.method] = answer
    try:
        yield lambda: provider.done[fault.method] - before
    finally:
        del provider.instead[fault.method]


def _killing(kill: Callable[[], None]) -> Answer:
    killed = False

    async def answer(request: Request, body: bytes) -> Response:
        nonlocal killed
        if not killed:
            killed = True
            await asyncio.to_thread(kill)
        return Response(status_code=503)

    return answer
