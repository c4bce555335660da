"""Requirements of the tests, through the real verbs."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from planning import designs, services
from planning.models import Input, ServiceLevelRequirement
from tests.cast import MONDAY, Cast

EN = {"en": "Words", "zh": "文字"}
RESOLUTION = {"measure": "resolution", "value": 8, "unit": "working_hours", "priority": 1}
UPTIME = {"measure": "availability", "operator": ">=", "value": 99.5, "unit": "percent"}
CONTENT: dict[str, Any] = {
    **dict.fromkeys(("expectation", "hours", "continuity", "baseline", "delivery", "quality"), EN),
    "calendar": "office", "departments": ["desk"], "services": ["mail"], "measures": [RESOLUTION, UPTIME],
    "cost": {"amount": 8000, "currency": "CNY", "per": "month"},
}  # fmt: skip
PLACES = ("hours", "continuity", "measures/resolution//1", "measures/availability/")
SPEC = [
    {"requirement": place, "technical": {"en": f"For {place}", "zh": ""}, "team": "desk", "method": EN}
    for place in PLACES
]
QUALITY = [
    {"process": "incident", "indicator": EN, "operator": ">=", "value": 95, "unit": "percent", "team": "desk"}
]


def need(cast: Cast, **over: Any) -> ServiceLevelRequirement:
    facts: dict[str, Any] = {
        "title": "Mail at weekends", "expectation": "Mail must run at weekends too.", "customer": cast.acme,
        "actor": cast.mona.actor, "now": MONDAY, "service": cast.mail,
    }  # fmt: skip
    return services.raise_need(**{**facts, **over})


def fresh(row: ServiceLevelRequirement) -> ServiceLevelRequirement:
    found: ServiceLevelRequirement = ServiceLevelRequirement.objects.get(pk=row.pk)
    return found


def amend(
    cast: Cast, row: ServiceLevelRequirement, *, by: Any = None, **over: Any
) -> ServiceLevelRequirement:
    reason = over.pop("reason", "")
    given = {**fresh(row).content, **over}
    return services.amend(
        row, given, reason=reason, actor=(by or cast.mona).actor, now=MONDAY, expected_version=None
    )


def defined(cast: Cast, **over: Any) -> ServiceLevelRequirement:
    made = services.define(need(cast, **over), responsible=cast.mona, actor=cast.mona.actor, now=MONDAY)
    return amend(cast, made, **CONTENT)


def fixed(cast: Cast, **over: Any) -> ServiceLevelRequirement:
    return services.fix_baseline(defined(cast, **over), actor=cast.mona.actor, now=MONDAY)


def write(cast: Cast, row: ServiceLevelRequirement, kind: str, rows: Any) -> None:
    designs.write(row, kind, rows, actor=cast.mona.actor, now=MONDAY, expected_version=None)


def document(cast: Cast, row: ServiceLevelRequirement, *, by: Any = None, kind: str = "planning") -> Input:
    upload = SimpleUploadedFile("plan.txt", b"plan")
    actor = (by or cast.alice).actor
    return services.add_input(row, kind=kind, attachments=[upload], actor=actor, now=MONDAY)[0]


def check(cast: Cast, row: ServiceLevelRequirement, result: str = "passed", points: str = "") -> None:
    designs.check_planning(
        row, document=document(cast, row), result=result, points=points, actor=cast.mona.actor, now=MONDAY
    )


def planned(cast: Cast, **over: Any) -> ServiceLevelRequirement:
    row = fixed(cast, **over)
    for kind, rows in (("specification", SPEC), ("quality", QUALITY)):
        write(cast, row, kind, rows)
        designs.approve(row, kind, actor=cast.admin.actor, now=MONDAY)
    check(cast, row)
    return designs.plan_service(row, actor=cast.mona.actor, now=MONDAY)
