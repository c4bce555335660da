"""A text in both languages as the reader's own."""

from typing import Any

from django import template

from accounts.models import in_reader_language

register = template.Library()


@register.simple_tag
def localized(text: Any) -> str:
    """``{% localized field.label as words %}``; "" for nothing."""
    return in_reader_language(text.en, text.zh) if text else ""
