"""What the tests' tokens have: their PINs, and a certificate that can't be read."""

from deploy.local.people.soft_token import SoftToken

PIN = "Mật-khẩu 7391"
"""Of every token but the one of TYPED_PIN."""
TYPED_PIN = "k7391-4826"
"""Has its keys on every keyboard, and none with Shift."""


def add_broken_certificate(token: SoftToken, key_id: bytes) -> None:
    token.add_der(b"\x30\x00", b"\x30\x03no!", key_id)
