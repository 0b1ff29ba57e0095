"""QR codes as drawings inside a page, because templates can't load pictures."""

import segno
from markupsafe import Markup

from services.renewal.domain.registration.form_code import QR_WHITE


def qr(digits: str) -> Markup:
    """The code of a form: an `<svg>` without a size of its own. It has error correction level H: the code is
    still readable if a fold or a pen covers 8 of its 26 words."""
    code = segno.make(digits, version=1, error="h", mode="numeric", boost_error=False, micro=False)
    return Markup(code.svg_inline(border=QR_WHITE, omitsize=True))  # noqa: S704 -- made of digits


def transfer_qr(payload: str) -> Markup:
    """A VietQR for a screen or a document: an `<svg>` without a size of its own."""
    code = segno.make(payload, error="m", micro=False)
    return Markup(code.svg_inline(border=QR_WHITE, omitsize=True))  # noqa: S704 -- a VietQr has no markup
