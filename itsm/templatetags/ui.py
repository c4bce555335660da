"""Template tags and filters for what every page shows: icons, instants, durations, people, small drawings.

They format; they never query and never decide what a record means. All of them are safe to use in an
``{% include ... only %}`` component.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zlib import crc32
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
AVATAR_TONES = 6
CONTROL_CLASSES = {"select": "form-select", "checkbox": "form-check-input", "radio": ""}


# Icons -----------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers: the words beside it carry the meaning."""
    return _icon(name, css) if name else SafeString("")


@lru_cache(maxsize=1024)
def _icon(name: str, css: str) -> SafeString:
    # a list of fifty tickets holds a hundred and fifty icons, and finding a static file's address takes time
    classes = f"icon {css}".strip()
    url = static("vendor/icons.svg")
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, url, name
    )


# Durations -------------------------------------------------------------------------------------------------


def _whole_seconds(value: object) -> int | None:
    """Seconds of a timedelta or a number; None where there is nothing to show."""
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, int | float):
        return int(value)
    return None


@register.filter
def duration(value: object) -> str:
    """A timedelta or seconds in its largest two units: "3 h 12 min", "2 d", "45 s"; the sign is dropped."""
    seconds = _whole_seconds(value)
    if seconds is None:
        return ""
    seconds = abs(seconds)
    if seconds < MINUTE:
        return pgettext("duration", "%d s") % seconds
    units = (
        (pgettext("duration", "%d d"), DAY),
        (pgettext("duration", "%d h"), HOUR),
        (pgettext("duration", "%d min"), MINUTE),
    )
    parts: list[str] = []
    for words, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(words % count)
        elif parts:
            break
    return " ".join(parts[:2])


@register.filter
def working_duration(value: object) -> str:
    """Working time, named as such and never folded into days, whose length depends on the calendar."""
    seconds = _whole_seconds(value)
    if seconds is None:
        return ""
    hours, rest = divmod(abs(seconds), HOUR)
    minutes = rest // MINUTE
    if minutes == 0 and hours:
        return ngettext("%d working hour", "%d working hours", hours) % hours
    if hours == 0:
        return ngettext("%d working minute", "%d working minutes", minutes) % minutes
    return gettext("%(hours)d h %(minutes)d min working time") % {"hours": hours, "minutes": minutes}


# Instants --------------------------------------------------------------------------------------------------


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def instant_words(value: datetime, zone: ZoneInfo | None = None, *, seconds: bool = False) -> str:
    """`2026-11-20 21:09` or `2026年11月20日 21:09` in the reader's zone, or in `zone`."""
    local = timezone.localtime(value, zone)
    clock = "H:i:s" if seconds else "H:i"
    return f"{day_words(local.date())} {date_format(local, clock)}"


def day_words(value: date) -> str:
    """`2026-11-20` or `2026年11月20日`."""
    if _is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return value.isoformat()


def relative_words(value: datetime, *, now: datetime) -> str:
    """How far an instant is from now, in one unit; beyond a week the date says more than a count of days."""
    seconds = int((now - value).total_seconds())
    size = abs(seconds)
    if size < MINUTE:
        return gettext("just now") if seconds >= 0 else gettext("in a moment")
    if size >= 7 * DAY:
        return day_words(timezone.localtime(value).date())
    past = {MINUTE: gettext("%d min ago"), HOUR: gettext("%d h ago"), DAY: gettext("%d d ago")}
    future = {MINUTE: gettext("in %d min"), HOUR: gettext("in %d h"), DAY: gettext("in %d d")}
    unit = next(unit for unit in (DAY, HOUR, MINUTE) if size >= unit)
    return (past if seconds >= 0 else future)[unit] % (size // unit)


def _time_element(value: datetime, words: str, *, relative: bool) -> SafeString:
    title = f"{instant_words(value, seconds=True)} {timezone.get_current_timezone_name()}"
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        value.isoformat(timespec="seconds"),
        title,
        SafeString(" data-relative") if relative else "",
        words,
    )


@register.filter
def instant(value: datetime | None) -> str:
    """The instant in plain words, for text without markup. Empty for None."""
    return instant_words(value) if value else ""


@register.filter
def stamp(value: datetime | None) -> str:
    """The instant as a <time>, exact to the second on hover. Empty for None."""
    return _time_element(value, instant_words(value), relative=False) if value else ""


@register.simple_tag
def stamp_in(value: datetime | None, zone: str) -> str:
    """The instant in a named zone that is not the reader's own: the zone is written beside it."""
    if not value:
        return ""
    return _time_element(value, f"{instant_words(value, ZoneInfo(zone))} {zone}", relative=False)


@register.filter
def ago(value: datetime | None) -> str:
    """The instant relative to now as a <time>, exact on hover; ui.js keeps it fresh. Empty for None."""
    return _time_element(value, relative_words(value, now=timezone.now()), relative=True) if value else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """The date alone, in the reader's zone. Empty for None."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return day_words(value) if value else ""


# People ----------------------------------------------------------------------------------------------------


@register.filter
def initials(name: object) -> str:
    """Two letters of a name: "Li Wei" gives LW; a Chinese name gives its last two characters."""
    words = str(name or "").split()
    if not words:
        return "?"
    if not words[0].isascii():
        return words[0][-2:] if len(words[0]) <= 3 else words[0][:2]
    letters = [word[0] for word in words if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or words[0][:1].upper()


@register.filter
def avatar_tone(name: object) -> int:
    """A colour number that stays the same for a name in every process and release."""
    return crc32(str(name or "").encode()) % AVATAR_TONES


# Small drawings --------------------------------------------------------------------------------------------


@register.filter
def percent(value: object) -> str:
    """A share of 0 to 100 as a whole number within 0 and 100, safe in an SVG attribute in every language."""
    if not isinstance(value, int | float):
        return "0"
    return str(max(0, min(100, round(value))))


@register.filter
def with_offsets(segments: Iterable[object] | None) -> list[dict[str, object]]:
    """Segments (mapping or dataclass, each with `share`, 0 to 100) with `x` and `width` for the bar.

    Shares that do not add up to 100 are scaled, so that the bar is always full.
    """
    rows: list[dict[str, object]] = []
    for segment in segments or ():
        if is_dataclass(segment) and not isinstance(segment, type):
            rows.append(asdict(segment))
        elif isinstance(segment, Mapping):
            rows.append(dict(segment))
    shares = [_share(row.get("share")) for row in rows]
    total = sum(shares) or 1.0
    x = 0.0
    for row, share in zip(rows, shares, strict=True):
        width = share * 100 / total
        row["x"], row["width"] = f"{x:.3f}", f"{width:.3f}"
        x += width
    return rows


def _share(value: object) -> float:
    return max(0.0, float(value)) if isinstance(value, int | float) else 0.0


@register.filter
def spark_path(points: Iterable[float | None] | None) -> str:
    """SVG path of a sparkline in a box of 100 x 24; a missing point (None) leaves a gap."""
    values = list(points or ())
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step = 100 / (len(values) - 1)
    path: list[str] = []
    pen_up = True
    for index, value in enumerate(values):
        if value is None:
            pen_up = True
            continue
        y = 12.0 if high == low else 22 - 20 * (value - low) / (high - low)
        path.append(f"{'M' if pen_up else 'L'}{index * step:.1f} {y:.1f}")
        pen_up = False
    return " ".join(path)


# Forms -----------------------------------------------------------------------------------------------------


@register.filter
def control(field: BoundField) -> SafeString:
    """A bound field's widget with the class the design gives its type and the mark of an invalid one.

    Django itself adds aria-invalid and aria-describedby (`<id>_error`, `<id>_helptext`: the ids that
    components/form_field.html uses).
    """
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    base = CONTROL_CLASSES.get(kind, "form-control")
    given = str(widget.attrs.get("class", ""))
    invalid = "is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": " ".join(part for part in (base, given, invalid) if part)})
