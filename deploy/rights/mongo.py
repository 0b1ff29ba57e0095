"""Makes MongoDB's users and roles match the table of rights. Connects as the admin.

Each service has one user, and for each namespace one role with the same name as its database. Users and roles
are stored in `admin`, which a service's URI names as `authSource`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr
from pymongo import MongoClient

from deploy.rights.table import PUBLISHERS, Rights, user_of
from shared.runtime.settings import Settings

Document = dict[str, Any]

_NAMES = ("createIndex", "listIndexes", "find", "insert")
_UPLOADS = (*_NAMES, "remove")


class MongoRights:
    """The rights in one namespace, whose databases `settings` names. Other namespaces stay unchanged."""

    def __init__(self, client: MongoClient[Document], settings: Settings) -> None:
        self._admin = client["admin"]
        self._settings = settings

    def apply(self, passwords: Mapping[str, SecretStr]) -> list[str]:
        """Create or update roles and users as the table says. Returns the users it created.

        Existing users keep their passwords; `passwords` needs only those of new users. Repeating it changes
        nothing. Raises KeyError for a new user without a password.
        """
        users = [self._grant(service, rights, passwords) for service, rights in PUBLISHERS.items()]
        return [user for user in users if user]

    def _grant(self, service: str, rights: Rights, passwords: Mapping[str, SecretStr]) -> str | None:
        """Create or update one service's role and user. Returns the user if it was created."""
        role, user = self._settings.database(service), user_of(service)
        there = self._admin.command("rolesInfo", role)["roles"]
        self._admin.command(
            "updateRole" if there else "createRole",
            role,
            privileges=[*self._privileges(rights)],
            roles=[{"role": "readWrite", "db": own} for own in self._own(service, rights)],
        )
        found = self._admin.command("usersInfo", user)["users"]
        held = [one["role"] for one in (found[0]["roles"] if found else []) if _is_of(service, one)]
        roles = sorted({role, *held})
        if found:
            self._admin.command("updateUser", user, roles=roles)
            return None
        self._admin.command("createUser", user, pwd=passwords[user].get_secret_value(), roles=roles)
        return user

    def _own(self, service: str, rights: Rights) -> list[str]:
        return [self._settings.database(name) for name in (service, *sorted(rights.databases))]

    def _privileges(self, rights: Rights) -> Iterator[Document]:
        """The privileges outside the service's own databases.

        A document's name is its hash: it is written once and never changed. Uploads can be removed: a
        duplicate, or one that nothing refers to.
        """
        if rights.documents == "read":
            for collection in ("documents", "provenance", "fs.files", "fs.chunks"):
                yield self._privilege("documents", collection, ("find",))
        if rights.documents == "keep":
            names = _UPLOADS if rights.forgets else _NAMES
            yield self._privilege("documents", "documents", names)
            yield self._privilege("documents", "provenance", _NAMES)
            yield self._privilege("documents", "fs.files", _UPLOADS)
            yield self._privilege("documents", "fs.chunks", _UPLOADS)
        if self._settings.environment == "local":  # there all services follow the stack's clock
            yield self._privilege("stack", "clock", ("find",))
            yield self._privilege("stack", "clock_acks", ("find", "insert", "update"))

    def _privilege(self, database: str, collection: str, actions: Sequence[str]) -> Document:
        place = {"db": self._settings.database(database), "collection": collection}
        return {"resource": place, "actions": [*actions]}


def _is_of(service: str, role: Document) -> bool:
    """Whether the role belongs to the service, in this or another namespace."""
    return role["db"] == "admin" and f"_{role['role']}".endswith(f"_giahan_{service}")
