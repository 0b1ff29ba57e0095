"""A dossier at which a clerk must look: its deletion waits for a second person, or its legal hold is old."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from services.renewal.domain.desk.desk_item import ItemKind
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.renewal import Renewal

DossierKind = Literal[ItemKind.DELETION_PROPOSED, ItemKind.HOLD_OLD]


class WaitingDossier(Frozen):
    """`since`, `by` and `reason` are the proposal's, or the hold's. `confirmed_at`: when somebody last said
    that the hold is still needed."""

    kind: DossierKind
    renewal_id: UUID
    version: int
    number: str
    office_ref: str
    product_code: str
    since: datetime
    by: str
    reason: str
    confirmed_at: datetime | None = None

    @classmethod
    def of(cls, renewal: Renewal, version: int) -> Self | None:
        """None where neither a proposal nor a hold stands."""
        known, made = renewal.retention, renewal.registration
        if known is None or (stands := known.proposal or known.hold) is None:
            return None
        return cls(
            kind=ItemKind.DELETION_PROPOSED if known.proposal else ItemKind.HOLD_OLD,
            renewal_id=made.renewal_id,
            version=version,
            number=made.number,
            office_ref=made.office_ref,
            product_code=made.product_code,
            since=stands.at,
            by=stands.by,
            reason=stands.reason,
            confirmed_at=known.hold.confirmed_at if known.hold else None,
        )
