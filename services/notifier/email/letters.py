"""Writes the letter of a notice: first in Vietnamese, then in English."""

import re
from collections.abc import Mapping
from datetime import datetime

from services.notifier.domain.assent_matter import AssentMatter, ContractToSign
from services.notifier.domain.contact import Contact
from services.notifier.domain.matter import ContractMatter, GrantMatter, Registered, StageMatter
from services.notifier.domain.notice import Notice
from services.notifier.domain.payment.matter import PaymentMatter
from services.notifier.domain.registration_matter import (
    AddressChanged,
    FormRestated,
    RegistrationClosed,
    RegistrationMatter,
)
from services.notifier.domain.situation import Level, SituationNotice, banner_situation, notice_situation
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.assent_letters import assent_body
from services.notifier.email.joined_products import (
    WholeFormMatter,
    other_products,
    products_named,
    with_products,
)
from services.notifier.email.letter_body import LetterBody, Rows, transfer_rows
from services.notifier.email.mime import Attachment, Letter, one_line
from services.notifier.email.payment_letters import payment_body
from services.notifier.email.registration_letters import (
    address_change_body,
    closure_body,
    form_body,
    restatement_body,
)
from services.notifier.email.registration_rows import resources_text, with_registration_rows
from services.notifier.phrases import IN_USE, Phrases, office_turn
from services.notifier.portal import Portal
from services.notifier.words import NoticeWords, Words, environment
from shared.events.base import SendBy
from shared.events.order import FullGrant
from shared.situation import SituationKind, Turn
from shared.storage.documents import Documents
from shared.time.calendar import civil_date
from shared.vendor import VendorContact

_COLOURS = {
    Level.INFO: "#2f6f4f",
    Level.WARNING: "#b7791f",
    Level.URGENT: "#b45309",
    Level.BLOCKED: "#a4262c",
}


class LetterWriter:
    def __init__(
        self, catalogue: NoticeWords, vendor: VendorContact, portal: Portal, documents: Documents
    ) -> None:
        self._catalogue = catalogue
        self._vendor = vendor
        self._portal = portal
        self._documents = documents
        jinja = environment()
        self._html = jinja.get_template("mail.html")
        self._text = jinja.get_template("mail.txt")

    async def write(
        self, notice: Notice, contact: Contact, subscription: SubscriptionStatus | None, now: datetime
    ) -> Letter:
        """The letter, true at `now`. Raises MissingDocument if the contract isn't stored."""
        office = one_line(contact.office_name)
        today = civil_date(now, notice.zone)
        bodies = [
            with_registration_rows(
                words, _body(words, notice, subscription, now), notice.matter, subscription, today
            )
            for words in self._catalogue
        ]
        parts = [
            self._part(words, notice, office, body)
            for words, body in zip(self._catalogue, bodies, strict=True)
        ]
        values = {
            "parts": parts,
            "vendor": self._vendor,
            "url": self._url(notice, bodies[0].action, subscription),
            "colour": _COLOURS[bodies[0].level],
            "reference": str(notice.id)[:8].upper(),
        }
        product = products_named(self._catalogue.vi, notice, subscription)
        return Letter(
            subject=f"{bodies[0].title} – {product} ({office})",
            text=self._text.render(values),
            html=self._html.render(values),
            attachments=await self._attachments(notice),
        )

    def _url(self, notice: Notice, action: Turn | None, subscription: SubscriptionStatus | None) -> str:
        renewal_id = subscription.registration_id if subscription else None
        if isinstance(notice.matter, RegistrationMatter):
            renewal_id = notice.matter.renewal_id
        return self._portal.page_for(action, renewal_id, notice.product_code)

    def _part(self, words: Words, notice: Notice, office: str, body: LetterBody) -> Mapping[str, object]:
        values = {
            "office": office,
            "product": words.product(notice.product_code),
            "phone": self._vendor.phone,
            "email": self._vendor.email,
        }
        texts = {name: words.say(f"mail.{name}", values) for name in _FRAME_TEXTS}
        label = words.say(f"action.{body.action}") if body.action else words.say("mail.open")
        return {
            **texts,
            "language": words.language,
            "title": body.title,
            "paragraphs": body.paragraphs,
            "rows": body.rows,
            "label": label,
        }

    async def _attachments(self, notice: Notice) -> tuple[Attachment, ...]:
        """The contract, in force or to be signed. Its file name is ASCII, made from its number."""
        if not isinstance(notice.matter, ContractMatter | ContractToSign):
            return ()
        document = notice.matter.document
        ascii_number = notice.matter.contract_number.replace("Đ", "D").replace("đ", "d")
        number = re.sub(r"[^A-Za-z0-9]+", "-", ascii_number).strip("-")
        data = await self._documents.get(document.sha256)
        return (Attachment(f"hop-dong-{number}.pdf", document.media_type, data),)


_SIGN_IN_SUSPENDED = (SituationKind.LOCKED, SituationKind.FINAL_NOTICE)
_FRAME_TEXTS = ("dear", "link", "why", "safety", "help", "reference")


def _body(words: Words, notice: Notice, subscription: SubscriptionStatus | None, now: datetime) -> LetterBody:
    matter = notice.matter
    if isinstance(matter, Registered):
        return _registration_body(words, notice, matter, subscription, now)
    if isinstance(matter, ContractMatter):
        return _contract_body(words, notice, matter)
    if isinstance(matter, StageMatter):
        return _stage_body(words, notice, matter, subscription, now)
    if isinstance(matter, GrantMatter):
        return _grant_body(words, notice, matter)
    product = words.product(notice.product_code)
    if isinstance(matter, AssentMatter):
        return assent_body(words, product, matter)
    if isinstance(matter, FormRestated):
        return restatement_body(words, product, matter, subscription)
    body = _form_body(words, notice, matter, subscription, now)
    return with_products(body, words, other_products(notice, subscription))


def _form_body(
    words: Words,
    notice: Notice,
    matter: WholeFormMatter,
    subscription: SubscriptionStatus | None,
    now: datetime,
) -> LetterBody:
    product = products_named(words, notice, subscription)
    if isinstance(matter, AddressChanged):
        return address_change_body(words, product, matter)
    if isinstance(matter, PaymentMatter):
        return payment_body(words, product, matter, subscription, civil_date(now, notice.zone))
    if isinstance(matter, RegistrationClosed):
        return closure_body(words, product, matter, subscription)
    return form_body(words, product, matter, subscription)


def _stage_body(
    words: Words, notice: Notice, matter: StageMatter, subscription: SubscriptionStatus | None, now: datetime
) -> LetterBody:
    situation = notice_situation(matter, subscription, notice.zone, now)
    phrases = Phrases(words, notice.product_code, situation, notice.zone)
    rows, told = tuple(phrases.rows), situation.situation
    paragraphs: tuple[str, ...] = phrases.sentences
    if told.kind in _SIGN_IN_SUSPENDED and told.asks_to_register:
        paragraphs = (*paragraphs, words.say("body.ways_back"))
    return LetterBody(phrases.title, paragraphs, rows, office_turn(situation), situation.level)


def _registration_body(
    words: Words, notice: Notice, matter: Registered, subscription: SubscriptionStatus | None, now: datetime
) -> LetterBody:
    turn = Turn.SIGN if matter.send_by is SendBy.ELECTRONIC else Turn.SEND_PAPER
    at = words.moment(matter.registered_at, notice.zone)
    values = {"product": products_named(words, notice, subscription), "at": at}
    known = subscription.renewals.get(matter.renewal_id) if subscription else None
    present = banner_situation(subscription, now) if subscription else None
    here = known is not None and (known.signed if turn is Turn.SIGN else known.paper_here)
    is_last_day = present is not None and present.situation.kind is SituationKind.LAST_DAY and not here
    unsigned = turn is Turn.SIGN and not here
    title, body = "registered", "registered_unsigned" if unsigned else "registered"
    following: list[str] = []
    if unsigned or is_last_day:
        title = "signature_awaited" if unsigned else "paper_awaited"
    if is_last_day:
        following = [words.say(f"registration.today_{turn}")]
    elif unsigned and present and _is_locked_after_step(present):
        following = [words.say("body.sign_before", {"day": present.situation.usable_until})]
    return LetterBody(
        title=words.say(f"title.{title}"),
        paragraphs=(words.say(f"body.{body}", values), *following),
        rows=(
            (words.say("row.product"), words.product(notice.product_code)),
            (words.say("row.registration"), matter.registration_no),
            (words.say("row.registered_at"), at),
            _term(words, matter),
            *_joined(words, matter),
            *transfer_rows(words, matter.transfer),
        ),
        action=turn,
        level=Level.URGENT if is_last_day else Level.INFO,
    )


def _is_locked_after_step(present: SituationNotice) -> bool:
    """Whether the day of the next step is the last one before access is reduced."""
    until = present.step.until if present.step else None
    return present.situation.kind in IN_USE and until == present.situation.usable_until


def _grant_body(words: Words, notice: Notice, matter: GrantMatter) -> LetterBody:
    days = {"term_from": matter.granted_from, "term_to": matter.granted_to}
    values = {"product": words.product(notice.product_code), "number": matter.contract_number, **days}
    return LetterBody(
        title=words.say("title.resources_granted"),
        paragraphs=(words.say("body.resources_granted", values), words.say("body.resources_how")),
        rows=(
            (words.say("row.product"), words.product(notice.product_code)),
            (words.say("row.contract"), matter.contract_number),
            (words.say("row.granted"), words.say("row.term_value", days)),
        ),
        action=None,
    )


def _contract_body(words: Words, notice: Notice, matter: ContractMatter) -> LetterBody:
    values = {"product": products_named(words, notice, None), "number": matter.contract_number}
    return LetterBody(
        title=words.say("title.contract"),
        paragraphs=(words.say("body.contract", values), *_use_by_contract(words, matter)),
        rows=(
            (words.say("row.product"), words.product(notice.product_code)),
            (words.say("row.contract"), matter.contract_number),
            (words.say("row.contract_date"), words.day(matter.contract_date)),
            (words.say("row.registration"), matter.registration_no),
            _term(words, matter),
            *_joined(words, matter),
        ),
        action=None,
    )


def _use_by_contract(words: Words, matter: ContractMatter) -> tuple[str, ...]:
    if matter.full_grant is FullGrant.AT_CONTRACT:
        return words.say("mail.in_use"), words.say("body.resources_awaited")
    until = (words.say("body.contract_pay_by", {"day": matter.pay_by}),) if matter.pay_by else ()
    return (words.say("body.contract_at_payment"), *until)


def _term(words: Words, matter: Registered | ContractMatter) -> tuple[str, str]:
    days = {"term_from": matter.term_from, "term_to": matter.term}
    return words.say("row.term"), words.say("row.term_value", days)


def _joined(words: Words, matter: Registered | ContractMatter) -> Rows:
    """A row for each other product on the same form, or of the same contract."""
    same = "row.same_contract" if isinstance(matter, ContractMatter) else "row.joined"
    return tuple(
        (
            words.say(same),
            words.say(
                "row.joined_value",
                {
                    "product": words.product(each.product_code),
                    "term_to": each.term,
                    "resources": resources_text(words, each.ordered) if each.ordered else "",
                },
            ),
        )
        for each in matter.joined
    )
