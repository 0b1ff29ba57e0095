"""The two steps around a signature that is made elsewhere. Both run in the worker processes."""

from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.pades import picture, worker_tasks
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.verdict import UploadVerdict
from services.signing.pades.worker_tasks import SignedPdf, SigningPolicy
from shared.background.workers import Workers, WorkTimedOut


@dataclass(frozen=True, slots=True)
class DeferredSigner:
    """All methods raise Interrupted when the worker process was stopped during the work. That says nothing
    about the file."""

    workers: Workers
    policy: SigningPolicy

    async def begin(
        self, issued: bytes, field: str, certificates: tuple[bytes, ...], moment: datetime
    ) -> tuple[Certificate, PreparedPdf]:
        """Check the signer's certificate and prepare the PDF for it. `certificates` is DER, the signer's
        first. Raises Rejected."""
        return await self.workers.run(worker_tasks.begin, issued, field, certificates, self.policy, moment)

    async def check(self, certificates: tuple[bytes, ...], moment: datetime) -> Certificate:
        """Check that the first certificate may sign at `moment`; its issuers follow. Raises Rejected."""
        return await self.workers.run(worker_tasks.check_certificate, certificates, self.policy, moment)

    async def check_all(
        self, chains: tuple[tuple[bytes, ...], ...], moment: datetime
    ) -> list[Certificate | InvalidityReason]:
        """Check the first certificate of each chain, as `check` does."""
        return await self.workers.run(worker_tasks.check_certificates, chains, self.policy, moment)

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
        """The signed PDF, verified. Raises Rejected for a wrong signature or a wrong file."""
        return await self.workers.run(
            worker_tasks.finish, issued, field, prepared, resumable, requested, signature, self.policy, moment
        )

    async def judge_upload(
        self, uploaded: bytes, issued: bytes, field: str, moment: datetime, *, sealable: bool = False
    ) -> UploadVerdict:
        """What is found about a PDF that was signed elsewhere, at `moment`. `field` is the issued field for
        the signer. With `sealable`, the vendor's seal comes after. Raises Rejected for a file that isn't
        `issued` with honest signatures only."""
        try:
            return await self.workers.run(
                worker_tasks.judge_upload,
                uploaded,
                issued,
                field,
                self.policy,
                moment,
                sealable=sealable,
            )
        except WorkTimedOut:  # an honest file takes a hundredth of the time
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, "took too long") from None
