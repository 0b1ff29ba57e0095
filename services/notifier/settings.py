"""The settings of the notifier."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.notifier.words import Bilingual
from shared.runtime.settings import Settings, example
from shared.vendor import EXAMPLE_CONTACT, VendorContact

_EXAMPLE_PRODUCTS = {
    "qlts": Bilingual(vi="Phần mềm Quản lý tài sản", en="QLTS asset management"),
    "ktns": Bilingual(vi="Phần mềm Kế toán hành chính sự nghiệp", en="KTNS public-sector accounting"),
    "qlcb": Bilingual(vi="Phần mềm Quản lý cán bộ", en="QLCB staff management"),
}


class NotifierSettings(Settings):
    banners_remember: int = Field(
        5000, ge=0, description="Offices whose banners are remembered in case the database does not answer"
    )
    vendor: VendorContact = example(
        EXAMPLE_CONTACT, invented=("name", "phone", "email"), description="The vendor as mails name it (JSON)"
    )
    products: dict[str, Bilingual] = example(
        _EXAMPLE_PRODUCTS, min_length=1, description="Names of products by code (JSON: {code: {vi, en}})"
    )
    portal_url: str = example(
        "https://giahan.giahanso.example/",
        invented=True,
        pattern=r"^https?://[!-~]+$",
        description="Where offices register",
    )
    signing_url: str = Field(
        "/signing",
        pattern=r"^((https?:/)?/[!-~]+)?$",
        description="The page that signs the form renewal=ID, for mails and banners; empty: the portal",
    )
    corrections_wait_seconds: float = Field(
        20,
        ge=0,
        le=3600,
        description="How long a mail about a form with a corrected date waits for another correction",
    )
    smtp_host: str = Field("127.0.0.1", pattern=r"^[A-Za-z0-9.:_-]+$")
    smtp_port: int = Field(8125, ge=1, le=65535)
    smtp_sender: str = example(
        "khong-tra-loi@giahanso.example",
        invented=True,
        pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$",
        description="Envelope and From address; bounces go to it",
    )
    smtp_tls: Literal["off", "offered", "starttls", "tls"] = Field(
        "offered", description="offered: STARTTLS if the server has it; starttls and tls require it"
    )
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_connections: int = Field(4, ge=1, le=32, description="Mails under way at once")
    smtp_rate: float = Field(
        10.0,
        gt=0,
        le=10_000,
        description="Mails a second that the relay takes; the expected end of the queue is told by it",
    )
    smtp_seconds: float = Field(30.0, gt=0, le=600, description="Longest time of one attempt")
    smtp_retry_seconds: float = Field(60.0, gt=0, description="First wait after a failure; doubles")
    smtp_refused_days: float = Field(
        3, gt=0, le=7, description="How long a recipient may refuse before the desk has to call"
    )
    smtp_unknowns: int = Field(
        5, ge=1, description="Attempts without an answer after DATA before a mail is parked"
    )

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("GIAHAN_SMTP_USER and GIAHAN_SMTP_PASSWORD belong together")
        if self.smtp_user is not None and self.smtp_tls not in ("starttls", "tls"):
            raise ValueError("a login needs GIAHAN_SMTP_TLS=starttls or tls")
        return self

    @property
    def mail_domain(self) -> str:
        """The domain of Message-IDs."""
        return self.smtp_sender.rpartition("@")[2]
