"""The desk's pages of payments: what offices say that they paid, and one registration's receipts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.office.payment_state import TONES
from services.renewal.pages import reasons, urls
from services.renewal.pages.site import Site
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.pages.urls import PATH
from services.renewal.payment.pages.form import read_amount, read_paid_on
from services.renewal.payment.service import PaymentService, ReceiptRequest
from services.renewal.texts import PAYMENT_STATUSES
from shared.ids import fresh
from shared.time.calendar import civil_date
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.session import Visitor

_MOST = 200
_TYPED = ("amount", "paid_on", "reference")


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    site: Site
    payments: PaymentService
    zone: str

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk"
        return APIRouter(prefix=prefix, route_class=self.site.route_class(), include_in_schema=False)

    def _page(
        self, request: Request, template: str, visitor: Visitor, values: Mapping[str, object], wrong: str = ""
    ) -> Response:
        context = {"tab": "payments", "wrong": wrong, "zone": self.zone, **values}
        return self.site.page(request, template, visitor, context, status=422 if wrong else 200)

    async def list(self, request: Request, visitor: Visitor) -> Response:
        found = await self.payments.receivables.claimed(_MOST)
        renewals = await self.payments.renewals.by_ids(each.renewal_id for each in found)
        today = civil_date(self.payments.clock.now(), self.zone)
        rows = [
            (each, renewals[each.renewal_id], (today - civil_date(each.claimed_since, self.zone)).days)
            for each in found
            if each.renewal_id in renewals and each.claimed_since
        ]
        return self._page(request, "payment/claimed.html", visitor, {"rows": rows, "most": _MOST})

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        id: UUID,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: str = "",
    ) -> Response:
        stored = await self.payments.renewals.load(id)
        if stored is None:
            raise not_found()
        registration = stored.state.registration
        kept = await self.payments.receivables.stored(id)
        receivable = kept.state if kept else await self.payments.receivables.of(registration)
        today = civil_date(self.payments.clock.now(), registration.zone)
        status = receivable.status(today)
        values = {
            "made": registration,
            "receivable": receivable,
            "seen": kept.version if kept else 0,
            "status_text": PAYMENT_STATUSES[status],
            "tone": TONES[status],
            "typed": typed or {"amount": "", "paid_on": f"{today:%d/%m/%Y}", "reference": ""},
            "said": said,
            "key": fresh(),
        }
        return self._page(request, "payment/desk.html", visitor, values, wrong)

    async def record(self, request: Request, submission: FormSubmission, id: UUID) -> Response:
        seen, key = submission.seen_and_key()
        typed = {name: submission.get(name).strip() for name in _TYPED}

        async def step() -> None:
            amount, paid_on = read_amount(typed["amount"]), read_paid_on(typed["paid_on"])
            received = ReceiptRequest(amount=amount, paid_on=paid_on, reference=typed["reference"])
            await self.payments.record(id, received, submission.visitor.person, seen=seen, key=key)

        return await self._take(request, submission, id, step, "recorded", typed)

    async def reverse(
        self, request: Request, submission: FormSubmission, id: UUID, receipt: UUID
    ) -> Response:
        words = self.site.words(request)
        reason, wrong = reasons.read(submission.get("reason"), "transfer.reason_empty", words)
        if wrong:
            return await self.show(request, submission.visitor, id, wrong=wrong)

        async def step() -> None:
            key = submission.get("key") or None
            await self.payments.reverse(id, receipt, reason, submission.visitor.person, key=key)

        return await self._take(request, submission, id, step, "reversed")

    async def _take(
        self,
        request: Request,
        submission: FormSubmission,
        id: UUID,
        step: Callable[[], Awaitable[None]],
        said: str,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """Do the step; show the page again with what was typed, and why, if it can't be done."""
        words = self.site.words(request)
        try:
            await step()
        except ValidationError:
            wrong = words("transfer.reference_wrong")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.case(id, 'payment')}?said={said}", 303)
        return await self.show(request, submission.visitor, id, typed, wrong)


def payment_desk_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes, path = page.routes(), "/registrations/{id}/payment"
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/payments")
    async def claimed(request: Request, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.list(request, visitor)

    @routes.get(path)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        said: Literal["", "recorded", "reversed"] = "",
    ) -> Response:
        return await page.show(request, visitor, id, said=said)

    @routes.post(path)
    async def record(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        return await page.record(request, submission, id)

    @routes.post(f"{path}/{{receipt}}/reverse")
    async def reverse(
        request: Request, id: UUID, receipt: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        return await page.reverse(request, submission, id, receipt)

    return routes
