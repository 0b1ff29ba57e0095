"""The desk finds a registration by its code, number, tax code or name, over HTTP."""

from typing import Any

import pytest

from services.renewal.desk.office_search import OfficeSearch, office_query
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.registration.form_code import FormCode
from shared.storage.projection import Projection
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


async def offices(world: World, text: str) -> list[dict[str, Any]]:
    answer = await world.client.get("/v1/desk/offices", params={"q": text}, headers=world.people.clerk())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_an_office_that_never_registered_is_found_with_its_products(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref)
    await licensed(renewal_world, office_ref, "qlcb")
    for typed in (office_ref, office_ref.lower(), f"kim dong {office_ref}"):
        (found,) = await offices(renewal_world, typed)
        assert found["office_ref"] == office_ref
        assert sorted(each["product_code"] for each in found["products"]) == ["qlcb", "qlts"]
    assert await offices(renewal_world, "()") == []


async def test_copies_of_before_get_their_keys_at_the_next_start(
    renewal_world: World, office_ref: str
) -> None:
    """Guards against: one copy that can't be read kept all later ones from getting theirs."""
    await licensed(renewal_world, office_ref)
    copies = renewal_world.service.database["licences"]
    await copies.update_one({"office_ref": office_ref}, {"$unset": {"found_by": ""}})
    await copies.insert_one({"_id": "0 damaged"})
    assert await offices(renewal_world, office_ref) == []
    await OfficeSearch(Projection(copies, LicenceCopy)).complete()
    await copies.delete_one({"_id": "0 damaged"})
    (found,) = await offices(renewal_world, office_ref)
    assert found["office_ref"] == office_ref


async def test_offices_are_looked_up_by_an_index(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    cursor = renewal_world.service.database["licences"].find(office_query(f"{office_ref} kim dong"))
    plan = str((await cursor.explain())["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
    assert "'indexName': 'found_by'" in plan
