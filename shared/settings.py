"""Settings every service has, read from the environment (`GIAHAN_…`) and checked at start."""

from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T", bound="Settings")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="GIAHAN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = "production"
    kafka: str = "127.0.0.1:29092"
    mongo: str = Field("mongodb://127.0.0.1:29017/?replicaSet=giahan", repr=False)
    namespace: str = Field("", pattern=r"^[a-z0-9_-]{0,40}$")
    replication: int = Field(1, ge=1, description="Replication factor of topics that we create")
    port_base: int = Field(8100, ge=1024, le=60_000, description="8101 is the first port at 8100")
    host: str = "127.0.0.1"
    at_once: int = Field(6, ge=1, le=64, description="Records of different partitions handled at once")
    session_seconds: int = Field(
        45,
        ge=6,
        le=300,
        description="How long a silent member keeps its partitions (Kafka's session timeout)",
    )
    relay_poll_seconds: float = Field(
        0.1, gt=0, le=10, description="Pause between looks for events that another process recorded"
    )
    unpublished_seconds: float = Field(
        60.0, gt=0, le=3600, description="Age of an unpublished event at which no process is ready any more"
    )
    jwks: str = Field(
        "http://127.0.0.1:8126/people/jwks.json", description="URL or path of the platform's key set"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def database(self, name: str) -> str:
        """`giahan_NAME`, under the namespace."""
        return f"{self.namespace}_giahan_{name}" if self.namespace else f"giahan_{name}"


class BadSettings(SystemExit):
    """The process cannot start; says which variable is wrong and how, never its value."""


def read(model: type[T]) -> T:
    """The settings, or a clear end of the process."""
    try:
        return model()
    except ValidationError as error:
        lines = [f"  GIAHAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise BadSettings("Cấu hình chưa đúng / settings are not right:\n" + "\n".join(lines)) from None
