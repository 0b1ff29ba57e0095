"""The desk's forms for a commitment to pay, on the page of the registration's payment."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.payment.commitments import ExtensionRequest
from services.renewal.payment.pages.desk import PaymentDesk
from services.renewal.payment.pages.form import read_paid_on
from services.renewal.payment.service import Clerk
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission


def commitment_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes, path = page.shell.routes(), "/registrations/{id}/payment/commitment"
    writing = Depends(guard.submission)

    @routes.post(f"{path}/accept")
    async def accept(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.commitments.accept(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, step, "accepted", "accept")

    @routes.post(f"{path}/refuse")
    async def refuse(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.commitments.refuse(id, page.shell.read_reason(request, typed["reason"]), clerk)

        return await page.take(request, submission, id, step, "not_accepted", "refuse")

    @routes.post(f"{path}/extend")
    async def extend(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            until, reason = read_paid_on(typed["until"]), page.shell.read_reason(request, typed["reason"])
            await page.commitments.extend(id, ExtensionRequest(until=until, reason=reason), clerk)

        return await page.take(request, submission, id, step, "extended", "extend")

    return routes
