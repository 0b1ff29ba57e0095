"""Bank lines are found by memo, payer, amount and day, over REST and on the desk's page."""

from typing import Any

import pytest

from services.renewal.payment.pages import bank_lines as line_pages
from services.renewal.texts import REFUSALS
from shared.ids import fresh
from shared.web.people import Role
from tests.services.renewal.bank_statements import HEAD, upload
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

FOUND = "/v1/desk/bank-lines/found"
PAGE = "/renewal/desk/bank-lines"


async def _found(world: World, desk: Headers, **query: Any) -> list[str]:
    """The references of the lines, page by page of two."""
    references, after = list[str](), dict[str, str]()
    while True:
        params = {"limit": 2, **query, **after}
        answer = await world.client.get(FOUND, headers=desk, params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        references += [each["line"]["reference"] for each in page["lines"]]
        if page["after"] is None:
            return references
        after = {"after": page["after"]}


async def _lines(world: World, desk: Headers, tag: str) -> None:
    rows = [
        f'05/01/2026,{tag}A,,77000,"{tag} thanh toan tien nuoc",TRUONG TIEU HOC KIM DONG',
        f'07/01/2026,{tag}B,,78000,"{tag} Thanh toán tiền điện",Nguyễn Văn Đạt',
        f'07/01/2026,{tag}C,,77000,"{tag} hoan tra",TRUONG TIEU HOC KIM LIEN',
    ]
    await upload(world, desk, "\n".join([HEAD, *rows]).encode())


async def test_found_by_memo_payer_amount_and_day(renewal_world: World) -> None:
    world, desk, tag = renewal_world, renewal_world.people.headers(Role.DESK), f"x{fresh().hex[:10]}"
    await _lines(world, desk, tag)
    assert sorted(await _found(world, desk, text=tag)) == [f"{tag}A", f"{tag}B", f"{tag}C"]
    assert (await _found(world, desk, text=tag))[-1] == f"{tag}A", "the newest first"
    assert sorted(await _found(world, desk, text=f"{tag} thanh toán")) == [f"{tag}A", f"{tag}B"]
    assert await _found(world, desk, text=f"tien dien {tag}") == [f"{tag}B"]
    assert await _found(world, desk, text=f"nguyen van dat {tag[:8]}") == [f"{tag}B"]
    assert await _found(world, desk, text=f"Kim Đồng {tag}") == [f"{tag}A"]
    assert await _found(world, desk, text=f"{tag}c") == [f"{tag}C"], "by the bank's reference"
    assert sorted(await _found(world, desk, text=tag, amount=77_000)) == [f"{tag}A", f"{tag}C"]
    late = {"text": tag, "first_on": "2026-01-06"}
    assert sorted(await _found(world, desk, **late)) == [f"{tag}B", f"{tag}C"]
    assert await _found(world, desk, **late, amount=77_000, last_on="2026-01-07") == [f"{tag}C"]
    assert await _found(world, desk, text=tag, last_on="2026-01-04") == []
    assert await _found(world, desk, text="*", amount=77_000) == [], "what is no word finds nothing"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"amount": 0}, 422),
        ({"first_on": "5/1"}, 422),
        ({"status": "new"}, 422),
        ({"after": str(fresh())}, 404),
        ({"text": "a"}, 422),
        ({"text": "tk so"}, 422),
        ({"text": "tk so", "amount": 1}, 200),
        ({"text": "tk so", "first_on": "2026-01-06"}, 200),
        ({"text": "t", "last_on": "2026-01-06"}, 200),
        ({"text": "tk abc"}, 200),
    ],
)
async def test_a_search_that_cant_be_read_or_is_too_wide_is_refused(
    renewal_world: World, query: dict[str, Any], status: int
) -> None:
    desk = renewal_world.people.headers(Role.DESK)
    answer = await renewal_world.client.get(FOUND, headers=desk, params=query)
    assert answer.status_code == status


async def test_the_page_finds_and_keeps_the_search_through_a_decision(
    renewal_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, desk, tag = renewal_world, renewal_world.people.headers(Role.DESK), f"y{fresh().hex[:10]}"
    await _lines(world, desk, tag)
    clerk = await Reader.signed_in(world, desk)
    wrong = await clerk.get(f"{PAGE}?text={tag}&amount=4.8", 422)
    assert wrong.form("/bank-lines").fields["text"] == tag
    short = await clerk.get(f"{PAGE}?text=tk", 422)
    assert REFUSALS["search-too-short"][1].vi in short.text
    await clerk.get(f"{PAGE}?first_on=7/1/2026&last_on=6/1/2026", 422)
    page = await clerk.get(f"{PAGE}?text={tag}&amount=77.000+đ&first_on=6/1/2026&last_on=")
    assert f"{tag} hoan tra" in page.text
    assert f"{tag} thanh toan tien nuoc" not in page.text
    (form,) = [each for each in page.forms if "/set-aside" in each.action]
    after = await clerk.followed(await clerk.send(form, reason="Tiền hoàn trả"))
    assert f"{tag} hoan tra" in after.text, "the same search is shown again"
    assert "Đã để riêng" in after.text
    assert "Tiền hoàn trả" in after.text, "what was decided, and why"
    assert [each for each in after.forms if "/reopen" in each.action]

    monkeypatch.setattr(line_pages, "_LINES", 1)
    page = await clerk.get(f"{PAGE}?text={tag}")
    seen = [page.text]
    while address := page.links.get("Trang sau"):
        page = await clerk.get(address)
        seen.append(page.text)
    assert len(seen) == 3
    assert "Không có dòng sao kê nào như vậy" in (await clerk.get(f"{PAGE}?text=zz{tag}")).text


async def test_lines_of_an_earlier_release_get_their_keys(renewal_world: World) -> None:
    world, desk, tag = renewal_world, renewal_world.people.headers(Role.DESK), f"z{fresh().hex[:10]}"
    await _lines(world, desk, tag)
    lines = world.service.database["bank_lines"]
    old = {"line.reference": {"$regex": f"^{tag}"}}
    await lines.update_many(old, {"$unset": {"found_by": ""}})
    await _lines(world, desk, f"{tag}new")

    async def found() -> bool:
        return len(await _found(world, desk, text=tag)) == 6

    await until(found, "keys of old lines")


async def test_the_search_reads_an_index_and_no_more_than_it_shows(renewal_world: World) -> None:
    """A plan that reads the whole collection is a slow page for every clerk, years later."""
    lines = renewal_world.service.database["bank_lines"]
    for query in ({"line.amount": 77_000}, {"found_by": "X"}, {"line.booked_on": {"$gte": "2026-01-06"}}):
        found = lines.find(query).sort([("line.booked_on", -1), ("_id", -1)]).limit(51)
        plan = str((await found.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
        assert "'SORT'" not in plan
