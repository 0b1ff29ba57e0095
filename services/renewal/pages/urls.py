"""The addresses of the pages."""

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

PATH = "/renewal"


def home() -> str:
    return PATH


def asset(name: str) -> str:
    return f"{PATH}/assets/{name}"


def office(office_ref: str) -> str:
    return f"{PATH}/o/{office_ref}"


def history(office_ref: str, step: str = "") -> str:
    """`step`: file.csv, file.xlsx."""
    return f"{office(office_ref)}/history{f'/{step}' if step else ''}"


def subscription(office_ref: str, product_code: str, step: str = "") -> str:
    """`step`: one of notice, declare, review, send, recovery, resources."""
    return f"{office(office_ref)}/{product_code}{f'/{step}' if step else ''}"


def joint(office_ref: str, product_codes: Iterable[str] = (), step: str = "", **more: str) -> str:
    """The registration of several products on one form. `step`: review."""
    query = urlencode([*(("product", code) for code in product_codes), *more.items()])
    path = f"{PATH}/joint/{office_ref}{f'/{step}' if step else ''}"
    return f"{path}?{query}" if query else path


def registration(renewal_id: UUID, step: str = "") -> str:
    """`step`: sending, cancel, show, again, transfer, invoice, dossier or dossier.zip."""
    return f"{PATH}/registrations/{renewal_id}{f'/{step}' if step else ''}"


def conditions(edition: str) -> str:
    """`edition`: LINE/DATE."""
    return f"{PATH}/conditions/{edition}"


def guide(chapter: str) -> str:
    """`chapter`: one of guide.chapters.NAMES."""
    return f"{PATH}/guide#{chapter}"


def guide_picture(chapter: str) -> str:
    return f"{PATH}/guide/pictures/{chapter}.png"


def document(sha256: str) -> str:
    return f"{PATH}/documents/{sha256}"


def intake(batch_id: UUID | None = None, step: str = "") -> str:
    """The desk's list of batches, one batch, or a `step` in it."""
    parts = [f"{PATH}/desk/intake", str(batch_id) if batch_id else "", step]
    return "/".join(part for part in parts if part)


def desk(step: str = "", **filters: object) -> str:
    """The desk's queue with these filters, or a `step` in it: next, find, bulk, dossiers, file.csv,
    file.xlsx."""
    path = f"{PATH}/desk{f'/{step}' if step else ''}"
    query = urlencode({name: value for name, value in filters.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def case(renewal_id: UUID, step: str = "") -> str:
    """One registration for the desk. `step`: decide, claim, release, payment, invoice, dossier."""
    return desk(f"registrations/{renewal_id}{f'/{step}' if step else ''}")


def renewer(office_ref: str, step: str = "") -> str:
    """The renewer whom the desk appointed for an office. `step`: withdraw, evidence."""
    return desk(f"offices/{office_ref}/renewer{f'/{step}' if step else ''}")
