"""What each letter about a registration tells besides its news: package, users, storage, the next step."""

from dataclasses import replace
from datetime import date

from services.notifier.domain.matter import ContractMatter, GrantMatter, Matter
from services.notifier.domain.progress import awaited_step
from services.notifier.domain.registration_matter import AddressChanged, RegistrationMatter
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.letter_body import LetterBody, Rows
from services.notifier.email.mime import one_line
from services.notifier.phrases import step_text
from services.notifier.words import Words
from shared.events.order import OrderedResources


def with_registration_rows(
    words: Words, body: LetterBody, matter: Matter, subscription: SubscriptionStatus | None, today: date
) -> LetterBody:
    """The body, with package, users and storage after its first row, and the next step as its last one, by
    the newest status. A letter to the previous address says nothing of them."""
    if not isinstance(matter, RegistrationMatter) or isinstance(matter, AddressChanged):
        return body
    ordered, step = _ordered(matter, subscription), awaited_step(subscription, matter.renewal_id, today)
    more = resource_rows(words, ordered) if ordered else ()
    following: Rows = ()
    if step:
        text = step_text(words, step)
        following = ((words.say("row.next"), text[:1].upper() + text[1:]),)
    first, *rows = body.rows
    return replace(body, rows=(first, *more, *rows, *following))


def resource_rows(words: Words, ordered: OrderedResources) -> Rows:
    return (
        (words.say("row.package"), _package(ordered)),
        (words.say("row.users"), words.say("row.users_value", {"users": ordered.users})),
        (words.say("row.storage"), _storage(words, ordered)),
    )


def resources_text(words: Words, ordered: OrderedResources) -> str:
    """Package, users and storage in one line."""
    users = words.say("row.users_value", {"users": ordered.users})
    label = words.say("row.storage")
    storage = f"{label[:1].lower()}{label[1:]} {_storage(words, ordered)}"
    return f"{_package(ordered)}, {users}, {storage}"


def _ordered(matter: RegistrationMatter, subscription: SubscriptionStatus | None) -> OrderedResources | None:
    """What the matter itself gives, else what is ordered. The package's name is known from the order."""
    known = subscription.renewals.get(matter.renewal_id) if subscription else None
    ordered = known.ordered if known else None
    if not isinstance(matter, ContractMatter | GrantMatter) or matter.package is None or matter.users is None:
        return ordered
    is_same = ordered is not None and ordered.package == matter.package
    return OrderedResources(
        package=matter.package,
        package_name=ordered.package_name if ordered and is_same else "",
        users=matter.users,
        storage_gb=matter.storage_gb,
    )


def _package(ordered: OrderedResources) -> str:
    return one_line(ordered.package_name) or one_line(ordered.package)


def _storage(words: Words, ordered: OrderedResources) -> str:
    if ordered.storage_gb is None:
        return words.say("row.storage_package")
    return words.say("row.storage_value", {"storage_gb": ordered.storage_gb})
