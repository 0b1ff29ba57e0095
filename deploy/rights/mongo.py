"""Brings MongoDB's users and roles into line with the table. Speaks as the admin.

Each service has a user and, for each namespace, a role of the same name as its database. Users and roles lie
in `admin`; the URI of a service names it as `authSource`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr
from pymongo import MongoClient

from deploy.rights.table import RIGHTS, Rights, user_of
from shared.settings import Settings

Document = dict[str, Any]

_KEEP = ("find", "insert")
_GRID = ("createIndex", "listIndexes", "find", "insert")
_COLLECT = (*_GRID, "remove")


class MongoRights:
    """`settings` name the databases of one namespace; of other namespaces nothing is changed."""

    def __init__(self, client: MongoClient[Document], settings: Settings) -> None:
        self._admin = client["admin"]
        self._settings = settings

    def apply(self, passwords: Mapping[str, SecretStr]) -> list[str]:
        """Make roles and users as the table says. The password of a user who is there stays. Returns whom
        it made; `passwords` needs only theirs. Repeating it changes nothing."""
        return [user for service, rights in RIGHTS.items() if (user := self._grant(service, rights, passwords))]

    def _grant(self, service: str, rights: Rights, passwords: Mapping[str, SecretStr]) -> str | None:
        """The user, where it wasn't there."""
        role, user = self._settings.database(service), user_of(service)
        there = self._admin.command("rolesInfo", role)["roles"]
        self._admin.command(
            "updateRole" if there else "createRole",
            role,
            privileges=[*self._privileges(rights)],
            roles=[{"role": "readWrite", "db": self._settings.database(own)} for own in (service, *rights.databases)],
        )
        found = self._admin.command("usersInfo", user)["users"]
        others = [held["role"] for held in found[0]["roles"] if self._of_another(held, service)] if found else []
        roles = sorted({role, *others})
        if found:
            self._admin.command("updateUser", user, roles=roles)
            return None
        self._admin.command("createUser", user, pwd=passwords[user].get_secret_value(), roles=roles)
        return user

    def _of_another(self, held: Document, service: str) -> bool:
        """Whether a role is the same service's of another namespace."""
        return held["db"] == "admin" and str(held["role"]).endswith(f"_giahan_{service}")

    def _privileges(self, rights: Rights) -> Iterator[Document]:
        """Beside the databases of its own. The hash of a document names its bytes for good: what is there
        stays as it is, and only uploads that nobody refers to may go."""
        if rights.documents != "none":
            grid = _COLLECT if rights.documents == "collect" else _GRID
            yield self._privilege("documents", "documents", _KEEP)
            yield self._privilege("documents", "fs.files", grid)
            yield self._privilege("documents", "fs.chunks", grid)
        if self._settings.environment == "local":  # where everybody follows the stack's clock
            yield self._privilege("stack", "clock", ("find",))
            yield self._privilege("stack", "clock_acks", ("find", "insert", "update"))

    def _privilege(self, database: str, collection: str, actions: Sequence[str]) -> Document:
        place = {"db": self._settings.database(database), "collection": collection}
        return {"resource": place, "actions": [*actions]}
