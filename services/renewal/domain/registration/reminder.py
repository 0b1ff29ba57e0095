"""The reminder to an office whose signed or stamped form is still awaited."""

from datetime import date, datetime

from services.renewal.domain import flow
from services.renewal.domain.flow import REGISTRATION_FLOW, FlowStep, RegistrationStatus
from services.renewal.domain.renewal import Renewal, event_fields
from services.renewal.domain.wait import wait_until
from services.renewal.domain.working_days import working_days_between
from shared.events.paper_form import PaperFormAwaited
from shared.events.renewal import FormSignatureAwaited
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def expected_by(renewal: Renewal) -> date | None:
    """The last day for the signed or stamped form: the first reminder comes on it. None where no form is
    awaited."""
    return wait_until(renewal) if flow.may(renewal.status, FlowStep.CHASE) else None


def remind(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
    """A reminder, due each time the limit of the status (`flow.REGISTRATION_FLOW`) has passed once more. None
    where it isn't due, or where no form is awaited."""
    if not flow.may(renewal.status, FlowStep.CHASE):
        return None
    zone = renewal.registration.zone
    waited = working_days_between(civil_date(renewal.waits_since, zone), civil_date(now, zone))
    due = waited // REGISTRATION_FLOW.limits[renewal.status].working_days
    if due <= renewal.reminders:
        return None
    awaited = (
        FormSignatureAwaited if renewal.status is RegistrationStatus.AWAITING_SIGNATURE else PaperFormAwaited
    )
    event = awaited(
        **event_fields(renewal.registration, now),
        days_waited=waited,
        reminder=due,
        awaited_since=renewal.waits_since,
    )
    return Decision(renewal.with_changes(reminders=due), (event,))
