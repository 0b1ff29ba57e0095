"""The settings of the signing tool: the environment (`GIAHAN_SIGN_…`), the person's file, the package's."""

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_config_path
from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tools.sign.pairings import SiteOrigin

CONFIG_FOLDER = user_config_path("giahan-sign", appauthor=False)
PRESET = Path(__file__).parent / "preset.toml"
"""What a vendor ships in its package (tools/sign/package.py). It need not be there."""


class SignToolSettings(BaseSettings):
    """An environment variable counts before settings.toml in the person's folder, and that before the
    package's preset."""

    model_config = SettingsConfigDict(
        env_prefix="GIAHAN_SIGN_", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    folder: Path = Field(CONFIG_FOLDER, description="Where the list of allowed sites is kept")
    origins: tuple[SiteOrigin, ...] = Field((), description="Sites that are allowed without a question")
    libraries: tuple[Path, ...] = Field(
        (), description="PKCS#11 libraries to use instead of the known ones (JSON)"
    )
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        (14742, 14743, 14744), min_length=1, description="The first free one is used; pages try these three"
    )
    ask: Literal["auto", "window", "console"] = Field(
        "auto", description="Where the person is asked; auto: in a window, or else on the terminal"
    )
    answer_seconds: float = Field(
        120, gt=0, le=600, description="After this a window that nobody answers closes"
    )
    token_seconds: float = Field(
        60,
        gt=0,
        le=600,
        description="Longest time for one piece of work of a token, a PIN pad's entry included",
    )
    log: Path | None = Field(None, description="File of the log; none: the standard error output")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = [PRESET, CONFIG_FOLDER / "settings.toml"]
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, files)
