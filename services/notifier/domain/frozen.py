"""The base of this domain's values."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Copied(BaseModel):
    """A document of a projection: fields beside its own are the store's and ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
