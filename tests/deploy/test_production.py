"""Production refuses to start with example data: every setting without a real default must be set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from services.notifier.settings import NotifierSettings
from services.renewal.settings import RenewalSettings
from services.signing.settings import SigningSettings
from services.subscription.settings import SubscriptionSettings
from shared.runtime.settings import BadSettings, Settings, read

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "services/renewal/catalogue.json"
SETTINGS = {
    "subscription": SubscriptionSettings,
    "renewal": RenewalSettings,
    "signing": SigningSettings,
    "notifier": NotifierSettings,
}
VENDOR = {
    "name": "Công ty Cổ phần Phần mềm Sông Hồng",
    "tax_code": "0101243150",
    "address": "Số 1 phố Huế, phường Hai Bà Trưng, thành phố Hà Nội",
    "place": "Hà Nội",
    "representative": "Trần Thị Bình",
    "title": "Giám đốc",
    "phone": "024 3999 0001",
    "email": "giahan@songhong.vn",
    "bank": "Ngân hàng Thương mại Cổ phần Sông Hồng",
    "bank_account": "19031234567890",
}
PEOPLE = {"GIAHAN_JWKS": "https://id.vn/keys", "GIAHAN_ISSUER": "https://id.vn", "GIAHAN_AUDIENCE": "giahan"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """All settings that production requires, in the environment."""
    catalogue = tmp_path / "prices.json"
    catalogue.write_text(SHIPPED.read_text().replace("2400000", "2500000"))
    environment = {
        **PEOPLE,
        "GIAHAN_KAFKA_USER": "giahan-service",
        "GIAHAN_KAFKA_PASSWORD": "secret",
        "GIAHAN_MONGO": "mongodb://giahan-service:secret@mongo/?authSource=admin&tls=true",
        "GIAHAN_VENDOR": json.dumps(VENDOR),
        "GIAHAN_CATALOGUE": str(catalogue),
        "GIAHAN_PRODUCTS": '{"qlts": {"vi": "Phần mềm Quản lý tài sản", "en": "QLTS asset management"}}',
        "GIAHAN_CONDITIONS_URL": "https://giahan.songhong.vn/renewal/conditions",
        "GIAHAN_PORTAL_URL": "https://giahan.songhong.vn/renewal",
        "GIAHAN_SMTP_SENDER": "khong-tra-loi@songhong.vn",
        "GIAHAN_TRUST_ROOTS": "roots.pem",
        "GIAHAN_SEAL_P12": "vendor.p12",
        "GIAHAN_SEAL_PASSWORD": "secret",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


NEEDED = [
    *((model, name) for model in SETTINGS.values() for name in PEOPLE),
    (RenewalSettings, "GIAHAN_VENDOR"),
    (RenewalSettings, "GIAHAN_CATALOGUE"),
    (RenewalSettings, "GIAHAN_CONDITIONS_URL"),
    (NotifierSettings, "GIAHAN_VENDOR"),
    (NotifierSettings, "GIAHAN_PRODUCTS"),
    (NotifierSettings, "GIAHAN_PORTAL_URL"),
    (NotifierSettings, "GIAHAN_SMTP_SENDER"),
    (SigningSettings, "GIAHAN_TRUST_ROOTS"),
    (SigningSettings, "GIAHAN_SEAL_P12"),
    (SigningSettings, "GIAHAN_SEAL_PASSWORD"),
]


@pytest.mark.parametrize("model", SETTINGS.values(), ids=SETTINGS)
def test_settings_are_read(environment: dict[str, str], model: type[Settings]) -> None:
    assert read(model).environment == "production"


@pytest.mark.parametrize(("model", "variable"), NEEDED)
def test_each_must_be_set(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, model: type[Settings], variable: str
) -> None:
    monkeypatch.delenv(variable)
    with pytest.raises(BadSettings, match=variable):
        read(model)


@pytest.mark.parametrize(
    ("model", "variable", "value"),
    [
        (RenewalSettings, "GIAHAN_CATALOGUE", str(SHIPPED)),
        (RenewalSettings, "GIAHAN_CATALOGUE", os.path.relpath(SHIPPED)),
        (RenewalSettings, "GIAHAN_CONDITIONS_URL", "https://giahan.giahanso.example/conditions"),
        (NotifierSettings, "GIAHAN_PRODUCTS", "{}"),
        (NotifierSettings, "GIAHAN_PRODUCTS", '{"qlts": {"vi": "", "en": "QLTS"}}'),
        (NotifierSettings, "GIAHAN_PORTAL_URL", "https://giahan.giahanso.example/"),
        (NotifierSettings, "GIAHAN_SMTP_SENDER", "khong-tra-loi@giahanso.example"),
    ],
)
def test_examples_values_are_refused(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    model: type[Settings],
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings, match=variable):
        read(model)


@pytest.mark.parametrize("part", ["name", "tax_code", "representative", "phone", "email", "bank_account"])
def test_no_part_of_the_vendor_is_the_examples(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A real company with an invented account would send its offices' money to nobody."""
    example = RenewalSettings.model_fields["vendor"].get_default().model_dump()
    monkeypatch.setenv("GIAHAN_VENDOR", json.dumps({**VENDOR, part: example[part]}))
    with pytest.raises(BadSettings, match=f"GIAHAN_VENDOR: {part}"):
        read(RenewalSettings)


def test_a_copy_of_the_example_prices_is_the_example(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "ours.json"
    copy.write_bytes(SHIPPED.read_bytes())
    monkeypatch.setenv("GIAHAN_CATALOGUE", str(copy))
    with pytest.raises(BadSettings, match="GIAHAN_CATALOGUE"):
        read(RenewalSettings)


def test_process_ends_and_says_which(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIAHAN_")}
    ended = subprocess.run(
        [sys.executable, "-m", "services.renewal"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert ended.returncode == 1
    environment = (*PEOPLE, "GIAHAN_VENDOR", "GIAHAN_CATALOGUE", "GIAHAN_KAFKA_USER", "GIAHAN_MONGO")
    assert [name for name in environment if name not in ended.stderr] == []


COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_sets_them_all(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]
    needed = {variable for model, variable in NEEDED if model is SETTINGS[service]}
    needed |= {"GIAHAN_CLOSED_NETWORK"}
    assert needed <= set(environment)
    assert all(":?" in environment[name] or environment[name].startswith("/") for name in needed)


@pytest.mark.parametrize("server", ["kafka", "mongo"])
def test_open_servers_of_compose_are_on_a_network_of_their_own(server: str) -> None:
    assert COMPOSE["networks"]["servers"] == {"internal": True}
    assert COMPOSE["services"][server]["networks"] == ["servers"]
    assert "ports" not in COMPOSE["services"][server]


@pytest.mark.parametrize("asked", ["subscription", "notifier"], ids=["gate", "banners"])
def test_what_the_platform_asks_runs_apart_from_the_consumer(asked: str) -> None:
    """A frozen consumer, or a broker that is away, must not stop the gate or the banners."""
    alone, worker = COMPOSE["services"][asked], COMPOSE["services"][f"{asked}-worker"]
    assert (alone["command"], worker["command"]) == (["--only", "api"], ["--only", "worker"])
    assert "kafka" not in alone["depends_on"]
    assert "ports" not in worker
    assert alone["environment"] == worker["environment"]
