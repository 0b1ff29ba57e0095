"""The tokens of this computer, each library in a child process of its own."""

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import NamedTuple

from tools.sign.child import ChildDied, ChildHung, run_in_child
from tools.sign.failure import FailureCode, ToolFailure
from tools.sign.protocol import Algorithm, TokenCertificate, TokenSignature
from tools.sign.tokens.libraries import Rejection, reject
from tools.sign.tokens.orders import (
    READ_ANSWER,
    SIGN_ANSWER,
    OrderFailure,
    Pin,
    ReadOrder,
    SignOrder,
    TokenContent,
)
from tools.sign.tokens.worker import UNLOADABLE, work

_log = logging.getLogger(__name__)


class FoundCertificate(NamedTuple):
    library: str
    content: TokenCertificate


class Tokens:
    """`paths` are where libraries may be; `seconds` is the longest time for one order.

    The first library in order has a token that two of them see.
    """

    def __init__(self, paths: Sequence[str], seconds: float) -> None:
        self._paths = paths
        self._seconds = seconds
        self._lock = asyncio.Lock()

    async def certificates(self) -> list[FoundCertificate]:
        """Every certificate with a private key. Raises ToolFailure."""
        libraries, rejections = _sort_out(self._paths)
        async with self._lock:
            answers = await asyncio.gather(*map(self._read, libraries))
        found: dict[str, FoundCertificate] = {}
        for library, answer in zip(libraries, answers, strict=True):
            for certificate in answer.certificates if isinstance(answer, TokenContent) else ():
                found.setdefault(certificate.id, FoundCertificate(library, certificate))
        if not any(isinstance(answer, TokenContent) and answer.tokens for answer in answers):
            raise _why_none(rejections, libraries, answers)
        return list(found.values())

    async def find(self, certificate: str) -> FoundCertificate:
        """Raises ToolFailure."""
        for found in await self.certificates():
            if found.content.id == certificate:
                return found
        raise ToolFailure(FailureCode.CERTIFICATE_UNKNOWN)

    async def sign(
        self, found: FoundCertificate, algorithm: Algorithm, digest: bytes, pin: Pin | None
    ) -> TokenSignature:
        """Raises ToolFailure."""
        order = SignOrder(
            library=found.library, certificate=found.content.id, algorithm=algorithm, digest=digest, pin=pin
        )
        async with self._lock:
            try:
                raw = await run_in_child(work, order.model_dump_json().encode(), self._seconds)
            except (ChildDied, ChildHung) as end:
                raise _failure(_ended(end)) from None
        answer = SIGN_ANSWER.validate_json(raw)
        if isinstance(answer, OrderFailure):
            raise _failure(answer)
        return answer

    async def _read(self, library: str) -> TokenContent | OrderFailure:
        order = ReadOrder(library=library).model_dump_json().encode()
        try:
            answer = READ_ANSWER.validate_json(await run_in_child(work, order, self._seconds))
        except (ChildDied, ChildHung) as end:
            answer = _ended(end)
        if isinstance(answer, OrderFailure):
            _log.warning("library.failed path=%s cause=%s", library, answer.cause)
        return answer


def _sort_out(paths: Sequence[str]) -> tuple[list[str], list[Rejection]]:
    """The libraries that may be loaded, and why the others may not."""
    rejections = {path: rejection for path in paths if (rejection := reject(path))}
    # Folders that are links to each other hold the same file.
    usable = (os.path.realpath(path) for path in paths if path not in rejections)
    return list(dict.fromkeys(usable)), list(rejections.values())


def _ended(end: ChildDied | ChildHung) -> OrderFailure:
    cause = "hung" if isinstance(end, ChildHung) else "crashed"
    return OrderFailure(code=FailureCode.TOKEN_ERROR, cause=cause)


def _failure(answer: OrderFailure) -> ToolFailure:
    details = answer.model_dump(exclude={"code"}, exclude_none=True)
    return ToolFailure(answer.code, **details)


def _why_none(
    rejections: list[Rejection], libraries: list[str], answers: list[TokenContent | OrderFailure]
) -> ToolFailure:
    """Why no token is seen: no library, none plugged in, or every library failed."""
    failures = [answer for answer in answers if isinstance(answer, OrderFailure)]
    if len(failures) < len(answers):
        return ToolFailure(FailureCode.NO_TOKEN)
    broken = [failure for failure in failures if failure.cause != UNLOADABLE]
    if broken:
        return _failure(broken[0])
    tried = [*(Rejection(library, "unloadable") for library in libraries), *rejections]
    tried.sort(key=lambda rejection: rejection.reason == "missing")
    paths = [{"path": one.path, "reason": one.reason, "message": one.message._asdict()} for one in tried]
    return ToolFailure(FailureCode.NO_MODULE, paths=paths)
