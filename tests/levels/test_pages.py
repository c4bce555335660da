"""The pages: what stands where, numbers that open their list, and what is refused in words."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from levels import credits as ledger
from levels import services
from levels.models import Outage, PlannedInterruption
from records import spans
from sla.models import Agreement
from tests.cast import MONDAY, Cast, make_agreement
from tests.levels.test_standing import outage, solved, terms

Log = Callable[[Any], Client]
MARCH = {"month": "2026-03"}


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    return make_agreement(cast.calendar, cast.acme, terms=terms()).agreement


@pytest.fixture
def mona(cast: Cast, client_of: Log) -> Client:
    return client_of(cast.mona)


def page(client: Client, name: str, *args: Any, **query: Any) -> Any:
    response = client.get(reverse(f"levels:{name}", args=args), {**MARCH, **query})
    assert response.status_code == 200, response.content[:500]
    return response


@pytest.mark.req("SLM-31", "SLM-32")
def test_the_list_shows_the_worst_first_in_words(cast: Cast, acme: Agreement, mona: Client) -> None:
    make_agreement(cast.calendar, cast.globex)
    solved(cast, timedelta(days=2))
    response = page(mona, "list")
    codes = [row["agreement"].code for row in response.context["rows"]]
    assert codes[0] == "acme"
    assert set(codes) == {"acme", "globex", "default"}
    assert "miss too many" in response.content.decode()
    narrowed = page(mona, "list", customer=cast.globex.pk)
    assert [row["agreement"].code for row in narrowed.context["rows"]] == ["globex"]


@pytest.mark.req("SLM-30", "SLM-31", "SLM-32")
def test_every_number_of_an_agreement_opens_its_list(cast: Cast, acme: Agreement, mona: Client) -> None:
    solved(cast, timedelta(hours=1))
    solved(cast, timedelta(days=2))
    outage(cast, 1)
    response = page(mona, "detail", "acme")
    for row in response.context["targets"]:
        for number in row["numbers"]:
            if number["n"]:
                assert mona.get(number["url"]).context["total"] == number["n"], (row["label"], number)
    measures = {row["label"]: row for row in response.context["measures"]}
    source = measures["Availability · E-mail"]["sources"][0]
    assert source["words"] == "1 outage"
    assert len(mona.get(source["url"]).context["rows"]) == 1
    work = response.context["workload"][0]["sources"][0]
    assert mona.get(work["url"]).context["total"] == 2
    words = response.content.decode()
    for said in ("No value was delivered for this period.", "at least 99.5 %", "CNY 150.00", "Version 1"):
        assert said in words


def test_figures_of_other_customers_are_not_there(cast: Cast, acme: Agreement, client_of: Log) -> None:
    make_agreement(cast.calendar, cast.globex)
    cast.mona.grants.update(organisation=cast.globex)
    client = client_of(cast.mona)
    assert [row["agreement"].code for row in page(client, "list").context["rows"]] == ["globex"]
    assert client.get(reverse("levels:detail", args=["acme"])).status_code == 404
    assert client.get(reverse("levels:detail", args=["default"])).status_code == 404


def test_a_word_that_is_no_month_is_told_so(cast: Cast, mona: Client) -> None:
    for words in ("2026", "2026-13", "x", "9999-01"):
        assert mona.get(reverse("levels:list"), {"month": words}).status_code == 400
    assert mona.get(reverse("levels:list"), {"customer": "x"}).status_code == 200
    assert mona.get(reverse("levels:clocks", args=["default", "met"]), {"targets": "x"}).status_code == 400


@pytest.mark.req("SLM-30")
def test_the_desk_records_ends_and_excludes_an_outage(cast: Cast, acme: Agreement, client_of: Log) -> None:
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    begin = timezone.localtime() - timedelta(hours=3)
    stamp = begin.strftime("%Y-%m-%dT%H:%M")
    new = reverse("levels:new-outage")
    sent = {"service": cast.mail.pk, "started_at": stamp, "source": "manual"}
    wrong = alice.post(new, {**sent, "ended_at": stamp})
    assert wrong.status_code == 422
    assert "after the beginning" in wrong.content.decode()
    url = alice.post(new, sent)["Location"]
    row = Outage.objects.get()
    end = (begin + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    change = {"started_at": stamp, "ended_at": end, "version": row.version, "note": "Disk full"}
    assert alice.post(f"{url}change/", change).status_code == 302
    late = alice.post(f"{url}change/", change)
    assert late.status_code == 422
    assert "since you read it" in late.content.decode()
    assert alice.post(f"{url}exclude/", {"reason": "customer", "evidence": "Their fuse"}).status_code == 302
    assert alice.post(f"{url}decide/", {"decision": "approved"}).status_code == 403
    assert mona.post(f"{url}decide/", {"decision": "approved"}).status_code == 302
    assert "does not count" in mona.get(url).content.decode()
    assert mona.post(f"{url}nothing/").status_code == 404
    assert alice.post(f"{url}withdraw/", {"reason": "Twice"}).status_code == 302
    assert Outage.objects.get().withdrawn_at


@pytest.mark.req("SLM-32")
def test_a_manager_announces_and_cancels_an_interruption(cast: Cast, mona: Client, client_of: Log) -> None:
    begin = timezone.localtime() + timedelta(days=1)
    sent = {
        "services": [cast.mail.pk], "customers": [cast.acme.pk], "reason_en": "Update", "reason_zh": "升级",
        "starts_at": begin.strftime("%Y-%m-%dT%H:%M"), "agreed_with": "Carla",
        "ends_at": (begin + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    assert mona.post(reverse("levels:announce"), {**sent, "ends_at": sent["starts_at"]}).status_code == 422
    assert mona.post(reverse("levels:announce"), sent).status_code == 302
    row = PlannedInterruption.objects.get()
    assert row.is_taken_out
    cancel = reverse("levels:cancel", args=[row.pk])
    assert mona.post(cancel).status_code == 422
    assert client_of(cast.alice).post(cancel, {"reason": "x"}).status_code == 403
    assert mona.post(cancel, {"reason": "Postponed"}).status_code == 302
    shown = mona.get(reverse("levels:interruptions")).content.decode()
    assert "Postponed" in shown
    assert mona.post(cancel, {"reason": "Again"}).status_code == 422


def test_the_ledger_is_shown_by_month_and_corrected(cast: Cast, mona: Client) -> None:
    since = datetime(2026, 2, 28, 16, tzinfo=ZoneInfo("UTC"))
    agreement = make_agreement(cast.calendar, cast.acme, terms=terms(), effective_from=since).agreement
    solved(cast, timedelta(days=2))
    ledger.close(agreement, date(2026, 3, 1), actor=cast.system, now=MONDAY + timedelta(days=40))
    assert "CNY 50.00" in page(mona, "credits").content.decode()
    sent = {
        "agreement": agreement.pk, "month": "2026-03", "side": "credit", "percent": "0",
        "reason": "Excluded in May",
    }  # fmt: skip
    assert mona.post(reverse("levels:credits"), {**sent, "reason": ""}).status_code == 422
    assert mona.post(reverse("levels:credits"), sent).status_code == 302
    lines = page(mona, "credits").context["months"][0]
    assert [row["amount"] for row in lines["lines"]] == ["CNY 50.00", "CNY -50.00"]
    assert lines["sums"] == ["credit: CNY 0.00"]
    assert mona.post(reverse("levels:credits"), sent).status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_shows_a_code_or_a_key(cast: Cast, acme: Agreement, mona: Client, language: str) -> None:
    mona.cookies["django_language"] = language
    cast.mona.language = language
    cast.mona.save(update_fields=["language"])
    solved(cast, timedelta(days=2))
    row = outage(cast, 1)
    services.announce(
        services=[cast.mail], customers=[], starts_at=timezone.now() + timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=2), reason_en="Update", reason_zh="升级",
        actor=cast.mona.actor, now=timezone.now(),
    )  # fmt: skip
    for name, args in (
        ("list", ()), ("detail", ("acme",)), ("outages", ()), ("outage", (row.pk,)), ("interruptions", ()),
        ("credits", ()), ("new-outage", ()), ("announce", ()), ("clocks", ("acme", "missed")),
    ):  # fmt: skip
        words = page(mona, name, *args).content.decode().split('<main class="page')[1]
        shown = re.sub(r"<[^>]*>", " ", words.split("</main>")[0])
        for raw in (
            "resolution/",
            "availability/",
            "force_majeure",
            "none_decided",
            "{{",
            "None",
            "business_",
        ):
            assert raw not in shown, (name, raw)


def test_months_are_read_from_their_names() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    month = spans.given("2026-12", ("month",), today=date(2026, 3, 2), zone=zone)
    assert (str(month.next), str(month.previous), month.last.day) == ("2027-01", "2026-11", 31)
    assert [str(each) for each in month.previous.up_to(3)] == ["2026-09", "2026-10", "2026-11"]
    assert str(spans.given("", ("month",), today=date(2026, 3, 2), zone=zone)) == "2026-03"
    assert month.previous.up_to(0) == []


@pytest.mark.req("FIN-10")
@pytest.mark.parametrize(
    ("language", "mark"), [("en", "not below 98 %: 2 % of the charge"), ("zh-hans", "98 %")]
)
def test_rewards_are_shown_beside_credits_and_corrected_apart(
    cast: Cast, mona: Client, language: str, mark: str
) -> None:
    since = datetime(2026, 2, 28, 16, tzinfo=UTC)
    given = terms(rewards=[{"target": "resolution//1", "above": 98, "percent": 2}])
    agreement = make_agreement(cast.calendar, cast.acme, terms=given, effective_from=since).agreement
    solved(cast, timedelta(hours=1))
    cast.mona.language = language
    cast.mona.save(update_fields=["language"])
    shown = page(mona, "detail", "acme").content.decode()
    assert 'id="rewards"' in shown
    assert mark in shown
    assert "CNY 20.00" in shown
    assert "CNY 20.00" in page(mona, "list").content.decode()
    ledger.close(agreement, date(2026, 3, 1), actor=cast.system, now=MONDAY + timedelta(days=40))
    sent = {
        "agreement": agreement.pk, "month": "2026-03", "side": "reward", "percent": "1",
        "reason": "One was late after all",
    }  # fmt: skip
    assert mona.post(reverse("levels:credits"), {**sent, "side": "bonus"}).status_code == 422
    assert mona.post(reverse("levels:credits"), sent).status_code == 302
    group = page(mona, "credits").context["months"][0]
    assert [row["line"].side for row in group["lines"]] == ["credit", "reward", "reward"]
    assert group["sums"][-1].endswith(": CNY 10.00")
