"""The knowledge panel beside a ticket: what was used, whether anybody searched, and the search itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from knowledge import queries
from knowledge.models import Article, ArticleUse
from records.models import Record
from records.panels import Panel


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """Two questions; suggestions are asked for by the panel itself, after the page is there."""
    if not may(actor, "search_knowledge", record):
        return None
    readable = Article.objects.readable_by(actor)
    uses = ArticleUse.objects.filter(record=record.pk, article__in=readable)
    used = list(uses.select_related("article", "version").order_by("pk")[:10])
    return {
        "used": used,
        "was_searched": bool(used) or queries.was_searched(record),
        # who asks again is led to the article there is
        "may_write": bool(getattr(record, "resolution", "")) and may(actor, "write_article"),
    }


PANEL = Panel("knowledge", 20, "knowledge/_panel.html", content)
