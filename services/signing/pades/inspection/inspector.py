"""Inspects PDFs: files are read in the worker processes, and what others say about revocation is fetched in
between."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.signing.domain.report.facts import SignatureFacts
from services.signing.pades.inspection import comparison, inspection, origin
from services.signing.pades.inspection.inspection import Inspection
from services.signing.pades.long_term.evidence import EvidenceSource
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.worker_tasks import SigningPolicy
from shared.background.workers import Workers, WorkTimedOut


@dataclass(frozen=True, slots=True)
class Inspector:
    """All methods raise Rejected for a file that can't be read or takes too long, and Interrupted when the
    worker process was stopped during the work. Nothing is stored, and no answer is cached: which of them were
    needed, and so checked, is not known."""

    workers: Workers
    current_policy: Callable[[], SigningPolicy]
    evidence: EvidenceSource

    async def inspect(self, pdf: bytes, moment: datetime | None) -> Inspection:
        """What is found about the signatures as of `moment`; None: the time that the newest one states, which
        must be our own. What the file doesn't prove itself is asked of its authorities, and then looked at
        again. Answers with which a signature can't be read any more are damaged, and count as none."""
        policy = self.current_policy()
        found = await self._inspect(pdf, policy, moment, asks=self.evidence.asks)
        if not found.questions:
            return found
        answers = await self.evidence.answer(found.questions, found.moment)
        if not answers:
            return found
        answered = await self._inspect(pdf, policy.with_answers(answers), moment)
        return answered if _count_unreadable(answered) <= _count_unreadable(found) else found

    async def _inspect(
        self, pdf: bytes, policy: SigningPolicy, moment: datetime | None, *, asks: bool = False
    ) -> Inspection:
        try:
            return await self.workers.run(_inspect, pdf, policy, moment, asks=asks)
        except WorkTimedOut:
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, "took too long") from None

    async def hash_revisions(self, pdf: bytes) -> tuple[str, ...]:
        """The SHA-256 of what the file was at the end of each revision, the shortest first."""
        return await self.workers.run(origin.hash_revisions, pdf)

    async def read_numbers(self, pdf: bytes) -> tuple[str, ...]:
        """The registration numbers that the file names in its text; none if that takes too long."""
        try:
            return await self.workers.run(origin.read_numbers, pdf)
        except WorkTimedOut:
            return ()

    async def find_change(self, pdf: bytes, issued: bytes) -> InvalidityReason | None:
        """Why `pdf` is not `issued` with signatures only; None if it is."""
        try:
            return await self.workers.run(comparison.find_change, pdf, issued)
        except WorkTimedOut:
            return InvalidityReason.FILE_TOO_COMPLEX


def _count_unreadable(found: Inspection) -> int:
    return sum(not each.readable for each in found.signatures)


def _inspect(pdf: bytes, policy: SigningPolicy, moment: datetime | None, *, asks: bool) -> Inspection:
    """Without the policy's `old_padding`, PKCS#1 v1.5 is refused."""
    found = asyncio.run(inspection.inspect(pdf, policy.trust, moment, asks=asks))
    if policy.old_padding:
        return found
    return replace(found, signatures=tuple(map(_refuse_old, found.signatures)))


def _refuse_old(facts: SignatureFacts) -> SignatureFacts:
    return facts.model_copy(update={"strength": "refused"}) if facts.old_padding else facts
