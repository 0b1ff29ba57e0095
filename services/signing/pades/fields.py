"""Reads the form fields of a PDF, strictly."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, StreamObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from services.signing.pades.rejection import InvalidityReason, Rejected

Rectangle = tuple[float, float, float, float]

_DEEPEST = 8
_MOST = 200
_PRINT, _NO_ZOOM, _LOCKED = 4, 8, 128
_ACTIVE = {"/A", "/AA", "/OC"}
_HIDDEN = 1 | 2 | 32 | 256  # invisible, hidden, no view, toggled by the pointer


@dataclass(frozen=True, slots=True)
class Field:
    """A field and its widgets, which are its places on the pages. `entry` and `widgets` are as the form
    refers to them. `page` is the page's object number, None if the field doesn't name it."""

    name: str
    kind: str
    entry: PdfObject
    widgets: tuple[PdfObject, ...]
    page: int | None
    filled: bool

    @property
    def place(self) -> tuple[str, str, tuple[Rectangle, ...], int | None]:
        """The properties that a signature does not change, besides the flags."""
        return self.name, self.kind, self.rectangles, self.page

    @property
    def _resolved(self) -> list[DictionaryObject]:
        return [widget.get_object() for widget in self.widgets]  # type: ignore[no-untyped-call]

    @property
    def rectangles(self) -> tuple[Rectangle, ...]:
        return tuple(_rectangle(widget["/Rect"]) for widget in self._resolved if "/Rect" in widget)

    @property
    def flags(self) -> tuple[int, ...]:
        """The widgets' annotation flags without `locked`, which limits only the person who edits."""
        return tuple(int(_value(widget, "/F") or 0) & ~_LOCKED for widget in self._resolved)

    @property
    def is_hidden(self) -> bool:
        """Whether a reader of the page may not see a widget that has a size."""
        return any(flags & _HIDDEN for flags in self.flags) and all(self.size)

    @property
    def keeps_size(self) -> bool:
        """Whether a widget does not shrink with its page: on a small picture it covers what is around it."""
        return any(flags & _NO_ZOOM for flags in self.flags)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points; zeros for an invisible field."""
        left, bottom, right, top = self.rectangles[0] if self.rectangles else (0.0, 0.0, 0.0, 0.0)
        return abs(right - left), abs(top - bottom)

    @property
    def has_actions(self) -> bool:
        """Whether a program runs, or a layer is switched, by the field or its widgets."""
        entry = self.entry.get_object()  # type: ignore[no-untyped-call]
        return any(_ACTIVE & each.keys() for each in (entry, *self._resolved))

    @property
    def appearance(self) -> StreamObject | None:
        """What the first widget looks like; None if nothing is said."""
        looks = _value(self._resolved[0], "/AP") if self.widgets else None
        return looks["/N"] if looks is not None else None

    def check_flags(self, issued: "Field") -> None:
        """Raises Rejected if the flags are not as issued. Signing may only make the widget print."""
        if any(now not in (then, then | _PRINT) for now, then in zip(self.flags, issued.flags, strict=True)):
            raise Rejected(InvalidityReason.FIELD_HIDDEN)

    def check_appearance(self) -> None:
        """Raises Rejected if the widgets can look in more than one way: at rest, pressed, or by a state."""
        for widget in self._resolved:
            looks = _value(widget, "/AP")
            if looks is not None and not (set(looks) == {"/N"} and isinstance(looks["/N"], StreamObject)):
                raise Rejected(InvalidityReason.FIELDS_CHANGED, "several appearances")


def read_fields(pdf: PdfFileReader | HistoricalResolver) -> list[Field]:
    """All terminal fields, in the form's order. A name may occur twice: the caller judges that.

    Raises Rejected for a form that is too deep or too large, and whatever pyHanko raises for a malformed one.
    """
    form = _value(pdf.root, "/AcroForm")
    found = list(_walk(form["/Fields"], "", {}, 0)) if form is not None else []
    if len(found) > _MOST:
        raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"{len(found)} form fields")
    return found


def _walk(kids: Any, prefix: str, inherited: dict[str, Any], depth: int) -> Iterator[Field]:
    if depth > _DEEPEST or len(kids) > _MOST:
        raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"form fields {depth} deep, {len(kids)} wide")
    for entry in kids:
        field = entry.get_object()
        known = inherited | ({"/FT": field["/FT"]} if "/FT" in field else {})
        known |= {"/V": True} if "/V" in field else {}  # not read: a signature's value takes 5 ms
        own = _value(field, "/T")
        name = ".".join(str(part) for part in (prefix, own) if part)
        below = _value(field, "/Kids")
        if below is not None and any("/T" in kid.get_object() for kid in below):
            yield from _walk(below, name, known, depth + 1)
        else:
            yield _terminal(name, known, entry, below)


def _value(holder: DictionaryObject, key: str) -> Any:
    """The value, with references resolved; pyHanko's own `get` returns the reference."""
    return holder[key] if key in holder else None  # noqa: SIM401


def _terminal(name: str, known: dict[str, Any], field: PdfObject, below: Any) -> Field:
    widgets = (field,) if below is None else tuple(below)
    return Field(
        name=name,
        kind=str(known["/FT"]),
        entry=field,
        widgets=widgets,
        page=_page(widgets[0].get_object()) if widgets else None,
        filled="/V" in known,
    )


def _rectangle(corners: Any) -> Rectangle:
    left, bottom, right, top = (float(corner) for corner in corners)
    return left, bottom, right, top


def _page(widget: DictionaryObject) -> int | None:
    page = widget.raw_get("/P") if "/P" in widget else None
    return page.idnum if isinstance(page, IndirectObject) else None
