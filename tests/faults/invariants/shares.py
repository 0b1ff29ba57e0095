"""What is paid for a joint form counts for its products as it came and as the desk allocated it. No product
has its full resources without its own contract.

These hold at rest, as the invariants of money do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from tests.faults.history import Lines, of
from tests.faults.money_history import (
    AccessCause,
    FormProducts,
    StoredAllocation,
    StoredReceipt,
    ToldGrant,
    ToldShare,
)


def shares_make_what_came(lines: Lines) -> list[str]:
    """What pays for all counts for each. Of less, each product has what is allocated to it, and nothing of an
    allocation of more than came."""
    last = last_shares(lines)
    allocated = {each.form: each.shares for each in of(StoredAllocation, lines)}
    receipts = [each for each in of(StoredReceipt, lines) if each.counts]
    found = []
    for form in of(FormProducts, lines):
        paid = sum(each.amount for each in receipts if each.renewal == form.form)
        told = {id: last[id] for id in form.products if id in last}
        if paid or told:
            found += [
                f"{id} was never told its share of {form.form}" for id in form.products if id not in told
            ]
            due = _due(form, told, paid, allocated.get(form.form, {}))
            found += [
                f"{id} of {form.form}: {share.paid} is told, {due[id]} of {paid} is its share"
                for id, share in told.items()
                if share.paid != due[id]
            ]
    return found


def each_share_is_told_once(lines: Lines) -> list[str]:
    """A product is told again by the same receipt only where its share has changed."""
    by_product: defaultdict[str, list[ToldShare]] = defaultdict(list)
    for each in _once(of(ToldShare, lines)):
        by_product[each.renewal].append(each)
    return [
        f"{renewal} is told {after.paid} by {after.receipt} again"
        for renewal, told in by_product.items()
        for before, after in pairwise(told)
        if (before.receipt, before.reversed, before.paid) == (after.receipt, after.reversed, after.paid)
    ]


def no_full_grant_without_its_contract(lines: Lines) -> list[str]:
    """The platform is asked for what was ordered for good only for the product whose contract is sealed."""
    sealed = {(cause.subscription, cause.contract) for cause in of(AccessCause, lines)}
    return [
        f"{grant.subscription}: full resources by {grant.contract}, whose contract nobody sealed"
        for grant in of(ToldGrant, lines)
        if (grant.subscription, grant.contract) not in sealed
    ]


def last_shares(lines: Lines) -> dict[str, ToldShare]:
    """The last share that each product was told."""
    return {each.renewal: each for each in _once(of(ToldShare, lines))}


def _due(
    form: FormProducts, told: Mapping[str, ToldShare], paid: int, allocated: Mapping[str, int]
) -> dict[str, int]:
    """What should count for each product. More than all is for the first one."""
    prices = {id: share.total for id, share in told.items()}
    over = paid - sum(prices.values())
    if over >= 0:
        return {id: price + (over if id == form.form else 0) for id, price in prices.items()}
    counts = sum(allocated.values()) <= paid
    return {id: allocated.get(id, 0) if counts else 0 for id in prices}


def _once(told: Iterable[ToldShare]) -> list[ToldShare]:
    """Without the copies of an event that was published again, in the order of first appearance."""
    first: dict[str, ToldShare] = {}
    for each in told:
        first.setdefault(each.event, each)
    return list(first.values())
