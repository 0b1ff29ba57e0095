from pathlib import Path

import pytest

from services.renewal.settings import RenewalSettings, load_catalogue
from shared.runtime.settings import BadSettings, read


def test_shipped_catalogue_and_vendor_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_ENVIRONMENT", "local")
    settings = read(RenewalSettings)
    assert load_catalogue(settings.catalogue).editions
    monkeypatch.setenv("GIAHAN_VENDOR", settings.vendor.model_dump_json())
    assert read(RenewalSettings) == settings


def test_wrong_catalogue_says_where(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text('{"editions": [{"effective_from": "2026-02-30", "products": []}]}')
    with pytest.raises(BadSettings, match=r"editions\.0\.effective_from"):
        load_catalogue(path)


def test_missing_catalogue_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_CATALOGUE", "/nowhere.json")
    with pytest.raises(BadSettings, match="GIAHAN_CATALOGUE"):
        read(RenewalSettings)
