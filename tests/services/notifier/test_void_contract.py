"""Banners and mails about a contract in force that the vendor voids."""

from services.notifier.domain.matter import matter_of
from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import RegistrationClosed, is_news
from services.notifier.domain.subscription_status import SubscriptionStatus
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import letter
from tests.services.notifier.handled import REGISTERED, handle_all


async def test_its_registration_is_closed_and_nothing_is_pending() -> None:
    """Guards against: the banner says for ever that a term is being recorded."""
    known = await handle_all([*REGISTERED, ex.contract_in_force_voided()])
    assert (known.closed, known.accepted) == (True, False)
    status = SubscriptionStatus(
        office_ref="office-1",
        product_code="qlts",
        contracts=(),
        renewals={ex.renewal_id(): known.model_copy(update={"issued": True})},
    )
    assert status.contract is None


async def test_the_mail_names_the_contract_and_the_reason() -> None:
    event = ex.contract_in_force_voided()
    assert is_news(event)
    assert not is_news(ex.contract_voided()), "ContractLapsed tells of that"
    matter = matter_of(event)
    assert isinstance(matter, RegistrationClosed)
    assert (matter.reason, matter.contract_number) == (NoticeReason.CANCELLED, event.contract_number)
    written = await letter(event)
    assert "Hợp đồng gia hạn đã bị hủy" in written.subject
    assert event.contract_number in written.text
    assert event.reason in written.text
