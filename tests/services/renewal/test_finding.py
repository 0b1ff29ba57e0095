"""The desk finds a registration by whatever it has in front of it, over HTTP."""

from typing import Any

import pytest

from services.renewal.domain.form_code import FormCode
from tests.services.renewal.offices import licensed, post, request
from tests.services.renewal.world import World


async def sought(world: World, text: str) -> list[dict[str, Any]]:
    answer = await world.client.get("/v1/desk/find", params={"q": text}, headers=world.people.clerk())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def made(world: World, office_ref: str, **office: str) -> dict[str, Any]:
    await licensed(world, office_ref)
    answer = await post(world, office_ref, request(world, office_ref, **office))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_found_by_its_code_and_its_number(renewal_world: World, office_ref: str) -> None:
    number = (await made(renewal_world, office_ref))["number"]
    digits = FormCode(number=number, revision=1).digits
    for typed in (digits, number, number.lower().removeprefix("gh-"), f"{number} / 1"):
        (found,) = await sought(renewal_world, typed)
        assert (found["number"], found["office_ref"], found["form_revision"]) == (number, office_ref, 1)


@pytest.mark.parametrize("typed", ["0312345678-017", "0312345678017", "0312345678", "0312 345 678 017"])
async def test_found_by_the_tax_code_whatever_its_dash(
    renewal_world: World, office_ref: str, typed: str
) -> None:
    number = (await made(renewal_world, office_ref, tax_code="0312345678-017"))["number"]
    assert number in [found["number"] for found in await sought(renewal_world, typed)]
    assert number not in [found["number"] for found in await sought(renewal_world, "0312345678-018")]


async def test_found_by_beginnings_of_words_without_marks(renewal_world: World, office_ref: str) -> None:
    name = f"Trường Tiểu học Đặng Thuỳ Trâm {office_ref}"
    number = (await made(renewal_world, office_ref, name=name))["number"]
    own = office_ref.removeprefix("T-")
    for typed in (f"dang thuy {own}", f"{own} TRÂM đặng", f"tru tie ho dan {own[:6]}"):
        assert [found["number"] for found in await sought(renewal_world, typed)] == [number]
    assert await sought(renewal_world, f"dang thuan {own}") == []
    assert await sought(renewal_world, "()") == []
