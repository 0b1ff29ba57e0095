"""The secured stack gives each process the passwords of its own user and no other."""

from pathlib import Path

import pytest

from deploy.local.host.ports import HOST, Ports
from deploy.local.host.problem import StackProblem
from deploy.local.servers.security import Security
from deploy.local.stack.component import ROOT
from deploy.local.stack.environment import Environment
from deploy.local.stack.stack import Stack
from deploy.rights.table import ADMIN, PUBLISHERS, user_of


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    security = Security.ensure(tmp_path / "credentials")
    address = f"mongodb://{HOST}:29017/?replicaSet=giahan"
    return Environment(tmp_path, Ports.from_base(8100), f"{HOST}:29092", address, "", security)


def test_each_process_gets_its_own_passwords_alone(environment: Environment) -> None:
    assert environment.security is not None
    kafka, mongo = environment.security.kafka.passwords(), environment.security.mongo.passwords()
    for service in (*PUBLISHERS, "pages"):
        told = str(environment.of(service))
        for passwords in (kafka, mongo):
            seen = {user for user, password in passwords.items() if password.get_secret_value() in told}
            assert seen == ({user_of(service)} if service in PUBLISHERS else set())


def test_the_stacks_own_tools_are_the_admin(environment: Environment) -> None:
    settings = environment.settings()
    assert settings.connection.user == ADMIN
    assert settings.mongo.get_secret_value().startswith(f"mongodb://{ADMIN}:")
    assert all(password not in repr(settings) for password in _secrets(environment))


def test_passwords_stay_when_the_stack_starts_again(environment: Environment, tmp_path: Path) -> None:
    before = _secrets(environment)
    again = Security.ensure(tmp_path / "credentials")
    assert [p.get_secret_value() for p in again.kafka.passwords().values()] == before


def _secrets(environment: Environment) -> list[str]:
    assert environment.security is not None
    return [password.get_secret_value() for password in environment.security.kafka.passwords().values()]


def test_users_need_servers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_SECURE", "1")
    monkeypatch.setenv("GIAHAN_KAFKA", "kafka:9092")
    with pytest.raises(StackProblem, match="servers of its own"):
        Stack.from_env()


def test_without_users_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIAHAN_SECURE", "GIAHAN_KAFKA", "GIAHAN_MONGO", "GIAHAN_PORT_BASE"):
        monkeypatch.delenv(name, raising=False)
    stack = Stack.from_env()
    assert stack.directory == ROOT / ".run"
    assert not stack.environment.settings().connection.secured
