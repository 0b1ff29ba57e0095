"""The payment flow: transfers, what came of them, commitments to pay, and bank statements."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.domain.payment.bank_line import BankLine
from services.renewal.domain.payment.statement_file import StatementFile
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.site import Site
from services.renewal.payment.allocation import AllocationService
from services.renewal.payment.bank_lines import FILE_INDEXES, LINE_INDEXES, BankLines, StatementFiles
from services.renewal.payment.commitments import CommitmentService
from services.renewal.payment.follow_up import PaymentFollowUp
from services.renewal.payment.layouts import StatementLayout, StatementLayouts
from services.renewal.payment.line_recorder import LineRecorder
from services.renewal.payment.pages.bank_lines import BankLineDesk, bank_line_pages
from services.renewal.payment.pages.layouts import LayoutDesk, layout_pages
from services.renewal.payment.pages.statements import UPLOADS, StatementDesk, statement_pages
from services.renewal.payment.pages.transfer import LARGER as SLIP_UPLOADS
from services.renewal.payment.pages.transfer import TransferPage, transfer_pages
from services.renewal.payment.pages.treasury import treasury_pages
from services.renewal.payment.rest.allocation import allocation_routes
from services.renewal.payment.rest.commitments import commitment_routes
from services.renewal.payment.rest.overpayments import overpayment_routes
from services.renewal.payment.rest.payments import PaymentAnswers, payment_routers
from services.renewal.payment.rest.slips import SLIPS, slip_routes
from services.renewal.payment.rest.statements import (
    STATEMENTS,
    bank_line_list_routes,
    bank_line_routes,
    statement_routes,
)
from services.renewal.payment.rest.treasury import treasury_routes
from services.renewal.payment.service import PaymentService
from services.renewal.payment.settlement import FollowResources, Settlement
from services.renewal.payment.slips import PaymentSlips
from services.renewal.payment.statement_loop import StatementLoop
from services.renewal.payment.statement_reader import StatementReader
from services.renewal.payment.statement_service import StatementService
from services.renewal.payment.statements.limits import MOST_BYTES
from services.renewal.payment.treasury.papers import TreasuryPapers
from services.renewal.scans.evidence import Evidence
from services.renewal.scans.limits import SLIP
from services.renewal.scans.scans import Scans
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier

_STATEMENT_SECONDS = 2
LARGER_BODIES = {
    STATEMENTS: MOST_BYTES + 1,
    UPLOADS: MOST_BYTES + 10_000,
    SLIPS: SLIP.bytes + 1,
    **SLIP_UPLOADS,
}


@dataclass(frozen=True, slots=True)
class PaymentFlow:
    core: Core
    payments: PaymentService
    commitments: CommitmentService
    allocations: AllocationService
    statements: StatementService
    reader: StatementReader
    papers: TreasuryPapers

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        answers = PaymentAnswers(self.payments, self.core.settings.vendor)
        return [
            *payment_routers(answers, verifier),
            overpayment_routes(answers, verifier),
            slip_routes(self.payments, self.core.settings.vendor, verifier),
            treasury_routes(self.core.renewals, self.papers, verifier),
            commitment_routes(self.commitments, verifier),
            allocation_routes(self.allocations, verifier),
            statement_routes(self.statements, verifier),
            bank_line_list_routes(self.statements, verifier),
            bank_line_routes(self.statements, verifier),
        ]

    def office_pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        page = TransferPage(site, queries, self.payments, self.core.settings.vendor)
        return [transfer_pages(page, guard), treasury_pages(site, guard, queries, self.papers)]

    def statement_pages(self, site: Site, guard: DeskGuard, zone: str) -> list[APIRouter]:
        shell = DeskShell(site, "payments", zone)
        return [
            statement_pages(StatementDesk(shell, self.statements), guard),
            bank_line_pages(BankLineDesk(shell, self.statements), guard),
            layout_pages(LayoutDesk(shell, self.statements.layouts), guard),
        ]

    def loops(self) -> list[Loop]:
        core, pause = self.core, self.core.settings.chase_seconds
        job = PaymentFollowUp(
            core.renewals,
            core.receivables,
            self.payments.settlement,
            core.settings.vendor,
            core.clock,
            core.service.leader_loop("payments", pause),
        )
        statements = StatementLoop(
            self.statements.files,
            self.statements.lines,
            self.statements.recorder,
            self.statements.documents,
            self.reader,
            core.service.leader_loop("statements", _STATEMENT_SECONDS),
        )
        return [
            Loop(job.run, Heartbeat("payments", limit=job.leader_loop.silence_limit)),
            Loop(statements.run, Heartbeat("statements", limit=statements.leader_loop.silence_limit + 120)),
        ]


def build(core: Core, scans: Scans, follow_resources: FollowResources) -> PaymentFlow:
    """`scans`: the processes for the offices' uploads."""
    service = core.service
    lines = BankLines(service.store("bank_lines", BankLine, *LINE_INDEXES, audited=True))
    settlement = Settlement(
        core.renewals, core.receivables, lines, core.invoices, follow_resources, core.clock
    )
    slips = PaymentSlips(Evidence(scans, service.documents))
    layouts = StatementLayouts(service.store("statement_layouts", StatementLayout, audited=True))
    return PaymentFlow(
        core=core,
        payments=PaymentService(core.renewals, core.receivables, settlement, slips, core.clock),
        commitments=CommitmentService(core.renewals, core.clock),
        allocations=AllocationService(core.renewals, core.receivables, settlement, core.clock),
        statements=StatementService(
            StatementFiles(service.store("statement_files", StatementFile, *FILE_INDEXES, audited=True)),
            lines,
            layouts,
            LineRecorder(lines, core.renewals, core.receivables, settlement, core.clock),
            service.documents,
        ),
        reader=StatementReader(core.settings.vendor),
        papers=TreasuryPapers(
            core.receivables,
            core.renderer,
            core.settings.vendor,
            core.dialect,
            core.clock,
            core.settings.answer_seconds,
        ),
    )
