"""The reports that a person may have. Errors become problems."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.signing.domain.report.document import Kind
from services.signing.domain.report.report import ValidationReport
from services.signing.pades.rejection import Rejected
from services.signing.reports.service import ReportService
from services.signing.reports.views import CATALOGUE
from services.signing.store import Contracts, Forms
from services.signing.texts import REASONS, UNKNOWN
from shared.web.people import Person
from shared.web.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AuthorizedReports:
    reports: ReportService
    forms: Forms
    contracts: Contracts

    async def of_document(self, kind: Kind, renewal: UUID, who: Person) -> ValidationReport:
        """Raises a 404 problem for a person of another office, as if the document did not exist, and a 409
        problem if nobody has signed it digitally."""
        found = await _as_problem(self._of_document(kind, renewal, who))
        if found is None:
            raise Problem(409, "not-signed", CATALOGUE.both("report.unsigned"))
        return found

    async def of_upload(self, pdf: bytes, who: Person) -> ValidationReport:
        """Raises a 422 problem for a file that can't be read as a PDF or is too complex."""
        return await _as_problem(self.reports.of_upload(pdf, who))

    async def _of_document(self, kind: Kind, renewal: UUID, who: Person) -> ValidationReport | None:
        if kind == "form":
            form = await self.forms.get(renewal)
            if form and who.may_see(form.office_ref):
                return await self.reports.of_form(form)
        else:
            seal = await self.contracts.get(renewal)
            if seal and who.may_see(seal.subject.office_ref):
                return await self.reports.of_contract(seal)
        raise Problem(404, f"{kind}-unknown", UNKNOWN[kind])


async def _as_problem(report: Awaitable[T]) -> T:
    try:
        return await report
    except Rejected as rejected:
        name = rejected.reason.replace("_", "-")
        raise Problem(422, name, REASONS[rejected.reason]) from None
