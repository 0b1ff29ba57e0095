"""Reads a page as a browser without scripts does: its text, its links, and its forms as it would send
them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    """The names of all inputs, ticked or not."""


class Page(HTMLParser):
    """`text` is all visible text; `links` are by their text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._texts: list[str] = []
        self._link: tuple[str, list[str]] | None = None
        self._select = self._area = ""
        self._first_option = True
        self._hidden = 0
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._texts).split())

    def form(self, ends: str) -> Form:
        """The form whose address has this ending."""
        return next(form for form in self.forms if form.action.endswith(ends))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        match tag:
            case "style" | "script" | "title":
                self._hidden += 1
            case "a":
                self._link = (has.get("href", ""), [])
            case "form":
                self.forms.append(Form(has.get("action", ""), has.get("method", "get")))
            case "input":
                self._input(has)
            case "select":
                self._select, self._first_option = has["name"], True
            case "option":
                self._option(has)
            case "textarea":
                self._area = has["name"]
                self.forms[-1].fields[self._area] = ""

    def _input(self, has: dict[str, str]) -> None:
        form, name = self.forms[-1], has.get("name", "")
        form.names.add(name)
        if has.get("type") not in ("radio", "checkbox") or "checked" in has:
            form.fields[name] = has.get("value", "")

    def _option(self, has: dict[str, str]) -> None:
        form = self.forms[-1]
        form.names.add(self._select)
        if self._first_option or "selected" in has:
            form.fields[self._select] = has["value"]
        self._first_option = False

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "style" | "script" | "title":
                self._hidden -= 1
            case "textarea":
                self._area = ""
            case "a" if self._link:
                href, texts = self._link
                self.links[" ".join("".join(texts).split())] = href
                self._link = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._area:
            self.forms[-1].fields[self._area] += data
        self._texts.append(data)
        if self._link:
            self._link[1].append(data)
