"""The dossier of one invented registration, with an audit as a store writes it, and its archive."""

import hashlib
import re
from types import SimpleNamespace
from typing import cast

from services.renewal.core import Core
from services.renewal.domain.contract.voided import VoidedContract
from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.notice_proof import NoticeProof
from services.renewal.domain.dossier.retention import DeletionProposal, DossierRetention, LegalHold
from services.renewal.domain.invoice.issued_invoice import IssuedInvoice
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.commitment import Commitment, CommitmentStep
from services.renewal.domain.payment.receivable import Receivable, receivable_id, record_receipt
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import FormCheck, Renewal
from services.renewal.domain.seen_notice import SeenNotice
from services.renewal.dossier.copies import DossierCopies
from services.renewal.dossier.service import DossierService
from services.renewal.settings import EXAMPLE_VENDOR
from shared import ids
from shared.audit import entries
from shared.audit.entries import START, AuditEntry, Head
from shared.events.base import DocumentRef, Stage
from shared.resilience.errors import MissingDocument
from shared.storage.aggregate import Cause, State
from shared.storage.mongo import plain
from tests.services.renewal.examples import NOW, RENEWAL, SUBSCRIPTION, TODAY, registration

NOTE = "bàn gia hạn: gọi lại cho chị Hạnh"
CLERK = "clerk-77"
BYTES = {name: f"%PDF-1.7 {name} ".encode() * 3 for name in ("form", "scan", "invoice")}


def stored(name: str, media_type: str = "application/pdf") -> DocumentRef:
    data = BYTES[name]
    digest = hashlib.sha256(data).hexdigest()
    return DocumentRef(sha256=digest, size=len(data), media_type=media_type, name=f"{name}.pdf")


def renewal() -> Renewal:
    """Its scan is in the dossier twice: as it came, and as the form that was accepted."""
    made = form.register(registration(), stored("form"), EXAMPLE_VENDOR, NOW).state
    scanned = made.with_document("paper_scan", stored("scan"), NOW)
    accepted = scanned.with_document("signed_form", stored("scan"), NOW)
    checked = FormCheck(revision=1, send_by=accepted.registration.send_by, found=NOTE, doubt=None)
    void = VoidedContract(number=ContractNumber(year=2026, n=1), dated=TODAY, reason=NOTE, by=CLERK, at=NOW)
    return accepted.with_changes(
        desk_note=NOTE,
        accepted_by=CLERK,
        accepted_because=NOTE,
        commitment=_commitment(),
        judged=checked,
        voiding=void,
        void_contracts=(void,),
    )


def _commitment() -> Commitment:
    waits = Commitment.made(TODAY, TODAY)
    return waits.decided(CommitmentStep.ACCEPT, CLERK, NOTE, NOW)


def _retention() -> DossierRetention:
    return DossierRetention(
        hold=LegalHold(reason=NOTE, by=CLERK, at=NOW),
        proposal=DeletionProposal(reason=NOTE, by=CLERK, at=NOW),
    )


def facts() -> DossierFacts:
    about = renewal().with_changes(retention=_retention())
    invoice = RequestedInvoice.of(about.registration, "năm triệu đồng")
    issued = IssuedInvoice(
        id=ids.derived("issued", 1),
        symbol="1C26TAA",
        number="7",
        dated=TODAY,
        total=1,
        files=(stored("invoice"),),
        recorded_by=CLERK,
        recorded_at=NOW,
    )
    invoice = invoice.model_copy(update={"issued": (issued,)})
    receivable = Receivable.of(about.registration)
    paid = record_receipt(receivable, about, 1000, TODAY, "FT1", CLERK, NOW).state
    seen = SeenNotice(
        id=ids.derived("seen", 1),
        subscription_id=SUBSCRIPTION,
        stage=Stage.LOCKED,
        term=TODAY,
        counted_from=TODAY,
        seen_at=NOW,
    )
    proof = NoticeProof(
        notice_id="n1",
        subscription_id=SUBSCRIPTION,
        renewal_id=RENEWAL,
        reason="registered",
        channel="email",
        contact_id=str(ids.derived("contact", 1)),
        message_id="<n1@giahan.example>",
        outcome="delivered",
        smtp_code=250,
        at=NOW,
    )
    return DossierFacts(
        sent=(proof,),
        renewal=about,
        receivable=paid,
        invoice=invoice,
        notices=(seen,),
        chains={
            name: chain(name, *states)
            for name, states in {
                f"renewals/{RENEWAL}": (about.with_changes(desk_note=None), about),
                f"receivables/{receivable_id(RENEWAL)}": (receivable, paid),
                f"invoices/{invoice_id(RENEWAL)}": (),
            }.items()
        },
    )


def chain(aggregate: str, *states: State) -> tuple[AuditEntry, ...]:
    found: list[AuditEntry] = []
    before: dict[str, object] = {}
    for state in states:
        after = plain(state.model_dump())
        head = Head(found[-1].n, found[-1].hash) if found else START
        row = entries.entry(head, aggregate, before, after, Cause.request(CLERK, "accept", NOTE), NOW)
        assert row
        found.append(AuditEntry.model_validate(row))
        before = after
    return tuple(found)


class KeptBytes:
    """The document store of a sample, by hash."""

    def __init__(self, *kept: bytes) -> None:
        self.kept = {hashlib.sha256(data).hexdigest(): data for data in kept}

    async def get(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise MissingDocument(sha256)
        return self.kept[sha256]


class DigestRenderer:
    """In place of the layout engine: a sheet with the hash that its HTML names."""

    async def sheet(self, html: str) -> bytes:
        found = re.search(r"manifest\.json SHA-256 ([0-9a-f]{64})", html)
        assert found
        return b"%PDF-1.7 " + found[1].encode()


async def archive(
    edition: DossierEdition = DossierEdition.DESK, about: DossierFacts | None = None, lost: str = ""
) -> bytes:
    """The whole ZIP. `lost`: the document of that name is gone from the store."""
    kept = KeptBytes(*(data for name, data in BYTES.items() if name != lost))
    core = SimpleNamespace(service=SimpleNamespace(documents=kept), renderer=DigestRenderer())
    service = DossierService(cast("Core", core), cast("DossierCopies", None))
    return b"".join([part async for part in service.archive(about or facts(), edition)])
