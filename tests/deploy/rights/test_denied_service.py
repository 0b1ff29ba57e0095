"""If Kafka denies a service something, it waits, is not ready, names user and resource, and continues once it
has the right."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from confluent_kafka.admin import ResourceType
from pydantic import SecretStr

from deploy.rights.table import user_of
from shared.events.subscription import SubscriptionExpiring
from shared.messaging.routes import Routes
from shared.resilience import denials
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from tests.deploy.rights.secured import Secured
from tests.support.service_process import run_service, until

NAME = "renewal"


@pytest.fixture(autouse=True)
def soon_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right counts as granted after fewer seconds without a denial; ready is then whoever also works."""
    monkeypatch.setattr(denials, "_FRESH_SECONDS", 5.0)


def _settings(secured: Secured, mongo_uri: str, user: str, password: SecretStr | None = None) -> Settings:
    connection = secured.as_user(user)
    return Settings(
        environment="production",
        kafka=connection.servers,
        kafka_user=user,
        kafka_password=password or connection.password,
        kafka_ca=connection.ca,
        mongo=mongo_uri,
        session_seconds=6,
        log_level="error",
    )


async def _ignored(event: SubscriptionExpiring, cause: Cause) -> None:
    """Do nothing: the test is about rights only."""


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    service, routes = Service(NAME, settings), Routes()
    routes.once(SubscriptionExpiring, _ignored)
    async with run_service(service, Plan(routes, [])) as client:
        yield client


async def _denied(client: httpx.AsyncClient) -> str:
    """What readiness reports about rights; empty while nothing is denied."""
    answer = await client.get("/health/ready")
    (rights,) = (check for check in answer.json() if check["name"] == "rights")
    assert rights["ok"] or answer.status_code == 503
    return "" if rights["ok"] else str(rights["detail"])


async def _told(client: httpx.AsyncClient, *resources: str) -> str:
    async def all_named() -> str | None:
        said = await _denied(client)
        return said if all(resource in said for resource in resources) else None

    return await until(all_named, f"denied {resources}")


async def test_another_services_user_is_denied_group_and_relay(secured: Secured, mongo_uri: str) -> None:
    settings = _settings(secured, mongo_uri, user_of("notifier"))
    async with _serving(settings) as client:
        said = await _told(client, f"group {NAME}", f"transactional id {NAME}.relay")
        assert "giahan-notifier is denied" in said
        measured = (await client.get("/metrics")).text
        assert f'giahan_denied{{resource="group {NAME}",user="giahan-notifier"}} 1.0' in measured


async def test_a_wrong_password_is_told_and_never_shown(
    secured: Secured, mongo_uri: str, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = SecretStr("not-the-password")
    async with _serving(_settings(secured, mongo_uri, user_of(NAME), wrong)) as client:
        said = await _told(client, "sign-in to Kafka")
        assert "giahan-renewal" in said
    assert "not-the-password" not in "".join(capfd.readouterr())


async def test_who_is_let_in_later_goes_on_without_a_restart(secured: Secured, mongo_uri: str) -> None:
    settings = _settings(secured, mongo_uri, user_of(NAME))
    await secured.revoke_all(settings.kafka_user)
    async with _serving(settings) as client:
        await _told(client, f"transactional id {NAME}.relay")
        await secured.rights.apply(replication=1)

        async def ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await until(ready, "ready once it is let")


@pytest.mark.parametrize(
    ("kind", "name"), [(ResourceType.ANY, "topic"), (ResourceType.GROUP, f"group {NAME}")]
)
async def test_rights_that_are_taken_while_it_runs_are_missed(
    secured: Secured, mongo_uri: str, kind: ResourceType, name: str
) -> None:
    """Guards against: the heartbeat was denied the group and reported that for ever, even after the right was
    granted again."""
    settings = _settings(secured, mongo_uri, user_of(NAME))
    async with _serving(settings) as client:

        async def ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await until(ready, "ready")
        await secured.revoke_all(settings.kafka_user, kind)
        await _told(client, name)
        await secured.rights.apply(replication=1)
        await until(ready, "ready again")
