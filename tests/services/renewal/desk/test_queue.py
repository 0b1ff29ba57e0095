"""The desk's queue over HTTP: what waits, claims, and decisions, one by one and in bulk."""

import asyncio
import csv
import io
from datetime import datetime
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from shared.events.paper_form import PaperFormAccepted, PaperFormReturned
from shared.ids import fresh
from shared.web.people import Role
from tests.services.renewal.waiting_registrations import register_and_receive, register_on_paper
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")

DESK = "/v1/desk"


async def ask(world: World, method: str, path: str, who: int = 1, **parts: Any) -> httpx.Response:
    """The request as clerk number `who`."""
    headers: Headers = world.people.headers(Role.DESK, number=who) | parts.pop("headers", {})
    return await world.client.request(method, DESK + path, headers=headers, **parts)


async def rows(world: World, **sought: Any) -> list[dict[str, Any]]:
    """All rows, from all pages."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        params = {**sought, "limit": 3, **({"after": after} if after else {})}
        answer = await ask(world, "GET", "/queue", params=params)
        assert answer.status_code == 200, answer.text
        found += answer.json()["rows"]
        if (after := answer.json()["after"]) is None:
            return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in found]


def place(row: dict[str, Any]) -> tuple[datetime, str]:
    """As times: as texts, 10:00:00Z stands behind 10:00:00.5Z."""
    return datetime.fromisoformat(row["since"]), row["id"]


async def test_what_waits_for_the_desk_the_longest_waiting_first(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = [await register_and_receive(world, f"{office_ref}-{n}") for n in range(4)]
    still = await register_on_paper(world, f"{office_ref}-still")
    found = await rows(world)
    assert [id for id in ids(found) if id in {each["id"] for each in made}] == ids(made)
    assert still["id"] not in ids(found)
    assert still["id"] in ids(await rows(world, waits="office", product="qlts"))
    assert ids(found) == ids(sorted(found, key=place))
    row = next(row for row in found if row["id"] == made[0]["id"])
    assert (row["number"], row["status"], row["late"]) == (made[0]["number"], "paper_received", False)
    assert made[0]["id"] not in ids(await rows(world, late=True))
    assert made[0]["id"] not in ids(await rows(world, product="manual"))
    counts = {each["status"]: each for each in (await ask(world, "GET", "/queue/counts")).json()}
    assert counts["paper_received"]["all"] >= 4


@pytest.mark.parametrize(
    "bad",
    [{"status": "lost"}, {"after": "x"}, {"after": f"{'9' * 30}.{fresh()}"}, {"limit": 2001},
     {"waits": "rule"}, {"stauts": "refused"}],
)  # fmt: skip
async def test_unknown_filter_is_an_error(renewal_world: World, bad: dict[str, Any]) -> None:
    answer = await ask(renewal_world, "GET", "/queue", params=bad)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_claimed_by_one_of_two_who_ask_at_once(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    path = f"/registrations/{made['id']}/claim"
    answers = await asyncio.gather(*(ask(world, "PUT", path, who) for who in (1, 2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    holder = 1 if answers[0].status_code == 200 else 2
    other = 3 - holder
    assert (await ask(world, "PUT", path, holder)).json()["by"] == f"desk-{holder}"
    refused = await ask(world, "PUT", path, other)
    assert (problem(refused), refused.json()["by"]) == ((409, "claimed-by-another"), f"desk-{holder}")
    assert (await ask(world, "DELETE", path, other)).status_code == 204
    row = next(row for row in await rows(world) if row["id"] == made["id"])
    assert row["claimed_by"] == f"desk-{holder}"
    assert made["id"] not in ids(await rows(world, claimed="free"))
    assert (made["id"] in ids(await rows(world, claimed="mine"))) is (holder == 1)
    assert (await ask(world, "PUT", path, other, params={"over": True})).json()["by"] == f"desk-{other}"
    assert (await ask(world, "DELETE", path, other)).status_code == 204
    assert made["id"] in ids(await rows(world, claimed="free"))


async def test_claim_moves_no_version_and_ends_when_the_registration_moves_on(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    path = f"/registrations/{made['id']}"
    seen = (await ask(world, "GET", path)).json()["version"]
    await ask(world, "PUT", f"{path}/claim", 2)
    case = (await ask(world, "GET", path)).json()
    assert (case["version"], case["claim"]["by"]) == (seen, "desk-2")
    back = await world.client.post(
        f"/v1/registrations/{made['id']}/paper/return",
        json={"reason": "illegible"},
        headers=world.people.clerk() | {"if-match": f'"{seen}"'},
    )
    assert back.status_code == 200
    assert (await ask(world, "GET", path)).json()["claim"] is None


async def test_next_registration_goes_to_one_clerk_only(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = {(await register_and_receive(world, f"{office_ref}-{n}"))["id"] for n in range(4)}
    given: list[str] = []
    for _ in range(len(await rows(world))):
        answers = await asyncio.gather(*(ask(world, "POST", "/queue/next", who) for who in (1, 2)))
        taken = [answer.json()["registration"]["id"] for answer in answers if answer.json()]
        given += taken
        if not taken:
            break
    assert len(given) == len(set(given))
    assert made <= set(given)
    assert (await ask(world, "POST", "/queue/next")).json() is None
    for id in given:
        for who in (1, 2):
            await ask(world, "DELETE", f"/registrations/{id}/claim", who)


async def test_one_registration_with_everything_about_it(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref, tax_code="0312345679")
    case = (await ask(world, "GET", f"/registrations/{made['id']}")).json()
    assert set(case["steps"]) >= {"accept_paper", "return_paper", "refuse", "cancel"}
    assert (case["office"]["tax_code"], case["basis_moved"]) == ("0312345679", False)
    assert [entry["actor"] for entry in case["history"]] == ["person:renewer-1", "service"]
    assert {fault["rule"] for fault in case["odd"]} >= {"tax_code_check_digit"}
    assert problem(await ask(world, "GET", f"/registrations/{fresh()}")) == (404, "registration-unknown")


async def test_many_at_once_after_a_look_and_none_twice(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = [await register_and_receive(world, f"{office_ref}-{n}") for n in range(3)]
    seen = {row["id"]: row["version"] for row in await rows(world)}
    picked = [{"id": each["id"], "seen": seen[each["id"]]} for each in made]
    await ask(world, "PUT", f"/registrations/{made[1]['id']}/claim", 2)
    body = {"step": "accept_paper", "picked": [*picked, {"id": str(fresh()), "seen": 1}]}
    looked = (await ask(world, "POST", "/decisions/preview", json=body)).json()
    assert [(each["status"], each["why_not"]) for each in looked] == [
        ("accepted", None),
        (None, "claimed-by-another"),
        ("accepted", None),
        (None, "registration-unknown"),
    ]
    assert (await world.registration(made[0]["id"], world.people.clerk()))["status"] == "paper_received"

    verdict = {"verdict": {"step": "accept_paper"}, "picked": picked}
    key = {"idempotency-key": f"bulk {office_ref}"}
    for _ in range(2):
        done = (await ask(world, "POST", "/decisions", json=verdict, headers=key)).json()
        assert [each["why_not"] for each in done] == [None, "claimed-by-another", None]
    for each in (made[0], made[2]):
        await world.hears(PaperFormAccepted, UUID(each["id"]))
        assert len(await _history(world, each["id"])) == 3
    moved = (
        await ask(world, "POST", "/decisions", json=verdict, headers={"idempotency-key": "other"})
    ).json()
    assert moved[0]["why_not"] == "registration-moved"


async def test_many_are_sent_back_with_one_reason(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    seen = (await ask(world, "GET", f"/registrations/{made['id']}")).json()["version"]
    body: dict[str, Any] = {"verdict": {"step": "return_paper"}, "picked": [{"id": made["id"], "seen": seen}]}
    assert (
        await ask(world, "POST", "/decisions", json=body, headers={"idempotency-key": "k"})
    ).status_code == 422
    body["verdict"] |= {"returned": "unstamped", "reason": "thiếu dấu"}
    assert (await ask(world, "POST", "/decisions", json=body)).status_code == 422
    done = await ask(world, "POST", "/decisions", json=body, headers={"idempotency-key": f"k {office_ref}"})
    assert [each["status"] for each in done.json()] == ["paper_returned"]
    assert (await world.hears(PaperFormReturned, UUID(made["id"]))).note == "thiếu dấu"


async def _history(world: World, id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask(world, "GET", f"/registrations/{id}")).json()["history"]
    return found


async def test_queue_as_files_for_spreadsheets(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    name = f"=Trường {office_ref}"
    made = await register_and_receive(world, office_ref, name=name, tax_code="0312345678")
    answer = await ask(world, "GET", "/queue/file.csv", params={"product": "qlts"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    line = next(line for line in lines if line[0] == made["number"])
    assert line[2:4] == [f"'{name}", "0312345678"]
    assert int(line[-1]) == made["order"]["total"]
    whole = await ask(world, "GET", "/queue/file.xlsx")
    assert "spreadsheetml" in whole.headers["content-type"]
    with ZipFile(io.BytesIO(whole.content)) as book:
        told = book.read("xl/sharedStrings.xml").decode() + book.read("xl/worksheets/sheet1.xml").decode()
    assert name in told
    assert "<f>" not in told
