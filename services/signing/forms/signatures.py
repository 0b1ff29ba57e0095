"""The two steps of a signature made elsewhere, in the worker processes."""

from dataclasses import dataclass
from datetime import datetime

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.certificate import Certificate
from services.signing.pades import work
from services.signing.pades.preparation import Prepared
from services.signing.pades.work import Rules, Signed
from shared.background.workers import Workers


@dataclass(frozen=True, slots=True)
class Signatures:
    """All raise Interrupted when a worker process was stopped under the work: not the file's fault."""

    workers: Workers
    rules: Rules

    async def begin(
        self, issued: bytes, field: str, certificates: tuple[bytes, ...], moment: datetime
    ) -> tuple[Certificate, Prepared]:
        """Check the certificate (DER, the signer's first) and prepare the PDF for it. Raises Rejected."""
        return await self.workers.run(work.begin, issued, field, certificates, self.rules, moment)

    async def check(self, certificates: tuple[bytes, ...], moment: datetime) -> Certificate:
        """May this certificate (DER, its issuers after it) sign at `moment`? Raises Rejected."""
        return await self.workers.run(work.check_certificate, certificates, self.rules, moment)

    async def finish(
        self,
        issued: bytes,
        field: str,
        prepared: bytes,
        resumable: Resumable,
        asked: Algorithm,
        signature: bytes,
        moment: datetime,
    ) -> Signed:
        """The verified signed PDF. Raises Rejected when the signature isn't right, or the file isn't."""
        return await self.workers.run(
            work.finish, issued, field, prepared, resumable, asked, signature, self.rules, moment
        )
