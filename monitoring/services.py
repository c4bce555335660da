"""What is done with alerts: taking a delivery, and what people decide. Each delivery is safe to repeat.

A source's row is locked while its alerts are taken, so two workers with the same alert make one ticket. The
order of locks is source, then record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, Denied, Origin, require
from incidents import lifecycle
from incidents.models import Incident
from monitoring import matching, over
from monitoring.models import Alert, Rule, Source
from monitoring.signals import Signal
from monitoring.tickets import Desk, Items
from records import log as records_log
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import refuse

CHUNK = 200
CHANGING = [f.name for f in Alert._meta.concrete_fields if f.name not in ("id", "source")]
RETRIED = (Alert.Why.NO_RULE, Alert.Why.NO_CUSTOMER, Alert.Why.NO_REQUESTER, Alert.Why.REFUSED)


@dataclass
class Outcome:
    """What became of a signal: opened, joined, counted, unchanged, recovered, late, ignored or unmatched."""

    result: str
    alert: Alert


def source_of(*, account_id: int, kind: str, code: str = "") -> Source:
    """The source an account delivers to; made by its first delivery, so that nothing is lost."""
    code = code or kind
    found, _made = Source.objects.get_or_create(
        account_id=account_id, code=code,
        defaults={"kind": kind, "name": code if code != kind else str(Source.Kind(kind).label)},
    )  # fmt: skip
    return found


def receive(source: Source, signals: Sequence[Signal], *, actor: Actor, now: datetime) -> list[Outcome]:
    """Take what a source delivered, in its order. The same once more changes only when it was heard."""
    require(actor, "report_alerts")
    if source.account_id != actor.user_id:
        raise Denied(actor, "report_alerts")
    outcomes: list[Outcome] = []
    rest = iter(signals)
    while chunk := list(islice(rest, CHUNK)):
        with transaction.atomic():
            locked = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
            outcomes += _Delivery(locked, chunk, actor=actor, now=now).take()
    return outcomes


class _Delivery:
    """A part of a delivery, worked off in one transaction with a fixed number of queries and the tickets'."""

    def __init__(self, source: Source, signals: Sequence[Signal], *, actor: Actor, now: datetime) -> None:
        self.source, self.signals, self.actor, self.now = source, signals, actor, now
        self.desk = Desk(source, actor=actor, now=now)
        rows = (
            Alert.objects.filter(source=source, alarm__in={signal.alarm for signal in signals})
            .order_by("alarm", "item_name", "-pk")
            .distinct("alarm", "item_name")
            .select_related("incident")
        )
        self.known: dict[tuple[str, str], Alert] = {(row.alarm, row.item_name): row for row in rows}
        fresh = [self._row(signal) for signal in signals]
        self.items = Items(fresh, self.desk.rules, actor)
        self.new: list[Alert] = []
        self.changed: dict[int, Alert] = {}
        self.joined: dict[int, list[Alert]] = {}
        self.counted: dict[int, list[Alert]] = {}
        self.over: dict[int, Incident] = {}
        self.reopened: dict[int, Incident] = {}

    def take(self) -> list[Outcome]:
        outcomes = [self._take(signal) for signal in self.signals]
        Alert.objects.bulk_create(self.new)
        if self.changed:
            # an upsert by id is far quicker than bulk_update's CASE for each field and row
            Alert.objects.bulk_create(
                self.changed.values(), update_conflicts=True, unique_fields=["id"], update_fields=CHANGING
            )
        self._log()
        over.settle(list(self.over.values()), self.source, actor=self.actor, now=self.now)
        return outcomes

    def _take(self, signal: Signal) -> Outcome:
        row = self.known.get(signal.key)
        if signal.is_firing:
            return self._again(row, signal) if row else self._first(signal)
        return self._ended(row, signal) if row else self._late(signal)

    def _row(self, signal: Signal) -> Alert:
        began = min(signal.started_at or self.now, self.now)
        return Alert(
            source=self.source, alarm=signal.alarm, item_name=signal.item_name, title=signal.title,
            text=signal.text, severity=signal.severity, labels=dict(signal.labels), url=signal.url,
            status=Alert.Status.FIRING, started_at=began, begun_at=began, received_at=self.now,
            heard_at=self.now, payload=dict(signal.payload),
        )  # fmt: skip

    # --- it begins ---

    def _first(self, signal: Signal, *, after: Incident | None = None) -> Outcome:
        row = self._row(signal)
        result = self.desk.settle(row, self.items, after=after)
        self._keep(row)
        if result == "joined":
            self._note(self.joined, row)
        return Outcome(result, row)

    def _keep(self, row: Alert) -> None:
        self.new.append(row)
        self.known[row.alarm, row.item_name] = row

    def _again(self, row: Alert, signal: Signal) -> Outcome:
        """A known alarm is reported: a reminder, a new beginning, or an old message that came late."""
        began = min(signal.started_at or self.now, self.now)
        if row.status == Alert.Status.FIRING:
            return self._reminded(row, signal)
        if signal.started_at and began <= row.begun_at:
            return Outcome("unchanged", row)
        row.incident = self.reopened.get(row.incident_id or 0, row.incident)
        if not self._goes_on(row, began) or not self._reopened(row):
            return self._first(signal, after=row.incident)
        self._hear(row, signal)
        row.status, row.ended_at, row.begun_at, row.count = Alert.Status.FIRING, None, began, row.count + 1
        if row.incident is None:
            return self._retry(row, "counted")
        self._note(self.counted, row)
        return Outcome("counted", row)

    def _reopened(self, row: Alert) -> bool:
        """Reopen the ticket of an alert that is back, if it was resolved. False: it was closed just now."""
        if row.incident is None or row.incident.state != lifecycle.RESOLVED:
            return True
        words = _("Monitoring reports it again: %(title)s") % {"title": row.title}
        try:
            with transaction.atomic():
                found = incidents.services.reopen(row.incident, reason=words, actor=self.actor, now=self.now)
        except IllegalMove:
            return False
        row.incident = self.reopened[found.pk] = found
        return True

    def _goes_on(self, row: Alert, began: datetime) -> bool:
        """The alarm goes on where it was: with an open ticket, or within the grace period."""
        if row.incident is not None and row.incident.state in lifecycle.OPEN:
            return True
        in_time = row.ended_at is not None and began - row.ended_at <= self.source.grace
        return in_time and (row.incident is None or row.incident.state == lifecycle.RESOLVED)

    def _reminded(self, row: Alert, signal: Signal) -> Outcome:
        self._hear(row, signal)
        if row.incident is None:
            return self._retry(row, "unchanged")
        if signal.started_at and row.begun_at < min(signal.started_at, self.now):
            row.begun_at, row.count = min(signal.started_at, self.now), row.count + 1
            if row.incident.state in lifecycle.OPEN:
                self._note(self.counted, row)
                return Outcome("counted", row)
        done = row.incident.done_at
        if done and row.incident.state != lifecycle.CANCELLED and self.now - done > self.source.grace:
            # solved, they said, and it still goes on: this row ends with its ticket, a new one begins
            row.status, row.ended_at = Alert.Status.RECOVERED, max(done, row.started_at)
            self._write_now(row)
            return self._first(signal, after=row.incident)
        return Outcome("unchanged", row)

    def _retry(self, row: Alert, otherwise: str) -> Outcome:
        """An alert without a ticket: perhaps a rule fits by now."""
        result = self.desk.settle(row, self.items)
        if result == "joined":
            self._note(self.joined, row)
        return Outcome(result if row.incident or result == "ignored" else otherwise, row)

    def _write_now(self, row: Alert) -> None:
        """Store a row before its successor, of which there may be one only that goes on."""
        if row.pk:
            row.save()
            self.changed.pop(row.pk, None)

    def _hear(self, row: Alert, signal: Signal) -> None:
        row.heard_at, row.heard_count, row.payload = self.now, row.heard_count + 1, dict(signal.payload)
        row.severity, row.text = signal.severity or row.severity, signal.text or row.text
        row.labels, row.title = dict(signal.labels) or row.labels, signal.title or row.title
        self._touch(row)

    def _touch(self, row: Alert) -> None:
        if row.pk:
            self.changed[row.pk] = row

    @staticmethod
    def _note(notes: dict[int, list[Alert]], row: Alert) -> None:
        if row.incident:
            notes.setdefault(row.incident.pk, []).append(row)

    # --- it is over ---

    def _ended(self, row: Alert, signal: Signal) -> Outcome:
        ended = min(signal.ended_at or self.now, self.now)
        if row.status == Alert.Status.RECOVERED or (signal.ended_at and ended < row.begun_at):
            return Outcome("unchanged", row)
        self._hear(row, signal)
        row.status, row.ended_at = Alert.Status.RECOVERED, max(ended, row.started_at)
        if row.incident is not None:
            self.over[row.incident.pk] = row.incident
        return Outcome("recovered", row)

    def _late(self, signal: Signal) -> Outcome:
        """The end of something whose beginning never reached us: kept, as evidence."""
        row = self._row(signal)
        ended = min(signal.ended_at or self.now, self.now)
        row.started_at = row.begun_at = min(row.started_at, ended)
        row.status, row.ended_at, row.why = Alert.Status.RECOVERED, ended, Alert.Why.LATE
        self._keep(row)
        return Outcome("late", row)

    # --- the log ---

    def _log(self) -> None:
        """One entry per ticket and delivery, however many alerts of a storm join it."""
        facts = []
        for verb, notes in (("monitoring.joined", self.joined), ("monitoring.fired_again", self.counted)):
            for rows in notes.values():
                incident = rows[0].incident
                if incident is not None:
                    data = {"count": len(rows), "title": rows[0].title, "source": self.source.name}
                    facts.append(records_log.Fact(incident, verb, self.now, data=data))
        if facts:
            records_log.write_all(facts, actor=self.actor)


def apply_rules(source: Source, *, actor: Actor, now: datetime) -> int:
    """Offer what goes on without a ticket to the rules once more; answers how many got one.

    The tickets are opened by the account of the source, as if it had reported just now.
    """
    require(actor, "lead_monitoring")
    with transaction.atomic():
        locked = Source.objects.select_for_update(no_key=True).select_related("account").get(pk=source.pk)
        account = locked.account.actor.via(Origin.API)
        desk = Desk(locked, actor=account, now=now)
        waiting = Alert.objects.filter(source=locked, status=Alert.Status.FIRING, why__in=RETRIED)
        rows = list(waiting.select_related("source").order_by("pk")[:1000])
        items = Items(rows, desk.rules, account)
        found = [desk.settle(row, items) in ("opened", "joined") for row in rows]
        fields = ["rule", "why", "refusal", "item", "customer", "group", "incident"]
        Alert.objects.bulk_update(rows, fields, batch_size=CHUNK)
    return sum(found)


def attach(alert: Alert, *, record: Record, actor: Actor, now: datetime) -> Alert:
    """Put an alert on a ticket there is. Safe to repeat."""
    if not isinstance(record, Incident) or record.state not in lifecycle.OPEN:
        raise refuse("number", _("Choose an open incident."))
    require(actor, "note", record)
    with transaction.atomic():
        row = _locked(alert)
        if row.incident_id == record.pk:
            return row
        row.incident, row.customer, row.why, row.refusal, row.group = record, record.customer, "", "", ""
        row.save(update_fields=["incident", "customer", "why", "refusal", "group"])
        records_log.write(
            record, "monitoring.attached", actor=actor, at=now, title=row.title, source=row.source.name
        )
    return row


def end(alert: Alert, *, actor: Actor, now: datetime) -> Alert:
    """Say that an alert is over whose end monitoring will not tell. Safe to repeat."""
    require(actor, "desk")
    with transaction.atomic():
        row = _locked(alert)
        if row.status == Alert.Status.FIRING:
            row.status, row.ended_at = Alert.Status.RECOVERED, max(now, row.started_at)
            row.save(update_fields=["status", "ended_at"])
            if row.incident is not None:
                over.settle([row.incident], row.source, actor=actor, now=now)
    return row


def _locked(alert: Alert) -> Alert:
    Source.objects.select_for_update(no_key=True).get(pk=alert.source_id)
    return Alert.objects.select_related("source", "incident").get(pk=alert.pk)


# --- sources and rules ------------------------------------------------------------------------------


def save_source(source: Source, *, actor: Actor) -> Source:
    require(actor, "lead_monitoring")
    source.full_clean()
    source.save()
    return source


def save_rule(rule: Rule, *, actor: Actor) -> Rule:
    """Keep a rule; the people and teams it names must fit together."""
    require(actor, "lead_monitoring")
    if rule.requester and rule.customer and rule.requester.organisation_id != rule.customer_id:
        raise refuse("requester", _("Choose a person of %(customer)s.") % {"customer": rule.customer.name})
    if rule.requester and not rule.customer:
        raise refuse("customer", _("Name the customer of the affected user."), "required")
    rule.full_clean()
    rule.save()
    return rule


def tried(rule: Rule, rows: Iterable[Alert]) -> list[Alert]:
    """Which of some alerts the conditions of a rule fit; BadCondition for conditions that are none."""
    matchers = rule.matchers
    return [row for row in rows if matching.fits(matchers, row.labels)]
