"""Events of the subscription service and the notifier that become desk items."""

from datetime import date, timedelta
from uuid import UUID

from shared.events.base import Stage
from shared.events.notifier import NoticeFailed
from shared.events.subscription import AccessHeld, AccessLocked, ContractWithheld, OrderContradicted
from tests.services.renewal.examples import NOW, OFFICE_REF, RENEWAL, TODAY
from tests.services.renewal.messages import common

EXPIRED = date(2026, 10, 31)


def notice_failed(office_ref: str = OFFICE_REF, notice_id: str = "notice-1") -> NoticeFailed:
    return NoticeFailed(
        **common(office_ref),
        notice_id=notice_id,
        reason="paper_returned",
        channel="email",
        contact_id="contact-1",
        message_id="<1@giahan>",
        outcome="refused",
        smtp_code=550,
    )


def access_held(office_ref: str = OFFICE_REF, *, stage: Stage = Stage.EXPIRING) -> AccessHeld:
    return AccessHeld(
        **common(office_ref),
        old_stage=stage,
        new_stage=Stage.LOCKED,
        access=(),
        expires_on=EXPIRED,
        reason="date_too_new",
        trusted_from=TODAY + timedelta(days=7),
    )


def contract_withheld(office_ref: str = OFFICE_REF, renewal_id: UUID = RENEWAL) -> ContractWithheld:
    contract = {"renewal_id": renewal_id, "contract_number": "000009/2026/HĐ-GH"}
    return ContractWithheld(**common(office_ref), **contract, reason="registration_unknown")


def order_contradicted(
    office_ref: str = OFFICE_REF, renewal_id: UUID = RENEWAL, *, applied: bool = False
) -> OrderContradicted:
    return OrderContradicted(
        **common(office_ref),
        renewal_id=renewal_id,
        contract_number="000009/2026/HĐ-GH",
        package="advanced",
        users=30,
        stated_package="basic",
        stated_users=3,
        applied=applied,
    )


def access_locked(
    office_ref: str = OFFICE_REF, *, stage: Stage = Stage.LOCKED, expires_on: date = EXPIRED
) -> AccessLocked:
    return AccessLocked(
        **common(office_ref),
        old_stage=Stage.EXPIRING,
        new_stage=stage,
        access=(),
        days_overdue=1,
        expires_on=expires_on,
        terminates_on=NOW.date() + timedelta(days=60),
    )
