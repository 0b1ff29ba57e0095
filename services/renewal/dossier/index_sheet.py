"""The index of a dossier as HTML for the layout: what is in the archive, and the manifest's SHA-256."""

from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.renewal.domain.dossier.facts import DossierFacts
from services.renewal.domain.dossier.manifest import DossierManifest
from services.renewal.dossier.offered_tool import TOOL
from services.renewal.dossier.texts import CATALOGUE, WORDS, paper_text
from services.renewal.texts import NOTICES

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def index_html(manifest: DossierManifest, facts: DossierFacts) -> str:
    """In Vietnamese, with the headings of lists in English too. The same facts give the same text."""
    return _TEMPLATES.get_template("index.html").render(
        manifest=manifest,
        digest=sha256(manifest.bytes()).hexdigest(),
        made=facts.renewal.registration,
        sent=facts.sent,
        notices=NOTICES,
        tool=TOOL.name,
        d=WORDS["vi"],
        both=CATALOGUE.both,
        paper_text=paper_text,
    )
