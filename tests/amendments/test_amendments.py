"""An amendment of an SLA is a change: approved before it binds, with the words approved (CHG-12)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

import windows.services
from agreements import services as agreements
from agreements.models import Edition, Signature
from amendments.models import Amendment
from changes import lifecycle
from records.models import Activity
from sla.models import Agreement, AgreementVersion
from tests.agreements.test_life import agreement, draft, fresh, in_force, sign, terms, to_sign
from tests.amendments.acts import approve, change_of, judged
from tests.cast import MONDAY, Cast

__all__ = ["agreement"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def faster() -> dict[str, Any]:
    found = terms()
    found["targets"][0]["promise"]["seconds"] //= 2
    return found


def amended(cast: Cast, agreement: Agreement, **over: Any) -> Edition:
    """A second edition with other words, after the first is in force."""
    in_force(cast, draft(cast, agreement))
    facts = {"terms": faster(), "effective_from": MONDAY + DAY, "change_reason": "Faster", **over}
    return draft(cast, agreement, **facts)


def signed(cast: Cast, edition: Edition) -> Edition:
    current = to_sign(cast, edition)
    for party in Signature.Party.values:
        sign(cast, current, party)
    return fresh(current)


def put_in_force(cast: Cast, edition: Edition) -> Edition:
    return agreements.activate(fresh(edition), actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CHG-12", "SLM-44")
def test_an_amendment_binds_only_by_its_approved_change_and_carries_it_out(
    cast: Cast, agreement: Agreement
) -> None:
    edition = signed(cast, amended(cast, agreement))
    change = change_of(edition)
    assert (change.category, change.nature, change.state) == ("normal", "agreement", lifecycle.DRAFT)
    assert change.customer_id == cast.acme.pk
    assert list(change.change_services.values_list("service__code", flat=True)) == ["mail"]
    with pytest.raises(ValidationError, match=f"{change.number} behind this amendment is not approved"):
        put_in_force(cast, edition)
    assert AgreementVersion.objects.filter(agreement=agreement).count() == 1
    approve(cast, edition, now=MONDAY)
    assert put_in_force(cast, edition).state == "in_force"
    change.refresh_from_db()
    assert (change.state, change.outcome) == (lifecycle.VERIFYING, "success")
    assert change.log_steps.count() == 1
    assert AgreementVersion.objects.filter(agreement=agreement).count() == 2


def test_a_first_edition_and_one_with_the_same_words_need_no_change(cast: Cast, agreement: Agreement) -> None:
    in_force(cast, draft(cast, agreement))
    same = signed(cast, draft(cast, agreement, effective_from=MONDAY + DAY, change_reason="Another year"))
    assert put_in_force(cast, same).state == "in_force"
    assert not Amendment.objects.exists()


def test_words_altered_after_the_approval_are_asked_about_anew(cast: Cast, agreement: Agreement) -> None:
    edition = amended(cast, agreement)
    current = to_sign(cast, edition)
    approve(cast, edition, now=MONDAY)
    back = agreements.send_back(fresh(current), reason="Still faster", actor=cast.admin.actor, now=MONDAY)
    other = faster()
    other["targets"][0]["promise"]["seconds"] //= 2
    agreements.revise(back, {"terms": other}, actor=cast.mona.actor, now=MONDAY, expected_version=None)
    again = signed(cast, fresh(back))
    change = change_of(again)
    assert Amendment.objects.count() == 1
    assert change.state == lifecycle.APPROVING  # what was approved stands no longer
    with pytest.raises(ValidationError, match="not approved"):
        put_in_force(cast, again)


def test_what_the_change_lacks_stops_the_amendment_and_leaves_nothing_half_done(
    cast: Cast, agreement: Agreement
) -> None:
    edition = signed(cast, amended(cast, agreement))
    change = judged(cast, change_of(edition), now=MONDAY)
    change.__class__.objects.filter(pk=change.pk).update(test_result="")
    before = Activity.objects.count()
    from changes import deciding

    deciding.put_up(change_of(edition), actor=cast.admin.actor, now=MONDAY)
    deciding.decide(
        change_of(edition), approve=True, conditions="", by_board=None, actor=cast.admin.actor, now=MONDAY
    )
    assert Activity.objects.count() > before
    with pytest.raises(ValidationError) as refused:
        put_in_force(cast, edition)
    assert "test_result" in refused.value.message_dict
    assert change_of(edition).state == lifecycle.APPROVED
    assert fresh(edition).state == "to_sign"


def test_withdrawing_the_edition_calls_its_change_off(cast: Cast, agreement: Agreement) -> None:
    edition = amended(cast, agreement)
    current = agreements.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    change = change_of(current)
    agreements.withdraw(fresh(current), reason="They stay", actor=cast.mona.actor, now=MONDAY)
    change.refresh_from_db()
    assert change.state == lifecycle.CANCELLED


@pytest.mark.req("CHG-12")
def test_the_agreements_page_leads_to_the_change(cast: Cast, agreement: Agreement, client: Client) -> None:
    edition = amended(cast, agreement)
    agreements.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    client.force_login(cast.mona)
    page = client.get(f"/agreements/{edition.number}/").content.decode()
    assert change_of(edition).number in page
    assert "The edition binds only after this change is approved" in page


def test_a_freeze_of_what_runs_does_not_stop_what_is_signed(cast: Cast, agreement: Agreement) -> None:
    edition = signed(cast, amended(cast, agreement))
    windows.services.enter(
        kind="freeze", name_en="Year's end", name_zh="年末", starts_at=MONDAY - DAY, ends_at=MONDAY + 9 * DAY,
        everything=True, reason="Closing", actor=cast.mona.actor, now=MONDAY - DAY,
    )  # fmt: skip
    approve(cast, edition, now=MONDAY)
    assert put_in_force(cast, edition).state == "in_force"
