"""The base class of the domain's value objects."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value. An unknown field is an error, so a misspelt name never loses data silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
