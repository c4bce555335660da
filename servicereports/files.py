"""A document as a file to take away: PDF or workbook, under a name that says what it is."""

from datetime import datetime

from django.http import HttpResponse

from itsm.download import as_name, file_answer
from servicereports.tree import Document

TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_of(made: Document, *, dated: datetime, language: str, form: str) -> HttpResponse:
    """``form`` is "pdf" or "xlsx"; who may read it is the caller's affair."""
    # both libraries are big, and needed only here
    if form == "pdf":
        from servicereports.pdf import render_pdf

        body = render_pdf(made, dated=dated)
    else:
        from servicereports.workbook import render_xlsx

        body = render_xlsx(made)
    full = f"{made.number} {as_name(f'{made.title} {made.period}')} {language}.{form}"
    return file_answer(
        body, content_type=TYPES[form], name=f"{made.number}-{language}.{form}", full_name=full
    )
