"""Against certomancer-csc-dummy, another project's provider (CSC API 1.0.4), as a process of its own.

It grants everything at once. It is killed, and started again.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deploy.local.host.ports import free_port
from deploy.local.people.pki import Credential, Pki
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.services.signing.service import World, signing_settings, world
from tests.services.signing.signatures.remote.conftest import PhoneSigner
from tests.support.service_process import until

KEY = "office/office"


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory, pki: Pki, office: Credential) -> Path:
    """The dummy's: it has the office's key, and our authority's certificates."""
    folder = tmp_path_factory.mktemp("dummy")
    issuing = pki.issuing.certificate
    public = pki.issuing.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = office.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "issuing-key.pem").write_bytes(public)
    (folder / "office-key.pem").write_bytes(private)
    (folder / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    (folder / "office.pem").write_bytes(office.certificate.public_bytes(Encoding.PEM))
    validity = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2060-01-01T00:00:00+0000"}
    certificates = {
        name: {
            "subject": name,
            "issuer": "issuing",
            "validity": validity,
            "certificate-file": str(folder / f"{name}.pem"),
        }
        for name in ("issuing", "office")
    }
    keys = {"issuing": {"path": "issuing-key.pem", "public-only": True}, "office": {"path": "office-key.pem"}}
    entities = {name: {"common-name": name} for name in certificates}
    file = folder / "certomancer.yml"
    written = {
        "keysets": {"office": {"keys": keys}},
        "pki-architectures": {"office": {"entities": entities, "certs": certificates}},
    }
    file.write_text(yaml.safe_dump(written))
    return file


@asynccontextmanager
async def dummy(configuration: Path, port: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    """It runs once it answers. It is killed at the end, if it still lives."""
    command = [sys.executable, "-m", "csc_dummy", str(configuration), str(port), "2"]
    with (configuration.parent / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: ASYNC220
    try:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def answers() -> bool:
                assert process.poll() is None, "the dummy ended"
                try:
                    return (await client.get(f"http://localhost:{port}/info")).is_success
                except httpx.TransportError:
                    return False

            await until(answers, "the dummy answers")
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


@pytest.fixture
async def port() -> int:
    return free_port()


@pytest.fixture
async def signing(remote_settings: Settings, pki: Pki, port: int) -> AsyncIterator[World]:
    own = remote_settings.model_copy(update={"namespace": f"t{fresh().hex[:12]}"})
    provider = {"name": "dummy", "label": "Dummy", "url": f"http://localhost:{port}/csc/v1"}
    async with world(
        signing_settings(own, pki, remote_providers=[provider], remote_poll_seconds=0.01)
    ) as made:
        yield made


async def test_form_is_signed_also_after_the_provider_died(
    signing: World, configuration: Path, port: int, office: Credential
) -> None:
    signer = PhoneSigner(signing, await signing.form())
    async with dummy(configuration, port) as process:
        unknown = await signer.start("dummy", "office/nobody")
        assert unknown.json()["type"] == "urn:giahan:problem:remote-user-unknown"
        process.kill()
        await asyncio.to_thread(process.wait)
        assert (await signer.start("dummy", KEY)).json()["type"] == "urn:giahan:problem:remote-provider-down"
    async with dummy(configuration, port):
        assert (await signer.start("dummy", KEY)).status_code == 201
        await signer.reaches("completed")
        event = await signing.wait_for(FormSigned, signer.renewal)
        assert event.certificate.fingerprint == office.fingerprint
