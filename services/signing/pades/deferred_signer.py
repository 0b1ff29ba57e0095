"""The two steps around a signature that is made elsewhere. Both run in the worker processes."""

from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.pades import worker_tasks
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.uploaded.verdict import UploadVerdict
from services.signing.pades.worker_tasks import SignedPdf, SigningPolicy
from shared.background.workers import Workers


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
        self, uploaded: bytes, issued: bytes, field: str, moment: datetime
    ) -> UploadVerdict:
        """What is found about a PDF that was signed elsewhere, at `moment`. `field` is the issued field for
        the signer. Raises Rejected for a file that isn't `issued` with honest signatures only."""
        return await self.workers.run(worker_tasks.judge_upload, uploaded, issued, field, self.policy, moment)
