"""Settings every service has, read from the environment (`GIAHAN_…`) and checked at start."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kafka_connection import KafkaConnection

T = TypeVar("T", bound="Settings")

_EXAMPLE: dict[str, Any] = {"example": True}


def example(default: Any, **more: Any) -> Any:
    """A field whose default is good for the local stack alone: in production it must be told."""
    return Field(default, json_schema_extra=_EXAMPLE, **more)


LOCAL_ISSUER, LOCAL_AUDIENCE = "urn:giahan:local", "giahan"


@dataclass(frozen=True, slots=True)
class Platform:
    """Whose tokens count: of `issuer`, for `audience`, signed with a key of `jwks` (a URL or a file)."""

    jwks: str
    issuer: str
    audience: str


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="GIAHAN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = "production"
    kafka: str = "127.0.0.1:29092"
    kafka_user: str = Field("", max_length=100, description="Signs in over TLS; empty: an open connection")
    kafka_password: SecretStr = SecretStr("")
    kafka_ca: str = Field("", description="File (PEM) of who may issue the brokers' certificates")
    mongo: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:29017/?replicaSet=giahan"),
        description="URI with user, password and TLS",
    )
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
    jwks: str = example(
        "http://127.0.0.1:8126/people/jwks.json",
        min_length=1,
        description="URL or path of the platform's key set",
    )
    issuer: str = example(
        LOCAL_ISSUER, min_length=1, description="Who signs people's tokens: the platform's `iss`"
    )
    audience: str = example(
        LOCAL_AUDIENCE,
        min_length=1,
        description="Whom tokens must be meant for: this product's name in `aud`",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def platform(self) -> Platform:
        return Platform(self.jwks, self.issuer, self.audience)

    @model_validator(mode="after")
    def _whole_sign_in(self) -> Self:
        if bool(self.kafka_user) != bool(self.kafka_password.get_secret_value()):
            raise ValueError("GIAHAN_KAFKA_USER and GIAHAN_KAFKA_PASSWORD go together")
        return self

    @property
    def connection(self) -> KafkaConnection:
        return KafkaConnection(self.kafka, self.kafka_user, self.kafka_password, self.kafka_ca)

    def database(self, name: str) -> str:
        """`giahan_NAME`, under the namespace."""
        return f"{self.namespace}_giahan_{name}" if self.namespace else f"giahan_{name}"


class BadSettings(SystemExit):
    """The process cannot start; says which variable is wrong and how, never its value."""


def read(model: type[T], *, serves: bool = True) -> T:
    """The settings, or a clear end of the process. In production one that `serves` is told whatever has
    nothing but an example as its default; tools that ask nobody who they are do without."""
    try:
        settings = model()
    except ValidationError as error:
        raise _bad(_line(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors()) from None
    if serves and settings.environment == "production" and (untold := list(_untold(settings))):
        raise _bad(_line(name, _UNTOLD) for name in untold)
    return settings


def _untold(settings: Settings) -> Iterator[str]:
    """Examples that nobody replaced, also where somebody repeated one."""
    for name, field in type(settings).model_fields.items():
        if field.json_schema_extra == _EXAMPLE and getattr(settings, name) == field.get_default():
            yield name


_UNTOLD = (
    "phải được khai báo, giá trị có sẵn chỉ là ví dụ cho máy cục bộ / must be set: the default is an example "
    "for the local stack"
)


def _line(name: str, message: str) -> str:
    return f"  {f'GIAHAN_{name.upper()}: ' if name else ''}{message}"


def _bad(lines: Iterable[str]) -> BadSettings:
    return BadSettings("Cấu hình chưa đúng / settings are not right:\n" + "\n".join(lines))
