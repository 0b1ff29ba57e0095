"""The subscription service's requests to the platform."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events.base import Stage
from shared.events.subscription import (
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
    SubscriptionRecorded,
)
from shared.ids import subscription_id
from tests.services.subscription.examples import licence

ASKED = datetime(2027, 4, 2, 9, tzinfo=UTC)
TERMINATED = datetime(2027, 3, 1, tzinfo=UTC).date()


def deletion_of(office_ref: str, id: UUID) -> DataDeletionRequested:
    return DataDeletionRequested(
        **_common(office_ref), deletion_id=id, terminated_on=TERMINATED, reason="Hết thời hạn lưu"
    )


def cancelled(office_ref: str, id: UUID) -> DataDeletionCancelled:
    return DataDeletionCancelled(**_common(office_ref), deletion_id=id)


def recovery_of(office_ref: str, id: UUID) -> DataRecoveryRequested:
    return DataRecoveryRequested(
        **_common(office_ref), recovery_id=id, terminated_on=TERMINATED, deleted_on=None
    )


def recorded(office_ref: str) -> SubscriptionRecorded:
    return SubscriptionRecorded(**_common(office_ref), licence=licence(ASKED.date()), stage=Stage.ACTIVE)


def _common(office_ref: str) -> dict[str, Any]:
    return {
        "subscription_id": subscription_id(office_ref, "qlts"),
        "office_ref": office_ref,
        "product_code": "qlts",
        "effective_on": ASKED.date(),
        "occurred_at": ASKED,
        "recorded_at": ASKED,
    }
