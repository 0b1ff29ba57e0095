"""The closed door between a document and the rest of the world."""

from typing import NoReturn

from weasyprint.urls import FatalURLFetchingError, URLFetcher


class ReachesOut(Exception):
    """A document asked for something from outside."""


class ClosedFetcher(URLFetcher):  # type: ignore[misc]
    """Fetches nothing, local files included.

    A template that reaches out is a defect: it stops the document, rather than being skipped.
    """

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        raise FatalURLFetchingError("documents fetch nothing")
