"""The limit of held changes above which a person must check them: a wrong list causes many at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldLimit:
    """At most `most` held changes at once, and at most `share` (0 to 1) of all subscriptions."""

    most: int = 20
    share: float = 0.005

    def exceeded(self, held: int, all: int) -> bool:
        """Whether `held` changes of `all` subscriptions are more than usual."""
        return held > self.most or held > self.share * all
