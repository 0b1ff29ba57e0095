"""The dates on which a form was posted and received."""

from datetime import date

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import InvalidField, RenewalError


class Post(Frozen):
    """The dates of a piece of post. `postmarked_on` None: the postmark can't be read."""

    received_on: date
    postmarked_on: date | None = None


def check(post: Post, today: date) -> None:
    """Raises RenewalError for impossible dates."""
    if post.received_on > today:
        raise RenewalError("post-untrue", InvalidField("/received_on", "in_the_future"))
    if post.postmarked_on and post.postmarked_on > post.received_on:
        raise RenewalError("post-untrue", InvalidField("/postmarked_on", "after_received"))
