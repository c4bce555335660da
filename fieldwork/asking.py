"""What addresses ask for: days and people; what is strange in them is taken as not asked."""

from datetime import date

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.access import Actor
from fieldwork.models import Appointment

UNPROCESSABLE = 422


def number_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def day_in(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2900 else None


def day_of(request: HttpRequest, otherwise: date, name: str = "day") -> date:
    return day_in(request.GET.get(name, "")) or otherwise


def get_visit(actor: Actor, pk: int) -> Appointment:
    """The visit, if the actor may see its ticket; 404 otherwise."""
    return get_object_or_404(Appointment.objects.visible_to(actor).shown(), pk=pk)
