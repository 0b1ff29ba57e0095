"""Makes the next version of a signed file. The time stamp and the answers are fetched here."""

from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.level import SignatureLevel
from services.signing.pades import worker_tasks
from services.signing.pades.deferred_signer import Chains, DeferredSigner
from services.signing.pades.long_term.document_time_stamp import OpenStamp
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.revocation.answers import RevocationAnswer


@dataclass(frozen=True, slots=True)
class Preserver:
    signer: DeferredSigner

    @property
    def stamps(self) -> bool:
        """Whether a time-stamping authority is set."""
        return self.signer.evidence.stamps

    async def preserve(self, pdf: bytes, level: SignatureLevel, moment: datetime) -> ExtendedPdf:
        """`pdf`, whose signatures are of that level, with a document time stamp and all evidence: B-LTA.

        It changes nothing: if the process dies, the next try makes another version. Raises NoTimeStamp,
        Rejected if something can't be proved any more, and Interrupted.
        """
        evidence = self.signer.evidence
        chains = await self._chains(pdf, level)
        answers = await self.signer.ask(chains, moment)
        opened = await self._open(pdf, level, answers, moment)
        token = await evidence.time_stamp(opened.digest)
        stamper = await self.signer.stamper_chain(token)
        answers += await self.signer.ask((stamper,), moment)
        made = await self._close(opened, token, answers, moment)
        await self.signer.keep(answers, (*chains, stamper), moment)
        return made

    async def _chains(self, pdf: bytes, level: SignatureLevel) -> Chains:
        return await self.signer.workers.run(worker_tasks.read_chains_to_prove, pdf, level)

    async def _open(
        self, pdf: bytes, level: SignatureLevel, answers: tuple[RevocationAnswer, ...], moment: datetime
    ) -> OpenStamp:
        policy = self.signer.current_policy().with_answers(answers)
        return await self.signer.workers.run(worker_tasks.open_stamp, pdf, level, policy, moment)

    async def _close(
        self, opened: OpenStamp, token: bytes, answers: tuple[RevocationAnswer, ...], moment: datetime
    ) -> ExtendedPdf:
        policy = self.signer.current_policy().with_answers(answers)
        return await self.signer.workers.run(worker_tasks.close_stamp, opened, token, policy, moment)
