"""Parameters of an address that answers one thing: read as strictly as a body."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from itsm.rest.fields import Instant
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict


class QueryInstant(Instant):
    """An instant in a URL, where a "+" that was not written as %2B arrives as a space."""

    def to_internal_value(self, value: Any) -> datetime:
        text = str(value).strip()
        if len(text) > 6 and text[-6] == " ":
            text = f"{text[:-6]}+{text[-5:]}"
        return super().to_internal_value(text)


def asked(request: Request, form: type[Strict]) -> dict[str, Any]:
    """The checked parameters of a request; a validation problem names each one that is not accepted."""
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise refuse(name[:60], _("Give it once."), "repeated")
    given = {name[:60]: request.query_params[name] for name in request.query_params}
    read = form(data=given, context={"request": request})
    read.is_valid(raise_exception=True)
    found: dict[str, Any] = read.validated_data
    return found
