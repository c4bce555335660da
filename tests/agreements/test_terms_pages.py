"""The forms on which the terms of a draft are written, by the browser's requests."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from agreements.models import Edition
from agreements.terms_words import key_of
from sla.models import Agreement
from sla.terms import SECTIONS, Terms
from tests.agreements.terms_forms import (
    GENERAL,
    MEASURE,
    TARGET,
    now,
    sent,
    text,
    write,
)
from tests.agreements.test_life import METHOD, draft, ola, terms
from tests.cast import Cast

pytestmark = pytest.mark.django_db


# --- from nothing to submitted -------------------------------------------------------------------


@pytest.mark.req("SLM-10", "SLM-11", "SLM-12", "SLM-13", "SLM-15", "SLM-31", "SLM-36", "SLM-50")
def test_a_whole_agreement_is_written_by_forms_and_submitted(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    start = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    asked = {"agreement": agreement.pk, "effective_from": start}
    nothing = mona.post("/agreements/new/", asked)
    assert (nothing.status_code, "Choose the service hours" in text(nothing)) == (422, True)
    page = mona.post("/agreements/new/", {**asked, "calendar": cast.calendar.pk}).headers["Location"]
    base = f"{page}terms/"
    shown = text(mona.get(base))
    assert "0 of 23" in shown
    assert "There is no quantified target." in shown
    assert write(mona, f"{base}general/", GENERAL).status_code == 302
    guide = {f"p{i}{u}": "1" if i == u == 1 else "3" for i in (1, 2, 3) for u in (1, 2, 3)}
    assert write(mona, f"{base}guide/", guide).status_code == 302
    assert "E-mail has no quantified target." in text(mona.get(base))
    assert write(mona, f"{base}targets/row/", TARGET).status_code == 302
    stronger = {
        **TARGET,
        "metric": "restoration",
        "service": "mail",
        "priority": "1",
        "amount": "30",
        "unit": "working_minutes",
    }
    assert write(mona, f"{base}targets/row/", stronger).status_code == 302
    assert write(mona, f"{base}measures/row/", MEASURE).status_code == 302
    load = {**MEASURE, "measure": "workload", "operator": "<=", "value": "500", "unit": "count"}
    assert write(mona, f"{base}measures/row/", load).status_code == 302
    for code in SECTIONS:
        words = {"en": "Words", "zh": "文字"} if code != "charges" else {"not_applicable": "Free of charge"}
        assert write(mona, f"{base}sections/{code}/", words).status_code == 302
    credit = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-target": "resolution//",
        "rows-0-below": "95",
        "rows-0-percent": "5",
    }
    assert write(mona, f"{base}credits/", credit).status_code == 302
    report = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-kind": "service_level",
        "rows-0-period": "month",
        "rows-0-due_day": "5",
        "rows-0-submitter": "Mona",
        "rows-0-way": "portal",
    }
    assert write(mona, f"{base}reports/", report).status_code == 302
    shown = text(mona.get(base))
    assert "23 of 23" in shown
    assert "Everything is there." in shown
    _is_as_written()
    assert mona.post(f"{page}submit/", {"reviewers": [cast.admin.pk]}).status_code == 302
    assert Edition.objects.get().state == "internal_review"


def _is_as_written() -> None:
    found = Terms.parse(now())
    assert found.services == ("mail",)
    assert found.warn_at == (50, 75, 90)
    assert found.matrix["11"] == 1
    assert found.matrix["22"] == 3
    assert [t.key for t in found.targets] == ["resolution//", "restoration/mail/1"]
    assert [t.promise.amount for t in found.targets] == [4 * 3600, 30 * 60]
    assert [m.key for m in found.measures] == ["availability/mail", "workload/mail"]
    assert found.measures[0].value == 99.9
    assert found.sections["charges"].not_applicable == "Free of charge"
    assert found.credits[0].target == "resolution//"
    assert found.reports[0].submitter == "Mona"
    assert found.cost.amount == 1200.5


def test_what_is_written_is_shown_in_the_same_words_when_the_form_is_opened_again(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    days = {
        **TARGET,
        "metric": "closure",
        "priority": "2",
        "amount": "3",
        "unit": "working_days",
        "until": "close",
    }
    write(mona, f"{base}targets/row/", days)
    assert now()["targets"][1]["promise"] == {"kind": "working_days", "days": 3, "until": "close"}
    shown = text(mona.get(f"{base}targets/"))
    assert f'href="{base}targets/row/"' in shown
    assert f'href="{base}targets/row/?copy=closure%2F%2F2"' in shown
    assert "Closure · all services · Priority 2" in shown
    assert "3 working days, until closing time" in shown
    assert "closure//2" not in re.sub(r'(value|href)="[^"]*"', "", shown)
    form = text(mona.get(f"{base}targets/row/?key={quote('closure//2')}"))
    assert '<option value="working_days" selected>' in form
    copy = text(mona.get(f"{base}targets/row/?copy={quote('resolution//')}"))
    assert 'value="8"' in copy
    assert now()["targets"][0] == before["targets"][0]


FULL: dict[str, Any] = {
    "services": ["mail"],
    "review_months": 6,
    "cost": {"amount": 12.5, "currency": "EUR", "per": "year"},
    "matrix": {f"{i}{u}": min(4, i + u - 1) for i in (1, 2, 3) for u in (1, 2, 3)},
    "pausing_reasons": ["customer"],
    "warn_at": [40, 80],
    "reopen_starts_new_cycle": True,
    "measures": [
        {"measure": "mtbf", "operator": ">=", "value": 720, "unit": "hours", "service": "mail",
         "method": {"en": "two\nlines", "zh": "两行"}, "source": "calls", "period": "half_year",
         "goal_percent": 90.5, "underpinned_by": []},
    ],
    "credits": [{"target": "*", "below": 97.5, "percent": 2}],
    "reports": [
        {"kind": "workload", "period": "quarter", "due_day": 9, "submitter": "Mona", "way": "email"},
        {"kind": "of our own", "period": "year", "due_day": 1, "submitter": "", "way": "paper"},
    ],
}  # fmt: skip


def test_every_form_sent_as_it_was_opened_changes_nothing(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 4)
    made = terms(**FULL)
    behind = [{"agreement": "ola-desk", "target": "resolution//", "stage": 2}]
    made["targets"][0] |= {"underpinned_by": behind, "goal_percent": 99.5, "service": "mail", "priority": 2,
                           "calendar": "office", "opens": "first_reply", "escalates": True}  # fmt: skip
    for n, (kind, amount) in enumerate(
        (("business_seconds", 90), ("business_seconds", 5400), ("working_days", 3), ("calendar_days", 5))
    ):
        promise: dict[str, Any] = {"kind": kind, "seconds": amount}
        if kind != "business_seconds":
            promise = {"kind": kind, "days": amount, "until": "close" if n == 2 else "same_time"}
        made["targets"].append({"metric": "closure", "priority": n + 1, "promise": promise, "method": METHOD})
    base = f"{draft(cast, agreement, terms=made).get_absolute_url()}terms/"
    before, version = now(), Edition.objects.get().version
    parts = ["general/", "guide/", "credits/", "reports/", "sections/charges/"]
    for kind in ("targets", "measures"):
        parts += [f"{kind}/row/?key={quote(key_of(row))}" for row in before[kind]]
    for part in parts:
        answer = mona.post(base + part, sent(mona, base + part))
        assert (answer.status_code, part) == (302, part)
        assert (now(), part) == (before, part)
    assert Edition.objects.get().version == version
    new = {**sent(mona, f"{base}measures/row/"), "measure": ["failures"], "value": ["3"]}
    assert mona.post(f"{base}measures/row/", new).status_code == 302


def test_a_target_is_renamed_with_its_credits_and_removed_only_without(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    owed = [{"target": "resolution//", "below": 95, "percent": 5}]
    base = f"{draft(cast, agreement, terms=terms(credits=owed)).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    assert write(mona, url, {**TARGET, "priority": "1"}).status_code == 302
    assert now()["credits"][0]["target"] == "resolution//1"
    gone = {"key": "resolution//1", "version": Edition.objects.get().version}
    refused = mona.post(f"{base}targets/remove/", gone)
    assert (refused.status_code, "A credit or a reward depends on this target" in text(refused)) == (
        422,
        True,
    )
    rows = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 1,
        "rows-0-target": "resolution//1",
        "rows-0-below": "95",
        "rows-0-percent": "5",
        "rows-0-DELETE": "on",
    }
    assert write(mona, f"{base}credits/", rows).status_code == 302
    gone["version"] = Edition.objects.get().version
    assert mona.post(f"{base}targets/remove/", gone).status_code == 302
    assert now()["targets"] == now()["credits"] == []


def test_a_promise_rests_on_targets_of_an_ola_chosen_by_name(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 4)
    edition = draft(cast, agreement)
    page = edition.get_absolute_url()
    url = f"{page}terms/targets/row/?key={quote('resolution//')}"
    shown = text(mona.get(url))
    assert 'optgroup label="Desk OLA"' in shown
    assert "Resolution · all services: 4 working hours" in shown
    behind = {
        "rows-TOTAL_FORMS": 2,
        "rows-INITIAL_FORMS": 0,
        "rows-0-target": "ola-desk|resolution//",
        "rows-0-stage": "1",
        "rows-1-stage": "1",
    }
    twice = {**behind, "rows-1-target": "ola-desk|resolution//"}
    assert "This stands here already." in text(write(mona, url, {**TARGET, **twice}))
    assert write(mona, url, {**TARGET, **behind}).status_code == 302
    assert now()["targets"][0]["underpinned_by"] == [
        {"agreement": "ola-desk", "target": "resolution//", "stage": 1}
    ]
    proof = text(mona.get(f"{page}proof/"))
    assert "No looser" in proof
    assert "Desk OLA" in proof
    assert "ola-desk" not in proof
    assert "Desk OLA: Resolution · all services" in text(mona.get(page))


def rule_rows(*rules: tuple[str, str, str], stood: int = 0, mark: str = "above") -> dict[str, Any]:
    found: dict[str, Any] = {"rows-TOTAL_FORMS": len(rules), "rows-INITIAL_FORMS": stood}
    for n, (key, at, percent) in enumerate(rules):
        found |= {f"rows-{n}-target": key, f"rows-{n}-{mark}": at, f"rows-{n}-percent": percent}
    return found


@pytest.mark.req("FIN-10", "SLM-11")
def test_rewards_are_written_by_a_form_with_rows(mona: Client, cast: Cast, agreement: Agreement) -> None:
    measures = [
        {"measure": "failures", "operator": "<=", "value": 2, "unit": "count", "method": METHOD},
        {"measure": "availability", "operator": ">=", "value": 99, "unit": "percent", "method": METHOD},
    ]
    owed = [{"target": "resolution//", "below": 95, "percent": 5}]
    edition = draft(cast, agreement, terms=terms(credits=owed, measures=measures))
    url = f"{edition.get_absolute_url()}terms/rewards/"
    shown = text(mona.get(url))
    assert "Reward (% of charge)" in shown
    # only what is measured as a share that should be high can be chosen
    assert '<option value="availability/">' in shown
    assert '<option value="failures/">' not in shown
    assert "rewards" not in now()
    refused = write(mona, url, rule_rows(("resolution//", "95", "2")))
    assert refused.status_code == 422
    assert "A reward begins above the mark of the credit for the same target." in text(refused)
    assert 'name="rows-0-above" value="95"' in text(refused)
    assert write(mona, url, rule_rows(("resolution//", "", "2"))).status_code == 422
    rows = (("resolution//", "98.5", "2"), ("*", "99", "1"))
    assert write(mona, url, rule_rows(*rows)).status_code == 302
    assert now()["rewards"] == [
        {"target": "resolution//", "above": 98.5, "percent": 2}, {"target": "*", "above": 99, "percent": 1},
    ]  # fmt: skip
    again = mona.post(url, sent(mona, url))
    assert (again.status_code, len(now()["rewards"])) == (302, 2)
    # a credit that would reach into it is refused too, on the credits' own page
    reaching = rule_rows(("resolution//", "99", "5"), stood=1, mark="below")
    told = write(mona, url.replace("rewards", "credits"), reaching)
    assert (told.status_code, "Rewards: A reward begins above" in text(told)) == (422, True)
    gone = {**rule_rows(*rows, stood=2), "rows-0-DELETE": "on", "rows-1-DELETE": "on"}
    assert write(mona, url, gone).status_code == 302
    assert "rewards" not in now()
    shown = text(mona.get(edition.get_absolute_url()))
    assert shown.count("Rewards") >= 2


def test_a_target_is_renamed_with_its_rewards_and_removed_only_without(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    earned = [{"target": "resolution//", "above": 99, "percent": 2}]
    base = f"{draft(cast, agreement, terms=terms(rewards=earned)).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    assert write(mona, url, {**TARGET, "priority": "1"}).status_code == 302
    assert now()["rewards"][0]["target"] == "resolution//1"
    gone = {"key": "resolution//1", "version": Edition.objects.get().version}
    refused = mona.post(f"{base}targets/remove/", gone)
    assert (refused.status_code, "a reward depends on this target" in text(refused)) == (422, True)
    assert now()["targets"]


@pytest.mark.req("REQ-01")
def test_a_target_may_be_for_service_requests_only_beside_the_one_for_all(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    again = write(mona, f"{base}targets/row/", TARGET)
    assert (again.status_code, "This is promised already" in text(again)) == (422, True)
    asked = {**TARGET, "ticket_kind": "request", "amount": "40"}
    assert write(mona, f"{base}targets/row/", asked).status_code == 302
    kinds = {row.get("ticket_kind"): row["promise"]["seconds"] for row in now()["targets"]}
    assert kinds["request"] == 40 * 3600
    page = text(mona.get(f"{base}targets/"))
    assert "Resolution · all services · service requests" in page
    odd = write(mona, f"{base}targets/row/", {**asked, "ticket_kind": "problem"})
    assert odd.status_code == 422
