"""The judges: each says a word about each file that it is given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.signing.domain.report.report import judge_all
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.rejection import Rejected
from shared.time.clock import Clock
from tests.judges.case import ACCEPTED, NOT_PDF_A, PDF_A, Shelf
from tests.judges.documents import FIELD
from tests.judges.dss import Dss
from tests.judges.parties import Parties
from tests.judges.token import TokenTool
from tests.support.poppler import NssDatabase
from tests.support.verapdf import verdicts

_PDFSIG = re.compile(
    r"Signature Validation: (.+?)\.\n"
    r"(?:\s*- Certificate Validation: (.+?)\.\n)?",
)


@dataclass(frozen=True, slots=True)
class Judges:
    shelf: Shelf
    parties: Parties
    dss: Dss
    database: NssDatabase
    tool: TokenTool
    deferred_signer: DeferredSigner
    clock: Clock

    async def ask_dss(self, files: Sequence[str]) -> Mapping[str, str]:
        """Its word on each signature: whether it passed, why not, and its level."""
        found = {file: self.dss.validate(self.shelf.path(file)) for file in files}
        return {file: "; ".join(map(str, signatures)) for file, signatures in found.items()}

    async def ask_verapdf(self, files: Sequence[str]) -> Mapping[str, str]:
        found = verdicts([self.shelf.path(file) for file in files])
        return {file: PDF_A if found[file]["compliant"] else NOT_PDF_A for file in files}

    async def ask_pdfsig(self, files: Sequence[str]) -> Mapping[str, str]:
        return {file: read_pdfsig(self.database.check(self.shelf.path(file))) for file in files}

    async def ask_opensc(self, files: Sequence[str]) -> Mapping[str, str]:
        """Whether the token finds its own signature right, asked by another program than ours."""
        owners = {file: self.parties.branch if "p256" in file else self.parties.office for file in files}
        return {file: self.tool.check(owner, self.shelf.path(file)) for file, owner in owners.items()}

    async def ask_us(self, files: Sequence[str]) -> Mapping[str, str]:
        """As signing judges an upload against the issued form."""
        return {file: await self._judge_upload(self.shelf.read(file)) for file in files}

    async def ask_report(self, files: Sequence[str]) -> Mapping[str, str]:
        """Our report's word on each signature, in EU DSS's form."""
        return {file: await self._report(self.shelf.read(file)) for file in files}

    async def _report(self, pdf: bytes) -> str:
        signer = self.deferred_signer
        inspector = Inspector(signer.workers, signer.current_policy, signer.evidence)
        found = await inspector.inspect(pdf, self.clock.now())
        return "; ".join(f"{each.verdict} {each.facts.level}" for each in judge_all(found.signatures))

    async def _judge_upload(self, uploaded: bytes) -> str:
        issued = self.shelf.read("form.pdf")
        try:
            found = await self.deferred_signer.judge_upload(uploaded, issued, FIELD, self.clock.now())
        except Rejected as rejected:
            return f"refused: {rejected.reason}"
        return f"{ACCEPTED}, the desk looks: {', '.join(found.looks)}" if found.looks else ACCEPTED


def read_pdfsig(output: str) -> str:
    """The word on each signature and, where that is good, on the certificate."""
    return "; ".join(", ".join(filter(None, match.groups())) for match in _PDFSIG.finditer(output))
