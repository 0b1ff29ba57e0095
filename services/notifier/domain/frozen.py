"""Base models of the domain's values."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ProjectionModel(BaseModel):
    """A document of a projection. It ignores other fields: they belong to the store."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
