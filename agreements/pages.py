"""What the pages of an edition share: what is refused, and where it is said."""

from typing import Any

from django.core.exceptions import ValidationError

UNPROCESSABLE = 422


def refused_by(form: Any, refused: ValidationError) -> None:
    """What a verb refused, at its field or above the form."""
    for field, errors in refused.message_dict.items():
        form.add_error(field if field in form.fields else None, errors)
