"""Inspection in worker processes, within a time limit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import TextStampStyle

from deploy.local.people.pki import Credential
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.comparison import find_change
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.worker_tasks import SigningPolicy
from shared.background.workers import Workers, WorkTimedOut
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere


class LateWorkers(Workers):
    """Each call takes too long."""

    async def run(self, function: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        raise WorkTimedOut(function.__name__)


async def test_file_that_takes_too_long_is_refused(deferred_signer: DeferredSigner, moment: datetime) -> None:
    late = LateWorkers(0, limit=1)
    inspector = Inspector(late, deferred_signer.current_policy, deferred_signer.evidence)
    with pytest.raises(Rejected) as refused:
        await inspector.inspect(issued(), moment)
    assert refused.value.reason is InvalidityReason.FILE_TOO_COMPLEX
    assert await inspector.find_change(issued(), issued()) is InvalidityReason.FILE_TOO_COMPLEX
    assert await inspector.read_numbers(issued()) == ()


@pytest.mark.parametrize(("accepted", "strength"), [(True, "good"), (False, "refused")])
async def test_old_padding_is_refused_where_the_settings_say_so(
    deferred_signer: DeferredSigner,
    trust: TrustSettings,
    office: Credential,
    moment: datetime,
    accepted: bool,
    strength: str,
) -> None:
    policy = SigningPolicy(trust, "Asia/Ho_Chi_Minh", old_padding=accepted)
    inspector = Inspector(deferred_signer.workers, lambda: policy, deferred_signer.evidence)
    (facts,) = (await inspector.inspect(await signed(issued(), office, algorithm="RS256"), moment)).signatures
    assert (facts.old_padding, facts.strength) == (True, strength)


async def test_what_was_changed_is_found(
    deferred_signer: DeferredSigner, office: Credential, moment: datetime
) -> None:
    inspector = Inspector(deferred_signer.workers, deferred_signer.current_policy, deferred_signer.evidence)
    form = await signed(issued(), office)
    assert await inspector.find_change(form, issued()) is None
    assert await inspector.find_change(form + b"\n%\n", issued()) is InvalidityReason.FILE_CHANGED
    assert await inspector.find_change(form, issued("office", "vendor")) is InvalidityReason.FILE_RESAVED


@pytest.mark.parametrize(
    ("box", "expected"),
    [((0, 0, 595, 842), InvalidityReason.STAMP_COVERS), ((300, 300, 500, 380), None), ((0, 0, 0, 0), None)],
    ids=["page", "clear", "invisible"],
)
async def test_stamp_on_the_content_is_a_change(
    office: Credential, box: tuple[int, int, int, int], expected: InvalidityReason | None
) -> None:
    """Guards against: a report says that nothing changed on a page that a stamp hides."""
    place = SigFieldSpec("Signature2", on_page=0, box=box)
    style = TextStampStyle(stamp_text="Tong so tien: 1 dong", background_opacity=1)
    form = await signed_elsewhere(
        await signed(issued("office", "vendor"), office), office, "Signature2", place=place, stamp=style
    )
    assert find_change(form, issued("office", "vendor")) is expected
