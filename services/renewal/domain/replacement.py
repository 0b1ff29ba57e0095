"""The registration that takes the place of a cancelled one."""

from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.registration import Registration
from shared.events.base import DocumentRef


class Replacement(Frozen):
    """The complete registration that replaces a cancelled one, stored there until it has its own record."""

    registration: Registration
    form: DocumentRef

    def of(self, subscription_id: UUID) -> UUID | None:
        """The renewal that takes the place of this subscription's; None where it is left out."""
        ids = {each.subscription_id: each.renewal_id for each in self.registration.on_form}
        return ids.get(subscription_id)
