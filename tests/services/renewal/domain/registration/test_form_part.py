"""What a model declares of a field is enough for the pages, and each field reaches what is stored."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from services.renewal.domain.registration.declaration import BUYER_PART, OFFICE_PART, Buyer, Office
from services.renewal.domain.registration.form_fields import NAMES
from services.renewal.domain.registration.form_part import FormPart, Input
from services.renewal.domain.registration.registration import Purchaser
from services.renewal.pages.site import CATALOGUE
from shared.events.renewal import Party
from tests.services.renewal.examples import declaration

PARTS = pytest.mark.parametrize("part", [OFFICE_PART, BUYER_PART], ids=lambda part: part.name)


class Signer(BaseModel):
    name: Annotated[str, Input(row=2, example="Lan")]
    title: Annotated[str, Input(row=2, joined=", ", example="Hiệu trưởng")]
    authority: Annotated[str | None, Input(row=1, late=True, example="KT.")] = None


def test_orders_of_form_summary_and_desk() -> None:
    part = FormPart.of("signer", Signer)
    assert [[field.name for field in row] for row in part.rows] == [["authority"], ["name", "title"]]
    assert part.inputs == ("signer.authority", "signer.name", "signer.title")
    assert [field.name for field in part.summary] == ["name", "title", "authority"]
    assert [[field.name for field in line] for line in part.lines] == [["name", "title"], ["authority"]]
    assert [field.required for field in part.fields] == [True, True, False]


def test_field_without_an_input_is_an_error() -> None:
    class Forgotten(BaseModel):
        name: str

    with pytest.raises(ValueError, match="not enough values"):
        FormPart.of("forgotten", Forgotten)


@PARTS
def test_every_field_is_an_input_with_its_label(part: FormPart) -> None:
    assert set(part.inputs) <= set(NAMES)
    assert [name for name in part.inputs if f"field.{name.replace('.', '_')}" not in CATALOGUE.texts] == []


@pytest.mark.parametrize(("declared", "stored"), [(Office, Party), (Buyer, Purchaser)])
def test_every_declared_field_is_stored(declared: type[BaseModel], stored: type[BaseModel]) -> None:
    assert set(stored.model_fields) == set(declared.model_fields)


def test_examples_make_an_office() -> None:
    examples = {field.name: field.input.example for field in OFFICE_PART.fields}
    assert Office.model_validate(examples).model_dump() == examples


def test_declaration_without_later_fields_has_the_json_of_the_first_release() -> None:
    """Kind of fault: a request repeated during an upgrade was refused as another one with the same key. An
    idempotency key stands for this JSON: a later field is left out while it is empty (`_LATER`)."""
    assert declaration(office={"contact_position": None}).model_dump_json() == (
        '{"kind":"renewal","office":{"name":"Trường Tiểu học Kim Đồng","tax_code":"0199900025",'
        '"budget_code":"1047665","address":"Số 5 phố Đội Cấn, phường Ba Đình, thành phố Hà Nội",'
        '"representative":"Nguyễn Thị Hồng Hạnh","title":"Hiệu trưởng","contact_name":"Trần Văn Dũng",'
        '"contact_phone":"0912345678","contact_email":"ketoan@kimdong.example","superior":null,'
        '"authority":null},"invoice":{"buyer":null,"wanted_on":"2026-01-20"},"order":{"package":"standard",'
        '"years":1,"users":12,"storage_gb":null},"payment":{"kind":"promised","on":"2026-03-31",'
        '"committed":true}}'
    )
