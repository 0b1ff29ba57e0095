"""Builds the way to those who prove signatures: responders, lists and the time-stamping authority."""

import httpx
import structlog

from services.signing.evidence.downloads import Downloads, host_of
from services.signing.evidence.source import Authorities
from services.signing.settings import SigningSettings

log = structlog.get_logger()


def build(settings: SigningSettings) -> Authorities:
    """Warns in the log where no time-stamping authority is set. Close its client at the end."""
    if not settings.tsa_url:
        log.warning("signing.without_time_stamps", level="B-B")
    stamping = {host_of(settings.tsa_url)} if settings.tsa_url else set()
    client = httpx.AsyncClient(follow_redirects=False, timeout=settings.fetch_seconds)
    hosts = settings.revocation_hosts | stamping
    return Authorities(Downloads(client, hosts, settings.fetch_seconds), settings.tsa_url)
