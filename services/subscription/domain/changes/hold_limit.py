"""From how many held changes on a person must look: a list that went wrong shows as many of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldLimit:
    """At most `most` held changes at once, and at most `share` (0 to 1) of all subscriptions."""

    most: int = 20
    share: float = 0.005

    def exceeded(self, held: int, all: int) -> bool:
        """Whether `held` changes of `all` subscriptions are more than can be usual."""
        return held > self.most or held > self.share * all
