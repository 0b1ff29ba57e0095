"""The site of the signing service: the shell of its pages, its templates and its texts."""

from pathlib import Path

from services.signing.settings import SigningSettings
from shared.text.i18n import TextCatalogue
from shared.web.pages.shell import Shell, page_templates
from shared.web.pages.words import page_words

ROOT = "/signing"
ASSETS = Path(__file__).parent / "assets"
CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
FAILURES = CATALOGUE.part("failure")
_TEMPLATES = page_templates(
    Path(__file__).parent / "templates",
    {
        "signatures": Path(__file__).parents[1] / "signatures/pages/templates",
        "reports": Path(__file__).parents[1] / "reports/templates",
    },
)
_WORDS = page_words(CATALOGUE)


def build_site(settings: SigningSettings) -> Shell:
    return Shell(
        root=ROOT,
        templates=_TEMPLATES,
        words_of=_WORDS,
        secure=settings.environment == "production",
        sign_in_url=settings.sign_in_url,
        values={
            "vendor": settings.vendor,
            "tool_url": settings.tool_url,
            "zone": settings.stamp_zone,
            "failures": FAILURES,
        },
    )
