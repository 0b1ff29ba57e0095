"""The base of this domain's values."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ProjectionModel(BaseModel):
    """A document of a projection: fields beside its own are the store's and ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
