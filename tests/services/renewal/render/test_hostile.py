"""Documents that load something from outside, never end or need too much memory: they fail, and others are
unaffected."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from services.renewal.render.content import FormContent
from services.renewal.render.renderer import TEMPLATES, Renderer
from shared.background.workers import WorkFailed, WorkTimedOut
from tests.services.renewal.examples import form_content

ENDLESS = {
    "tall unbreakable block": "<div style='break-inside: avoid'>"
    "{% for n in range(60000) %}<p>{{ n }}</p>{% endfor %}</div>",
    "very long table": "<table>{% for n in range(60000) %}<tr><td>{{ n }}</td></tr>{% endfor %}</table>",
    "unbroken text": "<p style='overflow-wrap: anywhere'>{{ 'Ặ' * 3000000 }}",
}
GREEDY = {
    "deep tables": "{% for n in range(300) %}<table style='table-layout: auto'><tr><td>x<td>{% endfor %}",
    "text beyond the memory": "<p>{% for n in range(40) %}{{ 'W' * 100000000 }}{% endfor %}",
    "boxes beyond the memory": "<p>{% for n in range(9000000) %}<b>{{ n }}</b>{% endfor %}",
}
REACHING = {
    "image by http": "<img src='http://127.0.0.1:9/x.png'>",
    "image by file": "<img src='file:///etc/hostname'>",
    "attachment": "<link rel=attachment href='file:///etc/hostname'>",
    "stylesheet": "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "import": "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    "font": "<style>@font-face { font-family: x; src: url(file:///x.ttf) } p { font: 9pt x }</style><p>x",
    "object": "<object data='file:///etc/hostname'></object>",
}
FAULTY = {
    "RecursionError": "<div>" * 1500 + "x",
    "FieldsDiffer": "<p>Nowhere to sign</p>",
    "UndefinedError": "{{ content.registration.nickname }}",
}
TEMPLATE = ENDLESS | GREEDY | REACHING | FAULTY


def noon(day: date) -> datetime:
    return datetime.combine(day, time(5), tzinfo=UTC)


def ends(table: dict[str, str]) -> list[Any]:
    """The first of the table's names; the others are for `make sweep`."""
    first, *others = table
    return [first, *(pytest.param(name, marks=pytest.mark.sweep) for name in others)]


IN_FORCE = {name: date(2027, 1, 1) + timedelta(days=n) for n, name in enumerate(TEMPLATE)}


@pytest.fixture(scope="module")
async def renderer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Renderer]:
    """The shipped templates, and from 2027 on a hostile one for each day."""
    templates = shutil.copytree(TEMPLATES, tmp_path_factory.mktemp("hostile") / "templates")
    for name, day in IN_FORCE.items():
        (templates / "general" / "form" / f"{day}.html").write_text(TEMPLATE[name], encoding="utf-8")
    made = Renderer(processes=2, limit=8, templates=templates)
    await made.warm()
    yield made
    await made.close()


def hostile(name: str) -> FormContent:
    return form_content().model_copy(update={"issued_at": noon(IN_FORCE[name])})


@pytest.mark.parametrize("name", ends(ENDLESS))
async def test_endless_layout_is_stopped_and_the_others_continue(renderer: Renderer, name: str) -> None:
    assert isinstance(await _beside_honest_ones(renderer, name), WorkTimedOut)


@pytest.mark.parametrize("name", ends(GREEDY))
async def test_excessive_memory_is_stopped_and_the_others_continue(renderer: Renderer, name: str) -> None:
    assert isinstance(await _beside_honest_ones(renderer, name), WorkFailed)


@pytest.mark.parametrize("length", [12, pytest.param(220, marks=pytest.mark.sweep)])
async def test_long_table_comes_out_whole(tmp_path: Path, length: int) -> None:
    """A table of that length takes long, so it gets the time; it has every row, and other documents don't
    wait for it."""
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    lines = length * 25
    rows = (
        f"<table>{{% for n in range({lines}) %}}<tr><td style='height: 10mm'>dòng {{{{ n }}}}{{% endfor %}}"
    )
    rows += "</table>"
    rows += "<div class=place id=sign-office></div>"
    (templates / "general/form/2027-01-01.html").write_text(rows, encoding="utf-8")
    renderer = Renderer(limit=150, templates=templates)
    await renderer.warm()
    try:
        long = asyncio.create_task(
            renderer.form(form_content().model_copy(update={"issued_at": noon(date(2027, 1, 1))}))
        )
        await renderer.form(form_content())
        assert not long.done()
        reader = PdfReader(BytesIO(await long))
    finally:
        await renderer.close()
    assert len(reader.pages) >= length
    assert any(f"dòng {lines - 1}" in page.extract_text() for page in reader.pages[-2:])


@pytest.mark.parametrize("name", REACHING)
async def test_nothing_is_fetched(renderer: Renderer, name: str) -> None:
    with pytest.raises(WorkFailed, match=r"^ReachesOut$"):
        await renderer.form(hostile(name))


@pytest.mark.parametrize("name", FAULTY)
async def test_errors_are_reported_by_class_only(renderer: Renderer, name: str) -> None:
    with pytest.raises(WorkFailed, match=f"^{name}$"):
        await renderer.form(hostile(name))


async def test_content_of_unbelievable_length_is_refused(renderer: Renderer) -> None:
    office = form_content().registration.office.model_copy(update={"name": "a" * 70_000})
    registered = form_content().registration.model_copy(update={"office": office})
    with pytest.raises(WorkFailed, match="bytes"):
        await renderer.form(form_content(registered))


async def test_no_template_before_the_first(renderer: Renderer) -> None:
    early = form_content().model_copy(update={"issued_at": noon(date(2025, 6, 30))})
    with pytest.raises(WorkFailed, match=r"^LookupError$"):
        await renderer.form(early)


async def _beside_honest_ones(renderer: Renderer, name: str) -> bytes | BaseException:
    """The error of the hostile form. During and after it, other forms are rendered as usual."""
    late, *honest = await asyncio.gather(
        renderer.form(hostile(name)),
        *(renderer.form(form_content()) for _ in range(3)),
        return_exceptions=True,
    )
    assert all(isinstance(pdf, bytes) and pdf == honest[0] for pdf in honest)
    again = await asyncio.gather(*(renderer.form(form_content()) for _ in range(2)))
    assert again == honest[:2]
    return late
