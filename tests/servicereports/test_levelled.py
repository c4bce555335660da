"""Measures, limits, interruptions and credits in a report: the same figures as the agreement's standing."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.services import system_actor
from levels import credits as ledger
from levels import services as levels
from servicereports import services, show
from servicereports.figures import compute
from servicereports.levelled import exact
from sla import editions
from sla.models import Agreement
from sla.terms import Terms
from sla.terms_rows import terms_of
from tests.cast import MONDAY, Cast
from tests.servicereports.test_services import APRIL, FIRST, LAST, explain, month

BEGIN = datetime.fromisoformat("2026-03-01T00:00:00+08:00")


def measured(cast: Cast, agreement: Agreement, **more: Any) -> None:
    """A version with promises over the month, in force from its first instant."""
    terms = terms_of(agreement.versions.get()).dump() | {
        "measures": [
            {
                "measure": "availability", "operator": ">=", "value": 99.9, "unit": "percent",
                "service": "mail",
            },
            {"measure": "answer_rate", "operator": ">=", "value": 90, "unit": "percent", "source": "calls"},
            {"measure": "workload", "operator": "<=", "value": 1, "unit": "count", "source": "tickets"},
        ],
        "credits": [{"target": "resolution//1", "below": 95, "percent": 5}],
        "cost": {"amount": 1000, "currency": "CNY", "per": "month"},
        **more,
    }  # fmt: skip
    editions.publish(
        agreement,
        Terms.parse(terms),
        effective_from=BEGIN,
        effective_until=None,
        actor=cast.system,
        now=BEGIN,
    )


@pytest.mark.req("SLM-31", "SLM-32", "SLM-37")
def test_measures_limits_interruptions_and_credits_are_part_of_the_figures(
    cast: Cast, acme: Agreement
) -> None:
    measured(cast, acme)
    start = MONDAY + timedelta(days=1)
    levels.record_outage(
        service=cast.mail, customer=None, started_at=start, ended_at=start + timedelta(hours=1),
        actor=cast.alice.actor, now=start + timedelta(hours=1),
    )  # fmt: skip
    night = MONDAY + timedelta(days=7)
    levels.announce(
        services=[cast.mail], customers=[], starts_at=night, ends_at=night + timedelta(hours=2),
        reason_en="New disks", reason_zh="更换磁盘", agreed_with="Carla", actor=cast.mona.actor,
        now=MONDAY - timedelta(hours=1),
    )  # fmt: skip
    _good, late = month(cast)
    explain(cast, late)
    figures = compute(acme, FIRST, LAST, now=APRIL).figures
    rows: dict[str, Any] = {row["measure"]: row for row in figures["measures"]}
    assert (rows["availability"]["kept"], rows["availability"]["down_seconds"]) == (False, 3600)
    assert (rows["answer_rate"]["actual"], rows["answer_rate"]["missing"]) == (None, "no_values")
    (limit,) = figures["limits"]
    assert (limit["actual"], limit["kept"]) == ("2", False)
    (interruption,) = figures["interruptions"]
    assert (interruption["agreed_with"], interruption["taken_out"]) == ("Carla", True)
    assert [row["service"] for row in figures["outages"]] == ["mail"]
    assert (figures["credits"]["percent"], figures["credits"]["amount"]) == ("5", "50.00")


def test_closing_the_ledger_of_credits_changes_no_figure(cast: Cast, acme: Agreement) -> None:
    measured(cast, acme)
    _good, late = month(cast)
    explain(cast, late)
    before = compute(acme, FIRST, LAST, now=APRIL).figures
    ledger.close_due(actor=system_actor(), now=APRIL + timedelta(days=5))
    after = compute(acme, FIRST, LAST, now=APRIL + timedelta(days=5)).figures
    assert after["credits"] == before["credits"]
    assert after == before


def test_what_is_not_measured_is_told_as_such(cast: Cast, acme: Agreement) -> None:
    measured(cast, acme)
    report = services.draft(
        acme, first=FIRST, last=LAST, due_on=date(2026, 4, 5), writer=cast.mona, actor=cast.mona.actor,
        now=APRIL,
    )  # fmt: skip
    made = show.document(report, None, "en")
    section = next(each for each in made.sections if each.code == "measures")
    cells = [cell for row in section.tables[0].rows for cell in row]
    told = [cell.sub for cell in cells if cell.text == "not measured"]
    assert told == ["No value was delivered for this period."]
    assert made.mark == "Draft: figures and words may still change"


@pytest.mark.parametrize(
    ("value", "text"), [(99.9, "99.9"), (100.0, "100"), (0.1, "0.1"), (Decimal("5.00"), "5"), (0.0, "0")]
)
def test_numbers_are_written_in_one_way(value: float | Decimal, text: str) -> None:
    assert exact(value) == text


@pytest.mark.req("FIN-10")
def test_rewards_are_a_section_of_their_own_and_closing_them_changes_no_figure(
    cast: Cast, acme: Agreement
) -> None:
    measured(cast, acme, rewards=[{"target": "*", "above": 1, "percent": 2.5}])
    _good, late = month(cast)
    explain(cast, late)
    before = compute(acme, FIRST, LAST, now=APRIL).figures
    assert (before["rewards"]["percent"], before["rewards"]["amount"]) == ("2.5", "25.00")
    (due,) = before["rewards"]["due"]
    assert (due["id"], due["above"], due["percent"]) == ("*", "1", "2.5")
    assert Decimal(due["attained"]) == Decimal(before["attainment"]["all"]["net"])
    ledger.close_due(actor=system_actor(), now=APRIL + timedelta(days=5))
    assert compute(acme, FIRST, LAST, now=APRIL + timedelta(days=5)).figures == before
    report = services.draft(
        acme, first=FIRST, last=LAST, due_on=date(2026, 4, 5), writer=cast.mona, actor=cast.mona.actor,
        now=APRIL,
    )  # fmt: skip
    section = next(each for each in show.document(report, None, "en").sections if each.code == "rewards")
    assert section.paragraphs == ("Reward for the period: 2.5\u00a0% of the charge, 25.00 CNY.",)
    words = [cell.text for row in section.tables[0].rows for cell in row]
    assert (words[0], words[2:]) == ("all targets", ["1\u00a0%", "2.5\u00a0%"])


def test_without_a_rule_for_rewards_a_report_is_as_it_was_before_there_were_any(
    cast: Cast, acme: Agreement
) -> None:
    measured(cast, acme)
    month(cast)
    computed = compute(acme, FIRST, LAST, now=APRIL)
    assert "rewards" not in computed.figures
