"""From an alert to its ticket: the rule that decides, the item, the people, and the ticket itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, Denied, Role
from accounts.models import Organisation, User
from cmdb.models import Item
from incidents import repeats
from incidents.models import Incident
from monitoring import matching
from monitoring.models import Alert, Rule, Source
from records.lifecycle import Phase
from records.models import Channel

STORM = timedelta(minutes=10)
LABELS_SHOWN = 40


@dataclass(frozen=True)
class Ready:
    """An active rule with its conditions read."""

    rule: Rule
    matchers: tuple[matching.Matcher, ...]


def rules_of(source: Source) -> list[Ready]:
    """The active rules of a source in their order. One with broken conditions fits nothing."""
    rows = Rule.objects.filter(source=source, is_active=True).select_related(
        "customer", "requester", "service__support_team", "team"
    )
    found = []
    for rule in rows.order_by("position", "pk"):
        try:
            found.append(Ready(rule, rule.matchers))
        except matching.BadCondition:
            continue
    return found


def rule_for(rules: Iterable[Ready], alert: Alert) -> Rule | None:
    return next((each.rule for each in rules if matching.fits(each.matchers, alert.labels)), None)


class Items:
    """Configuration items by the names monitoring gives them, read once for many alerts."""

    def __init__(self, alerts: Sequence[Alert], rules: Sequence[Ready], actor: Actor) -> None:
        labels = {each.rule.item_label for each in rules if each.rule.item_label}
        wanted = {alert.item_name for alert in alerts}
        wanted |= {alert.labels.get(label, "") for alert in alerts for label in labels}
        names = {name.lower() for each in wanted for name in matching.names_of(each)}
        rows = Item.objects.visible_to(actor).filter(is_active=True).annotate(low=Lower("name"))
        self.by_name: dict[str, list[Item]] = {}
        for item in rows.filter(low__in=names).select_related("customer").order_by("pk"):
            self.by_name.setdefault(item.name.lower(), []).append(item)

    def of(self, alert: Alert, rule: Rule) -> Item | None:
        """The item an alert is about; of several of one name the rule's customer's, else none."""
        called = alert.labels.get(rule.item_label, "") if rule.item_label else alert.item_name
        for name in matching.names_of(called):
            rows = self.by_name.get(name.lower(), [])
            if rule.customer_id:
                rows = sorted(
                    (row for row in rows if row.customer_id in (None, rule.customer_id)),
                    key=lambda row: row.customer_id is None,
                )[:1]
            if len(rows) == 1:
                return rows[0]
        return None


class Desk:
    """Finds or opens the tickets of one delivery. The caller holds the lock of the source."""

    def __init__(self, source: Source, *, actor: Actor, now: datetime) -> None:
        self.source, self.actor, self.now = source, actor, now
        self.rules = rules_of(source)
        self._groups: dict[tuple[int, int, str], Incident | None] = {}
        self._opened: dict[int, int] = {}
        self._last: dict[tuple[int, int], Incident] = {}
        self._contacts: dict[int, User | None] = {}

    def settle(self, alert: Alert, items: Items, *, after: Incident | None = None) -> str:
        """Give an alert its ticket, or the reason why it has none.

        Answers "opened", "joined", "ignored" or "unmatched". ``after``: the ticket this one repeats.
        """
        rule = rule_for(self.rules, alert)
        alert.rule, alert.why, alert.refusal = rule, "", ""
        if rule is None:
            return self._without(alert, Alert.Why.NO_RULE)
        if rule.action == Rule.Action.IGNORE:
            return self._without(alert, Alert.Why.IGNORED)
        item = items.of(alert, rule)
        customer = rule.customer or (item.customer if item else None)
        if customer is None:
            return self._without(alert, Alert.Why.NO_CUSTOMER)
        alert.item, alert.customer = item, customer
        alert.group = matching.group_of(rule.grouping, alert.labels)
        if known := self._known(rule, customer, alert.group):
            alert.incident = known
            return "joined"
        requester = rule.requester or self._contact(customer)
        if requester is None:
            return self._without(alert, Alert.Why.NO_REQUESTER)
        return self._open(alert, rule, customer, requester, after)

    @staticmethod
    def _without(alert: Alert, why: Alert.Why) -> str:
        alert.why = why
        return "ignored" if why == Alert.Why.IGNORED else "unmatched"

    def _known(self, rule: Rule, customer: Organisation, group: str) -> Incident | None:
        """The open ticket an alert belongs to: of its group, or in a storm the newest of the rule."""
        if group:
            key = (rule.pk, customer.pk, group)
            if key not in self._groups:
                self._groups[key] = self._newest(rule, customer, group=group)
            if found := self._groups[key]:
                return found
        if rule.pk not in self._opened:
            recent = Alert.objects.filter(rule=rule, incident__opened_at__gte=self.now - STORM)
            self._opened[rule.pk] = recent.values("incident").distinct().count()
        if self._opened[rule.pk] < rule.most_tickets:
            return None
        return self._last.get((rule.pk, customer.pk)) or self._newest(rule, customer)

    @staticmethod
    def _newest(rule: Rule, customer: Organisation, **more: str) -> Incident | None:
        rows = Alert.objects.filter(rule=rule, customer=customer, incident__isnull=False, **more)
        open_ones = rows.exclude(incident__phase=Phase.DONE).select_related("incident").order_by("-pk")
        found = open_ones.first()
        return found.incident if found else None

    def _contact(self, customer: Organisation) -> User | None:
        """Who is told on the customer's side: the first of its contacts."""
        if customer.pk not in self._contacts:
            people = User.objects.filter(organisation=customer, is_active=True)
            roles = people.filter(grants__role=Role.CUSTOMER_MANAGER)
            self._contacts[customer.pk] = roles.order_by("pk").first()
        return self._contacts[customer.pk]

    def _open(
        self, alert: Alert, rule: Rule, customer: Organisation, requester: User, after: Incident | None
    ) -> str:
        began = min(alert.started_at, self.now)
        try:
            with transaction.atomic():
                made = incidents.services.open(
                    title=alert.title, description=_description(alert), customer=customer,
                    requester=requester, service=rule.service, impact=rule.impact, urgency=rule.urgency,
                    team=rule.team, item=alert.item, channel=Channel.MONITORING, occurred_at=began,
                    actor=self.actor, now=self.now,
                )  # fmt: skip
                if after is not None and after.customer_id == customer.pk:
                    made = repeats.mark(made, earlier=after, actor=self.actor, now=self.now)
        except (ValidationError, Denied) as refused:
            words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
            alert.refusal = " ".join(words)[:300]
            return self._without(alert, Alert.Why.REFUSED)
        alert.incident = self._last[rule.pk, customer.pk] = made
        self._opened[rule.pk] = self._opened.get(rule.pk, 0) + 1
        if alert.group:
            self._groups[rule.pk, customer.pk, alert.group] = made
        return "opened"


def _description(alert: Alert) -> str:
    """What the ticket says: the alert's own words, and what it was labelled with."""
    lines = [alert.text] if alert.text else []
    began = alert.source.shown(alert.started_at)
    lines.append(_("%(source)s: began %(at)s.") % {"source": alert.source.name, "at": began})
    lines += [f"{name}: {value}" for name, value in sorted(alert.labels.items())[:LABELS_SHOWN]]
    if alert.url:
        lines.append(alert.url)
    return "\n".join(lines)
