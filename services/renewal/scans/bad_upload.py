"""An upload that is refused."""

from collections.abc import Mapping

from services.renewal.domain.refusal import InvalidField


class BadUpload(Exception):
    """The file itself is to blame. `rule` is one of `domain.rules`, `figures` are its figures."""

    def __init__(self, rule: str, figures: Mapping[str, str | int] | None = None) -> None:
        super().__init__(rule, figures)  # both: exceptions come from worker processes by their arguments
        self.rule = rule
        self.figures = figures or {}

    def fault(self, pointer: str) -> InvalidField:
        """For an answer: what is wrong with the part of the request at `pointer`."""
        return InvalidField(pointer, self.rule, self.figures)
