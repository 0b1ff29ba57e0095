"""Denials are told from servers that are away: with user and resource, never with the server's own words."""

import ssl

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from pymongo.errors import AutoReconnect, OperationFailure
from structlog.testing import CapturingLogger

from shared.resilience import denials
from shared.resilience.denials import Denials, Users
from shared.resilience.retry import suppress_transient
from shared.web import health
from shared.web.health import Unready

USERS = Users("giahan-renewal", "giahan-renewal-db")
_UNAUTHORIZED = (
    'not authorized on giahan_signing to execute command { find: "forms", filter: { n: "Tân An" } }'
)


def _caused(error: Exception) -> Exception:
    outer: Exception = KafkaError("Unexpected error during batch delivery")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "resource"),
    [
        (TopicAuthorizationFailedError("renewal.events"), "topic renewal.events"),
        (TopicAuthorizationFailedError({"b.events", "a.events"}), "topic a.events, b.events"),
        (GroupAuthorizationFailedError("renewal"), "group renewal"),
        (TransactionalIdAuthorizationFailed("renewal.relay"), "transactional id renewal.relay"),
        (SaslAuthenticationFailed("Authentication failed"), "sign-in to Kafka"),
        (ssl.SSLCertVerificationError("unable to get local issuer"), "a certificate that it trusts"),
        (ExceptionGroup("tasks", [_caused(TopicAuthorizationFailedError("a"))]), "topic a"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_kafka_denies(error: Exception, resource: str) -> None:
    told = Denials(USERS)
    assert told.note(error)
    assert told.present() == [("giahan-renewal", resource)]


@pytest.mark.parametrize(
    ("error", "resource"),
    [
        (OperationFailure("…", 13, {"errmsg": _UNAUTHORIZED}), "database giahan_signing: find forms"),
        (OperationFailure("…", 13, {"errmsg": "not authorized on x; y"}), "a database"),
        (OperationFailure("Authentication failed.", 18), "sign-in to MongoDB"),
    ],
    ids=repr,
)
async def test_mongodb_denies_and_nothing_of_its_words_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, resource: str
) -> None:
    told, logs = Denials(USERS), CapturingLogger()
    monkeypatch.setattr(denials, "log", logs)
    assert told.note(error)
    assert told.present() == [("giahan-renewal-db", resource)]
    with pytest.raises(Unready, match=f"giahan-renewal-db is denied {resource}"):
        await told.probe()
    assert "Tân An" not in str(logs.calls)


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), AutoReconnect("away"), TimeoutError()], ids=repr
)
async def test_who_is_away_denies_nothing(error: Exception) -> None:
    told = Denials(USERS)
    assert not told.note(error)
    assert await told.probe() == "nothing is denied"


async def test_what_is_denied_no_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(denials, "monotonic", lambda: now)
    told = Denials(USERS)
    told.note(GroupAuthorizationFailedError("renewal"))
    now += 29
    assert told.present()
    now += 2
    assert not told.present()


async def test_every_loop_that_bears_a_denial_tells_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told, logs = Denials(USERS), CapturingLogger()
    monkeypatch.setattr(denials, "log", logs)
    denials.begin(told)
    for _ in range(3):
        with suppress_transient("loop.fault"):
            raise GroupAuthorizationFailedError("renewal")
    (alert,) = logs.calls
    assert alert.args == ("denied",)
    assert alert.kwargs == {"user": "giahan-renewal", "resource": "group renewal"}
    assert denials.denied()
    with pytest.raises(health.Unready):
        await told.probe()
