"""The desk's form that allocates a part payment, on the page of a joint registration's payment."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.payment.allocation import AllocatedAmount, AllocationRequest
from services.renewal.payment.pages.desk import PaymentDesk
from services.renewal.payment.pages.form import read_amount
from services.renewal.payment.service import Clerk
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission

_SHARE = "share."


def allocation_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()

    @routes.post("/registrations/{id}/payment/allocation")
    async def allocate(
        request: Request, id: UUID, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            await page.allocations.allocate(id, _read(submission.fields), clerk)

        return await page.take(request, submission, id, step, "allocated", "allocation")

    return routes


def _read(fields: Mapping[str, str]) -> AllocationRequest:
    """An amount for each product; an empty one is nothing. Raises InvalidInput."""
    amounts = [
        AllocatedAmount(registration_id=UUID(name.removeprefix(_SHARE)), amount=read_amount(text))
        for name, text in fields.items()
        if name.startswith(_SHARE) and text.strip()
    ]
    return AllocationRequest(products=tuple(amounts))
