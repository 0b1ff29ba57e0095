"""The desk's pages of payments: what offices say that they paid, and one registration's receipts."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.payment.commitment_steps import is_day_in_contract
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.refusal import RenewalError
from services.renewal.office.payment_state import PaymentState
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.paths import queue_position
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.payment.allocation import AllocationService
from services.renewal.payment.commitments import CommitmentService
from services.renewal.payment.pages.form import read_amount, read_paid_on
from services.renewal.payment.service import Clerk, PaymentService, ReceiptRequest, ReversalRequest
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.time.calendar import civil_date
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.session import Visitor

_MOST = 200
_TYPED = ("amount", "received_on", "reference", "reason", "until")
Said = Literal["", "recorded", "reversed", "refused", "accepted", "not_accepted", "extended", "allocated"]
Step = Callable[[Mapping[str, str], Clerk], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    shell: DeskShell
    payments: PaymentService
    commitments: CommitmentService
    allocations: AllocationService

    async def list(
        self, request: Request, visitor: Visitor, over_after: QueuePosition | None = None
    ) -> Response:
        """`over_after`: where the list of money that isn't due begins."""
        today = civil_date(self.payments.clock.now(), self.shell.zone)
        rows = [
            (each, renewal, self.payments.balance(each, renewal), self._waited(each, today))
            for each, renewal in await self.payments.claimed(_MOST)
        ]
        waiting = await self.commitments.waiting(_MOST)
        page = await self.payments.over(_MOST, over_after)
        over = [(renewal, self.payments.balance(each, renewal)) for each, renewal in page.rows]
        values = {"rows": rows, "most": _MOST, "commitments": waiting, "over": over}
        values |= {"over_after": page.after}
        values["unallocated"] = await self.allocations.waiting(_MOST)
        return self.shell.page(request, "payment/claimed.html", visitor, values)

    def _waited(self, state: Receivable, today: date) -> int:
        """Days since the office said that it paid, or since its day to pay where that was refused."""
        since = civil_date(state.claimed_since, self.shell.zone) if state.claimed_since else state.due_on
        return (today - (since or today)).days

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        id: UUID,
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
        said: str = "",
        at: str = "record",
        mistakes: Mapping[str, str] | None = None,
    ) -> Response:
        """`at`: the form in which `typed` was typed: record, claim, accept, refuse, extend, allocation, or a
        receipt's id. `mistakes`: the errors by the names of its inputs."""
        stored = await self.payments.renewals.load(id)
        if stored is None:
            raise not_found()
        registration = stored.state.registration
        kept = await self.payments.receivables.stored(id)
        receivable = kept.state if kept else Receivable.of(registration)
        replacing = stored.state.replaced_by and await self.payments.renewals.load(stored.state.replaced_by)
        balance = self.payments.balance(receivable, stored.state)
        today = civil_date(self.payments.clock.now(), registration.zone)
        fields = dict.fromkeys(_TYPED, "") | {"received_on": f"{today:%d/%m/%Y}"}
        values = {
            "made": registration,
            "receivable": receivable,
            "earlier": await self.payments.earlier(receivable),
            "replacing": replacing.state.registration if replacing else None,
            "balance": balance,
            "state": PaymentState.of(balance),
            "commitment": stored.state.commitment,
            "day_in_contract": is_day_in_contract(stored.state),
            "made_seen": stored.version,
            "seen": kept.version if kept else 0,
            "typed": fields | {name: text for name, text in (typed or {}).items() if text},
            "said": said,
            "at": at,
            "key": fresh(),
        }
        return self.shell.page(request, "payment/desk.html", visitor, values, wrong, mistakes)

    async def take(
        self,
        request: Request,
        submission: FormSubmission,
        id: UUID,
        step: Step,
        said: str,
        at: str = "record",
        names: Collection[str] = _TYPED,
    ) -> Response:
        """Do the step; show the page again with what was typed in the inputs with these `names`, and why, if
        it can't be done."""
        words, (seen, key) = self.shell.site.words(request), submission.seen_and_key()
        typed = {name: submission.get(name).strip() for name in names}
        try:
            await step(typed, Clerk(submission.visitor.person, key, seen))
        except ValidationError:
            wrong = words("transfer.reference_wrong")
        except KeyReused:
            wrong = words("transfer.moved")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.case(id, 'payment')}?said={said}", 303)
        return await self.show(request, submission.visitor, id, typed, wrong, at=at)


def payment_desk_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes, path = page.shell.routes(), "/registrations/{id}/payment"
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/payments")
    async def claimed(
        request: Request, visitor: Annotated[Visitor, visiting], over_after: str = ""
    ) -> Response:
        return await page.list(request, visitor, queue_position(over_after))

    @routes.get(path)
    async def show(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        said: Said = "",
    ) -> Response:
        return await page.show(request, visitor, id, said=said)

    @routes.post(path)
    async def record(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            amount, day = read_amount(typed["amount"]), read_paid_on(typed["received_on"])
            received = ReceiptRequest(amount=amount, received_on=day, reference=typed["reference"])
            await page.payments.record(id, received, clerk)

        return await page.take(request, submission, id, step, "recorded")

    return routes


def reversal_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes, path = page.shell.routes(), "/registrations/{id}/payment"
    writing = Depends(guard.submission)

    @routes.post(f"{path}/refuse")
    async def refuse(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.payments.refuse_claim(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, step, "refused", "claim")

    @routes.post(f"{path}/{{receipt}}/reverse")
    async def reverse(
        request: Request, id: UUID, receipt: UUID, submission: Annotated[FormSubmission, writing]
    ) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            refunded = submission.get("refunded") == "yes"
            asked = ReversalRequest(
                reason=page.shell.read_reason(request, typed["reason"]), refunded=refunded
            )
            await page.payments.reverse(id, receipt, asked, clerk)

        return await page.take(request, submission, id, step, "reversed", str(receipt))

    return routes
