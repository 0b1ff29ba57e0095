"""What other services told the dossiers: notices sent, and signatures reported."""

from dataclasses import dataclass
from typing import Self

from services.renewal.core import Core
from services.renewal.domain.dossier.notice_proof import NoticeProof
from services.renewal.domain.dossier.signature_report import SignatureReport
from services.renewal.dossier import reported_signatures, sent_notices
from services.renewal.dossier.reported_signatures import ReportedSignatures
from services.renewal.dossier.sent_notices import SentNotices
from shared.messaging.routes import Routes


@dataclass(frozen=True, slots=True)
class DossierCopies:
    notices: SentNotices
    reports: ReportedSignatures

    @classmethod
    def of(cls, core: Core) -> Self:
        service = core.service
        proofs = service.projection("sent_notices", NoticeProof, sent_notices.INDEX)
        reports = service.projection("signature_reports", SignatureReport, reported_signatures.INDEX)
        return cls(SentNotices(proofs), ReportedSignatures(reports, service.documents))

    def add_to(self, routes: Routes) -> None:
        """Call it before the routes of other effects of the same events."""
        self.notices.add_to(routes)
        self.reports.add_to(routes)
