"""From the contract in force to the invoice that the e-invoice system issued, over events, REST and pages."""

import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.renewal.domain.invoice.requested_invoice import invoice_id
from services.renewal.invoice import files, rest
from services.renewal.invoice.closure import InvoiceClosure
from shared.events.invoice import (
    InvoiceIssued,
    InvoiceRequestCancelled,
    InvoiceRequestChanged,
    InvoiceRequested,
)
from shared.ids import fresh
from shared.resilience.errors import MissingDocument
from shared.web.people import Role
from tests.services.renewal.offices import registered, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.html import Form
from tests.support.people import Headers

pytestmark = pytest.mark.usefixtures("rendered_once")

PDF, XML = b"%PDF-1.7 invoice", b"<HDon><SHDon>7</SHDon></HDon>"


def number() -> str:
    return str(fresh().int % 10**8 or 1)


async def _invoice(world: World, made: dict[str, Any], who: Headers) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/registrations/{made['id']}/invoice", headers=who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _record(world: World, made: dict[str, Any], **more: Any) -> dict[str, Any]:
    day = today(world)
    fields = {"symbol": f"1C{day:%y}TAA", "number": number(), "dated": day.isoformat()}
    return {"renewal_id": made["id"], "total": 1000, **fields, **more}


async def _send(
    world: World, body: dict[str, Any], key: str = "", role: Role = Role.EINVOICE
) -> httpx.Response:
    headers = world.people.headers(role) | {"idempotency-key": key or str(fresh())}
    return await world.client.post("/v1/invoices", headers=headers, json=body)


async def test_contract_in_force_requests_and_the_system_answers(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    before = await _invoice(world, made, office)
    assert (before["status"], before["revision"]) == ("declared", 0)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    event = await world.hears(InvoiceRequested, UUID(made["id"]))
    assert (event.total_vnd, event.buyer.name) == (before["total"], before["buyer"]["name"])
    assert event.contract_number
    stands = await _invoice(world, made, office)
    assert (stands["status"], stands["revision"], stands["warnings"]) == ("requested", 1, [])

    reader = await Reader.signed_in(world, office)
    path = f"/renewal/registrations/{made['id']}/invoice"
    assert "Đã đề nghị, chờ xuất hóa đơn" in (await reader.get(path.removesuffix("/invoice"))).text
    form = (await reader.get(path)).form("/invoice")
    wrong = await reader.send(form, 422, tax_code="12", email="x", wanted_on="mai")
    assert "Mã số thuế gồm 10 chữ số" in wrong.text
    assert wrong.text.count('class="wrong"') == 3
    said = await reader.followed(await reader.send(form, name="Phòng Kế toán trường Kim Đồng"))
    assert "Đã lưu thông tin xuất hóa đơn" in said.text
    assert "vừa thay đổi" in (await reader.send(form, 422, name="Tên khác")).text, "of an old page"
    changed = await world.hears(InvoiceRequestChanged, UUID(made["id"]))
    assert (changed.revision, changed.buyer.name) == (2, "Phòng Kế toán trường Kim Đồng")

    system = world.people.headers(Role.EINVOICE)
    waiting = (await world.client.get("/v1/invoices", headers=system)).json()
    (mine,) = [each for each in waiting if each["renewal_id"] == made["id"]]
    assert (mine["revision"], mine["buyer"]["name"]) == (2, "Phòng Kế toán trường Kim Đồng")
    files = [b64encode(data).decode() for data in (PDF, XML)]
    body = _record(
        world, made, total=mine["total"], request_revision=1, lookup_code="AB-12",
        lookup_url="https://tracuu.example/", files=files,
    )  # fmt: skip
    answers = [await _send(world, body, "one") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(answers[0].json()["invoices"]) == 1
    told = await world.hears(InvoiceIssued, UUID(made["id"]))
    assert (told.number, told.lookup_code, len(told.files)) == (body["number"], "AB-12", 2)
    clerks = await _invoice(world, made, desk)
    assert [each["kind"] for each in clerks["warnings"]] == ["issued_earlier_revision"]
    own = await reader.get(path)
    assert body["number"] in own.text
    assert "AB-12" in own.text
    for link, data, kind in (("PDF", PDF, "application/pdf"), ("XML", XML, "application/xml")):
        file = await reader.client.get(own.links[link])
        assert (file.content, file.headers["content-type"]) == (data, kind)
        assert file.headers["content-disposition"].startswith("attachment")
        assert file.headers["x-content-type-options"] == "nosniff"
        stranger = await Reader.signed_in(world, world.people.renewer(f"{office_ref}-other"))
        await stranger.get(own.links[link], 404)
    history = await reader.get(f"/renewal/o/{office_ref}/history")
    assert "Đã xuất hóa đơn" in history.text


async def test_desk_records_by_hand_and_replaces(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    path = f"/renewal/desk/registrations/{made['id']}/invoice"
    early = await clerk.get(path)
    asked = await clerk.followed(await clerk.send(early.form("/request")))
    assert "Đã gửi đề nghị" in asked.text
    waiting = await clerk.get("/renewal/desk/invoices")
    page = await clerk.get(waiting.links[made["number"]])
    assert "lý do" in (await clerk.send(page.form("/change"), 422, name="Trường khác")).text
    form = page.form("/record")
    first = {"symbol": f"1C{today(world):%y}TAB", "number": number()}
    bad = await _upload(clerk, form, b"\xff\xd8 photo", 422, **first)
    assert "Tệp phải là PDF hoặc XML" in bad.text
    assert first["number"] in bad.text, "what was typed stays"
    wrong = await _upload(clerk, form, PDF, 422, **first | {"symbol": "TAB", "total": "nhiều"})
    assert "Ký hiệu hóa đơn chưa đúng" in wrong.text
    done = await clerk.followed(await _upload(clerk, form, PDF, **first))
    assert "Đã ghi nhận hóa đơn" in done.text
    assert made["number"] not in (await clerk.get("/renewal/desk/invoices")).links
    filed = await clerk.followed(await _upload(clerk, done.form("/file"), XML))
    assert "XML" in filed.links
    await _upload(clerk, filed.form("/file"), None, 422)
    second = first | {"number": number(), "total": "5.300.000"}
    assert filed.form("/record").fields["total"] == "", "an adjustment says the difference"
    unexplained = await _upload(clerk, filed.form("/record"), PDF, 422, **second)
    assert "Chưa khai báo" in unexplained.text
    after = await clerk.followed(
        await _upload(clerk, filed.form("/record"), PDF, **second, reason="Sai tên người mua")
    )
    assert "Thay thế: Sai tên người mua" in after.text
    office = world.people.renewer(office_ref)
    stands = await _invoice(world, made, office)
    assert (stands["status"], len(stands["issued"])) == ("replaced", 2)
    assert "recorded_by" not in str(stands), "offices read this answer too"


async def test_cancelled_by_the_desk_is_not_requested_by_rule(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}/invoice")
    await clerk.send(page.form("/cancel"), reason="Đã lập ngoài hệ thống")
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    office = world.people.renewer(office_ref)
    stands = await _invoice(world, made, office)
    assert (stands["status"], stands["cancelled"], stands["revision"]) == (
        "cancelled",
        "Đã lập ngoài hệ thống",
        0,
    )
    key = {"idempotency-key": "one"}
    buyer = {name: stands["buyer"][name] for name in ("name", "tax_code", "address")}
    path = f"/v1/registrations/{made['id']}/invoice"
    late = await world.client.put(path, headers=office | key, json=buyer)
    assert (late.status_code, late.json()["type"]) == (409, "urn:giahan:problem:invoice-cancelled")
    await clerk.send((await clerk.get(page.form("/cancel").action.removesuffix("/cancel"))).form("/request"))
    assert (await _invoice(world, made, office))["status"] == "requested"


async def test_system_may_record_and_nothing_else(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    system = world.people.headers(Role.EINVOICE)
    for path, status in (
        (f"/v1/registrations/{made['id']}", 404),
        (f"/v1/registrations/{made['id']}/invoice", 404),
        (f"/v1/registrations/{made['id']}/payment", 404),
        ("/v1/desk/payments", 403),
        ("/v1/desk/queue", 403),
        (f"/v1/registrations?office_ref={office_ref}", 404),
    ):
        assert (await world.client.get(path, headers=system)).status_code == status, path
    office = world.people.renewer(office_ref) | {"idempotency-key": "one"}
    body = _record(world, made)
    assert (await world.client.post("/v1/invoices", headers=office, json=body)).status_code == 403
    assert (await world.client.post("/v1/invoices", headers=system, json=body)).status_code == 422, "no key"
    answer = await _send(world, body)
    assert set(answer.json()) == {"renewal_id", "status", "invoices"}, "nothing of the office"


async def test_what_contradicts_is_refused(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    other = await registered(world, f"{office_ref}-2")
    body = _record(world, made)
    assert (await _send(world, body, "one")).status_code == 200
    assert (await _send(world, body, "two")).status_code == 200, "recorded again after the key was lost"
    tomorrow = (today(world) + timedelta(days=1)).isoformat()
    for change, status, problem in (
        ({"total": 1}, 409, "invoice-known"),
        ({"renewal_id": other["id"]}, 409, "invoice-elsewhere"),
        ({"renewal_id": str(fresh()), "number": number()}, 404, "registration-unknown"),
        ({"number": number()}, 422, "invoice-invalid"),
        ({"number": number(), "dated": tomorrow}, 422, "invoice-invalid"),
        ({"number": number(), "files": [b64encode(b"PK zip").decode()]}, 422, "upload-bad"),
        ({"number": "x"}, 422, "invalid-request"),
        ({"files": ["***"]}, 422, "invalid-request"),
        ({"files": [b64encode(PDF).decode()] * 4}, 422, "invalid-request"),
    ):
        answer = await _send(world, body | change)
        assert answer.status_code == status, (change, answer.text)
        if problem != "invalid-request":
            assert answer.json()["type"] == f"urn:giahan:problem:{problem}"
    reused = await _send(world, body | {"number": number()}, "one")
    assert reused.status_code == 422, "the key came with another content"


async def test_desk_says_why_it_changes(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    desk = world.people.headers(Role.DESK) | {"idempotency-key": "one"}
    path = f"/v1/registrations/{made['id']}/invoice"
    buyer = (await _invoice(world, made, desk))["buyer"] | {"name": "Trường khác"}
    silent = await world.client.put(path, headers=desk, json=buyer)
    assert (silent.status_code, silent.json()["type"]) == (422, "urn:giahan:problem:reason-missing")
    said = await world.client.put(path, headers=desk, json=buyer | {"reason": "Đơn vị gọi điện"})
    assert said.json()["change"]["reason"] == "Đơn vị gọi điện"
    assert said.headers["etag"] == '"1"'
    moved = desk | {"if-match": '"0"', "idempotency-key": "two"}
    late = await world.client.put(path, headers=moved, json=buyer | {"name": "Nữa", "reason": "x"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:giahan:problem:invoice-moved")


async def test_request_ends_with_its_registration(renewal_world: World, office_ref: str) -> None:
    """Guards against: the e-invoice system issues an invoice for a registration that was cancelled."""
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    path = f"/v1/registrations/{made['id']}"
    for who, step in ((desk, "invoice/request"), (office, "cancellation")):
        key = {"idempotency-key": str(fresh())}
        answer = await world.client.post(f"{path}/{step}", headers=who | key, json={"reason": "thôi"})
        assert answer.status_code == 200, answer.text
    stands = await _invoice(world, made, desk)
    assert (stands["status"], [each["kind"] for each in stands["warnings"]]) == (
        "requested",
        ["registration_closed"],
    )
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}/invoice")
    assert "Đăng ký đã hủy hoặc không được chấp nhận" in page.text
    assert page.form("/cancel"), "a clerk need not wait for the rule"
    broken = await registered(world, f"{office_ref}-2")
    whose, key = world.people.renewer(f"{office_ref}-2"), {"idempotency-key": str(fresh())}
    path = f"/v1/registrations/{broken['id']}/cancellation"
    assert (await world.client.post(path, headers=whose | key, json={"reason": "thôi"})).status_code == 200
    damaged = {"_id": str(invoice_id(UUID(broken["id"]))), "waiting_since": world.service.clock.now()}
    await world.service.database["invoices"].insert_one(damaged | {"renewal_id": broken["id"]})
    for _ in range(2):
        await _follow(world)
    await world.service.database["invoices"].delete_one({"_id": damaged["_id"]})
    event = await world.hears(InvoiceRequestCancelled, UUID(made["id"]))
    assert (event.revision, event.reason) == (1, "Đăng ký đã hủy hoặc không được chấp nhận")
    stands = await _invoice(world, made, desk)
    assert (stands["status"], stands["waiting_since"], stands["warnings"]) == ("cancelled", None, [])


async def test_odd_invoice_is_listed_until_a_clerk_looked(renewal_world: World, office_ref: str) -> None:
    """Guards against: the desk is warned on a page that nobody opens."""
    world = renewal_world
    made, early = await registered(world, office_ref), await registered(world, f"{office_ref}-2")
    assert (await _send(world, _record(world, made, total=1))).status_code == 200
    total = (await _invoice(world, early, world.people.headers(Role.DESK)))["total"]
    assert (await _send(world, _record(world, early, total=total))).status_code == 200
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    listed = await clerk.get("/renewal/desk/invoices")
    assert made["number"] in listed.links
    assert early["number"] not in listed.links
    gone = await world.client.post(
        f"/v1/registrations/{early['id']}/cancellation",
        headers=world.people.renewer(f"{office_ref}-2") | {"idempotency-key": str(fresh())},
        json={"reason": "thôi"},
    )
    assert gone.status_code == 200, gone.text
    await _follow(world)
    listed = await clerk.get("/renewal/desk/invoices")
    assert early["number"] in listed.links, "issued before the contract, which never came"
    page = await clerk.get(listed.links[made["number"]])
    assert "lý do" in (await clerk.send(page.form("/look"), 422, reason="")).text
    seen = await clerk.followed(await clerk.send(page.form("/look"), reason="Đã thống nhất với đơn vị"))
    assert "Đã thống nhất với đơn vị" in seen.text
    assert made["number"] not in (await clerk.get("/renewal/desk/invoices")).links
    clerks = await _invoice(world, made, world.people.headers(Role.DESK))
    assert (clerks["look_since"], clerks["looked"]["reason"]) == (None, "Đã thống nhất với đơn vị")
    offices = await _invoice(world, made, world.people.renewer(office_ref))
    assert (offices["look_since"], offices["looked"]) == (None, None), "only the vendor reads it"
    again = world.people.headers(Role.DESK) | {"idempotency-key": str(fresh())}
    late = await world.client.post(
        f"/v1/registrations/{made['id']}/invoice/look", headers=again, json={"reason": "x"}
    )
    assert (late.status_code, late.json()["type"]) == (409, "urn:giahan:problem:invoice-looked-at")


async def test_refund_after_the_invoice_is_for_its_owner_and_shown_to_the_office(
    renewal_world: World, office_ref: str
) -> None:
    """Guards against: the money is given back, and the invoice stays as it was for ever."""
    world = renewal_world
    made, desk = await registered(world, office_ref), world.people.headers(Role.DESK)
    total = (await _invoice(world, made, desk))["total"]
    receipts = f"/v1/registrations/{made['id']}/receipts"
    body = {"amount": total, "received_on": today(world).isoformat(), "reference": "FT1"}
    paid = await world.client.post(receipts, headers=desk | {"idempotency-key": "pay"}, json=body)
    (receipt,) = paid.json()["receipts"]
    assert (await _send(world, _record(world, made, total=total))).status_code == 200
    undo = f"{receipts}/{receipt['id']}/reversal"
    gone = {"reason": "Đơn vị dừng gia hạn", "refunded": True}
    answer = await world.client.post(undo, headers=desk | {"idempotency-key": "back"}, json=gone)
    assert answer.status_code == 200, answer.text
    found = await _invoice(world, made, desk)
    assert [warning["kind"] for warning in found["warnings"]] == ["refunded"]
    clerk = await Reader.signed_in(world, desk)
    listed = await clerk.get("/renewal/desk/invoices")
    assert made["number"] in listed.links
    assert "Đã hoàn lại" in listed.text
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    shown = await office.get(f"/renewal/registrations/{made['id']}/invoice")
    assert "Hóa đơn được điều chỉnh hoặc thay thế chậm nhất ngày" in shown.text
    more = {"kind": "adjustment", "reason": "Hoàn tiền"}
    assert (await _send(world, _record(world, made, total=-total, **more))).status_code == 200
    assert (await _invoice(world, made, desk))["correct_by"] is None
    assert made["number"] not in (await clerk.get("/renewal/desk/invoices")).links


async def test_waiting_requests_come_in_pages(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: an adapter that was away never hears of the 201st request."""
    world = renewal_world
    made = [await registered(world, f"{office_ref}-{n}") for n in range(3)]
    desk, system = world.people.headers(Role.DESK), world.people.headers(Role.EINVOICE)
    for each in made:
        path, key = f"/v1/registrations/{each['id']}/invoice/request", {"idempotency-key": each["id"]}
        assert (await world.client.post(path, headers=desk | key)).status_code == 200
    monkeypatch.setattr(rest, "_MOST", 2)
    found, last = list[str](), dict[str, str]()
    while page := (await world.client.get("/v1/invoices", headers=system, params=last)).json():
        found += [each["renewal_id"] for each in page]
        last = {"after": found[-1]}
        if found[-1] == made[1]["id"]:  # issued in between, it still marks the place
            assert (await _send(world, _record(world, made[1]))).status_code == 200
    assert len(found) == len(set(found))
    assert [id for id in found if id in {each["id"] for each in made}] == [each["id"] for each in made]
    unknown = await world.client.get("/v1/invoices", headers=system, params={"after": str(fresh())})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:giahan:problem:invoice-unknown")


async def test_large_bodies_are_read_in_threads_and_kept_if_recorded(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: the files of one invoice keep all other requests waiting, and files of a refused
    invoice stay for good."""
    world = renewal_world
    made = await registered(world, office_ref)
    threads = list[bool]()
    for module in (rest, files):
        read: Callable[..., Any] = module._read

        def note(*given: object, read: Callable[..., Any] = read) -> Any:
            threads.append(threading.current_thread() is threading.main_thread())
            return read(*given)

        monkeypatch.setattr(module, "_read", note)
    refused = PDF + office_ref.encode()
    body = _record(world, made, kind="replacement", reason="sai", files=[b64encode(refused).decode()])
    assert (await _send(world, body)).status_code == 422
    assert threads == [False, False]
    with pytest.raises(MissingDocument):
        await world.documents.get(sha256(refused).hexdigest())
    assert (await _send(world, body | {"kind": "original"})).status_code == 200
    assert await world.documents.get(sha256(refused).hexdigest()) == refused


async def _follow(world: World) -> None:
    """A round of the loop that lets invoices follow their registrations."""

    async def check_leadership() -> None:
        pass

    await InvoiceClosure(world.renewals, world.invoices, world.service.clock).follow(check_leadership)


async def _upload(
    reader: Reader, form: Form, data: bytes | None, status: int = 303, /, **typed: str
) -> httpx.Response:
    """Sends a form with a file, under a name that means nothing."""
    files = {"file": ("../x.exe", data, "image/png")} if data is not None else {"file": ("", b"")}
    answer = await reader.client.post(form.action, data=form.fields | typed, files=files)
    assert answer.status_code == status, answer.text[:2000]
    return answer
