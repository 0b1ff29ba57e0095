"""The two steps of a signature made elsewhere, in the worker processes."""

from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.pades import worker_tasks
from services.signing.pades.preparation import PreparedPdf
from services.signing.pades.worker_tasks import SignedPdf, SigningPolicy
from shared.background.workers import Workers


@dataclass(frozen=True, slots=True)
class DeferredSigner:
    """All raise Interrupted when a worker process was stopped under the work: not the file's fault."""

    workers: Workers
    policy: SigningPolicy

    async def begin(
        self, issued: bytes, field: str, certificates: tuple[bytes, ...], moment: datetime
    ) -> tuple[Certificate, PreparedPdf]:
        """Check the certificate (DER, the signer's first) and prepare the PDF for it. Raises Rejected."""
        return await self.workers.run(worker_tasks.begin, issued, field, certificates, self.policy, moment)

    async def check(self, certificates: tuple[bytes, ...], moment: datetime) -> Certificate:
        """May this certificate (DER, its issuers after it) sign at `moment`? Raises Rejected."""
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
        """The verified signed PDF. Raises Rejected when the signature isn't right, or the file isn't."""
        return await self.workers.run(
            worker_tasks.finish, issued, field, prepared, resumable, requested, signature, self.policy, moment
        )
