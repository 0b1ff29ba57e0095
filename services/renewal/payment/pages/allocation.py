"""The desk's form that allocates a part payment, on the page of a joint registration's payment."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.registration.registration import Registration
from services.renewal.pages.typed import InvalidInput
from services.renewal.payment.allocation import AllocatedAmount, AllocationRequest
from services.renewal.payment.pages.desk import PaymentDesk
from services.renewal.payment.pages.form import read_share
from services.renewal.payment.service import Clerk
from shared.text.amounts import vnd
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.words import PageWords


def allocation_pages(page: PaymentDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()

    @routes.post("/registrations/{id}/payment/allocation")
    async def allocate(
        request: Request, id: UUID, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        if (stored := await page.payments.renewals.load(id)) is None:
            raise not_found()
        shares = {f"share.{each.renewal_id}": each for each in stored.state.registration.on_form}
        typed = {name: submission.get(name).strip() for name in shares}
        if wrong := _wrong(shares, typed, page.shell.site.words(request)):
            return await page.show(request, submission.visitor, id, typed, at="allocation", mistakes=wrong)

        async def step(typed: Mapping[str, str], clerk: Clerk) -> None:
            amounts = tuple(
                AllocatedAmount(registration_id=each.renewal_id, amount=read_share(typed[name]))
                for name, each in shares.items()
            )
            await page.allocations.allocate(id, AllocationRequest(products=amounts), clerk)

        return await page.take(request, submission, id, step, "allocated", "allocation", shares)

    return routes


def _wrong(shares: Mapping[str, Registration], typed: Mapping[str, str], words: PageWords) -> dict[str, str]:
    """The errors by the names of the inputs: an amount that can't be read, or more than the product costs."""
    found = {}
    for name, each in shares.items():
        try:
            if read_share(typed[name]) > each.order.total:
                found[name] = words(
                    "joint.share_over", product=each.product_name, price=vnd(each.order.total)
                )
        except InvalidInput as unread:
            found[name] = f"{each.product_name}: {words(unread.key)}"
    return found
