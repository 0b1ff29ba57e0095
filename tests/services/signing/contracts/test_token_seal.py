"""The vendor's key on a token: SoftHSM, through PKCS#11."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.local.people.pki import Holder, Kind, Pki
from deploy.local.people.soft_token import SoftToken, library_path, make_store, make_token, reload
from services.signing.contracts.seal import BadSeal, SealUnusable, seal_contract
from services.signing.contracts.token_seal import SealToken, TokenSeal
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing.paper import issued
from tests.tools.sign.softhsm import PIN

_KEY, _OTHER = b"\x01\x02", b"\x03"

MakeSeal = Callable[[str, Kind], SealToken]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder of tokens, for this process and its library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(make_store(tmp_path_factory.mktemp("tokens"))))
        yield


@pytest.fixture
def make_seal_token(store: None, pki: Pki) -> MakeSeal:
    """A token with a key of that kind, its certificate and its authority's, and somebody else's key."""

    def make(label: str, kind: Kind) -> SealToken:
        token = make_token(label, PIN)
        vendor = pki.credential(label, Holder("Công ty Cổ phần Gia Hạn Số", ("MST:0199900018",)), kind=kind)
        token.add(vendor.certificate, vendor.key, _KEY)
        token.add_certificate(pki.issuing.certificate, b"\x09")
        _add_stranger(token, pki)
        return SealToken(Path(library_path()), label, _KEY, SecretStr(PIN))

    return make


def _add_stranger(token: SoftToken, pki: Pki) -> None:
    other = pki.credential("on-the-token-too", Holder("Người khác"), kind="p256")
    token.add(other.certificate, other.key, _OTHER)


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384"])
async def test_contract_is_sealed_by_a_token(
    make_seal_token: MakeSeal,
    trust: TrustSettings,
    moment: datetime,
    deferred_signer: DeferredSigner,
    kind: Kind,
) -> None:
    contract, seal = issued("vendor"), TokenSeal.load(make_seal_token(f"seal-{kind}", kind))
    await seal.check()
    made = [await seal_contract(seal, deferred_signer, contract, moment) for _ in range(2)][-1]
    found = await verify(made.pdf, contract, "vendor", trust, moment, old_padding=False)
    assert found.certificate.tax_codes == ("0199900018",)
    assert len(seal.certificates) == 2


async def test_wrong_pin_is_tried_once(make_seal_token: MakeSeal) -> None:
    """Guards against: checks every minute with a wrong PIN lock the token within minutes."""
    token = make_seal_token("wrong-pin", "p256")
    seal = TokenSeal.load(token)
    mistyped = TokenSeal(replace(token, pin=SecretStr("s3cret-typo")), seal.certificates)
    with pytest.raises(SealUnusable, match="the PIN is wrong") as wrong:
        await mistyped.check()
    assert "s3cret-typo" not in f"{wrong.value!r} {mistyped!r}"
    for _ in range(12):
        with pytest.raises(SealUnusable, match="it is not tried again"):
            await mistyped.check()
    with pytest.raises(SealUnusable, match="a wrong PIN was tried"):
        await seal.check()
    (found,) = (each for each in reload().get_tokens() if each.label == token.label)
    found.open(user_pin=PIN).close()
    await seal.check()
    with pytest.raises(SealUnusable, match="it is not tried again"):  # also where the flags don't tell
        await mistyped.check()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"label": "gone"}, "no such token"),
        ({"key_id": b"\x77"}, "holds 0 certificates"),
        ({"library": Path("/absent.so")}, "token"),
        ({"pin": SecretStr("s3cret-typo")}, "the PIN is wrong"),
    ],
    ids=["no token", "no key", "no library", "wrong PIN"],
)
def test_settings_that_lead_to_no_key(make_seal_token: MakeSeal, changed: dict[str, Any], why: str) -> None:
    label = f"start-{len(why)}"
    token = replace(make_seal_token(label, "p256"), **changed)
    with pytest.raises(BadSeal, match=why) as bad:
        TokenSeal.load(token)
    assert "s3cret-typo" not in repr(bad.value)


def test_weak_key_is_refused_at_the_start(make_seal_token: MakeSeal) -> None:
    with pytest.raises(BadSeal, match="certificate_weak"):
        TokenSeal.load(make_seal_token("weak-seal", "rsa1024"))


async def test_token_that_is_gone(make_seal_token: MakeSeal, pki: Pki) -> None:
    seal = TokenSeal.load(make_seal_token("pulled", "p256"))
    pulled = TokenSeal(replace(seal.token, label="pulled-out"), seal.certificates)
    with pytest.raises(SealUnusable, match="no such token"):
        await pulled.check()
