"""Prevents a document from loading anything from outside while it is rendered."""

from typing import NoReturn

from weasyprint.urls import FatalURLFetchingError, URLFetcher


class ReachesOut(Exception):
    """A document tried to load something from outside."""


class ClosedFetcher(URLFetcher):  # type: ignore[misc]
    """Refuses to fetch anything, local files included.

    A template that tries it has a defect: the document fails, instead of being rendered without the part.
    """

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        raise FatalURLFetchingError("documents fetch nothing")
