"""From how many held changes on a person must look: a list that went wrong shows as many of them."""

MOST = 20
SHARE = 0.005


def many(held: int, all: int) -> bool:
    """Whether `held` changes of `all` subscriptions are more than can be usual."""
    return held > MOST or held > SHARE * all
