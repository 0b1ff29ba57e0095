"""Settings every service has, read from the environment (`GIAHAN_…`) and checked at start."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.messaging.connection import KafkaConnection
from shared.storage import mongo
from shared.text.i18n import TextCatalogue

T = TypeVar("T", bound="Settings")

_INVENTED = "invented"
TEXTS = TextCatalogue(Path(__file__).parent / "texts").part("settings")


def example(default: Any, *, invented: bool | Collection[str] = False, **more: Any) -> Any:
    """A field whose default is only an example for the local stack: production must set it. `invented`: the
    example, or the named parts of it, is no real value, so production must not set the same value either."""
    return Field(
        default,
        json_schema_extra={_INVENTED: invented if isinstance(invented, bool) else [*invented]},
        **more,
    )


LOCAL_ISSUER, LOCAL_AUDIENCE = "urn:giahan:local", "giahan"


@dataclass(frozen=True, slots=True)
class Platform:
    """Which tokens are valid: those of `issuer` for `audience`, signed with a key of `jwks` (a URL or a
    file). Also how often a person of an office may write (`writes_a_minute`), and a person of the vendor."""

    jwks: str
    issuer: str
    audience: str
    writes_a_minute: int = 60
    desk_writes_a_minute: int = 600


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="GIAHAN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = "production"
    kafka: str = "127.0.0.1:29092"
    kafka_user: str = Field(
        "", max_length=100, description="User to sign in as, over TLS; empty: an open connection"
    )
    kafka_password: SecretStr = SecretStr("")
    kafka_ca: str = Field("", description="PEM file of the authorities that issue the brokers' certificates")
    mongo: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:29017/?replicaSet=giahan"),
        description="URI with user, password and TLS",
    )
    closed_network: bool = Field(
        False, description="Nobody else can reach Kafka, MongoDB and the key set, so connections may be open"
    )
    namespace: str = Field("", pattern=r"^[a-z0-9_-]{0,40}$")
    replication: int = Field(1, ge=1, description="Replication factor of topics that we create")
    port_base: int = Field(
        8100, ge=1024, le=60_000, description="The services' ports follow it: 8101 is the first at 8100"
    )
    host: str = "127.0.0.1"
    connections: int = Field(
        1000, ge=10, le=100_000, description="HTTP connections held at once; more get 503"
    )
    at_once: int = Field(6, ge=1, le=64, description="Records of different partitions handled at once")
    session_seconds: int = Field(
        45,
        ge=6,
        le=300,
        description="How long a silent member keeps its partitions (Kafka's session timeout)",
    )
    relay_poll_seconds: float = Field(
        20.0, gt=0, le=20, description="Pause between two checks for events of which the relay was not told"
    )
    idle_seconds: float = Field(
        20.0, gt=0, le=20, description="Pause between two looks for work of which a loop was not told"
    )
    republished_a_second: float = Field(
        1000.0, ge=1, description="Records a second that a republication publishes at most"
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
        LOCAL_ISSUER, min_length=1, description="The issuer of people's tokens: the platform's `iss`"
    )
    audience: str = example(
        LOCAL_AUDIENCE,
        min_length=1,
        description="The audience of valid tokens: this product's name in `aud`",
    )
    writes_a_minute: int = Field(
        60, ge=1, description="How often one person of an office may write; heavy work counts several times"
    )
    desk_writes_a_minute: int = Field(
        600,
        ge=1,
        description="The same for the vendor's people: a hand scanner is faster than typing",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def platform(self) -> Platform:
        return Platform(
            self.jwks, self.issuer, self.audience, self.writes_a_minute, self.desk_writes_a_minute
        )

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
    """The process cannot start. The text says which variable is wrong and why, never its value."""


def read(model: type[T], *, serves: bool = True) -> T:
    """The settings of the process. Raises BadSettings, which ends the process with a clear text.

    In production, a process that `serves` must have a value for each example, and authenticated connections
    unless the network is closed. Tools, which authenticate nobody, need neither.
    """
    try:
        settings = model()
    except ValidationError as error:
        raise settings_error(f"{_variable(e['loc'])}{e['msg']}" for e in error.errors()) from None
    if serves and settings.environment == "production":
        wrong = [f"{name}: {TEXTS['unset'].line}" for name in _unset_examples(settings)]
        wrong += [] if settings.closed_network else _open_connections(settings)
        if wrong:
            raise settings_error(wrong)
    return settings


def _open_connections(settings: Settings) -> Iterator[str]:
    """The connections on which a side is not authenticated. Over them anyone on the network could pose as a
    service or as the platform."""
    if not settings.connection.secured:
        yield f"GIAHAN_KAFKA_USER, GIAHAN_KAFKA_PASSWORD: {TEXTS['open'].line}"
    if lacking := mongo.missing_security(settings.mongo.get_secret_value()):
        yield f"GIAHAN_MONGO ({lacking}): {TEXTS['open'].line}"
    if settings.jwks.lower().startswith("http://"):
        yield f"GIAHAN_JWKS (https://): {TEXTS['open'].line}"


def _unset_examples(settings: Settings) -> Iterator[str]:
    """Examples that were not replaced, and invented values that were set again."""
    for name, field in type(settings).model_fields.items():
        extra = field.json_schema_extra
        if not isinstance(extra, dict) or _INVENTED not in extra:
            continue
        value, default, variable = getattr(settings, name), field.get_default(), f"GIAHAN_{name.upper()}"
        invented: Any = extra[_INVENTED]
        repeated = invented is True and _content(value) == _content(default)
        if name not in settings.model_fields_set or repeated:
            yield variable
        elif isinstance(invented, list):
            yield from (
                f"{variable}: {part}" for part in invented if getattr(value, part) == getattr(default, part)
            )


def _content(value: object) -> object:
    return value.read_bytes() if isinstance(value, Path) else value


def _variable(place: tuple[str | int, ...]) -> str:
    """The variable of a validation error, as a prefix; empty if the error concerns several variables."""
    return f"GIAHAN_{'_'.join(map(str, place)).upper()}: " if place else ""


def settings_error(lines: Iterable[str]) -> BadSettings:
    """The error that ends the process, with one line for each setting that is wrong."""
    return BadSettings("\n".join([TEXTS["wrong"].line + ":", *(f"  {line}" for line in lines)]))
