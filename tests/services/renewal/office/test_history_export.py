"""The history as a file: the page's columns, for whoever may see the page."""

import csv
import io
from zipfile import ZipFile

import pytest

from services.renewal.office import history_export
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import registered as registered_on_pages
from tests.services.renewal.pages.steps import renewer
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


def _lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _address(office_ref: str, kind: str = "csv") -> str:
    return f"/v1/offices/{office_ref}/registrations/file.{kind}"


async def test_the_file_has_what_the_page_shows(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    member = world.people.member(office_ref)
    answer = await world.client.get(_address(office_ref), headers=member)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    titles, row = _lines(answer.content)
    told = dict(zip([title.partition(" / ")[0] for title in titles], row, strict=True))
    assert told["Số đăng ký"] == made["number"]
    assert int(told["Tổng tiền (đồng)"]) == made["order"]["total"]
    assert told["Trạng thái"].startswith("Chưa gửi, chờ ký số")
    assert told["Thanh toán"].startswith("Chưa thanh toán")
    assert told["Tài nguyên"].startswith("Chưa cấp")
    assert told["Bước tiếp theo"] == "Ký số phiếu / Sign the form"
    reader = await Reader.signed_in(world, member)
    page = await reader.get(f"/renewal/o/{office_ref}/history")
    shown = await reader.client.get(page.links["CSV"])
    assert _lines(shown.content) == [titles, row]
    book = await world.client.get(_address(office_ref, "xlsx"), headers=member)
    with ZipFile(io.BytesIO(book.content)) as parts:
        assert made["number"] in parts.read("xl/sharedStrings.xml").decode()


async def test_it_has_all_registrations_or_none(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = renewal_world
    monkeypatch.setattr(history_export, "_READ_AT_ONCE", 1)
    await licensed(world, office_ref, days_left=12)
    reader, who = await renewer(world, office_ref), world.people.renewer(office_ref)
    empty = await world.client.get(_address(office_ref), headers=who)
    assert len(_lines(empty.content)) == 1
    first = (await registered_on_pages(world, reader, office_ref)).form("/sending").action
    await reader.send((await reader.get(first.replace("/sending", "/cancel"))).form("/cancel"), reason="Sai")
    await registered_on_pages(world, reader, office_ref, "paper")
    rows = _lines((await world.client.get(_address(office_ref), headers=who)).content)[1:]
    assert [row[4].partition(" / ")[0] for row in rows] == [
        "Đã đăng ký, chờ đơn vị gửi phiếu đóng dấu",
        "Đã hủy",
    ]
    monkeypatch.setattr(history_export, "MOST", 1)
    refused = await world.client.get(_address(office_ref), headers=who)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:giahan:problem:history-too-long")
