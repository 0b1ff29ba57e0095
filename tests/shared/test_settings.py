"""Settings: a wrong one stops the start, named by its variable and never shown."""

import pytest

from shared.settings import BadSettings, Settings, read


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
def test_wrong_setting_is_named_and_not_shown(
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
    settings = read(Settings)
    assert settings.environment == "production"
    assert settings.database("renewal") == "test-1_giahan_renewal"
    assert Settings().model_copy(update={"namespace": ""}).database("renewal") == "giahan_renewal"


def test_credentials_of_the_database_are_not_in_the_printed_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_MONGO", "mongodb://user:secret@host")
    assert "secret" not in repr(read(Settings))
