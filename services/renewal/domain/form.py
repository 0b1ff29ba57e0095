"""The steps of the registration form: registered, and issued anew when its term became untrue."""

from datetime import datetime

from services.renewal.domain import flow
from services.renewal.domain.flow import Step
from services.renewal.domain.registration import Registration
from services.renewal.domain.renewal import AWAITED, Renewal, about
from shared.aggregate import Decision
from shared.events.base import DocumentRef
from shared.events.renewal import FormReissued, RenewalRegistered
from shared.events.signing import SigningSuperseded
from shared.text.names import words


def register(registration: Registration, form: DocumentRef, now: datetime) -> Decision[Renewal]:
    """The office confirmed the way of sending; `form` is the rendered revision 1."""
    status = AWAITED[registration.send_by]
    state = Renewal(
        registration=registration,
        status=status,
        form_revision=1,
        dossier=(),
        since=registration.registered_at,
        name_words=words(registration.office.name),
    )
    event = RenewalRegistered(
        **about(registration, now),
        send_by=registration.send_by,
        office=registration.office,
        kind=registration.kind,
        term=registration.term,
        **registration.order.paid_for,
        form=form,
        form_revision=state.form_revision,
        conditions=registration.conditions,
    )
    return Decision(state.filed("form", form, now), (event,))


def is_superseded(renewal: Renewal, superseded: SigningSuperseded) -> bool:
    """Whether the form in force is the one whose signing was closed, so that it must be issued anew."""
    unsent = flow.may(renewal.status, Step.REISSUE)
    return unsent and superseded.form_revision == renewal.form_revision


def reissue(
    renewal: Renewal, registration: Registration, form: DocumentRef, now: datetime
) -> Decision[Renewal]:
    """`form` is the registration, restated, as the next revision; the one before is void."""
    revision = renewal.form_revision + 1
    state = renewal.now(
        AWAITED[registration.send_by],
        now,
        registration=registration,
        form_revision=revision,
        posted=None,
        returned=None,
    )
    event = FormReissued(
        **about(registration, now),
        term=registration.term,
        form=form,
        form_revision=state.form_revision,
    )
    return Decision(state.filed("form", form, now), (event,))
