"""The table of rights. ACLs, topics, database roles and the tests that try every refusal are made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.messaging.broker import Names

ADMIN = "giahan-admin"
"""Makes users, topics and rights. No service signs in as it."""


@dataclass(frozen=True, slots=True)
class Rights:
    """`reads`: the producers whose events it consumes. `snapshots`: its own compacted topics, `follows` those
    of others. `documents`: whether it reads, or also keeps, documents in the store that services share;
    `forgets`: whether it lets some of them go. `databases` are its own,
    beside the one that is called as it is."""

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
    "platform": Rights(frozenset({"subscription"}), follows=frozenset({("subscription", "access")})),
}
"""By service. `platform` is the vendor's own system, which the products stand on."""


class Acl(NamedTuple):
    """`user` may do `operation` on the one thing of that kind and name; who may read or write a thing may
    also see that it is there."""

    user: str
    kind: Literal["topic", "group", "transactional_id"]
    name: str
    operation: Literal["read", "write"]


def user_of(service: str) -> str:
    return f"giahan-{service}"


USERS = tuple(user_of(service) for service in RIGHTS)


def acls(names: Names) -> set[Acl]:
    """All of them, under a namespace."""
    return {acl for service, rights in RIGHTS.items() for acl in _of(service, rights, names)}


def _of(service: str, rights: Rights, names: Names) -> Iterator[Acl]:
    """A service also reads its own dead letters: the tool for them signs in as it."""
    user, dead = user_of(service), names.dead(service)
    read = {names.topic(producer) for producer in rights.reads}
    read |= {names.compacted(producer, snapshot) for producer, snapshot in rights.follows}
    written = {names.topic(service), *(names.compacted(service, snapshot) for snapshot in rights.snapshots)}
    yield from (Acl(user, "topic", topic, "read") for topic in read | {dead})
    yield from (Acl(user, "topic", topic, "write") for topic in written | {dead})
    yield Acl(user, "group", names.group(service), "read")
    yield Acl(user, "transactional_id", names.transactional_id(service), "write")


class Topics(NamedTuple):
    """By how they are kept."""

    events: list[str]
    dead: list[str]
    compacted: list[str]


def topics(names: Names) -> Topics:
    """All of them, under a namespace."""
    return Topics(
        [names.topic(service) for service in RIGHTS],
        [names.dead(service) for service in RIGHTS],
        [names.compacted(service, kept) for service, rights in RIGHTS.items() for kept in rights.snapshots],
    )
