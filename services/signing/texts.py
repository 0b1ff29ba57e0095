"""Texts for the office by the code of what they say, from texts/*.toml."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
REASONS = _TEXTS.part("invalid")
"""By InvalidityReason."""
REFUSALS = _TEXTS.part("refusal")
"""By RefusalReason."""
CAUTIONS = _TEXTS.part("caution")
LOOKS = _TEXTS.part("look")
"""By LookReason, for the desk."""
LEVELS = _TEXTS.part("level")
"""By SignatureLevel."""
PRESERVATION_FAILURES = _TEXTS.part("preservation")
"""By PreservationFailure."""
UNKNOWN = _TEXTS.part("unknown")
REMOTE = _TEXTS.part("remote")
"""By RemoteFailure."""
CERTIFICATE_NEEDED = _TEXTS.both("remote_choice.certificate_needed")
REMOTE_TITLES = _TEXTS.part("remote_title")
"""What a person confirms on a phone, by the kind of document."""
