"""Settings of a secured mongod: TLS, one user for each client, and a key file for the members of the set."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.servers.tls import MONGO, Credentials
from deploy.rights.table import ADMIN, DATABASE_USERS

_UNAUTHORIZED = 13


@dataclass(frozen=True, slots=True)
class MongoSecurity:
    credentials: Credentials

    def arguments(self) -> list[str]:
        """Arguments of mongod. Secrets are in files, because every user of the machine can read a command
        line."""
        return [
            "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.credentials.server(MONGO)),
            "--tlsCAFile", str(self.credentials.ca), "--tlsAllowConnectionsWithoutCertificates",
            "--keyFile", str(self.credentials.keyfile),
        ]  # fmt: skip

    def passwords(self) -> Mapping[str, SecretStr]:
        """The passwords of all users, by user."""
        return self.credentials.passwords("mongo", (ADMIN, *DATABASE_USERS))

    def uri(self, open_uri: str, user: str) -> str:
        """The same address, signed in as `user`."""
        password = quote(self.passwords()[user].get_secret_value(), safe="")
        scheme, _, rest = open_uri.partition("://")
        return f"{scheme}://{user}:{password}@{rest}&authSource=admin&{self._tls}"

    @property
    def _tls(self) -> str:
        return f"tls=true&tlsCAFile={quote(str(self.credentials.ca), safe='/')}"

    def client(self, port: int) -> "MongoClient[dict[str, object]]":
        """A client without a user: before the first user exists, MongoDB lets in local connections."""
        return MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true&{self._tls}")

    def make_admin(self, port: int) -> None:
        """Create the first user, unless it exists."""
        with self.client(port) as client:
            try:
                client.admin.command(
                    "createUser", ADMIN, pwd=self.passwords()[ADMIN].get_secret_value(), roles=["root"]
                )
            except OperationFailure as error:
                if error.code != _UNAUTHORIZED:  # the user exists, so unauthenticated clients are refused
                    raise
