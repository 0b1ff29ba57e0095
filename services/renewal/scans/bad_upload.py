"""An upload that is refused."""

from collections.abc import Mapping

from services.renewal.domain.refusal import InvalidField, RenewalError


class BadUpload(Exception):
    """The file itself can't be used. `rule` is a key of `domain.registration.rules.TEXTS`; `figures` fill its
    text."""

    def __init__(self, rule: str, figures: Mapping[str, str | int] | None = None) -> None:
        super().__init__(rule, figures)  # both: a worker process sends an exception by its arguments
        self.rule = rule
        self.figures = figures or {}

    def invalid_field(self, pointer: str) -> InvalidField:
        """The error of the part of the request at `pointer`."""
        return InvalidField(pointer, self.rule, self.figures)

    def refusal(self, pointer: str) -> RenewalError:
        """The error for the answer, where the file is the part of the request at `pointer`."""
        return RenewalError("upload-bad", self.invalid_field(pointer))
