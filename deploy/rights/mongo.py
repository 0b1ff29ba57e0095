"""Brings MongoDB's users and roles into line with the table. Speaks as the admin.

Each service has a user and, for each namespace, a role of the same name as its database. Users and roles lie
in `admin`; the URI of a service names it as `authSource`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr
from pymongo import MongoClient

from deploy.rights.table import RIGHTS, Rights, user_of
from shared.runtime.settings import Settings

Document = dict[str, Any]

_NAMES = ("createIndex", "listIndexes", "find", "insert")
_UPLOADS = (*_NAMES, "remove")


class MongoRights:
    """`settings` name the databases of one namespace; of other namespaces nothing is changed."""

    def __init__(self, client: MongoClient[Document], settings: Settings) -> None:
        self._admin = client["admin"]
        self._settings = settings

    def apply(self, passwords: Mapping[str, SecretStr]) -> list[str]:
        """Make roles and users as the table says. The password of a user who is there stays. Returns whom
        it made; `passwords` needs only theirs. Repeating it changes nothing."""
        made = [self._grant(service, rights, passwords) for service, rights in RIGHTS.items()]
        return [user for user in made if user]

    def _grant(self, service: str, rights: Rights, passwords: Mapping[str, SecretStr]) -> str | None:
        """The user, where it wasn't there."""
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
        """Beside the databases of its own. The name of a document, which is its hash, is given once and can't
        be changed. Uploads go again: one that came second, or that nobody refers to."""
        if rights.documents == "read":
            for collection in ("documents", "provenance", "fs.files", "fs.chunks"):
                yield self._privilege("documents", collection, ("find",))
        if rights.documents == "keep":
            names = _UPLOADS if rights.forgets else _NAMES
            yield self._privilege("documents", "documents", names)
            yield self._privilege("documents", "provenance", _NAMES)
            yield self._privilege("documents", "fs.files", _UPLOADS)
            yield self._privilege("documents", "fs.chunks", _UPLOADS)
        if self._settings.environment == "local":  # where everybody follows the stack's clock
            yield self._privilege("stack", "clock", ("find",))
            yield self._privilege("stack", "clock_acks", ("find", "insert", "update"))

    def _privilege(self, database: str, collection: str, actions: Sequence[str]) -> Document:
        place = {"db": self._settings.database(database), "collection": collection}
        return {"resource": place, "actions": [*actions]}


def _is_of(service: str, role: Document) -> bool:
    """Whether a role is the service's, of this or another namespace."""
    return role["db"] == "admin" and f"_{role['role']}".endswith(f"_giahan_{service}")
