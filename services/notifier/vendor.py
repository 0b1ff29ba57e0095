"""The vendor who sends the mails, and its portal, where offices register."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field


class VendorContact(BaseModel):
    """The vendor as mails name it. The same setting has more fields for other services."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1)
    address: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    email: str = Field(pattern=r"^[!-~]+@[!-~]+$")


@dataclass(frozen=True, slots=True)
class Portal:
    url: str

    def link(self, product_code: str) -> str:
        """The portal's address for one product. It does not name the office: sign-in identifies it."""
        query = urlencode({"product": product_code})
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{query}"
