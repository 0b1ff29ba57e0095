"""The table of rights. ACLs, topics, database roles and the tests of denied access are generated from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.messaging.broker import KafkaNames

ADMIN = "giahan-admin"
"""Creates users, topics and rights. No service signs in as this user."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one service may use.

    `reads`: the producers whose events it consumes. `snapshots`: its own compacted topics; `follows`:
    compacted topics of others. `documents`: whether it reads the shared document store, or also writes to it
    ("keep"); `forgets`: whether it may delete documents there. `databases`: its own databases besides the one
    that has its name.
    """

    reads: frozenset[str]
    snapshots: frozenset[str] = frozenset()
    follows: frozenset[tuple[str, str]] = frozenset()
    documents: Literal["none", "read", "keep"] = "none"
    forgets: bool = False
    databases: frozenset[str] = frozenset()


RIGHTS = {
    "subscription": Rights(
        frozenset({"renewal", "signing", "notifier", "platform"}), snapshots=frozenset({"access"})
    ),
    "renewal": Rights(
        frozenset({"subscription", "signing", "notifier", "platform"}),
        documents="keep",
        databases=frozenset({"uploads"}),
    ),
    "signing": Rights(frozenset({"subscription", "renewal"}), documents="keep", forgets=True),
    "notifier": Rights(frozenset({"subscription", "renewal", "signing"}), documents="read"),
    "platform": Rights(
        frozenset({"subscription", "renewal"}), follows=frozenset({("subscription", "access")})
    ),
}
"""The rights by service. `platform` is the vendor's own systems: the one on which
the products run, and the one that issues invoices."""


class Acl(NamedTuple):
    """`user` may do `operation` on one resource of that kind and name.

    Kafka lets a user who may read or write a resource also see that it exists.
    """

    user: str
    kind: Literal["topic", "group", "transactional_id"]
    name: str
    operation: Literal["read", "write"]


def user_of(service: str) -> str:
    return f"giahan-{service}"


USERS = tuple(user_of(service) for service in RIGHTS)


def acls(names: KafkaNames) -> set[Acl]:
    """All ACLs of a namespace."""
    return {acl for service, rights in RIGHTS.items() for acl in _of(service, rights, names)}


def _of(service: str, rights: Rights, names: KafkaNames) -> Iterator[Acl]:
    """The ACLs of one service. It also reads its own dead letters, because the tool for them signs in as the
    service."""
    user, dead = user_of(service), names.dead(service)
    read = {names.topic(producer) for producer in rights.reads}
    read |= {names.compacted(producer, snapshot) for producer, snapshot in rights.follows}
    written = {names.topic(service), *(names.compacted(service, snapshot) for snapshot in rights.snapshots)}
    yield from (Acl(user, "topic", topic, "read") for topic in read | {dead})
    yield from (Acl(user, "topic", topic, "write") for topic in written | {dead})
    yield Acl(user, "group", names.group(service), "read")
    yield Acl(user, "transactional_id", names.transactional_id(service), "write")


class Topics(NamedTuple):
    """Topic names, grouped by how Kafka keeps their records."""

    events: list[str]
    dead: list[str]
    compacted: list[str]


def topics(names: KafkaNames) -> Topics:
    """All topics of a namespace."""
    return Topics(
        [names.topic(service) for service in RIGHTS],
        [names.dead(service) for service in RIGHTS],
        [names.compacted(service, kept) for service, rights in RIGHTS.items() for kept in rights.snapshots],
    )
