"""Kafka connection: the brokers' addresses, and the user as whom every client signs in."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aiokafka.conn import create_conn
from faststream.security import SASLScram512
from pydantic import SecretStr

# For their effect on aiokafka: every client closes what it opened, and reads damaged batches.
import shared.messaging.client_connections
import shared.messaging.consumption.record_batches  # noqa: F401
from shared.messaging.consumption.subscriber import EventBroker

MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True)
class KafkaConnection:
    """`servers` are `HOST:PORT`, separated by commas. Without `user` the connection is open: no TLS and no
    sign-in. `ca` is a PEM file of the authorities that issue the brokers' certificates; empty: the
    machine's own authorities."""

    servers: str
    user: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    ca: str = ""

    @property
    def secured(self) -> bool:
        return bool(self.user)

    def client(self) -> dict[str, Any]:
        """Arguments for any aiokafka client. They hold the password: never log them."""
        if not self.secured:
            return {"bootstrap_servers": self.servers}
        return {
            "bootstrap_servers": self.servers,
            "security_protocol": "SASL_SSL",
            "ssl_context": self._tls,
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password.get_secret_value(),
        }

    def broker(self) -> EventBroker:
        """A FastStream client that is not started.

        `apply_types` is off: injection takes several times the CPU of the rest of an attempt. There is no
        logger: FastStream would log the texts of exceptions, which may hold personal data.
        """
        return EventBroker(self.servers.split(","), security=self._security(), apply_types=False, logger=None)

    async def sign_in(self) -> None:
        """Try to sign in, to learn why it fails: the clients report only that no broker answers. Does nothing
        for an open connection. Raises KafkaError, TimeoutError or ConnectionError."""
        if not self.secured:
            return
        arguments = self.client()
        host, _, port = arguments.pop("bootstrap_servers").partition(",")[0].rpartition(":")
        try:
            (await create_conn(host, int(port), **arguments)).close()
        except OSError as error:
            raise ConnectionError(f"{host}: {type(error).__name__}") from error

    def _security(self) -> SASLScram512 | None:
        if not self.secured:
            return None
        return SASLScram512(self.user, self.password.get_secret_value(), ssl_context=self._tls, use_ssl=True)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Checks the brokers' names and the issuers of their certificates."""
        return ssl.create_default_context(cafile=self.ca or None)
