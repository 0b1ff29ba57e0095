"""Renewal's own copy of a subscription, built from the subscription's events."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from shared.events.base import Capability, Stage
from shared.situation import Contract, Facts, Turn


class Usage(BaseModel):
    """The office's usage, as the platform measured it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    users_used: int
    storage_used_bytes: int
    measured_at: AwareDatetime


class LicenceCopy(BaseModel):
    """What renewal needs to know of a licence: the vendor's data about the office, to prefill the form and to
    compare with what the office declares.

    The other fields are facts of the subscription, taken from its events (`facts_from`). Any
    further stored field belongs to the store and is ignored. Fields with a default are missing in copies from
    before forms were prefilled, until the next event about the licence (every change sends one); until then
    their form has more empty fields.
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
    access: tuple[Capability, ...] = ()
    counted_from: date | None = None
    ends_on: date | None = None
    end_notice_days: int | None = None
    deletion_due_on: date | None = None
    deleted_on: date | None = None
    held: str | None = None
    contracts: tuple[UUID, ...] | None = None
    disputed: tuple[UUID, ...] = ()
    unpaid: tuple[UUID, ...] = ()
    pay_by: date | None = None
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

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers by which the desk finds the office."""
        return tuple(filter(None, (self.tax_code, self.budget_code, self.contact_phone)))

    @property
    def contact(self) -> str:
        """Whom to call, on one line. Empty without a phone number."""
        parts = (self.contact_name, self.contact_phone, self.contact_email)
        return " · ".join(parts) if self.contact_phone else ""

    @model_validator(mode="before")
    @classmethod
    def _read_old_name(cls, stored: Any) -> Any:
        """Older copies store `ends_on` under another name."""
        if isinstance(stored, dict) and "ends_on" not in stored and "terminates_on" in stored:
            return {**stored, "ends_on": stored["terminates_on"]}
        return stored

    def facts(
        self, registration: Turn | None, contract: Contract | None, sign_by: date | None = None
    ) -> Facts:
        names = ("stage", "access", "expires_on", "counted_from", "temporary_until", "ends_on", "held")
        ends = ("end_notice_days", "deletion_due_on", "deleted_on", "pay_by")
        fields = {name: getattr(self, name) for name in (*names, *ends)}
        return Facts(**fields, registration=registration, contract=contract, sign_by=sign_by)

    def temporary_on(self, today: date) -> date | None:
        """The last day of temporary access, while it isn't over and it ends after the term itself."""
        until = self.temporary_until
        return until if until and today <= until and self.expires_on < until else None
