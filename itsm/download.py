"""A made document as the answer that carries it away as a file."""

from urllib.parse import quote

from django.http import HttpResponse


def file_answer(content: bytes, *, content_type: str, name: str, full_name: str) -> HttpResponse:
    """The file under ``name`` (ASCII) for old programs, and for others under ``full_name`` (RFC 6266)."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(full_name)}"
    response["Cache-Control"] = "private, no-store"
    return response


def as_name(words: str) -> str:
    """Words as a part of a file's name: letters, digits and single spaces, at most 80 of them."""
    kept = "".join(letter if letter.isalnum() else " " for letter in words)
    return " ".join(kept.split())[:80]
