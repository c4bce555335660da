"""Definitions and reports of the tests, made by the real verbs."""

from datetime import UTC, date, datetime
from typing import Any

import incidents.services
from processreports import definitions, services
from processreports.models import ProcessReport, ReportDefinition
from processreports.sections import OF_CUSTOMER, USUAL
from tests.cast import MONDAY, Cast, make_incident

APRIL = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
WORDS = {
    "comment_en": "A calm month.", "comment_zh": "本月平稳。", "outlook_en": "We train the desk.",
    "outlook_zh": "下月培训服务台。",
}  # fmt: skip


def facts(cast: Cast, **over: Any) -> dict[str, Any]:
    return {
        "name_en": "Incident management", "name_zh": "事件管理月报", "processes": ["Incident management"],
        "every": "month", "sections": list(USUAL), "languages": ["zh", "en"], "owner": cast.alice,
        "approver": cast.mona, "checker": cast.bob, "recipients": [cast.sven], "due_days": 5,
        "active_from": date(2026, 1, 1), "customer": None,
        **over,
    }  # fmt: skip


def make_definition(cast: Cast, **over: Any) -> ReportDefinition:
    return definitions.keep(None, facts(cast, **over), actor=cast.mona.actor, now=MONDAY)


def of_acme(cast: Cast, **over: Any) -> ReportDefinition:
    """Acme's monthly report, which it reads in its portal."""
    return make_definition(
        cast, **{
            "name_en": "Acme monthly", "name_zh": "艾可美月报", "customer": cast.acme, "in_portal": True,
            "sections": list(OF_CUSTOMER), "recipients": [cast.carla], **over,
        }
    )  # fmt: skip


def solved(cast: Cast, **over: Any) -> Any:
    """An incident of March that was solved in time."""
    made = make_incident(cast, **over)
    return incidents.services.resolve(
        made, code="solved", steps="Restarted.", actor=cast.bob.actor, now=MONDAY.replace(hour=3)
    )


def opened(cast: Cast, definition: ReportDefinition, **over: Any) -> ProcessReport:
    return services.open_report(definition, MARCH, **{"actor": cast.mona.actor, "now": APRIL, **over})


def commented(cast: Cast, report: ProcessReport) -> ProcessReport:
    return services.write(report, **WORDS, actor=cast.alice.actor, now=APRIL)


def approved(cast: Cast, report: ProcessReport) -> ProcessReport:
    report = commented(cast, report)
    return services.approve(report, seen=report.seen, actor=cast.mona.actor, now=APRIL)


def published(cast: Cast, report: ProcessReport) -> ProcessReport:
    return services.publish(approved(cast, report), actor=cast.alice.actor, now=APRIL)
