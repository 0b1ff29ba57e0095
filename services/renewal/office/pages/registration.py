"""The page of one registration: its status, its documents, the next step, and what can still be changed."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain import flow, money
from services.renewal.domain.flow import CANCELLABLE, OPEN, FlowStep, RegistrationStatus
from services.renewal.domain.joint.closure import is_cancellable, refusal_of
from services.renewal.domain.joint.restated_terms import products_to_agree, restated_terms
from services.renewal.domain.renewal import DossierDocument, Renewal
from services.renewal.office.file_response import file_response, read_document
from services.renewal.office.payment_state import PaymentState
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import TONES, Tone
from services.renewal.pages import urls
from services.renewal.pages.paths import Sha256
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.texts import REFUSALS, RETURN_REASONS
from shared.events.base import SendBy
from shared.progress.next_step import NextStep
from shared.storage.documents import Documents
from shared.time.calendar import civil_date
from shared.web.pages.guard import RequestGuard, not_found
from shared.web.pages.session import Visitor

_POSTING = (RegistrationStatus.AWAITING_PAPER, RegistrationStatus.PAPER_RETURNED)
_TO_SIGN = (RegistrationStatus.AWAITING_SIGNATURE, *_POSTING)
_FRAMED = {"content-security-policy": "frame-ancestors 'self'"}


def registration_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, documents: Documents, dialect: money.Dialect
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/registrations/{id}")
    async def registration(
        request: Request,
        id: UUID,
        visitor: Annotated[Visitor, visiting],
        done: Literal["", "yes"] = "",
        said: Literal["", "changed", "confirmed", "cancelled", "shown", "shown_low"] = "",
    ) -> Response:
        """`done`: the visitor has just registered. `said`: what was just changed."""
        renewal = await queries.on_form(id, visitor)
        if renewal.registration.renewal_id != id:
            return RedirectResponse(urls.registration(renewal.registration.renewal_id), 303)
        values = _values(renewal, visitor, dialect) | {"done": bool(done), "said": said}
        values["temporary_until"] = await queries.temporary_until(renewal)
        values["deadline"], values["suspension"] = await queries.form_times(renewal)
        progress = await queries.progress.of(renewal)
        payment = progress.payment
        values |= {"line": progress.line, "payment": payment, "invoice": progress.invoice}
        values["may_again"] = values["may_register"] and progress.step is NextStep.REGISTER_AGAIN
        values |= _commitment_values(renewal, payment, queries.clock.now())
        values["use"] = await queries.use_by_contract(renewal)
        values["signing_url"] = site.signing_page(renewal)
        values["reports"] = site.reports(renewal)
        return site.page(request, "office/registration.html", visitor, values)

    @routes.get("/documents/{sha256}")
    async def document(sha256: Sha256, visitor: Annotated[Visitor, visiting]) -> Response:
        """The document, for a visitor who may see a registration with the document in its dossier."""
        for stored in await queries.renewals.with_document(sha256):
            if visitor.person.may_see(stored.state.registration.office_ref):
                data = await read_document(documents, sha256)
                return file_response(stored.state, sha256, data, _FRAMED)
        raise not_found()

    return routes


def _values(renewal: Renewal, visitor: Visitor, dialect: money.Dialect) -> dict[str, object]:
    registration = renewal.registration
    may_register = visitor.person.may_register(registration.office_ref)
    return {
        "office": {"ref": registration.office_ref, "name": registration.office.name},
        "renewal": renewal,
        "form": _form(renewal),
        "tone": TONES.get(renewal.status, Tone.WARN),
        "in_words": money.in_words(registration.price, dialect),
        "may_register": may_register,
        "may_change": may_register and renewal.status in CANCELLABLE,
        "may_cancel": may_register and is_cancellable(renewal),
        "uncancellable": REFUSALS[why][1] if (why := refusal_of(renewal, FlowStep.CANCEL)) else None,
        "other_way": _other_way(renewal),
        "posting": renewal.status in _POSTING,
        "restated": restated_terms(renewal) if renewal.status in OPEN else [],
        "to_agree": products_to_agree(renewal) if renewal.status in OPEN else [],
        "return_reasons": RETURN_REASONS,
        "to_assent": renewal.newest_document("contract")
        if renewal.status is RegistrationStatus.AWAITING_ASSENT
        else None,
    }


def _commitment_values(renewal: Renewal, payment: PaymentState | None, now: datetime) -> dict[str, object]:
    """While something is to be paid: the commitment, and the days left to its last day if that is to come."""
    commitment = renewal.commitment if payment and payment.asks else None
    today = civil_date(now, renewal.registration.zone)
    left = (commitment.pay_by - today).days if commitment and commitment.is_running else -1
    return {"commitment": commitment, "commitment_days": left if left >= 0 else None}


def _other_way(renewal: Renewal) -> SendBy | None:
    """The other way of sending. None where it can't be changed any more."""
    if not flow.may(renewal.status, FlowStep.CHANGE_SENDING):
        return None
    return SendBy.ELECTRONIC if renewal.registration.send_by is SendBy.PAPER else SendBy.PAPER


def _form(renewal: Renewal) -> DossierDocument | None:
    """The form to show: the signed one, unless the office has to sign or stamp the newest one."""
    signed = None if renewal.status in _TO_SIGN else renewal.basis_form
    return signed or next((paper for paper in renewal.listed if paper.kind == "form"), None)
