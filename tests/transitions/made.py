"""Transitions for the tests, through the real verbs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

import agreements.services
from agreements import papers
from catalog.models import Service
from cmdb import services as register
from cmdb.models import Item, ItemType
from monitoring.models import Rule, Source
from releases import parting
from sla.models import Agreement
from tests.agreements.test_life import terms
from tests.cast import MONDAY, Cast
from tests.knowledge.made import make_article
from transitions import checklists, services, templates
from transitions.models import TemplateEdition, Transition

DAY = timedelta(days=1)
RULES = services.RULES
FLOW: dict[str, Any] = {
    "rules_en": "No switch on a Friday.",
    "rules_zh": "周五不切换。",
    "steps": {
        "deploy": [["Deploy to production", "部署到生产环境"]],
        "test": [["Test with the pilot group", "试点组测试"]],
        "train": [["Train the users", "培训用户"]],
        "switch": [["Switch the users over", "切换用户"]],
    },
    "checks": [["Backup tried out", "备份已演练"]],
    "takeover": [["Accounts handed over", "账号已移交"], ["Licences handed over"]],
    "acceptance": [["Mail arrives within a minute", "邮件一分钟内送达"]],
    "days": 10,
}
DESIGN = {
    "business_process": "Internal and external mail of the plant.",
    "goals": "Everybody reads mail on the phone.",
    "indicators": "99.9 % available; mail within a minute.",
    "content": "Mail boxes, calendar, phone access.",
    "level": "Gold.",
    "cost": "8,000 a month.",
    "period": "Three years from May.",
    "staffing": "Two engineers and the desk.",
    "standard": "Mail operating standard 3.",
}
PLAN = {
    "plan_goals": "All users on the new mail by May.",
    "scope": "The plant, 300 people.",
    "effect": "Phones are set up anew.",
}


def template(cast: Cast, nature: str = "new", **over: Any) -> TemplateEdition:
    flow = {**FLOW, **over.pop("flow", {})}
    facts: dict[str, Any] = {
        "code": f"std-{nature}", "name_en": "Standard", "name_zh": "标准", "nature": nature, "flow": flow,
        "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return templates.create(**{**facts, **over})


def begun(cast: Cast, **over: Any) -> Transition:
    facts: dict[str, Any] = {
        "title": "New mail", "title_zh": "新邮件", "nature": "new", "lead": cast.mona,
        "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return services.open_transition(**{**facts, **over})


def fresh(row: Transition) -> Transition:
    found: Transition = Transition.objects.get(pk=row.pk)
    return found


def write(cast: Cast, row: Transition, *, by: Any = None, **facts: Any) -> Transition:
    actor = (by or cast.alice).actor
    return services.write(row, facts, actor=actor, now=MONDAY, expected_version=None)


def new_mail(cast: Cast, **over: Any) -> Service:
    facts = {"code": "mail-2", "name_en": "New mail", "name_zh": "新邮件", "is_published": False, **over}
    return Service.objects.create(**facts)


def reviewed(cast: Cast, *, is_reviewed: bool = True) -> Agreement:
    """Acme's agreement, in the making, with its contract review."""
    made = Agreement.objects.create(
        code="acme-mail", customer=cast.acme, name_en="Mail agreement", name_zh="邮件协议"
    )
    edition = agreements.services.draft(
        made, terms=terms(), effective_from=MONDAY, actor=cast.mona.actor, now=MONDAY - DAY
    )
    if is_reviewed:
        papers.add(
            edition, kind="contract_review", title="Review", approved_by="Ms Wang, legal",
            approved_on=(MONDAY - DAY).date(), actor=cast.mona.actor, now=MONDAY - DAY,
        )  # fmt: skip
    return made


def add(cast: Cast, row: Transition, part: str, **facts: Any) -> Any:
    return parting.add(row, part, facts, rules=RULES, actor=cast.alice.actor, now=MONDAY)


def planned(cast: Cast, row: Transition) -> Transition:
    """With everything the plan asks for but the readiness."""
    write(cast, row, **PLAN)
    add(cast, row, "members", person=cast.alice, duty="Leads the switch")
    add(cast, row, "nodes", title="Switch", due_on=date(2026, 3, 20), responsible=cast.alice)
    add(cast, row, "risks", risk="Mail is lost", measure="Backup before", responsible=cast.bob)
    return fresh(row)


def ready(cast: Cast, row: Transition) -> Transition:
    for check in row.checks.filter(met_at=None):
        parting.meet(row, check.pk, evidence=f"Seen: {check}", rules=RULES, actor=cast.bob.actor, now=MONDAY)
    return fresh(row)


def designed(cast: Cast, **over: Any) -> Transition:
    """A new service whose design is settled, from a template, for Acme."""
    facts = {"agreement": reviewed(cast), "customer": cast.acme, "template": template(cast), **over}
    row = begun(cast, **facts)
    write(cast, row, **DESIGN)
    return services.settle_design(fresh(row), actor=cast.mona.actor, now=MONDAY)


def implementing(cast: Cast, **over: Any) -> Transition:
    row = ready(cast, planned(cast, designed(cast, **over)))
    return services.begin_switch(row, actor=cast.mona.actor, now=MONDAY)


def carried_out(cast: Cast, row: Transition, now: datetime = MONDAY) -> None:
    for step in row.steps.all():
        services.finish_step(row, step.pk, result="done", actor=cast.alice.actor, now=now)


def signed(cast: Cast, row: Transition) -> None:
    for checklist in row.checklists.all():
        found = {point.pk: ("good", "") for point in checklist.points.all()}
        checklists.look(row, checklist.pk, found, actor=cast.alice.actor, now=MONDAY)
        for side, person in (("handing", "Alice"), ("taking", "Carla")):
            checklists.sign(
                row, checklist.pk, side=side, person=person, role="Manager", actor=cast.mona.actor, now=MONDAY
            )


def item_of(cast: Cast, service: Service) -> Item:
    kind, _made = ItemType.objects.get_or_create(code="t-server", defaults={"name_en": "Server"})
    item = register.add_item(item_type=kind, name="mail-02", actor=cast.admin.actor, now=MONDAY)
    register.name_service(item, service, actor=cast.admin.actor, now=MONDAY)
    return item


def watched(cast: Cast, service: Service) -> Rule:
    source = Source.objects.create(account=cast.robot, code="prom", name="Prometheus", kind="alertmanager")
    return Rule.objects.create(source=source, name="Mail alerts", service=service, is_active=True)


def complete(cast: Cast, row: Transition, service: Service) -> None:
    """All that the gate asks for, except the agreement."""
    service.is_published = True
    service.save()
    item_of(cast, service)
    make_article(cast, services=[service])
    watched(cast, service)


def refused(act: Callable[[], Any]) -> dict[str, list[str]]:
    """What a refused act says, by field."""
    with pytest.raises(ValidationError) as error:
        act()
    found: dict[str, list[str]] = error.value.message_dict
    return found
