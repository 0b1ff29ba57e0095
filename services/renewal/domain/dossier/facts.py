"""What the dossier of one registration is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.renewal.domain.dossier.notice_proof import NoticeProof
from services.renewal.domain.dossier.papers import DossierPaper, papers_of
from services.renewal.domain.dossier.signature_report import SignatureReport
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import ResourceGrant
from services.renewal.domain.seen_notice import SeenNotice
from shared.audit.entries import AuditEntry


class DossierEdition(StrEnum):
    """For whom a dossier is made. The desk's has everything. The office's has all documents, and of the
    records what the office sees elsewhere: no note between clerks, and no clerk's user id."""

    OFFICE = "office"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """`notices` are those that the office's renewer saw for the term that this registration follows, and for
    those of the joined products while it carries them.
    `chains`: the audit entries by rising number, by the aggregate's name (`COLLECTION/ID`). `version`: the
    stored renewal's. `grants`: those of resources that rest on this registration, likewise; the ledger with
    its audit is the subscription's. `sent`: what the notifier proved of each notice. `reports`: signing's
    validation reports, by the signed document's hash."""

    renewal: Renewal
    receivable: Receivable
    invoice: RequestedInvoice
    notices: tuple[SeenNotice, ...]
    chains: Mapping[str, tuple[AuditEntry, ...]]
    grants: tuple[ResourceGrant, ...] = ()
    version: int = 0
    sent: tuple[NoticeProof, ...] = ()
    reports: Mapping[str, SignatureReport] = field(default_factory=dict)

    @property
    def papers(self) -> tuple[DossierPaper, ...]:
        return papers_of(self.renewal, self.invoice, self.receivable, self.reports)

    @property
    def is_deleted(self) -> bool:
        """Whether the deletion of the documents is approved."""
        return self.renewal.retention is not None and self.renewal.retention.deletion is not None

    @property
    def as_of(self) -> datetime:
        """When the newest of these facts became so."""
        changes = [entry.at for chain in self.chains.values() for entry in chain]
        seen = [notice.seen_at for notice in self.notices]
        told = [*(proof.at for proof in self.sent), *(report.made_at for report in self.reports.values())]
        return max([*changes, *seen, *told, self.renewal.registration.registered_at])
