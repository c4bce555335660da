"""What pages of other records say of reviews."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from accounts.access import may
from records.models import Priority, Record
from reviews.models import Review

register = template.Library()


@register.simple_tag(takes_context=True)
def extra_review_url(context: Any, record: Record) -> str:
    """Where an extra review is planned because of a major record (SLM-38); else ""."""
    request = context.get("request")
    if request is None or record.priority != Priority.CRITICAL or not may(request.actor, "lead_reviews"):
        return ""
    asked = {"meeting": Review.Meeting.EXTRA.value, "cause": record.number}
    return f"{reverse('reviews:new')}?{urlencode(asked)}"
