"""Every field that a model declares is typed once, and reaches each page, the event and the printed form.

A new field needs no line here. Where it was forgotten, one of these tests names it.
"""

from datetime import UTC, date, datetime, time
from io import BytesIO

from pypdf import PdfReader

from services.renewal.domain.registration.declaration import BUYER_PART, OFFICE_PART
from services.renewal.domain.registration.form_part import FormField, FormPart
from services.renewal.pages.site import WORDS
from services.renewal.render.renderer import TEMPLATES, Renderer
from shared.events.renewal import RenewalRegistered
from tests.services.renewal.examples import declaration, form_content, registration
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import path, promised, renewer
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World

PARTS = (OFFICE_PART, BUYER_PART)


def value(part: FormPart, field: FormField) -> str:
    """What is typed into the field: of a text, one that no other field has."""
    said = f"{part.name} {field.name}".replace("_", " ").replace(".", " ").capitalize()
    return said if field.input.kind == "text" else field.input.example


def typed(part: FormPart) -> dict[str, str]:
    return {field.name: value(part, field) for field in part.fields}


async def test_every_field_is_on_the_form_in_the_summary_at_the_desk_and_in_the_event(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    inputs = {f"{part.name}.{name}": text for part in PARTS for name, text in typed(part).items()}
    assert inputs.keys() - form.names == set()
    answer = await reader.send(form, **inputs, **promised(world), invoice__same="", do="review")
    assert answer.headers["location"].endswith("/review"), "what was typed was refused"
    review = (await reader.followed(answer)).text
    kept = (await reader.get(path(office_ref, "declare"))).form("/declare").fields
    assert {name: kept[name] for name in inputs} == inputs
    send = await reader.get(path(office_ref, "send"))
    await reader.send(send.form("/send"), send_by="paper")
    (renewal,) = await of_office(world.renewals, office_ref)
    made = renewal.registration
    desk = await Reader.signed_in(world, world.people.clerk())
    case = (await desk.get(f"/renewal/desk/registrations/{made.renewal_id}")).text
    for part in PARTS:
        assert _missing(part, review) == []
    assert [field.name for field in OFFICE_PART.fields if value(OFFICE_PART, field) not in case] == []
    told = await world.hears(RenewalRegistered, made.renewal_id)
    assert told.office == made.office
    assert told.office.model_dump() == typed(OFFICE_PART)


def _missing(part: FormPart, page: str) -> list[str]:
    """The fields whose label and value don't follow each other on the page."""
    key = f"field.{part.name}_".replace("invoice.buyer", "invoice_buyer")
    labels = {field.name: WORDS["vi"](key + field.name) for field in part.fields}
    return [field.name for field in part.fields if f"{labels[field.name]} {value(part, field)}" not in page]


async def test_every_field_is_printed_on_the_newest_form() -> None:
    newest = max(date.fromisoformat(edition.stem) for edition in (TEMPLATES / "general/form").glob("*.html"))
    issued_at = datetime.combine(newest, time(2, 30), tzinfo=UTC)
    declared = declaration(office=typed(OFFICE_PART), invoice={"buyer": typed(BUYER_PART)})
    content = form_content(registration(declared)).model_copy(update={"issued_at": issued_at})
    renderer = Renderer(processes=1, limit=120)
    try:
        pdf = await renderer.form(content)
    finally:
        await renderer.close()
    said = "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages).lower()
    texts = {(part.name, field.name): value(part, field) for part in PARTS for field in part.fields}
    assert [name for name, text in texts.items() if "".join(text.split()).lower() not in said] == []
