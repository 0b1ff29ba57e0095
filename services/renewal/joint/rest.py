"""HTTP: an office registers several products on one form."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.renewal.domain.joint.declaration import JointDeclaration
from services.renewal.domain.renewal import Renewal
from services.renewal.joint.service import JointRegistrationService
from services.renewal.joint.views import JointProductView
from services.renewal.rest.requests import refusals
from services.renewal.rest.views import RegistrationView, field_errors
from shared.events.base import OfficeRef, SendBy, Sha256
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person
from shared.web.problems import FieldError


class JointRegistrationRequest(JointDeclaration):
    """The shared declaration, the order of each product (2 to 8, the first one leads), and the way of
    sending. `replacing` is the joint registration of these products, and perhaps more, that it replaces.
    `conditions` is the SHA-256 of the general conditions that the person saw."""

    office_ref: OfficeRef
    send_by: SendBy
    replacing: UUID | None = None
    conditions: Sha256 | None = None


class JointRegistrationView(BaseModel):
    """`registration`: the lead, which carries the form of all and is signed, cancelled and paid for all.
    `products`: all of them, the lead first. `total` in đồng."""

    registration: RegistrationView
    products: list[JointProductView]
    total: int
    warnings: list[FieldError]

    @classmethod
    def of(cls, renewal: Renewal) -> "JointRegistrationView":
        registration = renewal.registration
        return cls(
            registration=RegistrationView.of(renewal),
            products=[JointProductView.of(each) for each in registration.on_form],
            total=registration.total,
            warnings=[],
        )


def joint_routes(joint: JointRegistrationService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/joint-registrations")
    renders = Depends(require_person(verifier, Role.RENEWER, Role.DESK, cost=4))

    @routes.post("", status_code=201)
    async def register(
        body: JointRegistrationRequest,
        who: Annotated[Person, renders],
        response: Response,
        key: IdempotencyKey = None,
    ) -> JointRegistrationView:
        """Registers all products and issues their one form, or registers none. 409 names the registration
        that prevents it, and its product, or the product whose early renewal the person must confirm."""
        declared = {name: getattr(body, name) for name in JointDeclaration.model_fields}
        with refusals():
            renewal, warnings = await joint.register(
                body.office_ref,
                JointDeclaration.model_validate(declared),
                body.send_by,
                who,
                replacing=body.replacing,
                conditions=body.conditions,
                key=key,
            )
        response.headers["location"] = f"/v1/registrations/{renewal.registration.renewal_id}"
        return JointRegistrationView.of(renewal).model_copy(update={"warnings": field_errors(warnings)})

    return routes
