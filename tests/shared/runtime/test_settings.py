"""A wrong setting prevents the start. The error names the variable and never shows the value."""

import pytest

from shared.runtime.settings import BadSettings, Settings, read


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GIAHAN_PORT_BASE", "secret-80"),
        ("GIAHAN_PORT_BASE", "80"),
        ("GIAHAN_NAMESPACE", "Bí mật"),
        ("GIAHAN_ENVIRONMENT", "secret"),
        ("GIAHAN_AT_ONCE", "0"),
    ],
)
def test_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings) as stopped:
        read(Settings)
    assert variable in str(stopped.value)
    assert "ecret" not in str(stopped.value)
    assert "Bí mật" not in str(stopped.value)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_NAMESPACE", "test-1")
    settings = read(Settings, serves=False)
    assert settings.environment == "production"
    assert settings.database("renewal") == "test-1_giahan_renewal"
    assert Settings().model_copy(update={"namespace": ""}).database("renewal") == "giahan_renewal"


REQUIRED = {
    "GIAHAN_JWKS": "https://id.ministry.vn/keys",
    "GIAHAN_ISSUER": "https://id.ministry.vn",
    "GIAHAN_AUDIENCE": "renewal",
}
SECURED = {
    "GIAHAN_KAFKA_USER": "giahan-renewal",
    "GIAHAN_KAFKA_PASSWORD": "kafka-secret",
    "GIAHAN_MONGO": "mongodb://giahan-renewal:mongo-secret@host/?tls=true&authSource=admin",
}


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (REQUIRED | SECURED).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("variable", REQUIRED)
@pytest.mark.parametrize("value", [None, ""])
def test_production_must_set_issuer_audience_and_keys(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None
) -> None:
    read(Settings)
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings, match=variable):
        read(Settings)


def test_local_stack_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_ENVIRONMENT", "local")
    assert read(Settings).platform.issuer == "urn:giahan:local"


@pytest.mark.parametrize("variable", ["GIAHAN_KAFKA_USER", "GIAHAN_KAFKA_PASSWORD"])
def test_kafka_user_without_password_or_reverse_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "half-secret")
    with pytest.raises(BadSettings, match="GIAHAN_KAFKA_USER and GIAHAN_KAFKA_PASSWORD") as stopped:
        read(Settings, serves=False)
    assert "half-secret" not in str(stopped.value)


def test_passwords_of_servers_are_in_no_printed_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_KAFKA_USER", "giahan-renewal")
    monkeypatch.setenv("GIAHAN_KAFKA_PASSWORD", "kafka-secret")
    monkeypatch.setenv("GIAHAN_MONGO", "mongodb://user:mongo-secret@host")
    settings = read(Settings, serves=False)
    printed = f"{settings!r} {settings.connection!r} {settings.model_dump_json()}"
    assert "secret" not in printed.replace("secrets", "")
    assert settings.connection.user == "giahan-renewal"


OPEN = [
    ("GIAHAN_KAFKA_USER", {"GIAHAN_KAFKA_USER": "", "GIAHAN_KAFKA_PASSWORD": ""}),
    *(
        ("GIAHAN_MONGO", {"GIAHAN_MONGO": uri})
        for uri in (
            "mongodb://host/?tls=true",
            "mongodb://us-secret@host/?tls=true",
            "mongodb://u:mongo-secret@host",
            "mongodb://u:mongo-secret@host/?replicaSet=tls",
            "mongodb://u:mongo-secret@host/?tls=false",
            "mongodb+srv://u:mongo-secret@host.vn/?ssl=false",
            "mongodb://u:mongo-secret@host/?tls=true&tlsInsecure=true",
            "mongodb://u:mongo-secret@host/?ssl=true&TLSALLOWINVALIDCERTIFICATES=true",
            "mongodb://u:mongo-secret@host/?tls=true&tlsAllowInvalidHostnames=true",
            "mongodb://u:p:mongo-secret@host/?tls=true",
            "host:27017",
        )
    ),
    ("GIAHAN_JWKS", {"GIAHAN_JWKS": "HTTP://id.ministry.vn/keys"}),
]


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(("variable", "values"), OPEN)
def test_production_refuses_open_connections(
    monkeypatch: pytest.MonkeyPatch, variable: str, values: dict[str, str]
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=rf"{variable}[\s\S]*GIAHAN_CLOSED_NETWORK") as stopped:
        read(Settings)
    assert "-secret" not in str(stopped.value)
    monkeypatch.setenv("GIAHAN_CLOSED_NETWORK", "true")
    assert read(Settings).closed_network


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "uri",
    [
        SECURED["GIAHAN_MONGO"],
        "mongodb://u:p%40q@a,b,c/?replicaSet=rs&SSL=true&tlsCAFile=/run/ca.pem",
        "mongodb+srv://u:p@cluster.vn/?authSource=admin",
        "mongodb://host/?tls=true&authMechanism=MONGODB-X509&tlsCertificateKeyFile=/run/own.pem",
    ],
)
def test_production_accepts_authenticated_connections(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("GIAHAN_MONGO", uri)
    assert not read(Settings).closed_network
