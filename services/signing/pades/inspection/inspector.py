"""Inspects PDFs: files are read in the worker processes, and what others say about revocation is fetched in
between."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.signing.domain.report.facts import SignatureFacts
from services.signing.pades.inspection import comparison, inspection
from services.signing.pades.inspection import survey as surveys
from services.signing.pades.inspection.inspection import Inspection
from services.signing.pades.inspection.survey import Survey
from services.signing.pades.long_term.evidence import EvidenceSource
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
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

    async def inspect(
        self, pdf: bytes, moment: datetime | None, *, origin: bool = False
    ) -> tuple[Inspection, Survey]:
        """What is found about the signatures as of `moment`; None: the time that the newest one states, which
        must be our own. `origin`: also what tells whether the file is ours."""
        try:
            found = await self._survey(pdf, moment, origin)
            answers = await self.evidence.answer(found.questions, found.moment)
            policy = self.current_policy().with_answers(answers)
            inspected = await self.workers.run(_inspect, pdf, policy.trust, found.moment, policy.old_padding)
        except WorkTimedOut:
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, "took too long") from None
        return inspected, found

    async def _survey(self, pdf: bytes, moment: datetime | None, origin: bool) -> Survey:
        return await self.workers.run(_survey, pdf, self.current_policy().trust, moment, origin=origin)

    async def read_numbers(self, pdf: bytes) -> tuple[str, ...]:
        """The registration numbers that the file names in its text; none if that takes too long."""
        try:
            return await self.workers.run(surveys.read_numbers, pdf)
        except WorkTimedOut:
            return ()

    async def find_change(self, pdf: bytes, issued: bytes) -> InvalidityReason | None:
        """Why `pdf` is not `issued` with signatures only; None if it is."""
        try:
            return await self.workers.run(comparison.find_change, pdf, issued)
        except WorkTimedOut:
            return InvalidityReason.FILE_TOO_COMPLEX


def _survey(pdf: bytes, trust: TrustSettings, moment: datetime | None, *, origin: bool) -> Survey:
    return asyncio.run(surveys.survey(pdf, trust, moment, origin=origin))


def _inspect(pdf: bytes, trust: TrustSettings, moment: datetime, old_padding: bool) -> Inspection:
    """Without `old_padding`, PKCS#1 v1.5 is refused."""
    found = asyncio.run(inspection.inspect(pdf, trust, moment))
    return found if old_padding else replace(found, signatures=tuple(map(_refuse_old, found.signatures)))


def _refuse_old(facts: SignatureFacts) -> SignatureFacts:
    return facts.model_copy(update={"strength": "refused"}) if facts.old_padding else facts
