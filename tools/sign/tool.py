"""What a site can ask of this computer: to be allowed, to list certificates, to have a digest signed."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from tools.sign.confirmation.question import PairingQuestion, Respondent, SignatureQuestion
from tools.sign.failure import FailureCode, ToolFailure, invalid
from tools.sign.pairings import Pairings
from tools.sign.protocol import SignatureRequest, TokenCertificate, TokenSignature
from tools.sign.tokens.tokens import Tokens

_log = logging.getLogger(__name__)

MOST_QUESTIONS, MOST_IN_ALL = 5, 10
"""A site that was asked about as often and not allowed is not asked about again until the next start, nor any
new site after so many questions in all: they cannot fill the screen with windows."""


@dataclass(slots=True)
class SigningTool:
    """Every method takes the site's origin and raises ToolFailure."""

    pairings: Pairings
    tokens: Tokens
    person: Respondent
    now: Callable[[], datetime]
    _is_asking: bool = False
    _questions: Counter[str] = field(default_factory=Counter)

    def is_paired(self, origin: str) -> bool:
        return self.pairings.has(origin)

    async def pair(self, origin: str) -> None:
        """Ask the person whether the site may use the tokens, and remember it."""
        if self.is_paired(origin):
            return
        if self._questions[origin] >= MOST_QUESTIONS or self._questions.total() >= MOST_IN_ALL:
            raise ToolFailure(FailureCode.ASKED_TOO_OFTEN)
        with self._alone():
            self._questions[origin] += 1
            reply = await self.person.ask(PairingQuestion(origin=origin))
        _log.info("pairing.%s origin=%s", reply.outcome, origin)
        if reply.outcome != "confirmed":
            raise ToolFailure(FailureCode.PAIRING_REFUSED)
        self.pairings.add(origin)
        del self._questions[origin]

    async def certificates(self, origin: str) -> list[TokenCertificate]:
        self.require_paired(origin)
        return [found.content for found in await self.tokens.certificates()]

    async def sign(self, origin: str, request: SignatureRequest) -> TokenSignature:
        """Show what is signed, ask for the PIN, and sign."""
        self.require_paired(origin)
        with self._alone():
            found = await self.tokens.find(request.certificate)
            self._check(found.content, request)
            question = SignatureQuestion(
                origin=origin,
                document=request.document,
                holder=found.content.holder,
                token=found.content.token,
            )
            reply = await self.person.ask(question)
            if reply.outcome != "confirmed":
                raise ToolFailure(FailureCode.CANCELLED)
            signature = await self.tokens.sign(found, request.algorithm, request.digest, reply.pin)
        _log.info("signature.made origin=%s algorithm=%s", origin, signature.algorithm)
        return signature

    def require_paired(self, origin: str) -> None:
        if not self.is_paired(origin):
            raise ToolFailure(FailureCode.ORIGIN_NOT_PAIRED)

    def _check(self, certificate: TokenCertificate, request: SignatureRequest) -> None:
        """Refuse what cannot end well before a PIN is typed."""
        # A token without PSS lists RS256 alone. It takes PS256 too, and says what it used.
        fits = (
            {*certificate.algorithms, "PS256"}
            if "RS256" in certificate.algorithms
            else certificate.algorithms
        )
        if request.algorithm not in fits:
            raise invalid("/algorithm", "algorithm_of_key")
        if self.now() > certificate.valid_to:
            raise ToolFailure(FailureCode.CERTIFICATE_EXPIRED)
        if self.now() < certificate.valid_from:
            raise ToolFailure(FailureCode.CERTIFICATE_NOT_YET_VALID)
        if certificate.token.pin_locked:
            raise ToolFailure(FailureCode.PIN_LOCKED)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One question at a time: a second window would hide what the first one asks."""
        if self._is_asking:
            raise ToolFailure(FailureCode.BUSY)
        self._is_asking = True
        try:
            yield
        finally:
            self._is_asking = False
