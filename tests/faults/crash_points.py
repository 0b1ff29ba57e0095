"""The crash points: every I/O boundary of the product by name. A run kills the process before and after each
call.

`test_boundaries.py` checks this table against the source in both directions. A run that misses a point fails.
`rare_paths.py` and `message_injector.py` bring a run to points that an undisturbed renewal does not reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.boundaries import Boundary
from tests.faults.crash_injector import Side, side_of

_WITH_A_MIDDLE = ("data", "run")
_LETTER, _DOCUMENTS = "shared.messaging.dead_letters.dead_letter", "shared.storage.documents"
_PRESERVER = "services.signing.pades.long_term.preserver"
_INSPECTOR = "services.signing.pades.inspection.inspector"
_NUMBERS = "services.renewal.contract.number_allocation"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    name: str
    boundary: Boundary

    @property
    def sides(self) -> tuple[Side, ...]:
        middle = (Side.MEANWHILE,) if self.boundary.method in _WITH_A_MIDDLE else ()
        return (Side.BEFORE, *middle, Side.AFTER)


_REPUBLICATIONS = "shared.messaging.republication.republications"


def _point(name: str, module: str, function: str, method: str) -> CrashPoint:
    return CrashPoint(name, Boundary(module, function, method))


POINTS = (
    # An aggregate's save, and a consumer's own copies.
    _point("store.insert", "shared.storage.store", "Store.save", "insert_one"),
    _point("store.update", "shared.storage.store", "Store._update", "update_one"),
    _point("store.save_many", "shared.storage.store", "Store.save_each", "bulk_write"),
    _point("projection.write", "shared.storage.projection", "Projection._save", "bulk_write"),
    # From the outbox to the log.
    _point("producer.start", "shared.messaging.broker", "_run_producer", "start"),
    _point("relay.begin", "shared.messaging.relay", "Relay._send", "begin_transaction"),
    _point("relay.send", "shared.messaging.relay", "RelayBatches._send", "send_batch"),
    _point("relay.commit", "shared.messaging.relay", "Relay._send", "commit_transaction"),
    _point("relay.abort", "shared.messaging.relay", "_abort", "abort_transaction"),
    _point("relay.mark", "shared.messaging.relay", "_remove", "update_many"),
    # From the log to effects.
    _point("offset.commit", "shared.messaging.consumption.consumer", "Consumer._commit", "commit"),
    _point("parked.put", "shared.messaging.parked", "Parked._set", "update_one"),
    _point("parked.remove", "shared.messaging.parked", "Parked.remove", "delete_one"),
    _point("deadletter.send", _LETTER, "DeadLetters.put", "send_and_wait"),
    _point("redrive.ask", "shared.messaging.dead_letters.redrives", "Redrives.ask", "insert_one"),
    _point("redrive.settle", "shared.messaging.dead_letters.redrives", "Redrives.finish", "update_one"),
    _point("redrive.wait", "shared.messaging.dead_letters.redrives", "Redrives.wait", "update_one"),
    _point("republish.ask", _REPUBLICATIONS, "Republications.ask", "insert_one"),
    _point("republish.save", _REPUBLICATIONS, "Republications.save", "update_one"),
    _point("republish.withdraw", _REPUBLICATIONS, "Republications.withdraw", "update_one"),
    # Leases and the clock.
    _point("lease.take", "shared.background.lease", "Lease._take", "find_one_and_update"),
    _point("lease.call", "shared.background.calls", "call", "update_one"),
    _point("lease.release", "shared.background.lease", "Lease.release", "update_one"),
    _point("clock.acknowledge", "shared.time.clock_feed", "ClockFeed.read", "update_one"),
    # At the start.
    _point("start.indexes", "shared.storage.indexes", "_create", "create_indexes"),
    _point("start.drop_index", "shared.storage.indexes", "ensure", "drop_index"),
    _point("start.topics", "shared.messaging.broker", "_create", "create_topics"),
    # The audit.
    _point("archive.keep", "shared.audit.archive", "Archive.insert", "insert_many"),
    _point("archive.remove", "shared.audit.archive", "_remove", "update_many"),
    _point("archive.root", "shared.audit.roots", "Roots.close", "insert_one"),
    # Documents.
    _point("document.upload", _DOCUMENTS, "MongoDocuments._store", "upload_from_stream_with_id"),
    _point("document.name", "shared.storage.documents", "MongoDocuments._store", "insert_one"),
    _point("document.provenance", "shared.storage.documents", "MongoDocuments.put", "insert_one"),
    _point("document.drop", "shared.storage.documents", "MongoDocuments._store", "delete"),
    _point("document.collect", "shared.storage.documents", "MongoDocuments.collect", "delete"),
    # Mail.
    _point("smtp.connect", "services.notifier.email.smtp_connection", "SmtpConnection.ready", "connect"),
    _point("smtp.reset", "services.notifier.email.smtp_connection", "SmtpConnection.ready", "rset"),
    _point("smtp.mail", "services.notifier.email.smtp_connection", "SmtpConnection.send", "mail"),
    _point("smtp.rcpt", "services.notifier.email.smtp_connection", "SmtpConnection.send", "rcpt"),
    _point("smtp.data", "services.notifier.email.smtp_connection", "SmtpConnection.send", "data"),
    _point("smtp.quit", "services.notifier.email.smtp_connection", "SmtpConnection.quit", "quit"),
    # Renewal.
    _point("number.allocate", _NUMBERS, "ContractNumbers._try", "insert_one"),
    _point("claim.take", "services.renewal.desk.claims", "Claims._set", "update_one"),
    _point("claim.let_go", "services.renewal.desk.claims", "Claims.release", "delete_one"),
    _point("offices.complete", "services.renewal.desk.office_search", "OfficeSearch.complete", "bulk_write"),
    _point("session.end", "shared.web.pages.ended_sessions", "EndedSessions.end", "insert_one"),
    _point("form.render", "services.renewal.render.renderer", "Renderer.form", "run"),
    _point("form.store", "services.renewal.registration.form_factory", "FormFactory.form", "put"),
    _point("paper.render", "services.renewal.render.renderer", "Renderer.treasury_paper", "run"),
    _point("contract.render", "services.renewal.render.renderer", "Renderer.contract", "run"),
    _point("contract.store", "services.renewal.contract.preparation", "ContractFactory._contract", "put"),
    _point("dossier.index", "services.renewal.render.renderer", "Renderer.sheet", "run"),
    _point("scan.read", "services.renewal.scans.scans", "Scans._run", "run"),
    _point("scan.store", "services.renewal.scans.scanned_form", "ScannedFormReader.store", "put"),
    _point("feed.store", "services.renewal.paper.feeder", "Feeder._store", "put"),
    _point("document.forget", "shared.storage.documents", "MongoDocuments.forget", "delete_one"),
    _point("document.remove", "shared.storage.documents", "MongoDocuments.forget", "delete"),
    _point("feed.page", "services.renewal.paper.feeder", "FeedReader._sheet_fields", "put"),
    _point("batch.bind", "services.renewal.paper.batch_applier", "BatchApplier._bind_scan", "put"),
    _point("scan.bind", "services.renewal.scans.scans", "Scans.document", "run"),
    _point("statement.store", "services.renewal.payment.statement_service", "StatementService.upload", "put"),
    _point("statement.read", "services.renewal.payment.statement_reader", "StatementReader.read", "run"),
    _point("invoice.store", "services.renewal.invoice.files", "InvoiceFiles.store", "put"),
    _point("evidence.store", "services.renewal.scans.evidence", "Evidence.store", "put"),
    # Signing: both steps happen for an office's signature and for the vendor's seal.
    _point("sign.prepare", "services.signing.pades.deferred_signer", "DeferredSigner.begin", "run"),
    _point("sign.judge", "services.signing.pades.deferred_signer", "DeferredSigner.check_all", "run"),
    _point("sign.count_pages", "services.signing.pades.deferred_signer", "DeferredSigner.count_pages", "run"),
    _point("sign.picture", "services.signing.pades.deferred_signer", "DeferredSigner.page_picture", "run"),
    _point("sign.holder", "services.signing.signatures.pages.holder", "find_holder", "run"),
    _point("upload.judge", "services.signing.pades.deferred_signer", "DeferredSigner.judge_upload", "run"),
    _point("upload.store", "services.signing.signatures.service", "SigningService._upload", "put"),
    _point("evidence.ask", "services.signing.pades.deferred_signer", "DeferredSigner.ask", "run"),
    _point("evidence.check", "services.signing.pades.deferred_signer", "DeferredSigner.keep", "run"),
    _point("evidence.fetch", "services.signing.evidence.downloads", "Downloads._read", "send"),
    _point("stamper.read", "services.signing.pades.deferred_signer", "DeferredSigner.stamper_chain", "run"),
    _point("evidence.extend", "services.signing.pades.deferred_signer", "DeferredSigner._extend", "run"),
    _point("upload.chains", "services.signing.pades.deferred_signer", "DeferredSigner._upload_chains", "run"),
    _point("preserve.chains", _PRESERVER, "Preserver._chains", "run"),
    _point("preserve.open", _PRESERVER, "Preserver._open", "run"),
    _point("preserve.close", _PRESERVER, "Preserver._close", "run"),
    _point("preserve.store", "services.signing.preservation.job", "PreservationJob._add", "put"),
    _point("transfer.open", "services.signing.signatures.transfers", "Transfers.open", "insert_one"),
    _point("transfer.use", "services.signing.signatures.transfers", "Transfers.use", "find_one_and_update"),
    _point("seal.check", "services.signing.pades.deferred_signer", "DeferredSigner.check", "run"),
    _point("sign.finish", "services.signing.pades.deferred_signer", "DeferredSigner.finish", "run"),
    _point("sign.store_prepared", "services.signing.signatures.prepared_pdfs", "PreparedPdfStore.put", "put"),
    _point("sign.store_signed", "services.signing.signatures.service", "SigningService._complete", "put"),
    _point("seal.store", "services.signing.contracts.handlers", "ContractHandlers._store", "put"),
    # The reports on signatures.
    _point("report.inspect", _INSPECTOR, "Inspector._inspect", "run"),
    _point("report.hash", _INSPECTOR, "Inspector.hash_revisions", "run"),
    _point("report.numbers", _INSPECTOR, "Inspector.read_numbers", "run"),
    _point("report.compare", _INSPECTOR, "Inspector.find_change", "run"),
    _point("report.print", "services.signing.reports.printer", "ReportPrinter.print", "run"),
    _point("report.store", "services.signing.reports.job", "ReportJob._store", "put"),
    _point("report.keep", "services.signing.reports.kept_reports", "KeptReports.keep", "insert_one"),
    # Subscription.
    _point("claim.insert", "services.subscription.idempotency", "IdempotencyKeys.claim", "insert_one"),
    _point("holds.tell", "services.subscription.plans.holds", "HoldsWatch._store_count", "update_one"),
    _point("import.add", "services.subscription.imports.store", "ImportRows.add", "bulk_write"),
    _point("import.set", "services.subscription.imports.store", "ImportRows._set", "bulk_write"),
    _point("import.remove", "services.subscription.imports.store", "ImportRows.remove", "delete_many"),
    _point("plan.keep", "services.subscription.plans.end_lists", "EndLists._put", "replace_one"),
    _point("plan.cut", "services.subscription.plans.end_lists", "EndLists.keep", "delete_many"),
    _point("plan.publish", "services.subscription.plans.versions", "PlanVersions.publish", "insert_one"),
)  # fmt: skip

BY_BOUNDARY: Mapping[Boundary, CrashPoint] = {point.boundary: point for point in POINTS}
BY_NAME: Mapping[str, CrashPoint] = {point.name: point for point in POINTS}
SIDES = tuple(side_of(point.name, side) for point in POINTS for side in point.sides)

JOINT_PLACES = (
    "store.insert(renewals.awaiting_signature.joint)",
    "store.insert(renewals.accepted.joined)",
    "store.update(renewals.released)",
    "store.update(receivables.allocated)",
)
"""The saves that only a joint registration makes: its own, the renewal of a joined product, the release of
the lead, and an allocation."""
JOINT_SIDES = tuple(side_of(name, side) for name in JOINT_PLACES for side in (Side.BEFORE, Side.AFTER))
