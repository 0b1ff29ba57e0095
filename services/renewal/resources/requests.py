"""What people ask for about grants of resources."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.text.names import Item

MOST_PICKED = 200


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
