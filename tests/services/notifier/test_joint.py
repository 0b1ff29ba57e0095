"""Several products on one form: the office gets one letter, which names all of them."""

from services.notifier.domain.matter import NoticeEvent
from shared.events.renewal import JoinedRegistration
from shared.ids import subscription_id
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.world import World, adopted_office
from tests.support.service_process import until


async def test_one_letter_for_all_products(notifier_world: World, office_ref: str) -> None:
    world = notifier_world
    world.clock.move_to(ex.NOON)
    await adopted_office(world, office_ref)
    to = f"chung-{office_ref.lower()}@giahanso.example"
    lead = ex.registered(name=office_ref, office_ref=office_ref, email=to)
    other = JoinedRegistration(
        renewal_id=ex.renewal_id(f"{office_ref} joined"),
        subscription_id=subscription_id(office_ref, "ktns"),
        product_code="ktns",
        product_name="Phần mềm Kế toán",
        term=ex.NEW_TERM,
        total_vnd=3_000_000,
    )
    about = {
        "subscription_id": other.subscription_id,
        "product_code": "ktns",
        "renewal_id": other.renewal_id,
        "lead_id": lead.renewal_id,
    }
    whole = {"form_paid_vnd": 1_000_000, "form_total_vnd": 5_400_000}
    paid = pay.received(0, 0, 1, name=office_ref, office_ref=office_ref).model_copy(
        update={**whole, "amount_vnd": 1_000_000}
    )
    known = ex.recorded(office_ref=office_ref, email=to).model_copy(
        update={"subscription_id": other.subscription_id, "product_code": "ktns"}
    )
    told: list[NoticeEvent] = [lead.model_copy(update={"joined": (other,)}), paid]
    await world.publish(known, *(each.model_copy(update=about) for each in (lead, paid)))
    await world.publish(*told)
    await world.post.letters(to, 2)

    async def is_copied() -> bool:
        found = await world.service.database["banners"].find_one({"_id": str(other.subscription_id)})
        return bool(found and found.get("renewals", {}).get(str(other.renewal_id), {}).get("payment"))

    await until(is_copied, "the joined product's status")
    letters = world.post.to(to)
    assert len(letters) == 2
    bodies = [letter.message.get_body(("plain",)) for letter in letters]
    texts = " ".join(body.get_content() for body in bodies if body)
    assert "Cùng phiếu đăng ký" in texts
    assert "5.400.000" in texts, "the sums are those of the whole form"
