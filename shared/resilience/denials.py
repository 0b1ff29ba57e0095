"""Denials: Kafka or MongoDB denies this process a right, or the sign-in itself.

An operator must correct that; no record or request causes it. So the caller waits and tries again, as for a
server that does not answer. But unlike an outage, a denial needs a person: it is reported with user and
resource in the log, in `giahan_denied` and by the readiness probe. The server's message is never reported:
MongoDB quotes the command in it, which may hold personal data.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

import structlog
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedSaslMechanismError,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.storage import mongo
from shared.web.health import Unready

log = structlog.get_logger()

_FRESH_SECONDS = 30.0
"""Longer than the longest wait between two attempts: a right not denied again since is granted now."""
_RESOURCES = {
    TopicAuthorizationFailedError: "topic",
    GroupAuthorizationFailedError: "group",
    TransactionalIdAuthorizationFailed: "transactional id",
    ClusterAuthorizationFailedError: "cluster",
}
_SIGN_IN = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)


class Denial(NamedTuple):
    """`user` lacks a right on `resource`, such as `topic renewal.events` or `sign-in to Kafka`."""

    user: str
    resource: str


@dataclass(frozen=True, slots=True)
class Users:
    """The users as whom the process signs in; empty if it does not sign in."""

    kafka: str
    mongo: str


class Denials(Collector):
    """The denials of the last half minute."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._at: dict[Denial, float] = {}

    def note(self, error: BaseException) -> bool:
        """Record the denials in `error` and log new ones. Returns whether there are any."""
        found = {
            *(Denial(self._users.kafka, resource) for resource in _by_kafka(error)),
            *(Denial(self._users.mongo, resource) for resource in _by_mongo(error)),
        }
        for denial in found - set(self.present()):
            log.error("denied", user=denial.user, resource=denial.resource)
        self._at |= dict.fromkeys(found, monotonic())
        return bool(found)

    def present(self) -> list[Denial]:
        since = monotonic() - _FRESH_SECONDS
        return sorted(denial for denial, at in self._at.items() if at > since)

    async def probe(self) -> str:
        """Raises Unready with the users and what they are denied."""
        if denials := self.present():
            raise Unready("; ".join(f"{user or 'anonymous'} is denied {what}" for user, what in denials))
        return "nothing is denied"

    def collect(self) -> Iterable[Metric]:
        denied = GaugeMetricFamily("giahan_denied", "1 while it is denied", labels=["user", "resource"])
        for denial in self.present():
            denied.add_metric(denial, 1)
        yield denied


_current: ContextVar[Denials | None] = ContextVar("denials", default=None)


def begin(denials: Denials) -> None:
    """Make `note` record to `denials`, in this task and in the tasks that it starts."""
    _current.set(denials)


def note(error: BaseException) -> bool:
    """Called wherever an error is suppressed: records the denials in it. Returns whether there are any."""
    denials = _current.get()
    return denials.note(error) if denials else is_denial(error)


def anything_denied() -> bool:
    """Whether something is denied now."""
    denials = _current.get()
    return bool(denials and denials.present())


def is_denial(error: BaseException) -> bool:
    return any(True for _ in (*_by_kafka(error), *_by_mongo(error)))


def _all_in(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes, and the members of a group."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _all_in(inner)
        return
    yield error
    if error.__cause__ is not None:
        yield from _all_in(error.__cause__)


def _by_kafka(error: BaseException) -> Iterator[str]:
    for one in _all_in(error):
        if kind := _RESOURCES.get(type(one)):
            yield f"{kind} {_resource_name(one)}".rstrip()
        elif isinstance(one, _SIGN_IN):
            yield "sign-in to Kafka"
        elif isinstance(one, ssl.SSLCertVerificationError):
            yield "a certificate that it trusts"


def _resource_name(error: BaseException) -> str:
    """The resource, which the library gives as one name or as a set of names."""
    names = error.args[0] if error.args else ""
    return ", ".join(sorted(map(str, names))) if isinstance(names, set | frozenset | list) else str(names)


def _by_mongo(error: BaseException) -> Iterator[str]:
    for one in _all_in(error):
        if resource := mongo.denied_resource(one):
            yield resource
