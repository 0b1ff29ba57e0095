"""Several products on one form, on the pages without scripts."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from services.renewal.domain.joint.members import accept_joined
from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.pages.site import WORDS, Site
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.payment import PaymentRecorded
from shared.events.renewal import RenewalRegistered
from shared.text.amounts import vnd
from shared.web.people import Role
from tests.services.renewal.domain.joint.examples import accepted_lead
from tests.services.renewal.examples import NOW, RENEWAL
from tests.services.renewal.joint.orders import jointly_registered
from tests.services.renewal.offices import licensed, post, request, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import promised
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World
from tests.support.html import Page
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

TWO = ("qlts", "ktns")
CHOOSE_REPLACE = "Vui lòng đánh dấu nếu muốn thay đăng ký cũ, hoặc theo dõi tiếp đăng ký đó"


def home(office_ref: str) -> str:
    return f"/renewal/o/{office_ref}"


def joint(office_ref: str, *codes: str, step: str = "") -> str:
    query = "&".join(f"product={code}" for code in codes or TWO)
    return f"/renewal/joint/{office_ref}{step}?{query}"


async def office(world: World, office_ref: str, *codes: str) -> Reader:
    for code in codes or TWO:
        await licensed(world, office_ref, code)
    return await Reader.signed_in(world, world.people.renewer(office_ref))


async def test_from_the_home_page_to_one_registration(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reader = await office(world, office_ref)
    page = await reader.get(home(office_ref))
    assert "Gia hạn các sản phẩm đã chọn" in page.text
    declare = await reader.get(joint(office_ref))
    typed = promised(world) | {"ktns__order__users": "7", "qlts__order__years": "2"}
    answer = await reader.send(declare.form(joint(office_ref)), **typed, do="review")
    review = await reader.followed(answer)
    assert "Phần mềm Kế toán hành chính sự nghiệp" in review.text
    assert "Tổng cộng của phiếu" in review.text
    form = review.form(joint(office_ref, step="/review"))
    assert "chọn một cách gửi" in (await reader.send(form, 422)).text
    done = await reader.followed(await reader.send(form, send_by="paper"))
    again = await reader.followed(await reader.send(form, send_by="paper"))
    assert "Các sản phẩm trên phiếu" in done.text
    assert "Các sản phẩm trên phiếu" in again.text
    (made,) = await of_office(world.renewals, office_ref)
    lead = made.registration
    assert [(each.product_code, each.order.users, each.order.years) for each in lead.on_form] == [
        ("qlts", 10, 2),
        ("ktns", 7, 1),
    ]
    told = await world.hears(RenewalRegistered, lead.joined[0].renewal_id)
    assert told.users == 7
    of_joined = await reader.client.get(f"/renewal/registrations/{lead.joined[0].renewal_id}")
    assert of_joined.headers["location"] == f"/renewal/registrations/{lead.renewal_id}"
    open_now = await reader.get(home(office_ref))
    assert "Gia hạn các sản phẩm đã chọn" not in open_now.text
    assert open_now.text.count(lead.number) == 2


async def test_mistakes_are_named_by_their_product_and_nothing_typed_is_lost(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    reader = await office(world, office_ref)
    declare = (await reader.get(joint(office_ref))).form(joint(office_ref))
    typed = promised(world) | {"ktns__order__users": "bảy", "office__contact_name": "Lê Thị Mới"}
    wrong = await reader.send(declare, 422, **typed, do="review")
    assert "Phần mềm Kế toán hành chính sự nghiệp:" in wrong.text
    alone = (await reader.get(f"{home(office_ref)}/ktns/declare")).form("/declare")
    assert (alone.fields["office.contact_name"], alone.fields["order.users"]) == ("Lê Thị Mới", "bảy")
    back = await reader.client.get(joint(office_ref, step="/review"))
    assert back.headers["location"] == f"{joint(office_ref)}&check=yes"
    stale = await reader.send(declare, 409, **typed | {"office__contact_name": "Người khác"}, do="save")
    assert "Người kia đã lưu: Lê Thị Mới" in stale.text


async def test_one_product_is_registered_as_ever(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reader = await office(world, office_ref, "qlts")
    assert "đã chọn" not in (await reader.get(home(office_ref))).text
    alone = await reader.client.get(joint(office_ref, "qlts"))
    assert alone.headers["location"] == f"{home(office_ref)}/qlts/declare"
    nothing = await reader.client.get(f"/renewal/joint/{office_ref}")
    assert nothing.headers["location"] == home(office_ref)


async def test_product_that_was_registered_meanwhile_is_shown(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reader = await office(world, office_ref)
    declare = (await reader.get(joint(office_ref))).form(joint(office_ref))
    review = await reader.followed(await reader.send(declare, **promised(world), do="review"))
    form = review.form(joint(office_ref, step="/review"))
    single = await post(world, office_ref, request(world, office_ref, "ktns"))
    refused = await reader.send(form, 422, send_by="paper")
    assert single.json()["number"] in refused.text
    assert [each.registration.product_code for each in await of_office(world.renewals, office_ref)] == [
        "ktns"
    ]


async def test_term_that_moved_is_seen_before_it_is_registered(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reader = await office(world, office_ref)
    declare = (await reader.get(joint(office_ref))).form(joint(office_ref))
    review = await reader.followed(await reader.send(declare, **promised(world), do="review"))
    form = review.form(joint(office_ref, step="/review"))
    form.fields["seen"] = "0" * 64
    assert "vừa thay đổi, nên chưa đăng ký" in (await reader.send(form, 422, send_by="paper")).text


async def test_warning_is_shown_once_for_all_products(renewal_world: World, office_ref: str) -> None:
    """Guards against: an office whose name differs from its licences can't open the review."""
    world = renewal_world
    reader = await office(world, office_ref)
    declare = (await reader.get(joint(office_ref))).form(joint(office_ref))
    typed = promised(world) | {"office__name": "Ủy ban nhân dân xã Khác"}
    review = await reader.followed(await reader.send(declare, **typed, do="review"))
    assert review.text.count("Tên đơn vị khác với") == 1


async def test_refusal_leads_to_the_input_that_answers_it(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, "ktns")
    await licensed(world, office_ref, "qlts", expires_on=today(world) + timedelta(days=300))
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    declare = (await reader.get(joint(office_ref))).form(joint(office_ref))
    review = await reader.followed(await reader.send(declare, **promised(world), do="review"))
    form = review.form(joint(office_ref, step="/review"))
    unsent = await reader.send(form, 422)
    assert Page(unsent.text).links["Vui lòng chọn một cách gửi"] == "#electronic"
    asked = await reader.send(form, 422, send_by="paper")
    (at,) = [href for href in Page(asked.text).links.values() if href.startswith("#confirmed_until")]
    assert at == "#confirmed_until.qlts"
    assert 'aria-describedby="confirmed_until.qlts.more confirmed_until.qlts.wrong"' in asked.text
    form.fields["conditions"] = "0" * 64
    other = await reader.send(form, 422, send_by="paper")
    assert "#conditions" in Page(other.text).links.values()


async def test_newest_typed_declaration_is_the_one_of_all(renewal_world: World, office_ref: str) -> None:
    """Guards against: what somebody declared for the second product is hidden behind the first one's empty
    draft, or the review finds errors in a draft that nobody sees."""
    world = renewal_world
    reader = await office(world, office_ref)
    alone = (await reader.get(f"{home(office_ref)}/ktns/declare")).form("/declare")
    await reader.send(alone, **promised(world), office__contact_name="Lê Thị Mới", do="save")
    checked = await reader.get(f"{joint(office_ref)}&check=yes")
    form = checked.form(joint(office_ref))
    assert form.fields["office.contact_name"] == "Lê Thị Mới"
    assert "chỗ cần sửa" not in checked.text
    review = await reader.get(joint(office_ref, step="/review"))
    assert "Lê Thị Mới" in review.text


async def test_only_what_can_stand_on_one_form_is_offered(renewal_world: World, office_ref: str) -> None:
    """Guards against: an office declares all, and only the last click says that it can't be."""
    world = renewal_world
    await licensed(world, office_ref, "ktns", tax_code="0100109106")
    reader = await office(world, office_ref, "qlcb", "qlts")
    offered = (await reader.get(home(office_ref))).text
    for name, is_offered in (("Quản lý tài sản", True), ("Quản lý cán bộ", True), ("Kế toán", False)):
        assert bool(re.search(f"{name}[^·]* · dùng đến", offered)) is is_offered, name
    for step in ("", "/review"):
        refused = await reader.get(joint(office_ref, "ktns", "qlts", step=step), 422)
        assert "không cùng mã số thuế" in refused.text


async def test_desk_sees_all_products_and_allocates(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = made["products"]
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    case = await clerk.get(f"/renewal/desk/registrations/{lead['id']}")
    (kept,) = await of_office(world.renewals, office_ref)
    lines = [line for each in kept.registration.on_form for line in each.order.lines]
    for line in lines:
        assert " ".join(f"{line.item}: {vnd(line.total)}".split()) in case.text, "as on the stamped form"
    payment = f"/renewal/desk/registrations/{lead['id']}/payment"
    page = await clerk.get(payment)
    assert "Phân bổ" not in page.text
    record = page.form("/payment")
    day = today(world) - timedelta(days=1)
    paid = await clerk.followed(
        await clerk.send(record, amount="1.000.000", received_on=f"{day:%d/%m/%Y}", reference="FT9")
    )
    waiting = await clerk.get("/renewal/desk/payments")
    assert waiting.links[lead["number"]] == payment
    form = paid.form("/allocation")
    own, share = f"share.{lead['id']}", f"share.{other['id']}"
    assert "nên chưa tính cho sản phẩm nào" in paid.text
    form.fields |= {own: "0", share: "nhiều", "share.none": "1"}
    wrong = Page((await clerk.send(form, 422)).text)
    (message,) = [text for text, href in wrong.links.items() if href == f"#{share}"]
    assert message.startswith("Phần mềm Kế toán hành chính sự nghiệp: Số tiền chưa đúng")
    typed = wrong.form("/allocation").fields
    assert (typed[own], typed[share]) == ("0", "nhiều")
    form.fields[share] = "900.000.000"
    assert "số tiền nhiều hơn giá" in (await clerk.send(form, 422)).text
    form.fields[share] = "400.000"
    part = await clerk.followed(await clerk.send(form))
    assert "đã phân bổ 400.000" in part.text
    assert "nên chưa tính cho sản phẩm nào" not in part.text
    form = part.form("/allocation")
    form.fields[share] = "1.000.000"
    done = await clerk.followed(await clerk.send(form))
    assert "Đã ghi phân bổ" in done.text
    assert lead["number"] not in (await clerk.get("/renewal/desk/payments")).links

    async def counted() -> bool:
        return any(
            isinstance(each, PaymentRecorded) and each.renewal_id == UUID(other["id"]) and each.paid_vnd > 0
            for each in world.heard
        )

    await until(counted, "the allocated share")


def test_joined_product_names_its_lead_once() -> None:
    renewal = accept_joined(accepted_lead(), 0, NOW, moved=False).state
    shared = renewal.with_changes(contract_of=RENEWAL)
    made = renewal.registration
    assert made.lead
    template = Site.of(EXAMPLE_VENDOR, secure=False).templates.get_template("joint/products.html")
    own, note = [template.render(made=made, renewal=each, t=WORDS["vi"]) for each in (renewal, shared)]
    assert own.count(made.lead.number) == note.count(made.lead.number) == 1
    assert ("chung một hợp đồng" in own, "chung một hợp đồng" in note) == (False, True)


@pytest.mark.parametrize(
    ("numbering", "says"), [(ContractNumbering.EACH, False), (ContractNumbering.ORDER, True)]
)
def test_lead_says_that_the_products_have_one_contract(numbering: ContractNumbering, says: bool) -> None:
    renewal = accepted_lead(numbering)
    template = Site.of(EXAMPLE_VENDOR, secure=False).templates.get_template("joint/products.html")
    page = template.render(made=renewal.registration, renewal=renewal, t=WORDS["vi"])
    assert ("chung một hợp đồng" in page) is says


async def test_product_is_taken_out_on_the_pages(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    three = ("qlts", "ktns", "qlcb")
    made = await jointly_registered(world, office_ref, *three)
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    own = await reader.get(f"/renewal/registrations/{made['registration']['id']}")
    assert "Bỏ bớt sản phẩm" in own.text
    declare = (await reader.get(joint(office_ref, "ktns", "qlcb"))).form(joint(office_ref, "ktns", "qlcb"))
    review = await reader.followed(await reader.send(declare, **promised(world), do="review"))
    assert "Không còn trên phiếu: Phần mềm Quản lý tài sản" in review.text
    form = review.form(joint(office_ref, "ktns", "qlcb", step="/review"))
    refused = await reader.send(form, 422, send_by="paper")
    assert Page(refused.text).links[CHOOSE_REPLACE] == "#replacing"
    done = await reader.followed(
        await reader.send(form, send_by="paper", replacing=made["registration"]["id"])
    )
    assert "Các sản phẩm trên phiếu" in done.text
    new, old = await of_office(world.renewals, office_ref)
    assert [each.product_code for each in new.registration.on_form] == ["ktns", "qlcb"]
    assert (old.replaced_by, old.replacement) == (new.registration.renewal_id, None)
