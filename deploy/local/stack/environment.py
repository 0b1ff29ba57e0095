"""The environment variables and settings that the stack gives to its processes."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from deploy.local.host.ports import HOST, Ports
from deploy.local.people.pki import ensure_pki
from deploy.local.servers.security import Security
from deploy.rights.table import ADMIN, PUBLISHERS, user_of
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Environment:
    """`directory` is the stack's own. `kafka` and `mongo` are the addresses of the servers in use; `security`
    holds their users, if they have users."""

    directory: Path
    ports: Ports
    kafka: str
    mongo: str
    namespace: str
    security: Security | None = None

    def of(self, name: str) -> dict[str, str]:
        """The variables for the process `name`. Creates the local certificates on first use."""
        own = {"signing": self._signing, "renewal": self._renewal}
        return self._common() | self._signed_in(name) | (own[name]() if name in own else {})

    def _signed_in(self, name: str) -> dict[str, str]:
        """The variables with which the service signs in as its own user. The stack's pages have none: they
        use neither server."""
        if self.security is None or name not in PUBLISHERS:
            return {}
        connection = self.security.kafka.connection(self.kafka, user_of(name))
        return {
            "GIAHAN_KAFKA_USER": connection.user,
            "GIAHAN_KAFKA_PASSWORD": connection.password.get_secret_value(),
            "GIAHAN_KAFKA_CA": connection.ca,
            "GIAHAN_MONGO": self.security.mongo.uri(self.mongo, user_of(name)),
        }

    def settings(self) -> Settings:
        """The settings as the services read them, signed in as the admin."""
        open = Settings(
            environment="local",
            kafka=self.kafka,
            mongo=SecretStr(self.mongo),
            namespace=self.namespace,
            port_base=self.ports.base,
        )
        if self.security is None:
            return open
        connection = self.security.kafka.connection(self.kafka, ADMIN)
        signed_in = {
            "kafka_user": connection.user,
            "kafka_password": connection.password,
            "kafka_ca": connection.ca,
            "mongo": SecretStr(self.security.mongo.uri(self.mongo, ADMIN)),
        }
        return open.model_copy(update=signed_in)

    def _common(self) -> dict[str, str]:
        return {
            "GIAHAN_ENVIRONMENT": "local",
            "GIAHAN_KAFKA": self.kafka,
            "GIAHAN_MONGO": self.mongo,
            "GIAHAN_NAMESPACE": self.namespace,
            "GIAHAN_PORT_BASE": str(self.ports.base),
            "GIAHAN_JWKS": f"http://{HOST}:{self.ports.pages}/people/jwks.json",
            "GIAHAN_SESSION_SECONDS": "6",
            "GIAHAN_TICK_SECONDS": "0.2",
            "GIAHAN_RENDER_PROCESSES": "1",  # few offices work at a time here
            "GIAHAN_PDF_PROCESSES": "1",
            "GIAHAN_SMTP_HOST": HOST,
            "GIAHAN_SMTP_PORT": str(self.ports.smtp),
            "GIAHAN_SMTP_SECONDS": "5",
            "GIAHAN_SMTP_RETRY_SECONDS": "2",
            "GIAHAN_PORTAL_URL": f"http://{HOST}:{self.ports.pages}/renewal",
            # The people's page simulates the platform that signs people in.
            "GIAHAN_SIGN_IN_URL": f"http://{HOST}:{self.ports.pages}/people",
            "GIAHAN_SIGN_IN_ORIGINS": f"http://{HOST}:{self.ports.pages},http://localhost:{self.ports.pages}",
            "GIAHAN_STACK_DIR": str(self.directory),
            "PYTHONUNBUFFERED": "1",
        }

    def _renewal(self) -> dict[str, str]:
        return {"GIAHAN_CONDITIONS_URL": f"http://{HOST}:{self.ports.pages}/renewal/conditions"}

    def _signing(self) -> dict[str, str]:
        pki = ensure_pki(self.directory / "pki")
        return {
            "GIAHAN_TRUST_ROOTS": str(pki.trust_roots),
            "GIAHAN_TRUST_INTERMEDIATES": str(pki.trust_intermediates),
            "GIAHAN_CRLS": str(pki.crls),
            "GIAHAN_SEAL_P12": str(pki.vendor),
            "GIAHAN_SEAL_PASSWORD": pki.password,
        }
