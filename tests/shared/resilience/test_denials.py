"""A denial is distinguished from an outage, and reported with user and resource, without the server's
text."""

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
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_kafka_denies(error: Exception, resource: str) -> None:
    reported = Denials(USERS)
    assert reported.note(error)
    assert reported.present() == [("giahan-renewal", resource)]


@pytest.mark.parametrize(
    ("error", "resource"),
    [
        (OperationFailure("…", 13, {"errmsg": _UNAUTHORIZED}), "database giahan_signing: find forms"),
        (OperationFailure("…", 13, {"errmsg": "not authorized on x; y"}), "a database"),
        (OperationFailure("Authentication failed.", 18), "sign-in to MongoDB"),
    ],
    ids=repr,
)
async def test_mongodb_denies_and_its_message_is_not_reported(
    monkeypatch: pytest.MonkeyPatch, error: Exception, resource: str
) -> None:
    reported, logs = Denials(USERS), CapturingLogger()
    monkeypatch.setattr(denials, "log", logs)
    assert reported.note(error)
    assert reported.present() == [("giahan-renewal-db", resource)]
    with pytest.raises(Unready, match=f"giahan-renewal-db is denied {resource}"):
        await reported.probe()
    assert "Tân An" not in str(logs.calls)


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), AutoReconnect("away"), TimeoutError()], ids=repr
)
async def test_outage_is_no_denial(error: Exception) -> None:
    reported = Denials(USERS)
    assert not reported.note(error)
    assert await reported.probe() == "nothing is denied"


async def test_old_denial_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(denials, "monotonic", lambda: now)
    reported = Denials(USERS)
    reported.note(GroupAuthorizationFailedError("renewal"))
    now += 29
    assert reported.present()
    now += 2
    assert not reported.present()


async def test_denial_in_a_loop_is_logged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reported, logs = Denials(USERS), CapturingLogger()
    monkeypatch.setattr(denials, "log", logs)
    denials.begin(reported)
    for _ in range(3):
        with suppress_transient("loop.transient_error"):
            raise GroupAuthorizationFailedError("renewal")
    (alert,) = logs.calls
    assert alert.args == ("denied",)
    assert alert.kwargs == {"user": "giahan-renewal", "resource": "group renewal"}
    assert denials.anything_denied()
    with pytest.raises(health.Unready):
        await reported.probe()
