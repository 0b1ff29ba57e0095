"""The base of this domain's values."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, and a misspelt field is an error: nothing declared is dropped in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
