"""The addresses that mails and banners lead to."""

from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import UUID

from shared.situation import Turn


@dataclass(frozen=True, slots=True)
class Portal:
    """`url`: where offices register. `signing_url`: the page that signs the form `renewal=ID`, as an address
    or as a path on the portal's host; empty if offices sign in software of their own."""

    url: str
    signing_url: str = ""

    def link(self, product_code: str) -> str:
        """The portal's address for one product. It does not name the office: sign-in identifies it."""
        return _with_query(self.url, product=product_code)

    def page_for(self, action: Turn | None, renewal_id: UUID | None, product_code: str) -> str:
        """Where the office acts: the signing page if it has to sign its form, the registration's page of
        payments if it pays, otherwise the portal."""
        if action is Turn.PAY and renewal_id:
            return self._payment_page(renewal_id)
        if action is Turn.SIGN and renewal_id and self.signing_url:
            return _with_query(urljoin(self.url, self.signing_url), renewal=str(renewal_id))
        return self.link(product_code)

    def _payment_page(self, renewal_id: UUID) -> str:
        portal = urlsplit(self.url)
        path = f"{portal.path.rstrip('/')}/registrations/{renewal_id}/transfer"
        return portal._replace(path=path).geturl()


def _with_query(url: str, **values: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(values)}"
