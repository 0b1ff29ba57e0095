"""Why a person's request can't be done."""


class SubscriptionError(Exception):
    """The request breaks the rule `rule`, which has a text in the service's catalogue. `figures` fill
    that text."""

    def __init__(self, rule: str, **figures: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.figures = figures
