"""HTTP: the registrations for which more is here than is due, for the desk."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.rest.payments import LARGEST, PaymentAnswers, PaymentView
from services.renewal.rest.requests import PlaceText
from shared.web.people import Person, Role, TokenVerifier, require_person


class OverpaymentParameters(BaseModel):
    """`after`: from the last answer, for the next page."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=LARGEST)
    after: PlaceText = ""


class OverpaymentView(BaseModel):
    """A registration for which more came than is due (`payment.over`), since `over_since`. `refunded`: what
    was given back already. Amounts in đồng."""

    registration_no: str
    registration_status: RegistrationStatus
    office_ref: str
    office_name: str
    over_since: datetime | None
    refunded: int
    payment: PaymentView

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, payment: PaymentView) -> Self:
        made = renewal.registration
        return cls(
            registration_no=made.number,
            registration_status=renewal.status,
            office_ref=made.office_ref,
            office_name=made.office.name,
            over_since=receivable.over_since,
            refunded=receivable.refunded,
            payment=payment,
        )


class OverpaymentsView(BaseModel):
    """The longest waiting first. `after`: send it for the next page; null where this is the last one."""

    overpayments: list[OverpaymentView]
    after: str | None


def overpayment_routes(answers: PaymentAnswers, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk/payments")
    desk = Depends(require_person(verifier, Role.DESK))

    @routes.get("/over")
    async def over(
        query: Annotated[OverpaymentParameters, Query()], who: Annotated[Person, desk]
    ) -> OverpaymentsView:
        """Money that isn't due: too much, or for a registration that is closed."""
        after = QueuePosition.read(query.after) if query.after else None
        page = await answers.payments.over(query.limit, after)
        rows = [OverpaymentView.of(*each, answers.view(*each)) for each in page.rows]
        return OverpaymentsView(overpayments=rows, after=str(page.after) if page.after else None)

    return routes
