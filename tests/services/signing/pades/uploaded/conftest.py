"""An upload is verified as the service verifies it."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.uploaded.verdict import UploadVerdict
from services.signing.pades.uploaded.verification import verify_upload
from tests.services.signing.paper import issued

Verify = Callable[..., Awaitable[UploadVerdict]]
Reason = Callable[..., Awaitable[InvalidityReason]]


@pytest.fixture
def verified(trust: TrustSettings, moment: datetime) -> Verify:
    async def run(
        uploaded: bytes, form: bytes | None = None, *, old_padding: bool = False, at: datetime = moment
    ) -> UploadVerdict:
        return await verify_upload(uploaded, form or issued(), "office", trust, at, old_padding=old_padding)

    return run


@pytest.fixture
def reason(verified: Verify) -> Reason:
    """Why an upload is rejected."""

    async def run(uploaded: bytes, form: bytes | None = None) -> InvalidityReason:
        with pytest.raises(Rejected) as refused:
            await verified(uploaded, form)
        return refused.value.reason

    return run


@pytest.fixture(scope="session")
def director(pki: Pki) -> Credential:
    """A person's certificate: it has no code of an office."""
    return pki.credential("director", Holder("NGUYEN VAN A", ("CCCD:001082000001",)), kind="p256")


@pytest.fixture(scope="session")
def school(pki: Pki) -> Credential:
    """An office whose name the stamps of common tools can write."""
    return pki.credential("school", Holder("TRUONG THPT DONG VAN", ("MST:0101243150-001",)))
