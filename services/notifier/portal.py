"""The vendor's portal, where offices register."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Portal:
    url: str

    def link(self, product_code: str) -> str:
        """The portal's address for one product. It does not name the office: sign-in identifies it."""
        query = urlencode({"product": product_code})
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{query}"
