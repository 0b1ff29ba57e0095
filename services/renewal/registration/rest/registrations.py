"""HTTP: an office registers, follows, changes and cancels its renewal."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.renewal import permissions
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from services.renewal.rest.requests import ReasonRequest, refusals, unknown
from services.renewal.rest.views import RegistrationView
from services.renewal.stores.office_renewals import OfficeRenewals
from services.renewal.stores.renewals import Renewals
from shared.events.base import OfficeRef, SendBy, Sha256
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

_PATH = "/v1/registrations"


class RegistrationRequest(Declaration):
    """An office's declaration for a product, and the way of sending. `replacing` is the open registration
    that it replaces, if any. `conditions` is the SHA-256 of the general conditions that the person saw: the
    request is refused where others are in force now. `confirmed_until`: the last day of the new term, where
    the problem `early-renewal` asked the person to confirm it."""

    office_ref: OfficeRef
    product_code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")
    send_by: SendBy
    replacing: UUID | None = None
    conditions: Sha256 | None = None
    confirmed_until: date | None = None


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SendingRequest(_Body):
    send_by: SendBy


class TermConfirmationRequest(_Body):
    """`form_revision`: the restated form whose term the person saw."""

    form_revision: int = Field(ge=1, le=99)


def registration_routes(
    renewals: Renewals, office_renewals: OfficeRenewals, verifier: TokenVerifier
) -> APIRouter:
    routes = APIRouter(prefix=_PATH)
    anyone = Depends(require_person(verifier))

    @routes.get("/{id}")
    async def one(id: UUID, who: Annotated[Person, anyone], response: Response) -> RegistrationView:
        """The registration. Its ETag is the version, which the desk sends back with a decision."""
        stored = await renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        response.headers["etag"] = f'"{stored.version}"'
        return RegistrationView.of(stored.state)

    @routes.get("")
    async def history(
        office_ref: OfficeRef,
        who: Annotated[Person, anyone],
        response: Response,
        before: UUID | None = None,
    ) -> list[RegistrationView]:
        """An office's newest 50 registrations, or the next ones after the registration `before`. If there are
        older ones, the header `Link` has the address of the next page, `rel="next"`."""
        with refusals():
            permissions.require_may_see(who, office_ref)
        last = await renewals.load(before) if before else None
        if before and (last is None or last.state.registration.office_ref != office_ref):
            raise unknown()
        found, older = await office_renewals.newest(office_ref, last.state if last else None)
        if older:
            oldest = found[-1].registration.renewal_id
            response.headers["link"] = f'<{_PATH}?office_ref={office_ref}&before={oldest}>; rel="next"'
        return [RegistrationView.of(renewal) for renewal in found]

    return routes


def creation_routes(registrations: RegistrationService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=_PATH)
    renders = Depends(require_person(verifier, Role.RENEWER, Role.DESK, cost=2))

    @routes.post("", status_code=201)
    async def register(
        body: RegistrationRequest,
        who: Annotated[Person, renders],
        response: Response,
        key: IdempotencyKey = None,
    ) -> RegistrationView:
        """Registers and issues the form. 409 names the registration that prevents it."""
        declared = {name: getattr(body, name) for name in Declaration.model_fields}
        declaration = Declaration.model_validate(declared)
        with refusals():
            renewal, warnings = await registrations.register(
                body.office_ref,
                body.product_code,
                declaration,
                body.send_by,
                who,
                replacing=body.replacing,
                conditions=body.conditions,
                confirmed_until=body.confirmed_until,
                key=key,
            )
        response.headers["location"] = f"{_PATH}/{renewal.registration.renewal_id}"
        return RegistrationView.of(renewal, warnings)

    return routes


def change_routes(
    registrations: RegistrationService, restatements: RestatementService, verifier: TokenVerifier
) -> APIRouter:
    routes = APIRouter(prefix=_PATH)
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.put("/{id}/sending")
    async def sending(
        id: UUID, body: SendingRequest, who: Annotated[Person, theirs], key: IdempotencyKey = None
    ) -> RegistrationView:
        """Changes the way of sending. The form stays the same. Possible until it is accepted."""
        with refusals():
            return RegistrationView.of(await registrations.change_sending(id, body.send_by, who, key=key))

    @routes.post("/{id}/term-confirmation")
    async def confirm(
        id: UUID, body: TermConfirmationRequest, who: Annotated[Person, theirs], key: IdempotencyKey = None
    ) -> RegistrationView:
        """The office agrees to the term of its restated form, so that an earlier signed form is valid for
        it."""
        with refusals():
            return RegistrationView.of(await restatements.confirm(id, body.form_revision, who, key=key))

    @routes.post("/{id}/cancellation")
    async def cancel(
        id: UUID, body: ReasonRequest, who: Annotated[Person, theirs], key: IdempotencyKey = None
    ) -> RegistrationView:
        """Cancels the registration. Possible until it is accepted."""
        with refusals():
            return RegistrationView.of(await registrations.cancel(id, who, body.reason, key=key))

    return routes
