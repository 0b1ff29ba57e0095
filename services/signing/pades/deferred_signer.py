"""The two steps around a signature that is made elsewhere, and what is fetched between them.

All work on files and certificates runs in the worker processes, which only compute. What others say about
revocation, and their time stamps, are fetched here and handed in.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.pades import picture, worker_tasks
from services.signing.pades.long_term.evidence import NO_EVIDENCE, EvidenceSource, NoTimeStamp
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.stamp.appearance import PLAIN, GivenImages, StampDetails
from services.signing.pades.uploaded.verdict import UploadVerdict
from services.signing.pades.worker_tasks import SignedPdf, SigningPolicy
from shared.background.workers import Workers, WorkTimedOut
from shared.resilience.errors import Interrupted

Chains = tuple[tuple[bytes, ...], ...]
"""DER; of each chain the signer's certificate first."""


@dataclass(frozen=True, slots=True)
class DeferredSigner:
    """All methods raise Interrupted when the worker process was stopped during the work. That says nothing
    about the file."""

    workers: Workers
    current_policy: Callable[[], SigningPolicy]
    evidence: EvidenceSource = NO_EVIDENCE

    async def begin(
        self,
        issued: bytes,
        field: str,
        certificates: tuple[bytes, ...],
        moment: datetime,
        stamp: StampDetails | GivenImages = PLAIN,
    ) -> tuple[Certificate, PreparedPdf]:
        """Check the signer's certificate and prepare the PDF for it. `certificates` is DER, the signer's
        first; `stamp` is what the stamp has besides name and time. Raises Rejected."""
        answers = await self.ask((certificates,), moment)
        policy = self.current_policy().with_answers(answers)
        found = await self.workers.run(worker_tasks.begin, issued, field, certificates, policy, moment, stamp)
        await self.keep(answers, (certificates,), moment)
        return found

    async def check(self, certificates: tuple[bytes, ...], moment: datetime) -> Certificate:
        """Check that the first certificate may sign at `moment`; its issuers follow. Raises Rejected."""
        answers = await self.ask((certificates,), moment)
        policy = self.current_policy().with_answers(answers)
        found = await self.workers.run(worker_tasks.check_certificate, certificates, policy, moment)
        await self.keep(answers, (certificates,), moment)
        return found

    async def check_all(self, chains: Chains, moment: datetime) -> list[Certificate | InvalidityReason]:
        """Check the first certificate of each chain, as `check` does."""
        answers = await self.ask(chains, moment)
        policy = self.current_policy().with_answers(answers)
        found = await self.workers.run(worker_tasks.check_certificates, chains, policy, moment)
        await self.keep(answers, chains, moment)
        return found

    async def count_pages(self, pdf: bytes) -> int:
        return await self.workers.run(picture.count_pages, pdf)

    async def page_picture(self, pdf: bytes, number: int) -> bytes | None:
        """A PNG of one page of our own document, counted from 1. None if there is no such page."""
        return await self.workers.run(picture.page_picture, pdf, number)

    async def finish(
        self,
        issued: bytes,
        field: str,
        prepared: bytes,
        resumable: Resumable,
        requested: Algorithm,
        signature: bytes,
        moment: datetime,
    ) -> SignedPdf:
        """The signed PDF, verified: B-LT if a time stamp and all answers can be had, otherwise B-B. Raises
        Rejected for a wrong signature or a wrong file, and instead of B-B where the policy demands B-LT.

        It changes nothing: if the process dies, the same signature gives the file again, with another time
        stamp.
        """
        answers = await self.ask((resumable.certificates,), moment)
        policy = self.current_policy().with_answers(answers)
        signed = await self.workers.run(
            worker_tasks.finish, issued, field, prepared, resumable, requested, signature, policy, moment
        )
        await self.keep(answers, (resumable.certificates,), moment)
        failure = None
        if self.evidence.stamps:
            try:
                signed = await self._extend(signed, issued, field, answers, moment)
            except (NoTimeStamp, Rejected) as error:
                failure = str(error)
                if self.current_policy().require_long_term:
                    raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, failure) from error
        self.evidence.note(signed.level, failure)
        return signed

    async def judge_upload(
        self, uploaded: bytes, issued: bytes, field: str, moment: datetime, *, sealable: bool = False
    ) -> UploadVerdict:
        """What is found about a PDF that was signed elsewhere, at `moment`. `field` is the issued field for
        the signer. With `sealable`, the vendor's seal comes after. Raises Rejected for a file that isn't
        `issued` with honest signatures only."""
        try:
            chains = await self._upload_chains(uploaded)
            policy = self.current_policy().with_answers(await self.ask(chains, moment))
            return await self.workers.run(
                worker_tasks.judge_upload, uploaded, issued, field, policy, moment, sealable=sealable
            )
        except WorkTimedOut:  # an honest file takes a hundredth of the time
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, "took too long") from None

    async def _extend(
        self,
        signed: SignedPdf,
        issued: bytes,
        field: str,
        answers: tuple[RevocationAnswer, ...],
        moment: datetime,
    ) -> SignedPdf:
        """The signature made B-LT. Raises NoTimeStamp and Rejected."""
        if signed.verified.certificate.revocation != "good":
            raise Rejected(InvalidityReason.CERTIFICATE_UNCHECKED)
        token = await self.evidence.time_stamp(signed.digest)
        stamper = await self.stamper_chain(token)
        more = await self.ask((stamper,), moment)
        policy = self.current_policy().with_answers((*answers, *more))
        extended = await self.workers.run(worker_tasks.extend, signed, issued, field, token, policy, moment)
        await self.keep(more, (stamper,), moment)
        return extended

    async def stamper_chain(self, token: bytes) -> tuple[bytes, ...]:
        """The certificates of who made a time stamp, in DER, its own first. Raises Rejected."""
        return await self.workers.run(worker_tasks.read_stamper_chain, token)

    async def _upload_chains(self, uploaded: bytes) -> Chains:
        if not self.evidence.asks:
            return ()
        return await self.workers.run(worker_tasks.read_upload_chains, uploaded)

    async def ask(self, chains: Chains, moment: datetime) -> tuple[RevocationAnswer, ...]:
        """What others say about these certificates and their authorities, not checked yet."""
        if not (self.evidence.asks and chains):
            return ()
        questions = await self.workers.run(worker_tasks.find_questions, chains, self.current_policy(), moment)
        return await self.evidence.answer(questions, moment)

    async def keep(self, answers: tuple[RevocationAnswer, ...], chains: Chains, moment: datetime) -> None:
        """Keep the answers that are the authorities' own. What can't be checked now is asked for again."""
        fresh = tuple(each for each in answers if not each.kept)
        if not fresh:
            return
        policy = self.current_policy().with_answers(fresh)
        with suppress(Interrupted):
            authentic = await self.workers.run(worker_tasks.find_authentic, chains, policy, moment)
            self.evidence.keep(authentic, moment)
