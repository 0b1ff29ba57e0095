"""The person has confirmed, and the signature is stored: what passes does not throw it away."""

from typing import Any

import pytest

from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.signatures.service import SigningService
from services.signing.texts import REASONS
from shared.background.workers import WorkEnded
from tests.services.signing.signatures.remote.conftest import MakeSigner
from tests.services.signing.signatures.remote.provider import PhoneProvider

Providers = dict[str, PhoneProvider]
UNPROVEN = (InvalidityReason.EVIDENCE_UNAVAILABLE, InvalidityReason.CERTIFICATE_UNCHECKED)


@pytest.mark.parametrize("passing", [WorkEnded("killed"), *map(Rejected, UNPROVEN)], ids=str)
async def test_confirmed_signature_waits_for_what_passes(
    make_signer: MakeSigner, providers: Providers, monkeypatch: pytest.MonkeyPatch, passing: Exception
) -> None:
    """More often than a provider may be silent."""
    signer, failures, complete = await make_signer(), [passing] * 6, SigningService.complete

    async def late(self: SigningService[Any], *args: Any) -> Any:
        if failures:
            raise failures.pop()
        return await complete(self, *args)

    monkeypatch.setattr(SigningService, "complete", late)
    await signer.start("two")
    await signer.reaches("completed")
    assert not failures
    assert providers["two"].done["signatures/signHash"] == 1


@pytest.mark.parametrize("reason", UNPROVEN)
async def test_proof_that_does_not_come_before_the_attempt_expires(
    make_signer: MakeSigner,
    providers: Providers,
    monkeypatch: pytest.MonkeyPatch,
    reason: InvalidityReason,
) -> None:
    signer, failures = await make_signer(), [Rejected(reason)] * 6

    async def never(self: SigningService[Any], *args: Any) -> None:
        raise failures.pop() if failures else SigningError(RefusalReason.ATTEMPT_EXPIRED)

    monkeypatch.setattr(SigningService, "complete", never)
    await signer.start("two")
    failure = (await signer.reaches("failed"))["failure"]
    assert (failure["code"], failure["reason"]) == ("signature_rejected", reason)
    assert failure["message"] == list(REASONS[reason])
