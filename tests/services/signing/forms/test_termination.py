"""A form made while the office is locked becomes untrue by the termination, whichever event arrives first."""

from uuid import UUID

from services.signing.domain.form import FormStatus
from shared.events.base import Stage
from shared.events.signing import SigningSuperseded
from shared.ids import fresh, subscription_id
from tests.services.signing.factory import OFFICE, registered, reissue, term, terminated
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.support.service_process import until


async def in_status(signing: World, renewal: UUID, status: FormStatus) -> None:
    async def reached() -> bool:
        form = await signing.forms.get(renewal)
        return form is not None and form.status is status

    await until(reached, f"form {status}")


async def test_termination_closes_the_form_and_a_new_one_opens_it(signing: World) -> None:
    product = f"p-{fresh().hex[:8]}"
    renewal = await signing.form(product_code=product)
    await signing.publish(terminated(product_code=product))
    event = await signing.wait_for(SigningSuperseded, renewal)
    assert (event.form_revision, event.reason) == (1, "terminated")
    await signing.publish(
        reissue(renewal_id=renewal, product_code=product, form=await signing.put(issued("office", "more")))
    )
    await in_status(signing, renewal, FormStatus.AWAITING)
    form = await signing.forms.get(renewal)
    assert form is not None
    assert (form.revision, form.term.basis_stage) == (2, Stage.TERMINATED)


async def test_termination_that_comes_before_the_form(signing: World) -> None:
    """The termination's topic is read before the form's."""
    product = f"p-{fresh().hex[:8]}"
    await signing.publish(terminated(product_code=product))

    async def noted() -> object:
        return await signing.signing.database["terminations"].find_one(
            {"_id": str(subscription_id(OFFICE, product))}
        )

    await until(noted, "the termination")
    renewal = await signing.form(product_code=product)
    await signing.wait_for(SigningSuperseded, renewal)


async def test_forms_that_stay_true(signing: World) -> None:
    """A form of another term, and one registered after the termination."""
    product = f"p-{fresh().hex[:8]}"
    later = await signing.form(product_code=product, term=term(basis_stage=Stage.TERMINATED))
    untrue = await signing.form(product_code=product)
    other = await signing.form()
    await signing.publish(terminated(product_code=product))
    await signing.wait_for(SigningSuperseded, untrue)
    for renewal in (later, other):
        form = await signing.forms.get(renewal)
        assert form is not None
        assert form.status is FormStatus.AWAITING


async def test_reissue_that_comes_before_its_form(signing: World) -> None:
    """The event waits for the form that it replaces."""
    renewal = fresh()
    await signing.publish(reissue(renewal_id=renewal))

    async def parked() -> object:
        return await signing.signing.database["parked"].find_one({"waits_for": f"form {renewal}"})

    await until(parked, "the parked message")
    await signing.publish(registered(renewal_id=renewal))

    async def revised() -> bool:
        form = await signing.forms.get(renewal)
        return form is not None and form.revision == 2

    await until(revised, "the second revision")
