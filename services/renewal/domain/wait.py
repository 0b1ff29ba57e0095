"""The last day of what an open registration waits for."""

from datetime import date

from services.renewal.domain.flow import REGISTRATION_FLOW
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from shared.time.calendar import civil_date


def wait_until(renewal: Renewal) -> date | None:
    """The last day on which the present status may wait: a reminder comes then, or the vendor has answered.
    None where nothing is awaited any more."""
    limit = REGISTRATION_FLOW.limits.get(renewal.status)
    if limit is None:
        return None
    return working_day_after(civil_date(renewal.waits_since, renewal.registration.zone), limit.working_days)
