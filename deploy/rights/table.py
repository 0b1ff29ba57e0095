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
    that has its name. `publishes`: it has a topic, dead letters, a transactional id and a database of its
    own; a system that doesn't only reads.
    """

    reads: frozenset[str]
    snapshots: frozenset[str] = frozenset()
    follows: frozenset[tuple[str, str]] = frozenset()
    documents: Literal["none", "read", "keep"] = "none"
    forgets: bool = False
    databases: frozenset[str] = frozenset()
    publishes: bool = True


RIGHTS = {
    "subscription": Rights(
        frozenset({"renewal", "signing", "notifier", "platform"}), snapshots=frozenset({"access"})
    ),
    "renewal": Rights(
        frozenset({"subscription", "renewal", "signing", "notifier", "platform"}),
        documents="keep",
        forgets=True,
        databases=frozenset({"uploads"}),
    ),
    "signing": Rights(frozenset({"subscription", "renewal"}), documents="keep", forgets=True),
    "notifier": Rights(frozenset({"subscription", "renewal", "signing"}), documents="read"),
    "platform": Rights(
        frozenset({"subscription", "renewal"}), follows=frozenset({("subscription", "access")})
    ),
    "einvoice": Rights(frozenset({"renewal"}), publishes=False),
}
"""The rights by service. `platform` is the vendor's own system, on which the products run. `einvoice` is the
adapter of the vendor's e-invoice system: it answers over REST. The local stack's simulator of it runs in the
process of `platform`, which therefore reads renewal's events too."""
PUBLISHERS = {service: rights for service, rights in RIGHTS.items() if rights.publishes}


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
DATABASE_USERS = tuple(user_of(service) for service in PUBLISHERS)


def acls(names: KafkaNames) -> set[Acl]:
    """All ACLs of a namespace."""
    return {acl for service, rights in RIGHTS.items() for acl in _of(service, rights, names)}


def _of(service: str, rights: Rights, names: KafkaNames) -> Iterator[Acl]:
    """The ACLs of one service. It also reads its own dead letters, because the tool for them signs in as the
    service."""
    user = user_of(service)
    read = {names.topic(producer) for producer in rights.reads}
    read |= {names.compacted(producer, snapshot) for producer, snapshot in rights.follows}
    yield from (Acl(user, "topic", topic, "read") for topic in read)
    yield Acl(user, "group", names.group(service), "read")
    if not rights.publishes:
        return
    dead = names.dead(service)
    written = {names.topic(service), *(names.compacted(service, snapshot) for snapshot in rights.snapshots)}
    yield Acl(user, "topic", dead, "read")
    yield from (Acl(user, "topic", topic, "write") for topic in written | {dead})
    yield Acl(user, "transactional_id", names.transactional_id(service), "write")


class Topics(NamedTuple):
    """Topic names, grouped by how Kafka keeps their records."""

    events: list[str]
    dead: list[str]
    compacted: list[str]


def topics(names: KafkaNames) -> Topics:
    """All topics of a namespace."""
    return Topics(
        [names.topic(service) for service in PUBLISHERS],
        [names.dead(service) for service in PUBLISHERS],
        [
            names.compacted(service, kept)
            for service, rights in PUBLISHERS.items()
            for kept in rights.snapshots
        ],
    )
