"""What monitoring really sends, as signals: Alertmanager's webhook, Zabbix's media type, plain JSON."""

import hashlib
import json
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.rest.problems import FieldError, Problem, refuse
from monitoring.models import Source
from monitoring.signals import LONGEST_TEXT, Reader, Signal, cleaned, from_unix, web_address

Read = Signal | list[FieldError]
# Which label of Prometheus names the item, the first that is there.
ITEM_LABELS = ("instance", "host", "hostname", "node", "pod", "service", "job")


@dataclass(frozen=True)
class Document:
    """What was read: for each alert a signal, or what is wrong with it."""

    alerts: tuple[Read, ...]

    @property
    def errors(self) -> list[FieldError]:
        return [error for each in self.alerts if isinstance(each, list) for error in each]

    def check(self) -> None:
        """Refuse a document in which no alert can be read; a part that can be is not lost for the rest."""
        if self.errors and not any(isinstance(each, Signal) for each in self.alerts):
            raise Problem("validation", errors=self.errors)


def _key(text: str) -> str:
    """A key of any length, as one that fits into its column."""
    return text if len(text) <= 200 else hashlib.sha256(text.encode()).hexdigest()


def _list(data: Any, name: str) -> list[Any]:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise refuse(name, _("A list is expected."), "invalid")
    return found


# --- Prometheus Alertmanager ----------------------------------------------------------------------


def alertmanager(data: Any, source: Source) -> Document:
    """The webhook of Alertmanager, version "4" of its document; unknown members are passed over."""
    top = Reader(data)
    version = top.text("version")
    if not top.errors and version != "4":
        top.refuse("version", _("Only version “4” of Alertmanager's document is known."), "invalid_choice")
    if top.errors:
        raise Problem("validation", errors=top.errors)
    alerts = _list(data, "alerts")
    return Document(tuple(_of_alertmanager(each, f"alerts[{n}]") for n, each in enumerate(alerts)))


def _of_alertmanager(data: Any, path: str) -> Read:
    read = Reader(data, path)
    status = read.pick("status", ("firing", "resolved")) if not read.errors else ""
    labels, notes = read.texts("labels"), read.texts("annotations")
    started = read.instant("startsAt", required=True) if not read.errors else None
    ended = read.instant("endsAt")
    if read.errors:
        return read.errors
    if not labels:
        read.refuse("labels", _("This is needed."), "required")
        return read.errors
    name = labels.get("alertname", "")
    item = next((labels[each] for each in ITEM_LABELS if labels.get(each)), "")
    alarm = read.text("fingerprint") or hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()
    title = notes.get("summary") or " ".join(part for part in (name, item) if part) or alarm
    return Signal(
        alarm=_key(alarm),
        item_name=_key(item),
        title=title[:200],
        is_firing=status == "firing",
        text=(notes.get("description") or notes.get("message", ""))[:LONGEST_TEXT],
        severity=labels.get("severity", "")[:50],
        labels=labels,
        url=web_address(read.text("generatorURL")),
        started_at=started,
        # Prometheus dates a firing alert's end into the future, when it would be forgotten
        ended_at=ended if status == "resolved" else None,
        payload=cleaned(data),
    )


# --- Zabbix ------------------------------------------------------------------------------------------


def zabbix(data: Any, source: Source) -> Document:
    """What the media type in docs/monitoring.md sends: one event, all members are texts."""
    read = Reader(data)
    if read.errors:
        raise Problem("validation", errors=read.errors)
    fields = {name: _macro(value) for name, value in cleaned(data).items()}
    read.data = fields
    value = read.pick("event_value", ("0", "1"))
    title = read.text("event_name", required=True)
    trigger, event = read.text("trigger_id"), read.text("event_id")
    host = read.text("host")
    if not trigger and not event:
        read.refuse("trigger_id", _("This is needed."), "required")
    labels = {**_tags(read), "host": host, "severity": read.text("event_severity"), "trigger_id": trigger}
    started = _moment(read, source, "event_timestamp", "event_date", "event_time")
    ended = _moment(read, source, "event_recovery_timestamp", "event_recovery_date", "event_recovery_time")
    if read.errors:
        return Document((read.errors,))
    return Document(
        (
            Signal(
                alarm=_key(trigger or event), item_name=_key(host), title=title[:200],
                is_firing=value == "1", text=read.text("event_opdata")[:LONGEST_TEXT],
                severity=labels["severity"][:50], labels={k: v for k, v in labels.items() if v},
                url=web_address(read.text("url")), started_at=started,
                ended_at=ended if value == "0" else None, payload=fields,
            ),
        )
    )  # fmt: skip


def _macro(value: Any) -> Any:
    """A macro that Zabbix could not fill in comes as it is written, or as *UNKNOWN*: empty."""
    is_unfilled = isinstance(value, str) and (
        value == "*UNKNOWN*" or (value.startswith("{") and value.endswith("}") and '"' not in value)
    )
    return "" if is_unfilled else value


def _tags(read: Reader) -> dict[str, str]:
    """{EVENT.TAGSJSON}: a text that holds a list of {"tag", "value"}."""
    text = read.text("event_tags")
    try:
        rows = json.loads(text) if text else []
        return {str(row["tag"])[:200]: str(row.get("value", ""))[:2000] for row in rows}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        read.refuse("event_tags", _("Give {EVENT.TAGSJSON}."))
        return {}


def _moment(read: Reader, source: Source, stamp: str, date: str, time: str) -> datetime | None:
    """An instant from seconds since 1970, or from date and time as Zabbix writes them in its own zone."""
    if text := read.text(stamp):
        found = from_unix(text)
        if found is None:
            read.refuse(stamp, _("Seconds since 1970 are expected."))
        return found
    day, clock = read.text(date), read.text(time)
    if not day or not clock:
        return None
    try:
        local = datetime.strptime(f"{day} {clock}", "%Y.%m.%d %H:%M:%S")  # noqa: DTZ007 - its zone is the source's
        return local.replace(tzinfo=zoneinfo.ZoneInfo(source.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        read.refuse(date, _("Not a date and time."), "invalid_instant", "2026.03.02, 10:00:00")
        return None


# --- plain JSON ------------------------------------------------------------------------------------

PLAIN = frozenset(
    "alarm item status title text severity labels url started_at ended_at".split()  # noqa: SIM905 - a list of words
)


def plain(data: Any, source: Source) -> Document:
    """One alert as an object, or several in "alerts"."""
    if isinstance(data, dict) and "alerts" in data:
        read = Reader(data)
        read.known_only(frozenset({"alerts"}))
        if read.errors:
            raise Problem("validation", errors=read.errors)
        rows = _list(data, "alerts")
        return Document(tuple(_of_plain(each, f"alerts[{n}]") for n, each in enumerate(rows)))
    return Document((_of_plain(data, ""),))


def _of_plain(data: Any, path: str) -> Read:
    read = Reader(data, path)
    if read.errors:
        return read.errors
    read.known_only(PLAIN)
    alarm, item = read.text("alarm", required=True), read.text("item")
    status = read.pick("status", ("firing", "recovered"), "firing")
    labels = read.texts("labels")
    started, ended = read.instant("started_at"), read.instant("ended_at")
    texts = {name: read.text(name) for name in ("title", "text", "severity", "url")}
    if texts["url"] and not web_address(texts["url"]):
        read.refuse("url", _("An address that begins with http:// or https:// is expected."))
    if started and ended and ended < started:
        read.refuse("ended_at", _("It ended before it began."))
    if read.errors:
        return read.errors
    own = {"alarm": alarm, "item": item, "severity": texts["severity"]}
    return Signal(
        alarm=_key(alarm), item_name=_key(item),
        title=(texts["title"] or " ".join(part for part in (alarm, item) if part))[:200],
        is_firing=status == "firing", text=texts["text"][:LONGEST_TEXT], severity=texts["severity"][:50],
        labels={**{k: v for k, v in own.items() if v}, **labels}, url=texts["url"], started_at=started,
        ended_at=ended if status == "recovered" else None, payload=cleaned(data),
    )  # fmt: skip


READERS: Mapping[str, Callable[[Any, Source], Document]] = {
    Source.Kind.ALERTMANAGER.value: alertmanager,
    Source.Kind.ZABBIX.value: zabbix,
    Source.Kind.JSON.value: plain,
}
