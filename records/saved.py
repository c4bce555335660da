"""Saved views and how a person likes the queue: who sees them, who may change them, and the only writers.

A view is its owner's, or a team's. A team's view is read by its members, and written by its leads and by
managers; everybody may copy what they read. What a view shows is decided anew for each reader: it narrows
the records visible to them and names nothing they may not know of.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, may, require
from accounts.models import Membership, Team
from records import columns, filter_words, filters
from records.models import DeskSetting, Record, SavedView
from records.queues import VIEWS, records_in

MOST = 100  # views of one owner or team
NAME = 60


class Changed(Exception):
    """Somebody else changed the view since it was read; carries it as it is now."""

    def __init__(self, view: SavedView) -> None:
        super().__init__(view.pk)
        self.view = view


# --- reading ---------------------------------------------------------------------------------


def visible_to(actor: Actor) -> "QuerySet[SavedView]":
    """One's own, those of one's teams, and, for who may share with any team, those of all teams."""
    own = Q(owner=actor.user_id, team=None)
    shared = Q(team__isnull=False) if may(actor, "share_view") else Q(team__in=actor.team_ids)
    return SavedView.objects.filter(own | shared).select_related("team")


def setting_of(actor: Actor) -> DeskSetting:
    """How the actor likes the queue; unsaved where nothing was chosen yet."""
    return DeskSetting.objects.filter(user=actor.user_id).first() or DeskSetting(user_id=actor.user_id)


def listed(actor: Actor, setting: DeskSetting) -> list[SavedView]:
    """The views beside the queue: one's own and those of one's teams, in one's own order. One query."""
    rows = visible_to(actor).filter(Q(team=None) | Q(team__in=actor.team_ids))
    places = {pk: place for place, pk in enumerate(setting.order)}
    return sorted(rows, key=lambda v: (places.get(v.pk, len(places)), v.name.lower(), v.pk))


def id_of(key: str) -> int | None:
    """The id in the key of a saved view ("v12"), or None for any other key."""
    digits = key[1:] if key.startswith("v") else ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else None


def get(actor: Actor, pk: int) -> SavedView:
    """A view the actor may read. Http404 for any other."""
    found = visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such view."))
    return found


def teams_for(actor: Actor) -> "QuerySet[Team]":
    """The teams whose views the actor may write."""
    rows = Team.objects.filter(is_active=True).order_by("name_en", "pk")
    if may(actor, "share_view"):
        return rows
    led = Membership.objects.filter(user=actor.user_id, is_lead=True).values("team")
    return rows.filter(pk__in=led)


def may_change(view: SavedView, actor: Actor) -> bool:
    """Whether the actor may write it. A team's view costs who is no manager a query."""
    if not may(actor, "save_view"):
        return False
    if view.team_id is None:
        return view.owner_id == actor.user_id
    return may(actor, "share_view") or teams_for(actor).filter(pk=view.team_id).exists()


# --- what a view may hold --------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """What a view shows: checked, and as it is stored."""

    base: str
    filters: dict[str, list[str]]
    sort: str
    columns: list[str]


def content_of(view: SavedView) -> Content:
    """What is stored, as far as it still makes sense."""
    base = VIEWS.get(view.base) or VIEWS["all"]
    own = view.filters if isinstance(view.filters, dict) else {}
    kept = {name: v for name, v in own.items() if isinstance(v, list)}
    sort = view.sort if view.sort.removeprefix("-") in base.sorts else base.sort
    chosen = [c.key for c in columns.chosen(view.columns)] if view.columns else []
    return Content(base.key, filters.cleaned(kept), sort, chosen)


def rows_of(content: Content, actor: Actor, now: datetime) -> "QuerySet[Record]":
    """The records a view shows the actor; none where a stored filter makes no sense any more."""
    rows = records_in(VIEWS[content.base], actor, now)
    found = filters.filter_of(content.filters, rows, actor=actor, now=now)
    narrowed: QuerySet[Record] = found.qs if found.form.is_valid() else rows.none()
    return narrowed


def rows_by_key(key: str, actor: Actor, now: datetime) -> "QuerySet[Record] | None":
    """The records of a named or saved view by its key; None where the actor has no such view."""
    if key in VIEWS:
        return records_in(VIEWS[key], actor, now)
    pk = id_of(key)
    view = visible_to(actor).filter(pk=pk).first() if pk is not None else None
    return rows_of(content_of(view), actor, now) if view else None


def checked(
    *,
    base: str,
    values: Mapping[str, Iterable[Any]],
    sort: str,
    keys: Sequence[str],
    actor: Actor,
    now: datetime,
    known: Mapping[str, Iterable[str]] | None = None,
) -> Content:
    """What a view shall hold, or ValidationError by field. ``known`` values stood in it before."""
    errors: dict[str, list[str]] = {}
    view = VIEWS.get(base)
    if view is None:
        errors["base"] = [_("There is no view “%(name)s” to begin with.") % {"name": base[:40]}]
    elif sort and sort.removeprefix("-") not in view.sorts:
        errors["sort"] = [_("This view has no order “%(name)s”.") % {"name": sort[:40]}]
    if unknown := [key for key in keys if key not in columns.known()]:
        errors["columns"] = [_("There is no column “%(name)s”.") % {"name": str(unknown[0])[:40]}]
    elif len(set(keys)) > columns.MOST:
        errors["columns"] = [_("Choose at most %(n)s columns.") % {"n": columns.MOST}]
    if wrong := _wrong_filters(values, actor, now, known or {}):
        errors["filters"] = wrong
    if errors or view is None:
        raise ValidationError(errors)
    kept = [c.key for c in columns.chosen(keys)] if keys else []
    return Content(base, filters.cleaned(values), sort or view.sort, kept)


def _wrong_filters(
    values: Mapping[str, Iterable[Any]], actor: Actor, now: datetime, known: Mapping[str, Iterable[str]]
) -> list[str]:
    if strange := [name for name in values if name not in filters.names()]:
        return [_("There is no filter “%(name)s”.") % {"name": str(strange[0])[:40]}]
    clean = filters.cleaned(values)
    form = filters.filter_of(clean, Record.objects.none(), actor=actor, now=now)
    if form.form.errors:
        names = ", ".join(str(form.filters[name].label) for name in form.form.errors)
        return [_("A value cannot be one: %(fields)s.") % {"fields": names}]
    words = filter_words.words_of(clean, actor)
    return [
        _("%(field)s: there is no %(value)s to choose.") % {"field": form.filters[name].label, "value": word}
        for name, own in words.items()
        for value, word in own.items()
        if name in filters.TYPED and word == f"#{value}" and value not in known.get(name, ())
    ]


# --- writing ---------------------------------------------------------------------------------


def _names(name_en: str, name_zh: str) -> dict[str, str]:
    found = {"name_en": " ".join(name_en.split()), "name_zh": " ".join(name_zh.split())}
    if not any(found.values()):
        raise ValidationError({"name_en": [_("Give the view a name, in one language or both.")]})
    if too_long := [key for key, text in found.items() if len(text) > NAME]:
        raise ValidationError({too_long[0]: [_("At most %(n)s characters.") % {"n": NAME}]})
    if strange := [key for key, text in found.items() if "\0" in text]:
        raise ValidationError({strange[0]: [_("Null characters are not allowed.")]})
    return found


def _require_team(team: Team | None, actor: Actor) -> None:
    require(actor, "save_view")
    if team is not None and not teams_for(actor).filter(pk=team.pk).exists():
        raise Denied(actor, "share_view")


def _once(view: SavedView, write: Callable[[], None]) -> None:
    """Two tabs that save the same name: the unique index lets one of them in."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        field = "name_zh" if "name_zh" in str(error) else "name_en"
        words = _("The team has a view of this name.") if view.team_id else _("You have a view of this name.")
        raise ValidationError({field: [words]}) from error


def save(
    *, name_en: str, name_zh: str, team: Team | None, content: Content, actor: Actor, now: datetime
) -> SavedView:
    """A new view of the actor's own, or of a team they may write for."""
    _require_team(team, actor)
    owned = Q(team=team) if team else Q(team=None, owner=actor.user_id)
    if SavedView.objects.filter(owned).count() >= MOST:
        raise ValidationError({"name_en": [_("There are %(n)s views already; delete one.") % {"n": MOST}]})
    view = SavedView(
        owner_id=actor.user_id, team=team, created_at=now, updated_at=now, **_names(name_en, name_zh),
        **vars(content),
    )  # fmt: skip
    _once(view, view.save)
    return view


def change(
    view: SavedView,
    *,
    name_en: str,
    name_zh: str,
    team: Team | None,
    content: Content,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> SavedView:
    """Everything about a view at once. ``Changed`` where somebody was quicker; None expects any version."""
    with transaction.atomic():
        current = SavedView.objects.select_for_update().filter(pk=view.pk).first()
        if current is None:
            raise Http404(_("There is no such view."))
        if not may_change(current, actor):
            raise Denied(actor, "share_view")
        if expected_version is not None and expected_version != current.version:
            raise Changed(current)
        if team is not None and team.pk != current.team_id:
            _require_team(team, actor)
        for name, value in {**_names(name_en, name_zh), **vars(content)}.items():
            setattr(current, name, value)
        if current.team_id != (team.pk if team else None):
            current.team, current.owner_id = team, actor.user_id
        current.version, current.updated_at = current.version + 1, now
        _once(current, current.save)
    return current


def copy(view: SavedView, *, actor: Actor, now: datetime) -> SavedView:
    """A view one reads as one's own, under the first free name."""
    require(actor, "save_view")
    own = SavedView.objects.filter(team=None, owner=actor.user_id)
    taken = {name.lower() for pair in own.values_list("name_en", "name_zh") for name in pair}
    for n in range(1, MOST + 2):
        mark = "" if n == 1 else f" ({n})"
        names = {k: v[: NAME - len(mark)] + mark if v else "" for k, v in _names_of(view).items()}
        if not any(name and name.lower() in taken for name in names.values()):
            break
    return save(**names, team=None, content=content_of(view), actor=actor, now=now)


def _names_of(view: SavedView) -> dict[str, str]:
    return {"name_en": view.name_en, "name_zh": view.name_zh}


def delete(view: SavedView, *, actor: Actor) -> None:
    """Away with it; who began with it begins with the usual view again."""
    with transaction.atomic():
        current = SavedView.objects.select_for_update().filter(pk=view.pk).first()
        if current is None:
            raise Http404(_("There is no such view."))
        if not may_change(current, actor):
            raise Denied(actor, "share_view")
        current.delete()


# --- how a person likes the queue ------------------------------------------------------------


def prefer(actor: Actor, **wishes: Any) -> None:
    """Keep some of DeskSetting's fields for the actor. ValidationError by field for what cannot be one."""
    require(actor, "save_view")
    errors = {}
    for field, options in (("density", DeskSetting.Density), ("after", DeskSetting.After)):
        if field in wishes and wishes[field] not in options.values:
            errors[field] = [_("Choose one of what is offered.")]
    if "start" in wishes and not _is_start(wishes["start"], actor):
        errors["start"] = [_("There is no such view.")]
    if errors:
        raise ValidationError(errors)
    if "columns" in wishes:
        keys = wishes["columns"]
        wishes["columns"] = [c.key for c in columns.chosen(keys)] if keys else []
    DeskSetting.objects.update_or_create(user_id=actor.user_id, defaults=wishes)


def _is_start(key: str, actor: Actor) -> bool:
    pk = id_of(key)
    return key in ("", *VIEWS) or (pk is not None and visible_to(actor).filter(pk=pk).exists())


def move(view: SavedView, by: int, *, actor: Actor) -> None:
    """One place up (-1) or down (1) in the actor's own order."""
    with transaction.atomic():
        DeskSetting.objects.get_or_create(user_id=actor.user_id)
        setting = DeskSetting.objects.select_for_update().get(user=actor.user_id)
        keys = [v.pk for v in listed(actor, setting)]
        if view.pk not in keys:
            raise Http404(_("There is no such view."))
        at = keys.index(view.pk)
        to = max(0, min(len(keys) - 1, at + by))
        keys.insert(to, keys.pop(at))
        setting.order = keys
        setting.save(update_fields=["order"])
