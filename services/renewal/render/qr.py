"""The QR of a form's code, as a drawing inside the page: templates fetch nothing."""

import segno
from markupsafe import Markup

from services.renewal.domain.registration.form_code import QR_WHITE


def qr(digits: str) -> Markup:
    """An `<svg>` without a size of its own. Level H: 8 of its 26 words may be lost under a fold or a pen."""
    code = segno.make(digits, version=1, error="h", mode="numeric", boost_error=False, micro=False)
    return Markup(code.svg_inline(border=QR_WHITE, omitsize=True))  # noqa: S704 -- made of digits
