"""Our own copy of a subscription, as its events tell it."""

from datetime import date, timedelta
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.base import Stage


class Usage(BaseModel):
    """What the office uses, as the platform measured it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    users_used: int
    storage_used_bytes: int
    measured_at: AwareDatetime


class LicenceCopy(BaseModel):
    """What renewal needs to know of a licence: the office as the vendor knows it, to prefill the form and
    to compare with what is declared.

    Fields beside these are the store's and ignored. Copies of before forms were prefilled lack what has a
    default here, until the licence is told again (on every change of it); their form is less filled.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    subscription_id: UUID
    office_ref: str
    product_code: str
    name: str
    tax_code: str | None
    budget_code: str | None
    province_code: str
    zone: str
    expires_on: date
    stage: Stage
    terminates_on: date | None = None
    end_notice_days: int | None = None
    deletion_due_on: date | None = None
    temporary_until: date | None = None
    address: str = ""
    representative: str = ""
    title: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    package: str = ""
    users: int | None = None
    storage_gb: int | None = None
    usage: Usage | None = None

    def ends_on(self, today: date) -> date | None:
        """The day from which service ends: where its notice isn't known to have been given, so many days
        after that at least."""
        if self.terminates_on is None or not self.end_notice_days:
            return self.terminates_on
        return max(self.terminates_on, today + timedelta(days=self.end_notice_days))

    def temporary_on(self, today: date) -> date | None:
        """The last day of temporary access, where the term's own days are over by then and it isn't."""
        until = self.temporary_until
        return until if until and today <= until and self.expires_on < until else None
