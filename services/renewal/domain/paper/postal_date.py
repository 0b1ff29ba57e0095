"""When a form came by post."""

from datetime import date

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import InvalidField, RenewalError


class Post(Frozen):
    """`postmarked_on` None: the mark can't be read."""

    received_on: date
    postmarked_on: date | None = None


def check(post: Post, today: date) -> None:
    """Raises Refused for dates that can't be."""
    if post.received_on > today:
        raise RenewalError("post-untrue", InvalidField("/received_on", "in_the_future"))
    if post.postmarked_on and post.postmarked_on > post.received_on:
        raise RenewalError("post-untrue", InvalidField("/postmarked_on", "after_received"))
