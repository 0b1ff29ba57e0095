"""Settings of a secured broker: TLS, one user for each client, and a controller that only brokers reach.

Brokers and controllers authenticate to each other with a certificate. Only its name and the admin are super
users. Everybody else signs in by SCRAM and may do what an ACL allows; without an ACL nothing is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from deploy.local.servers.tls import KAFKA, Credentials
from deploy.rights.table import ADMIN, USERS
from shared.messaging.connection import MECHANISM, KafkaConnection

CLIENTS = "SASL_SSL"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
_OWN_NAME = f"User:C=VN,CN={KAFKA}"


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    credentials: Credentials

    def settings(self) -> dict[str, str]:
        """All security settings except the listeners' addresses."""
        own, mechanism = self.credentials.server(KAFKA), MECHANISM.lower()
        return {
            "listener.security.protocol.map": f"{CLIENTS}:{CLIENTS},INTERNAL:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "INTERNAL",
            "listener.name.internal.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(own),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.credentials.ca),
            "sasl.enabled.mechanisms": MECHANISM,
            f"listener.name.{CLIENTS.lower()}.{mechanism}.sasl.jaas.config": f"{_LOGIN} required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"{_OWN_NAME};User:{ADMIN}",
        }

    def passwords(self) -> Mapping[str, SecretStr]:
        """The passwords of all users, by user."""
        return self.credentials.passwords("kafka", (ADMIN, *USERS))

    def scram(self) -> list[str]:
        """Arguments with which the storage tool creates the users while it formats."""
        return [
            word
            for user, password in self.passwords().items()
            for word in ("--add-scram", f"{MECHANISM}=[name={user},password={password.get_secret_value()}]")
        ]

    def connection(self, servers: str, user: str) -> KafkaConnection:
        """A connection that signs in as `user`."""
        return KafkaConnection(servers, user, self.passwords()[user], str(self.credentials.ca))


def argument_file(folder: Path, arguments: list[str]) -> Path:
    """A file from which Java reads its arguments: on a command line every user of the machine could read the
    passwords."""
    file = folder / "format.args"
    file.touch(mode=0o600)
    file.write_text("".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"\n' for one in arguments))
    return file
