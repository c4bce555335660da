"""A replay is asked for once, counted once whatever happens to its workers, and read in plain words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

import incidents.services
from accounts.access import Denied
from agreements import replays, services, tasks
from agreements.models import Edition, ReplayFlip, ReplayRun
from agreements.replays import Failure, Progress
from incidents.models import Incident
from records import alarms, history
from records.models import Record
from sla.models import Agreement, Clock
from sla.replay_tally import Tally
from sla.target import TargetError
from sla.terms import Terms
from sla.terms_rows import terms_of
from tests.agreements.test_life import METHOD, draft, terms
from tests.cast import MONDAY, Cast, make_agreement, make_incident

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = MONDAY + 30 * DAY
START, END = MONDAY - DAY, MONDAY + DAY


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def promising(hours: int, **over: Any) -> dict[str, Any]:
    promise = {"kind": "business_seconds", "seconds": hours * 3600}
    return terms(targets=[{"metric": "resolution", "promise": promise, "method": METHOD}], **over)


def solved(cast: Cast, after: timedelta, **over: Any) -> Incident:
    """An incident of MONDAY, priority 3 (16 working hours in force), solved so much later."""
    made = make_incident(cast, **over)
    return incidents.services.resolve(
        made, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + after
    )


def ask(cast: Cast, edition: Edition, **over: Any) -> ReplayRun:
    given: dict[str, Any] = {"start": START, "end": END, "actor": cast.mona.actor, "now": NOW, **over}
    return replays.ask(edition, given.pop("start"), given.pop("end"), **given)


def result(run: ReplayRun) -> dict[str, Any]:
    run.refresh_from_db()
    assert run.state == ReplayRun.State.DONE
    found: dict[str, Any] = run.result or {}
    return found


# --- what it finds -----------------------------------------------------------------------------


def test_a_stricter_draft_shows_the_tickets_it_would_miss(cast: Cast, agreement: Agreement) -> None:
    quick, slow = solved(cast, HOUR), solved(cast, 6 * HOUR)
    run = ask(cast, draft(cast, agreement, terms=promising(4)))
    assert replays.run(run.pk) is Progress.FINISHED
    found = result(run)
    assert (found["tickets"], found["flips"]) == (2, {"now_missed": 1, "now_met": 0})
    row = next(r for r in found["rows"] if r["key"] == "resolution//")
    assert (row["priority"], row["before"]["percent"], row["after"]["percent"]) == (3, 100, 50)
    flip = ReplayFlip.objects.get(run=run)
    assert (flip.record_id, flip.seconds) == (slow.pk, 3600)  # ten to four, with an hour's lunch
    assert flip.at == MONDAY + 5 * HOUR
    assert (run.done, run.total, run.tally) == (2, 2, {})
    assert quick.pk != slow.pk


def test_a_looser_draft_shows_the_tickets_it_would_save(cast: Cast, agreement: Agreement) -> None:
    late = solved(cast, 7 * DAY)
    run = ask(cast, draft(cast, agreement, terms=promising(400)))
    replays.run(run.pk)
    assert result(run)["flips"] == {"now_missed": 0, "now_met": 1}
    flip = ReplayFlip.objects.get(run=run)
    assert (flip.record_id, flip.direction) == (late.pk, ReplayFlip.Direction.NOW_MET)
    assert flip.seconds == 24 * 3600  # five days of eight hours were used, sixteen hours promised


def test_the_same_terms_change_nothing(cast: Cast, agreement: Agreement) -> None:
    for hours in (1, 20, 200):
        solved(cast, hours * HOUR)
    make_incident(cast)
    with patch.object(alarms, "database_now", lambda: NOW):
        while alarms.sweep():
            pass
    same = terms_of(cast.agreement).dump()
    run = ask(cast, draft(cast, agreement, terms=same))
    replays.run(run.pk)
    found = result(run)
    assert found["flips"] == {"now_missed": 0, "now_met": 0}
    assert all(row["before"] == row["after"] for row in found["rows"])
    assert found["total"]["before"]["met"] > 0
    assert found["total"]["before"]["missed"] > 0


def test_credits_are_those_of_the_draft_beside_those_of_the_terms_in_force(
    cast: Cast, agreement: Agreement
) -> None:
    solved(cast, 6 * HOUR)
    credit = [{"target": "resolution//", "below": 95, "percent": 10}]
    given = promising(4, credits=credit, cost={"amount": 5000, "currency": "CNY", "per": "month"})
    run = ask(cast, draft(cast, agreement, terms=given))
    replays.run(run.pk)
    credits_ = result(run)["credits"]
    assert credits_["before"] is None
    assert (credits_["after"]["amount"], credits_["after"]["currency"]) == (500, "CNY")


def test_only_tickets_the_agreement_covers_and_of_the_period_are_judged(
    cast: Cast, agreement: Agreement
) -> None:
    mine = solved(cast, HOUR)
    solved(cast, HOUR, customer=cast.globex, requester=cast.charlie)
    make_incident(cast, now=END)
    rows = replays.tickets(agreement, START, END)
    assert list(rows.values_list("pk", flat=True)) == [mine.pk]


def test_the_default_commitment_covers_customers_without_an_agreement_in_force_then(cast: Cast) -> None:
    other = solved(cast, HOUR, customer=cast.globex, requester=cast.charlie)
    make_agreement(cast.calendar, cast.acme, effective_from=MONDAY)
    before = make_incident(cast, now=MONDAY - HOUR)
    make_incident(cast)
    rows = replays.tickets(cast.agreement.agreement, START, END).order_by("pk")
    assert list(rows.values_list("pk", flat=True)) == [other.pk, before.pk]


def test_open_tickets_are_judged_as_of_the_question(cast: Cast, agreement: Agreement) -> None:
    make_incident(cast, now=MONDAY)
    edition = draft(cast, agreement, terms=promising(4))
    early = ask(cast, edition, now=MONDAY + HOUR)
    replays.run(early.pk)
    assert result(early)["total"]["after"]["pending"] == 1
    later = ask(cast, edition, now=NOW)
    replays.run(later.pk)
    assert result(later)["total"]["after"]["missed"] == 1


def test_the_number_of_queries_does_not_grow_with_the_batch(
    cast: Cast, agreement: Agreement, django_assert_num_queries: Any
) -> None:
    made = [solved(cast, n * HOUR) for n in range(1, 6)]
    loader = history.Loader()
    loader.load([made[0].pk])
    with django_assert_num_queries(6):
        assert len(loader.load([each.pk for each in made])) == 5


# --- asking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field", "words"),
    [
        ({"start": END, "end": START}, "end", "must end after it begins"),
        ({"start": START, "end": START}, "end", "must end after it begins"),
        ({"start": NOW + DAY, "end": NOW + 2 * DAY}, "start", "lies in the future"),
        ({"start": START - 9 * DAY, "end": START}, "start", "No ticket"),
    ],
)
def test_a_period_without_anything_to_judge_is_refused_in_words(
    cast: Cast, agreement: Agreement, over: dict[str, Any], field: str, words: str
) -> None:
    solved(cast, HOUR)
    with pytest.raises(ValidationError) as refused:
        ask(cast, draft(cast, agreement), **over)
    assert words in refused.value.message_dict[field][0]
    assert not ReplayRun.objects.exists()


def test_terms_that_judge_no_ticket_are_refused_in_words(cast: Cast, agreement: Agreement) -> None:
    solved(cast, HOUR)
    edition = draft(cast, agreement, terms=terms(targets=[]))
    with pytest.raises(ValidationError, match="measured on tickets"):
        ask(cast, edition)
    Edition.objects.filter(pk=edition.pk).update(terms=promising(4, calendar="nowhere"))
    with pytest.raises(ValidationError, match="calendar without working hours: nowhere"):
        ask(cast, Edition.objects.get(pk=edition.pk))


def test_an_agreement_with_a_team_is_refused_in_words(cast: Cast) -> None:
    ola = Agreement.objects.create(code="ola", kind="ola", team=cast.desk, name_en="Desk OLA")
    solved(cast, HOUR)
    with pytest.raises(ValidationError, match="hand-over"):
        ask(cast, draft(cast, ola))


def test_agents_and_customers_ask_for_nothing(cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement)
    for person in (cast.alice, cast.carla, cast.robot):
        with pytest.raises(Denied):
            ask(cast, edition, actor=person.actor)


def test_asked_twice_it_is_one_run_and_changed_terms_are_another(cast: Cast, agreement: Agreement) -> None:
    solved(cast, HOUR)
    edition = draft(cast, agreement)
    run = ask(cast, edition)
    assert ask(cast, edition, now=NOW + HOUR).pk == run.pk
    replays.run(run.pk)
    assert ask(cast, edition, now=NOW + timedelta(seconds=2)).pk == run.pk
    assert ask(cast, edition, now=NOW + HOUR).pk != run.pk
    changed = services.revise(
        edition, {"terms": promising(1)}, actor=cast.mona.actor, now=NOW, expected_version=None
    )
    assert ask(cast, changed, now=NOW).terms["targets"][0]["promise"]["seconds"] == 3600
    assert ReplayRun.objects.count() == 3


# --- working -----------------------------------------------------------------------------------


@pytest.fixture
def many(cast: Cast, agreement: Agreement, monkeypatch: pytest.MonkeyPatch) -> ReplayRun:
    """Seven tickets, four of them missed under the draft, in batches of two."""
    monkeypatch.setattr(replays, "BATCH", 2)
    for hours in (1, 2, 3, 6, 7, 8, 9):
        solved(cast, hours * HOUR)
    return ask(cast, draft(cast, agreement, terms=promising(4)))


def whole(run: ReplayRun) -> None:
    found = result(run)
    assert (found["tickets"], found["flips"]["now_missed"]) == (7, 4)
    assert ReplayFlip.objects.filter(run=run).count() == 4
    assert found["total"]["after"]["met"] == 3


def free(run: ReplayRun) -> None:
    """The lease of a killed worker has run out."""
    ReplayRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - HOUR)


def test_a_slice_stores_how_far_it_came_and_the_next_one_goes_on(many: ReplayRun) -> None:
    steps = []
    while replays.run(many.pk, seconds=0) is Progress.MORE:
        many.refresh_from_db()
        steps.append((many.done, many.total, many.state))
    assert steps == [(2, 7, "running"), (4, 7, "running"), (6, 7, "running"), (7, 7, "running")]
    whole(many)
    assert replays.run(many.pk) is Progress.FINISHED
    whole(many)


@pytest.mark.parametrize("batch", [1, 2, 3, 4])
@pytest.mark.parametrize("where", ["before", "within", "after"])
def test_killed_at_any_batch_nothing_is_lost_or_counted_twice(
    many: ReplayRun, batch: int, where: str
) -> None:
    """The worker dies before, inside of, or just after the transaction of a batch; another goes on."""
    original, calls = replays._store, []

    def store(*args: Any, **more: Any) -> bool:
        calls.append(1)
        if len(calls) != batch:
            return original(*args, **more)
        if where == "before":
            raise KeyboardInterrupt
        if where == "after":
            original(*args, **more)
            raise KeyboardInterrupt
        with patch.object(ReplayFlip.objects, "bulk_create", side_effect=KeyboardInterrupt):
            return original(*args, **more)

    with patch.object(replays, "_store", store), pytest.raises(KeyboardInterrupt):
        replays.run(many.pk)
    assert replays.run(many.pk) is Progress.TAKEN  # its lease holds others off
    assert replays.unfinished(timezone.now()) == []
    free(many)
    assert replays.unfinished(timezone.now()) == [many.pk]
    assert replays.run(many.pk) is Progress.FINISHED
    whole(many)


def test_a_worker_that_lost_its_lease_keeps_nothing(many: ReplayRun) -> None:
    original = replays._store

    def store(*args: Any, **more: Any) -> bool:
        free(many)
        with patch.object(replays, "_store", original):
            assert replays.run(many.pk) is Progress.FINISHED
        return original(*args, **more)

    with patch.object(replays, "_store", store):
        assert replays.run(many.pk) is Progress.TAKEN
    whole(many)


def test_a_run_that_never_comes_on_is_given_up_in_words(many: ReplayRun) -> None:
    ReplayRun.objects.filter(pk=many.pk).update(attempts=replays.ATTEMPTS)
    assert replays.run(many.pk) is Progress.FINISHED
    many.refresh_from_db()
    assert (many.state, many.error, many.result) == ("failed", Failure.ATTEMPTS, None)


@pytest.mark.parametrize(
    ("error", "kept"),
    [(TargetError("unresolvable", "days", "x"), Failure.PROMISE), (ValueError("x"), Failure.UNEXPECTED)],
)
def test_an_error_ends_the_run_and_is_told(many: ReplayRun, error: Exception, kept: str) -> None:
    with patch.object(replays, "judge", side_effect=error):
        assert replays.run(many.pk) is Progress.FINISHED
    many.refresh_from_db()
    assert (many.state, many.error) == ("failed", kept)


def test_the_task_comes_again_for_the_rest_and_the_sweep_finds_what_was_left(many: ReplayRun) -> None:
    with (
        patch.object(replays, "SLICE_SECONDS", 0),
        patch.object(tasks.replay, "delay") as again,
    ):
        tasks.replay(many.pk)
        assert again.call_args_list == [((many.pk,),)]
        again.reset_mock()
        tasks.resume_replays()
        assert not again.called
        free(many)
        tasks.resume_replays()
        assert again.call_args_list == [((many.pk,),)]


def test_an_absent_run_is_nothing_to_do() -> None:
    assert replays.run(999_999) is Progress.FINISHED


# --- pages -------------------------------------------------------------------------------------

Log = Callable[[Any], Client]


def test_a_manager_asks_watches_and_reads(cast: Cast, agreement: Agreement, client_of: Log) -> None:
    slow = solved(cast, 6 * HOUR)
    edition = draft(cast, agreement, terms=promising(4))
    mona = client_of(cast.mona)
    page = f"/agreements/{edition.number}/replay/"
    assert "No replay yet" in mona.get(page).content.decode()
    days = {"first": "2026-03-01", "last": "2026-03-02"}
    shown = mona.post(page, days).headers["Location"]
    run = ReplayRun.objects.get()
    assert shown == f"{page}{run.pk}/"
    assert run.period_end - run.period_start == 2 * DAY
    assert 'hx-trigger="every 1s"' in mona.get(shown, headers={"HX-Request": "true"}).content.decode()
    replays.run(run.pk)
    words = mona.get(shown).content.decode()
    assert "hx-trigger" not in words.partition('id="replay"')[2].partition(">")[0]
    assert "Tickets judged again: 1." in words
    assert "0.00 %" in words
    assert "100.00 %" in words
    assert slow.number in words
    assert "would be missed" in words
    assert "1 working hour" in words
    assert "These terms have no rule for credits" in words
    narrowed = mona.get(shown, {"direction": "now_met"}).content.decode()
    assert "No ticket changes sides this way" in narrowed
    assert slow.number not in narrowed.partition('id="flips"')[2]
    listed = mona.get(page).content.decode()
    assert "1 of 1 tickets" in listed


def test_a_period_that_cannot_be_is_refused_at_its_field(
    cast: Cast, agreement: Agreement, client_of: Log
) -> None:
    edition = draft(cast, agreement)
    mona = client_of(cast.mona)
    page = f"/agreements/{edition.number}/replay/"
    for days, words in (
        ({"first": "2026-03-02", "last": "2026-03-01"}, "must end after it begins"),
        ({"first": "9990-03-02", "last": "9991-03-01"}, "lies in the future"),
        ({"first": "2026-03-02", "last": "9999-12-31"}, "Choose a day"),
        ({"first": "2001-03-02", "last": "2001-03-02"}, "No ticket"),
        ({"first": "", "last": "x"}, "required"),
        ({"preset": "month"}, "No ticket"),
    ):
        answer = mona.post(page, days)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), (days, words)


def test_a_failed_run_and_one_without_tickets_show_words_and_no_figures(
    cast: Cast, agreement: Agreement, client_of: Log
) -> None:
    solved(cast, HOUR)
    edition = draft(cast, agreement)
    run = ask(cast, edition)
    rows = ReplayRun.objects.filter(pk=run.pk)
    mona = client_of(cast.mona)
    rows.update(state="failed", error="attempts")
    words = mona.get(run.get_absolute_url()).content.decode()
    assert "The replay stopped." in words
    empty = Tally().result(Terms.parse(promising(4)), None)
    rows.update(state="done", error="", result=empty)
    words = mona.get(run.get_absolute_url()).content.decode()
    assert "No ticket to judge" in words
    assert "0.00 %" not in words


def test_a_run_belongs_to_its_edition_and_its_readers(
    cast: Cast, agreement: Agreement, client_of: Log
) -> None:
    solved(cast, HOUR)
    edition = draft(cast, agreement)
    run = ask(cast, edition)
    for person, status in ((cast.mona, 200), (cast.alice, 403), (cast.carla, 403), (cast.charlie, 403)):
        assert client_of(person).get(run.get_absolute_url()).status_code == status
    assert client_of(cast.mona).get(f"/agreements/{edition.number}/replay/{run.pk + 1}/").status_code == 404
    number = Record.objects.tickets().values_list("number", flat=True)[0]
    assert client_of(cast.mona).get(f"/agreements/{number}/replay/").status_code == 404


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("month", "2026-03-15", "2026-02-01", "2026-02-28"),
        ("month", "2026-01-01", "2025-12-01", "2025-12-31"),
        ("quarter", "2026-11-21", "2026-07-01", "2026-09-30"),
        ("quarter", "2026-02-28", "2025-10-01", "2025-12-31"),
        ("year", "2026-03-31", "2025-03-01", "2026-02-28"),
    ],
)
def test_presets_are_whole_months_gone_by(name: str, today: str, first: str, last: str) -> None:
    from agreements.replay_views import preset

    days = preset(name, datetime.fromisoformat(today).replace(tzinfo=UTC).date())
    assert [day.isoformat() for day in days] == [first, last]


def test_live_clocks_are_only_read(cast: Cast, agreement: Agreement) -> None:
    solved(cast, 6 * HOUR)
    before = list(Clock.objects.order_by("pk").values())
    run = ask(cast, draft(cast, agreement, terms=promising(4)))
    replays.run(run.pk)
    assert list(Clock.objects.order_by("pk").values()) == before


@pytest.mark.req("FIN-10")
def test_rewards_to_expect_are_told_beside_the_credits(
    cast: Cast, agreement: Agreement, client_of: Log
) -> None:
    solved(cast, HOUR)
    earned = [{"target": "resolution//", "above": 99, "percent": 2}]
    given = promising(4, rewards=earned, cost={"amount": 5000, "currency": "CNY", "per": "month"})
    edition = draft(cast, agreement, terms=given)
    run = ask(cast, edition)
    replays.run(run.pk)
    rewards = result(run)["rewards"]
    assert rewards["before"] is None
    assert (rewards["after"]["amount"], rewards["after"]["currency"]) == (100, "CNY")
    mona, page = client_of(cast.mona), f"/agreements/{edition.number}/replay/{run.pk}/"
    words = mona.get(page).content.decode()
    assert "Expected rewards" in words
    assert "Under these terms: CNY 100.00. As it was: no rule for rewards." in words
    assert "100.00 % is not below 99 %" in words
    # one of before there were rewards is shown as it was
    old = {name: value for name, value in (run.result or {}).items() if name != "rewards"}
    ReplayRun.objects.filter(pk=run.pk).update(result=old)
    assert "Expected rewards" not in mona.get(page).content.decode()
