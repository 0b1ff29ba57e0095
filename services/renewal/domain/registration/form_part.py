"""The fields of one part of the form, as their model declares them.

A model declares a field once: `contact_name: Annotated[PersonName, Input(row=7, example="…")]`. The names
of the inputs, the first values of a draft, the form's page, the summary, the desk's page and the samples loop
over these fields.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Self

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Input:
    """What the pages need to know of a field.

    - `row`: its row on the form. A field that is alone in its row takes the whole width.
    - `example`: what the samples say.
    - `kind`: what a person types. The pages say when a code is missing; of another kind they leave it out.
    - `autocomplete`: the value of the HTML attribute, where the office declares itself.
    - `joined`: on the desk's page, the mark between this field and the one before it. Empty: a line of its
      own.
    - `late`: the summary shows the field after the others.
    """

    row: int
    example: str
    kind: Literal["text", "code", "tel", "email"] = "text"
    autocomplete: str = "off"
    joined: str = ""
    late: bool = False

    @property
    def type(self) -> str:
        return "text" if self.kind == "code" else self.kind

    @property
    def inputmode(self) -> str:
        return "numeric" if self.kind == "code" else ""


@dataclass(frozen=True, slots=True)
class FormField:
    name: str
    required: bool
    input: Input


@dataclass(frozen=True, slots=True)
class FormPart:
    """The fields are in the order of the model. `name` is the part's name in the form: `office`."""

    name: str
    fields: tuple[FormField, ...]

    @classmethod
    def of(cls, name: str, model: type[BaseModel]) -> Self:
        """Raises ValueError if a field of the model declares no Input."""
        fields = []
        for field, declared in model.model_fields.items():
            (found,) = (each for each in declared.metadata if isinstance(each, Input))
            fields.append(FormField(field, declared.is_required(), found))
        return cls(name, tuple(fields))

    @property
    def rows(self) -> tuple[tuple[FormField, ...], ...]:
        """The rows of the form's page."""
        return tuple(tuple(row) for _, row in groupby(sorted(self.fields, key=_row), key=_row))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the form's inputs, in the order of its page."""
        return tuple(f"{self.name}.{field.name}" for row in self.rows for field in row)

    @property
    def summary(self) -> tuple[FormField, ...]:
        """The fields as the summary lists them."""
        return tuple(sorted(self.fields, key=lambda field: (field.input.late, _row(field))))

    @property
    def lines(self) -> tuple[tuple[FormField, ...], ...]:
        """The lines of the desk's page."""
        lines: list[list[FormField]] = []
        for field in self.fields:
            if field.input.joined:
                lines[-1].append(field)
            else:
                lines.append([field])
        return tuple(map(tuple, lines))


def _row(field: FormField) -> int:
    return field.input.row
