"""Who writes, and where its offices register."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field


class VendorContact(BaseModel):
    """As mails name it. The same variable tells other services more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1)
    address: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    email: str = Field(pattern=r"^[!-~]+@[!-~]+$")


@dataclass(frozen=True, slots=True)
class Portal:
    url: str

    def link(self, product_code: str) -> str:
        """The address for one product. It says nothing of the office: that is known after sign-in."""
        query = urlencode({"product": product_code})
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{query}"
