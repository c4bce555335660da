"""The button that offers the list of a page as a file."""

import secrets
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.template.context import RequestContext

from accounts.pages import actor_of
from exports import sources

register = template.Library()


@register.inclusion_tag("exports/_button.html", takes_context=True)
def export_button(
    context: RequestContext, name: str, query: str | None = None, size: str = "", **fixed: Any
) -> dict[str, Any]:
    """CSV and Excel of exactly what this page's address filters; nothing for who may not export it.

    ``query`` instead of the address's, where the page knows better; ``size`` "sm" for a small button;
    ``fixed``: parts of the path that say what is listed, as parameters (``kpi=kpi.id``).
    """
    request = context.get("request")
    source = sources.get(name)
    if source is None or not isinstance(request, HttpRequest) or not source.may(actor_of(request)):
        return {}
    params = request.GET
    if query is not None:
        params = QueryDict(query.partition("?")[2] if "?" in query else query)
    return {
        "source": source,
        "query": source.query_of(params, fixed),
        "size": size,
        "key": secrets.token_hex(8),
        "back": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
