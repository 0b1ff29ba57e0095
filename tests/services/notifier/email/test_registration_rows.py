"""Every letter about a registration tells package, users, storage and the next step, in both languages."""

from datetime import date
from typing import Any

import pytest

from services.notifier.domain.contact import DeclaredContact
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import address_change_key, new_notice
from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.subscription_status import RegistrationProgress
from shared.events.base import SendBy
from shared.events.order import OrderedResources
from shared.events.renewal import JoinedRegistration
from shared.ids import fresh
from shared.storage.documents import Provenance
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.email.letters import (
    REGISTRATION,
    Shelf,
    contact,
    letter,
    subscription,
    writer,
)

ORDERED = OrderedResources(package="standard", package_name="Gói Tiêu chuẩn", users=12, storage_gb=20)
PAY_BY = date(2026, 12, 8)
RESOURCES = [
    "Gói: Gói Tiêu chuẩn\nNgười dùng: tối đa 12 người dùng\nDung lượng: 20 GB\n",
    "Package: Gói Tiêu chuẩn\nUsers: up to 12 users\nStorage: 20 GB\n",
]
SIGN = ["Bước tiếp theo: Đơn vị ký số phiếu đăng ký\n", "Next step: The office signs the form\n"]
CHECK = [
    "Bước tiếp theo: Nhà cung cấp kiểm tra phiếu và lập hợp đồng, chậm nhất ngày 04/12/2026\n",
    "Next step: The vendor checks the form and makes the contract, by 4 December 2026 at the latest\n",
]
SEAL = [
    "Bước tiếp theo: Nhà cung cấp ký số và phát hành hợp đồng\n",
    "Next step: The vendor seals and issues",
]
PAY = [
    "Bước tiếp theo: Đơn vị thanh toán, chậm nhất ngày 08/12/2026\n",
    "Next step: The office pays, by 8 December 2026 at the latest\n",
]


def known(**of: Any) -> RegistrationProgress:
    return REGISTRATION.model_copy(update={"ordered": ORDERED, "total": pay.TOTAL, **of})


HERE = {"send_by": SendBy.PAPER, "paper_here": True, "wait_until": date(2026, 12, 4)}
ISSUED = {"signed": True, "issued": True, "accepted": True, "payment": PaymentProgress(pay_by=PAY_BY)}


@pytest.mark.parametrize(
    ("event", "registration", "following"),
    [
        (ex.registered(), known(), SIGN),
        (ex.signature_awaited(), known(), SIGN),
        (ex.paper_received(), known(**HERE), CHECK),
        (ex.contract_received(), known(signed=True, accepted=True), SEAL),
        (pay.day_accepted(), known(signed=True, accepted=True), SEAL),
        (pay.day_extended(), known(**ISSUED), PAY),
        (pay.day_refused(), known(**ISSUED), PAY),
        (pay.awaited("due"), known(**ISSUED), PAY),
        (pay.received(1_000_000), known(**HERE), CHECK),
        (ex.grant_confirmed(), known(**ISSUED), PAY),
    ],
)
async def test_letter_tells_resources_and_next_step(
    event: NoticeEvent, registration: RegistrationProgress, following: list[str]
) -> None:
    written = await letter(event, registration)
    assert [words for words in (*RESOURCES, *following) if words not in written.text] == []
    assert "Gói Tiêu chuẩn</td>" in written.html
    assert f"{following[0].removeprefix('Bước tiếp theo: ').strip()}</td>" in written.html


async def test_contract_tells_what_it_gives_and_that_it_is_being_granted() -> None:
    shelf = Shelf()
    document = await shelf.put(b"%PDF", media_type="application/pdf", name="hd", of=Provenance("x", None))
    event = ex.issued().model_copy(
        update={"contract": document, "package": "standard", "users": 15, "storage_gb": None}
    )
    written = await letter(event, known(**ISSUED), shelf=shelf)
    assert "Gói: Gói Tiêu chuẩn\nNgười dùng: tối đa 15 người dùng\nDung lượng: theo gói\n" in written.text
    assert "đang được yêu cầu hệ thống cấp" in written.text
    assert "Storage: as in the package\n" in written.text


async def test_another_package_than_the_ordered_one_goes_by_its_code() -> None:
    event = ex.grant_confirmed().model_copy(update={"package": "pro"})
    assert "Gói: pro\n" in (await letter(event, known(**ISSUED))).text


async def test_a_grant_names_its_contract_and_its_time() -> None:
    written = await letter(ex.grant_confirmed(), known(**ISSUED))
    assert written.subject.startswith("Đã cấp đủ tài nguyên theo hợp đồng – ")
    assert "Số hợp đồng: 12/2026/HĐ-GHS\n" in written.text
    assert "Thời gian sử dụng: từ 01/01/2027 đến hết 31/12/2027\n" in written.text


async def test_letter_to_the_previous_address_tells_nothing_of_the_order() -> None:
    event = ex.registered()
    former = DeclaredContact(office_name="UBND", contact_name="Lan", email="lan@cu.example")
    key = address_change_key(event, former)
    notice = new_notice(event, key, ex.ZONE, ex.DOMAIN, fresh(), ex.NOON, ex.NOON)
    written = await writer().write(notice, contact(), subscription(known()), ex.NOON)
    assert "địa chỉ khác" in written.subject
    for told in ("Gói Tiêu chuẩn", "Bước tiếp theo", "Next step"):
        assert told not in written.text


async def test_each_joined_product_is_told_with_its_resources() -> None:
    joined = JoinedRegistration(
        renewal_id=ex.renewal_id("other"),
        subscription_id=ex.common()["subscription_id"],
        product_code="ktns",
        product_name="KTNS",
        term=ex.NEW_TERM,
        total_vnd=1,
        ordered=ORDERED.model_copy(update={"users": 1}),
    )
    written = await letter(ex.registered().model_copy(update={"joined": (joined,)}), known())
    assert "đến hết 31/12/2027: Gói Tiêu chuẩn, tối đa 1 người dùng, dung lượng 20 GB\n" in written.text
    assert "until 31 December 2027: Gói Tiêu chuẩn, up to 1 user, storage 20 GB\n" in written.text


async def test_a_closed_registration_has_no_next_step() -> None:
    written = await letter(ex.refused(), known(closed=True, closed_as="refused"))
    assert "Bước tiếp theo" not in written.text
    assert "Gói: Gói Tiêu chuẩn\n" in written.text


async def test_a_refused_day_names_the_day_to_pay() -> None:
    refused = pay.day_refused().model_copy(update={"due_on": PAY_BY})
    assert "Hạn thanh toán: 08/12/2026\n" in (await letter(refused, known())).text
