"""The registration that takes the place of a cancelled one."""

from typing import Any
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.registration import Registration
from shared.events.base import DocumentRef


class Replacement(Frozen):
    """The complete registration that replaces a cancelled one, stored there until it has its own record."""

    registration: Registration
    form: DocumentRef

    def event_fields(self, subscription_id: UUID) -> dict[str, Any]:
        """What the event about this subscription's cancelled registration says of it: the renewal that takes
        its place or, where it is left out, the number of the others' registration."""
        ids = {each.subscription_id: each.renewal_id for each in self.registration.on_form}
        if subscription_id in ids:
            return {"replaced_by": ids[subscription_id], "others_no": None}
        return {"replaced_by": None, "others_no": self.registration.number}
