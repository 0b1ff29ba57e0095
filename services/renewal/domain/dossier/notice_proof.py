"""The proof that the notifier gave for one notice: sent, or why not."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class NoticeProof(BaseModel):
    """`contact_id` stands for the recipient: a hash of subscription and role, no address. `message_id` is the
    letter's Message-ID, by which a mail server finds it in its log. `smtp_code` is that server's last answer.
    `renewal_id`: the registration that the notice was about; None for one about the last day of use `term`,
    and for one of an older release."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    notice_id: str
    subscription_id: UUID
    renewal_id: UUID | None = None
    reason: str
    channel: str
    contact_id: str
    message_id: str
    outcome: Literal["delivered", "refused", "unknown"]
    smtp_code: int | None = None
    at: AwareDatetime
    term: date | None = None
    counted_from: date | None = None
