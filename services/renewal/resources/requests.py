"""What people ask for about grants of resources."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.rest.requests import PlaceText
from shared.text.names import Item

MOST_PICKED = 200


class GrantPlaces(BaseModel):
    """Where the two lists of open grants begin: after these positions, from the page before."""

    model_config = ConfigDict(frozen=True)

    waiting_after: PlaceText = ""
    to_look_at_after: PlaceText = ""

    @property
    def waiting(self) -> QueuePosition | None:
        return QueuePosition.read(self.waiting_after) if self.waiting_after else None

    @property
    def to_look_at(self) -> QueuePosition | None:
        return QueuePosition.read(self.to_look_at_after) if self.to_look_at_after else None


class PickedGrant(BaseModel):
    """A grant of one subscription's ledger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subscription_id: UUID
    grant_id: UUID


class GrantRepeatRequest(BaseModel):
    """The grants for which the platform is asked again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grants: tuple[PickedGrant, ...] = Field(min_length=1, max_length=MOST_PICKED)


class GrantClosureRequest(PickedGrant):
    """`revision`: the version of the grant that the clerk saw. `reason`: what was settled with the platform's
    people."""

    revision: int
    reason: Item
