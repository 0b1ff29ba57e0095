"""The office's page of a payment: how to pay, what was received, and where it says that it has paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.payment.treasury_paper import offered_papers
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.office.payment_state import PaymentState
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.paths import Sha256
from services.renewal.pages.site import Site
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.pages.urls import PATH
from services.renewal.payment.download import slip_response
from services.renewal.payment.pages.form import read_paid_on
from services.renewal.payment.service import ClaimRequest, PaymentService
from services.renewal.payment.treasury import texts as treasury_texts
from services.renewal.render.qr import transfer_qr
from services.renewal.scans.limits import SLIP
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.time.calendar import civil_date
from shared.web.pages.guard import FileSubmission, RequestGuard, not_found
from shared.web.pages.session import Visitor

_PAGE = "/registrations/{id}/transfer"
LARGER = {f"{PATH}{_PAGE}": SLIP.bytes + 64 * 1024}
"""The largest request body of the form with a file, in bytes, by path."""


@dataclass(frozen=True, slots=True)
class TransferPage:
    site: Site
    queries: OfficeQueries
    payments: PaymentService
    vendor: Vendor

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        renewal: Renewal,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: str = "",
    ) -> Response:
        """404 where nothing is to be paid and nothing came: an old link of a cancelled registration must not
        lead to a payment."""
        registration = renewal.registration
        receivable = await self.payments.receivables.of(registration)
        balance = self.payments.balance(receivable, renewal)
        if (state := PaymentState.of(balance)) is None:
            raise not_found()
        asked = transfer_of(renewal, self.vendor, balance.asked) if balance.asked else None
        values = {
            "office": {"ref": registration.office_ref, "name": registration.office.name},
            "registration": registration,
            "receivable": receivable,
            "earlier": await self.payments.earlier(receivable),
            "balance": balance,
            "state": state,
            "transfer": asked,
            "qr": transfer_qr(asked.vietqr) if asked and asked.vietqr else None,
            "papers": offered_papers(renewal, balance.asked),
            "treasury": treasury_texts,
            "may_claim": asked is not None and visitor.person.may_register(registration.office_ref),
            "typed": typed or self._known(receivable, registration.zone),
            "wrong": wrong,
            "said": said,
            "key": fresh(),
        }
        status = 422 if wrong else 200
        return self.site.page(request, "payment/transfer.html", visitor, values, status=status)

    def _known(self, receivable: Receivable, zone: str) -> dict[str, str]:
        """What the office said before, so that it may add its payment order; else today."""
        claim = receivable.claim if receivable.open_claim else None
        day = claim.paid_on if claim else civil_date(self.payments.clock.now(), zone)
        return {"paid_on": f"{day:%d/%m/%Y}", "memo": claim.memo if claim else ""}

    async def claim(self, request: Request, sent: FileSubmission, id: UUID) -> Response:
        submission, words = sent.submission, self.site.words(request)
        visitor = submission.visitor
        renewal = await self.queries.to_change(id, visitor)
        typed = {name: submission.get(name).strip() for name in ("paid_on", "memo")}
        if not (key := submission.get("key")):
            raise not_found()
        try:
            claimed = ClaimRequest(paid_on=read_paid_on(typed["paid_on"]), memo=typed["memo"])
            await self.payments.claim(id, claimed, visitor.person, key, sent.file)
        except ValidationError:
            wrong = words("transfer.memo_wrong")
        except KeyReused:
            wrong = words("transfer.moved")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.registration(id, 'transfer')}?said=claimed", 303)
        return await self.show(request, visitor, renewal, typed, wrong)


def transfer_pages(page: TransferPage, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=page.site.route_class(), include_in_schema=False)

    @routes.get(_PAGE)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        said: Literal["", "claimed"] = "",
    ) -> Response:
        return await page.show(request, visitor, await page.queries.renewal(id, visitor), said=said)

    @routes.post(_PAGE)
    async def claim(
        request: Request, id: UUID, sent: Annotated[FileSubmission, Depends(guard.file_submission)]
    ) -> Response:
        return await page.claim(request, sent, id)

    @routes.get(f"{_PAGE}/slips/{{sha256}}")
    async def slip(id: UUID, sha256: Sha256, visitor: Annotated[Visitor, Depends(guard.visitor)]) -> Response:
        renewal = await page.queries.renewal(id, visitor)
        receivable = await page.payments.receivables.of(renewal.registration)
        return slip_response(*await page.payments.slips.file(receivable, sha256))

    return routes
