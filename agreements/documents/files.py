"""A document as a file to keep: its forms, its names, and the answer that carries it."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _

from agreements.documents.content import document_of
from agreements.documents.tree import LANGUAGES
from agreements.models import Edition
from itsm.download import as_name, file_answer

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def asked_language(lang: str) -> str:
    """The languages asked for, "zh", "en" or "both"; BadRequest (400) in words for anything else."""
    if lang not in LANGUAGES:
        words = _("“lang” must be one of %(names)s.")
        raise BadRequest(words % {"names": ", ".join(LANGUAGES)})
    return lang


def download(edition: Edition, languages: str, form: str, *, with_annex: bool = False) -> HttpResponse:
    """The document as "pdf" or "docx", under a name that says what it is; access is the caller's affair."""
    document = document_of(edition, languages, with_annex=with_annex)
    # both libraries are big, and needed only here
    if form == "pdf":
        from agreements.documents.pdf import render_pdf

        made = render_pdf(document)
    else:
        from agreements.documents.word import render_docx

        made = render_docx(document)
    stem, agreement = f"{edition.number}-{edition.edition_number}", edition.agreement
    own = agreement.name_en if languages == "en" else agreement.name_zh or agreement.name_en
    return file_answer(
        made, content_type=TYPES[form], name=f"{stem}-{languages}.{form}",
        full_name=f"{stem} {as_name(own)} {languages}.{form}",
    )  # fmt: skip
