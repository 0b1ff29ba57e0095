"""One line of a history."""

from pydantic import BaseModel, ConfigDict


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
