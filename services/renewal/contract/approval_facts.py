"""Reads the facts that the approval rule needs besides the registration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.renewal.contract.vendor_seal import VendorSeal
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.desk.good_standing import Measure
from services.renewal.domain.joint.members import to_cover
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.commitment_steps import was_committed
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewals import Renewals
from shared.events.order import FullGrant
from shared.storage.projection import Projection
from shared.time.calendar import civil_date

_OTHERS_LOOKED_AT = 50
_REFUSALS_COUNTED, _BROKEN_COUNTED = timedelta(days=365), timedelta(days=730)


@dataclass(frozen=True, slots=True)
class ApprovalFactReader:
    renewals: Renewals
    seal: VendorSeal
    licences: Projection[LicenceCopy]

    async def read(self, renewal: Renewal, licence: LicenceCopy, now: datetime) -> ApprovalFacts:
        registration, today = renewal.registration, civil_date(now, licence.zone)
        last_days = [licence.expires_on, *(each.term.basis_expires_on for each in registration.joined)]
        overdue = (today - min(last_days)).days
        facts = {
            Measure.TOTAL_VND: registration.price,
            Measure.YEARS: max(each.order.years for each in registration.on_form),
            Measure.DAYS_OVERDUE: max(overdue, 0),
            Measure.REFUSED_OF_LATE: await self.renewals.refused_since(
                licence.office_ref, now - _REFUSALS_COUNTED
            ),
            Measure.BROKEN_COMMITMENTS: await self.renewals.broken_since(
                licence.office_ref, now - _BROKEN_COUNTED
            ),
            Measure.COMMITTED_VND: await self.renewals.committed(registration),
        }
        committed = await self._is_committed_before(renewal)
        ready, moved = await self.seal.is_ready(now), await self.has_moved_joined(renewal)
        return ApprovalFacts(licence.expires_on, facts, ready, committed, moved)

    async def _is_committed_before(self, renewal: Renewal) -> bool:
        """Whether an earlier registration of the present term had an accepted commitment. Asked only for a
        contract that gives full use at the payment. The term began with the newest contract in force."""
        if renewal.registration.full_grant is FullGrant.AT_CONTRACT:
            return False
        others = await self.renewals.others_of(renewal, _OTHERS_LOOKED_AT)
        return was_committed(others)

    async def has_moved_joined(self, renewal: Renewal) -> bool:
        """Whether its contract would be over another product too, whose last day of use isn't that on the
        form any more, or isn't known."""
        for joined in to_cover(renewal):
            licence = await self.licences.get(joined.subscription_id)
            if licence is None or licence.expires_on != joined.term.basis_expires_on:
                return True
        return False
