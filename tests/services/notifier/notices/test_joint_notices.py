"""Which notices the products on one form cause."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifier.domain.notice import NoticeStatus
from shared.events.renewal import JoinedRegistration, RenewalRegistered
from shared.ids import subscription_id
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import PostOffice
from tests.services.notifier.rig import Rig, sending

OFFICE, DECLARED = "office-1", "moi@giahanso.example"
CODES = ("ktns", "qlcb")
LEAD = ex.registered(email=DECLARED)


def about(code: str) -> dict[str, Any]:
    known = {"subscription_id": subscription_id(OFFICE, code), "product_code": code}
    return {**known, "renewal_id": ex.renewal_id(code), "registration_no": f"GH-{code}"}


def joined(code: str) -> RenewalRegistered:
    return LEAD.model_copy(update={**about(code), "lead_id": LEAD.renewal_id})


def lead() -> RenewalRegistered:
    others = [
        JoinedRegistration(
            renewal_id=ex.renewal_id(code),
            subscription_id=subscription_id(OFFICE, code),
            product_code=code,
            product_name=code,
            term=ex.NEW_TERM,
            total_vnd=1,
        )
        for code in CODES
    ]
    return LEAD.model_copy(update={"joined": tuple(others)})


async def known_by(rig: Rig, code: str, email: str) -> None:
    """The product's licence, with the address of its contact."""
    licence = ex.recorded(office_ref=OFFICE, email=email)
    change = {"subscription_id": subscription_id(OFFICE, code), "product_code": code}
    await rig.record(licence.model_copy(update=change))


async def reasons(rig: Rig) -> list[tuple[str, str]]:
    found = await rig.service.database["notices"].find({}).to_list(None)
    return sorted((each["matter"]["reason"], each["product_code"]) for each in found)


@pytest.mark.parametrize("lead_first", [True, False])
async def test_each_former_address_is_told_once_of_the_change(rig: Rig, *, lead_first: bool) -> None:
    """Two products have one contact, the third another. The events of one form come in any order."""
    for code, email in (("qlts", "cu@a.example"), ("ktns", "Cu@a.example"), ("qlcb", "khac@a.example")):
        await known_by(rig, code, email)
    events = [lead(), *(joined(code) for code in CODES)]
    for event in events if lead_first else reversed(events):
        await rig.record(event, event)
    told = "qlts" if lead_first else "ktns"
    assert await reasons(rig) == sorted(
        [("address_changed", told), ("address_changed", "qlcb"), ("registered", "qlts")]
    )


@pytest.mark.parametrize("together", [True, False])
async def test_one_contract_causes_one_notice_and_a_contract_each_one_each(
    rig: Rig, *, together: bool
) -> None:
    for code in ("qlts", "ktns"):
        await known_by(rig, code, DECLARED)
    of_lead = ex.issued(covers=(ex.covered(),) if together else ())
    alone = of_lead.model_copy(update={**about("ktns"), "covers": ()})
    of_other = alone.model_copy(update={"lead_id": LEAD.renewal_id}) if together else alone
    for event in (of_other, of_lead):
        await rig.record(event, event)
    codes = ["qlts"] if together else ["ktns", "qlts"]
    assert await reasons(rig) == [("contract", code) for code in codes]


async def test_a_joined_product_whose_address_is_the_declared_one_causes_no_notice(rig: Rig) -> None:
    await known_by(rig, "ktns", DECLARED)
    await rig.record(joined("ktns"))
    assert await reasons(rig) == []


async def test_a_joined_product_is_told_of_only_where_it_is_left_out(rig: Rig) -> None:
    await known_by(rig, "ktns", DECLARED)
    await known_by(rig, "qlcb", DECLARED)
    cancelled = ex.cancelled(cancelled_by="desk").model_copy(update={"lead_id": LEAD.renewal_id})
    await rig.record(
        cancelled.model_copy(update=about("ktns")),
        cancelled.model_copy(update={**about("qlcb"), "others_no": "GH-NEW"}),
    )
    assert await reasons(rig) == [("cancelled", "qlcb")]


async def test_a_revision_for_another_product_does_not_overtake_the_notice(
    rig: Rig, post: PostOffice
) -> None:
    """Guards against: the term of one product is corrected, a second later that of another one on the form,
    and the office never hears of the first."""
    address = await rig.office(1)
    other = ex.LAST_DAY + timedelta(days=21)
    first = ex.restated(2, ex.LAST_DAY, other)
    async with sending(rig.sender()):
        await rig.record(first, ex.restated(3, other, other))
        rig.clock.move_to(ex.NOON + timedelta(days=1))
        await rig.becomes(first, NoticeStatus.DELIVERED)
    (letter,) = post.to(address)
    assert letter.subject.startswith("Thời hạn trên phiếu đăng ký được điều chỉnh")
