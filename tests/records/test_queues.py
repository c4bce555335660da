"""The queue's views, counts, filters and pages, from records made by real verbs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

import incidents.services
from accounts.models import Grant, User
from customers.models import CustomerProfile, Grade
from records import alarms, assignment, desk_page, keyset, live, queues
from records.desk import Desk
from records.models import Record
from records.services import comment
from tests.cast import MONDAY, Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ORDERS = ["due", "-due", "priority", "-priority", "updated", "-updated", "opened", "-opened"]


def numbers(cast: Cast, view: str, user: User, at: Any = MONDAY) -> list[str]:
    rows = queues.records_in(queues.VIEWS[view], user.actor, at)
    return sorted(r.title for r in rows)


def test_mine_team_and_unassigned_are_what_they_say(cast: Cast) -> None:
    make_incident(cast, title="nobody's")
    mine = make_incident(cast, title="alice's")
    assignment.assign(mine, team=cast.desk, assignee=cast.alice, actor=cast.bob.actor, now=MONDAY)
    far = make_incident(cast, title="second line's")
    assignment.assign(far, team=cast.second, assignee=None, actor=cast.bob.actor, now=MONDAY)
    assert numbers(cast, "mine", cast.alice) == ["alice's"]
    assert numbers(cast, "team", cast.alice) == ["alice's", "nobody's"]
    assert numbers(cast, "team", cast.sven) == ["second line's"]
    assert numbers(cast, "team", cast.mona) == []
    assert numbers(cast, "unassigned", cast.alice) == ["nobody's", "second line's"]
    assert len(numbers(cast, "all", cast.alice)) == 3


def test_due_soon_and_breached_go_by_running_targets(cast: Cast) -> None:
    make_incident(cast, title="soon")  # first response due at 12:00
    later = make_incident(cast, title="answered")
    comment(later, text="We look.", is_public=True, actor=cast.alice.actor, now=MONDAY)
    assert numbers(cast, "due", cast.alice) == ["soon"]
    assert numbers(cast, "breached", cast.alice) == []
    assert numbers(cast, "breached", cast.alice, MONDAY + 3 * HOUR) == ["soon"]
    paused = make_incident(cast, title="paused")
    incidents.services.hold(paused, reason="customer", actor=cast.alice.actor, now=MONDAY)
    assert "paused" not in numbers(cast, "breached", cast.alice, MONDAY + 3 * HOUR)


@pytest.mark.req("SD-12")
def test_the_owner_lists_what_he_owns_but_does_not_work_on(cast: Cast) -> None:
    kept = make_incident(cast, title="kept")  # alice took the contact
    assignment.assign(kept, team=cast.desk, assignee=cast.alice, actor=cast.alice.actor, now=MONDAY)
    away = make_incident(cast, title="away")
    assignment.escalate(away, team=cast.second, reason="experts", actor=cast.alice.actor, now=MONDAY)
    bobs = make_incident(cast, title="bob's")
    assignment.assign(bobs, team=cast.desk, assignee=cast.bob, actor=cast.alice.actor, now=MONDAY)
    assert numbers(cast, "owned", cast.alice) == ["away", "bob's"]
    assert numbers(cast, "owned", cast.bob) == []


@pytest.mark.req("SD-13")
def test_tickets_at_their_limit_without_escalation_are_listed(cast: Cast) -> None:
    for title in ("stuck", "handed on", "done"):
        make_incident(cast, title=title, impact=1, urgency=1, service=None)  # no second line is named
    handed = Record.objects.get(title="handed on")
    done = incidents.models.Incident.objects.get(title="done")
    late = MONDAY + 6 * HOUR
    assert numbers(cast, "limit", cast.alice, MONDAY + HOUR) == []
    assert len(numbers(cast, "limit", cast.alice, late)) == 3
    assignment.escalate(handed, team=cast.second, reason="late", actor=cast.alice.actor, now=late)
    incidents.services.resolve(done, code="solved", steps="x", actor=cast.alice.actor, now=late)
    alarms.sweep()
    assert numbers(cast, "limit", cast.alice, late) == ["stuck"]


def test_recently_done_holds_seven_days(cast: Cast) -> None:
    for days in (0, 8):
        incident = make_incident(cast, title=f"{days} days ago", now=MONDAY - timedelta(days=days))
        incidents.services.resolve(
            incident, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY - timedelta(days=days)
        )
    assert numbers(cast, "done", cast.alice, MONDAY + HOUR) == ["0 days ago"]
    assert numbers(cast, "all", cast.alice, MONDAY + HOUR) == []


def test_the_count_and_the_list_agree_and_all_counts_are_one_query(cast: Cast) -> None:
    for n in range(4):
        make_incident(cast, title=f"n{n}")
    actor = cast.alice.actor
    with CaptureQueriesContext(connection) as queries:
        found = queues.counts(actor, MONDAY + 5 * HOUR)
    assert len(queries) == 1
    lists = {k: queues.records_in(v, actor, MONDAY + 5 * HOUR).count() for k, v in queues.VIEWS.items()}
    assert found == lists
    assert found["breached"] == 4


def test_counts_stop_and_say_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "COUNTED", 3)
    for n in range(5):
        make_incident(cast, title=f"n{n}")
    count = queues.counts(cast.alice.actor, MONDAY)["all"]
    assert queues.count_words(count) == "3+"
    assert queues.count_words(3) == "3"


def test_an_agent_of_one_customer_counts_only_that_customer(cast: Cast) -> None:
    make_incident(cast, title="acme's")
    make_incident(cast, title="globex's", customer=cast.globex, requester=cast.charlie)
    local = make_user("lena", cast.provider)
    Grant.objects.create(user=local, role="agent", organisation=cast.globex)
    assert numbers(cast, "all", local) == ["globex's"]
    assert queues.counts(local.actor, MONDAY)["all"] == 1


# --- filters ---------------------------------------------------------------------------------


def desk(cast: Cast, query: str, user: User | None = None) -> Desk:
    return Desk.asked(QueryDict(query), (user or cast.alice).actor, MONDAY)


def titles(page: Desk) -> list[str]:
    return sorted(r.title for r in page.records)


@pytest.fixture
def three(cast: Cast) -> None:
    one = make_incident(cast, title="one", impact=1, urgency=1, channel="letter")
    assignment.assign(one, team=cast.desk, assignee=cast.alice, actor=cast.alice.actor, now=MONDAY)
    two = make_incident(cast, title="two", impact=3, urgency=3, service=None, channel="email")
    assignment.assign(two, team=cast.second, assignee=cast.sven, actor=cast.alice.actor, now=MONDAY)
    make_incident(cast, title="three", customer=cast.globex, requester=cast.charlie)


@pytest.mark.usefixtures("three")
def test_filters_take_several_values_and_narrow_each_other(cast: Cast) -> None:
    assert titles(desk(cast, "view=all&priority=1&priority=4")) == ["one", "two"]
    assert titles(desk(cast, "view=all&assignee=@me")) == ["one"]
    assert titles(desk(cast, "view=all&assignee=none")) == ["three"]
    assert titles(desk(cast, f"view=all&assignee=none&assignee={cast.sven.pk}")) == ["three", "two"]
    assert titles(desk(cast, f"view=all&team={cast.desk.pk}&customer={cast.acme.pk}")) == ["one"]
    assert titles(desk(cast, f"view=all&service={cast.mail.pk}")) == ["one", "three"]
    assert titles(desk(cast, "view=all&channel=letter&channel=email&state=new")) == ["one", "two"]
    assert titles(desk(cast, "view=mine&priority=4")) == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "query", ["priority=9", "priority=x", "state=nowhere", "team=x", "customer=1;drop", "assignee=-1"]
)
def test_a_filter_that_makes_no_sense_finds_nothing_rather_than_everything(cast: Cast, query: str) -> None:
    page = desk(cast, "view=all&" + query)
    assert titles(page) == []
    assert page.bad_filters


@pytest.mark.usefixtures("three")
def test_only_listed_fields_and_sort_keys_reach_the_query(cast: Cast) -> None:
    page = desk(cast, "view=all&requester__password=x&sort=requester__password&owner__password=1")
    assert len(titles(page)) == 3
    assert page.sort == "priority"
    assert "password" not in page.url()


@pytest.mark.usefixtures("three")
def test_anothers_ids_show_nothing_and_tell_no_name(cast: Cast) -> None:
    local = make_user("lena", cast.provider)
    Grant.objects.create(user=local, role="agent", organisation=cast.globex)
    page = desk(cast, f"view=all&customer={cast.acme.pk}", local)
    assert titles(page) == []
    assert "Acme" not in str(desk_page.context(page)["filters"])


@pytest.mark.usefixtures("three")
def test_further_filters_narrow_by_kind_contact_owner_tier_and_times(cast: Cast) -> None:
    assert titles(desk(cast, "view=all&kind=request")) == []
    assert len(titles(desk(cast, "view=all&kind=incident&contact_type=fault"))) == 3
    assert titles(desk(cast, "view=all&contact_type=complaint")) == []
    assert titles(desk(cast, f"view=all&owner={cast.alice.pk}")) == ["one", "three", "two"]
    assert titles(desk(cast, "view=all&owner=none")) == []
    assert titles(desk(cast, "view=all&tier=second")) == ["two"]
    assert titles(desk(cast, "view=all&without=assignee")) == ["three"]
    assert titles(desk(cast, "view=all&without=service&without=assignee")) == []
    assert len(titles(desk(cast, "view=all&opened_from=2026-03-02&opened_to=2026-03-02"))) == 3
    assert titles(desk(cast, "view=all&opened_from=2026-03-03")) == []
    assert titles(desk(cast, "view=all&due=overdue")) == []
    assert len(titles(desk(cast, "view=all&due=4h"))) == 3
    assert len(titles(desk(cast, "view=all&due_by=2026-03-02"))) == 3
    assert titles(desk(cast, "view=all&due_by=2026-03-01")) == []
    assert titles(desk(cast, f"view=all&requester={cast.charlie.pk}")) == ["three"]
    assert titles(desk(cast, "view=all&q=two")) == ["two"]
    for wrong in ("opened_from=2026-13-01", "due=soon", "without=hope", "opened_to=9999-12-31", "tier=9"):
        page = desk(cast, "view=all&" + wrong)
        assert (titles(page), bool(page.bad_filters)) == ([], True), wrong


def test_tickets_are_narrowed_by_site_and_the_customers_grade(cast: Cast) -> None:
    make_incident(cast, title="here", site="Suzhou plant, floor 3")
    make_incident(cast, title="there", customer=cast.globex, requester=cast.charlie)
    CustomerProfile.objects.update_or_create(customer=cast.acme, defaults={"grade": Grade.A})
    assert titles(desk(cast, "view=all&site=suzhou")) == ["here"]
    assert titles(desk(cast, f"view=all&grade={Grade.A.value}")) == ["here"]
    assert titles(desk(cast, f"view=all&grade={Grade.B.value}&grade={Grade.C.value}")) == []


@pytest.mark.req("SD-07")
def test_the_queue_is_ordered_by_priority_and_then_by_the_nearest_due_time(cast: Cast) -> None:
    make_incident(cast, title="low, early", impact=3, urgency=3)
    make_incident(cast, title="high, late", impact=1, urgency=2, now=MONDAY + 2 * HOUR)
    make_incident(cast, title="high, soon", impact=1, urgency=2)
    make_incident(cast, title="critical, last", impact=1, urgency=1, now=MONDAY + 3 * HOUR)
    page = Desk.asked(QueryDict(""), cast.alice.actor, MONDAY + 3 * HOUR)
    assert page.sort == "priority"
    rows = keyset.page(page.records, page.sort, size=10).rows
    assert [r.title for r in rows] == ["critical, last", "high, soon", "high, late", "low, early"]
    orders = {view.key: view.sort for view in queues.VIEWS.values()}
    assert set(orders.values()) == {"priority", "-updated"}
    assert orders["done"] == "-updated"


# --- pages -----------------------------------------------------------------------------------


@pytest.fixture
def many(cast: Cast) -> None:
    """Forty records in clumps of equal keys, some without a due time."""
    for n in range(40):
        incident = make_incident(
            cast, title=f"n{n}", now=MONDAY + timedelta(minutes=n // 6), impact=1 + n % 3, urgency=1 + n % 2
        )
        if n % 5 == 0:
            incidents.services.hold(incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR)


def walk(rows: Any, order: str, size: int = 7) -> list[list[int]]:
    """Every page forwards."""
    pages, after = [], ""
    while True:
        page = keyset.page(rows, order, size=size, after=after)
        pages.append([r.pk for r in page.rows])
        if not page.after:
            return pages
        after = page.after


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_every_row_exactly_once_in_order_and_lead_back(cast: Cast, order: str) -> None:
    rows = Record.objects.visible_to(cast.alice.actor).open()
    pages = walk(rows, order)
    flat = [pk for page in pages for pk in page]
    columns = keyset.ORDERS[order.lstrip("-")]
    by_key = sorted(rows, key=lambda r: [c.value(r) for c in columns], reverse=order.startswith("-"))
    assert flat == [r.pk for r in by_key]
    assert [len(p) for p in pages] == [7, 7, 7, 7, 7, 5]
    second = keyset.page(rows, order, size=7, after=keyset.page(rows, order, size=7).after)
    back = keyset.page(rows, order, size=7, before=second.before)
    assert [r.pk for r in back.rows] == pages[0]
    assert back.before == ""
    assert back.after


@pytest.mark.usefixtures("many")
def test_rows_that_stay_are_met_once_while_others_change(cast: Cast) -> None:
    rows = Record.objects.visible_to(cast.alice.actor).open()
    first = keyset.page(rows, "due", size=10)
    gone, moved = first.rows[3], first.rows[-1]
    for record in (gone, moved):
        incidents.services.resolve(
            incidents.models.Incident.objects.get(pk=record.pk), code="solved", steps="x",
            actor=cast.alice.actor, now=MONDAY + 2 * HOUR,
        )  # fmt: skip
    new = make_incident(cast, title="late comer", now=MONDAY + 3 * HOUR)
    seen = [r.pk for r in first.rows]
    after = first.after
    while after:
        page = keyset.page(rows, "due", size=10, after=after)
        seen += [r.pk for r in page.rows]
        after = page.after
    assert len(seen) == len(set(seen))
    assert set(seen) >= set(rows.values_list("pk", flat=True)) - {new.pk}


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "bnVsbA", "WyJ4IiwxXQ", "[" * 200, "é", "WzEsMl0", "W251bGwsbnVsbF0"]
)
def test_a_bad_cursor_shows_the_first_page(cast: Cast, cursor: str) -> None:
    incident = make_incident(cast)
    page = keyset.page(Record.objects.all(), "due", size=5, after=cursor)
    assert [r.pk for r in page.rows] == [incident.pk]
    assert page.before == ""


# --- changes ---------------------------------------------------------------------------------


def test_changes_count_apart_what_came_changed_and_went(cast: Cast) -> None:
    stays, goes, other = (make_incident(cast, title=title) for title in ("stays", "goes", "other"))
    shown = [stays.pk, goes.pk, other.pk]
    assert not live.changes(desk(cast, "view=all"), shown=shown, since=MONDAY)
    later = MONDAY + HOUR
    incidents.services.resolve(goes, code="solved", steps="x", actor=cast.bob.actor, now=later)
    make_incident(cast, title="comes", now=later)
    make_incident(cast, title="comes too", now=later)
    comment(stays, text="a note", is_public=False, actor=cast.bob.actor, now=later)
    found = live.changes(desk(cast, "view=all"), shown=shown, since=MONDAY)
    assert (found.new, found.changed, found.left) == (2, 1, 1)
    assert found.words == "2 new, 1 changed, 1 left"
    assert live.changes(desk(cast, "view=mine"), shown=[], since=MONDAY).words == ""


def test_what_moves_up_from_the_next_page_is_not_new(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "PAGE", 2)
    one, two, three = (make_incident(cast, title=f"n{n}", now=MONDAY + n * HOUR) for n in range(3))
    since = MONDAY + 3 * HOUR
    incidents.services.resolve(one, code="solved", steps="x", actor=cast.bob.actor, now=since + HOUR)
    page = desk(cast, "view=all")
    found = live.changes(page, shown=[one.pk, two.pk], since=since)
    assert (found.new, found.changed, found.left) == (0, 0, 1)
    comment(three, text="touched", is_public=False, actor=cast.bob.actor, now=since + HOUR)
    assert live.changes(page, shown=[one.pk, two.pk], since=since).new == 1


def test_a_view_by_due_time_is_entered_by_the_clock_alone(cast: Cast) -> None:
    make_incident(cast, title="falls due")  # first response due at 12:00
    rows = Desk.asked(QueryDict("view=breached"), cast.alice.actor, MONDAY + 3 * HOUR)
    assert live.changes(rows, shown=[], since=MONDAY + HOUR).words == "1 new"


# --- plans -----------------------------------------------------------------------------------


@pytest.fixture
def thousands(cast: Cast) -> None:
    """Five thousand open records, a tenth of them alice's, with spread due times and a few without."""
    incident = make_incident(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO records_record (
                   kind, number, title, description, state, phase, waiting_for, priority, impact, urgency,
                   customer_id, requester_id, service_id, team_id, assignee_id, owner_id, channel,
                   opened_at, next_due_at, done_at, updated_at, version)
               SELECT
                   kind, 'GEN' || n, 'generated', '', state, phase, '', 1 + n %% 4, 2, 2,
                   customer_id, requester_id, service_id, team_id,
                   CASE WHEN n %% 10 = 0 THEN %s END, owner_id, channel,
                   opened_at - n * interval '1 minute',
                   CASE WHEN n %% 50 > 0 THEN opened_at + (n * 7919 %% 5000) * interval '1 minute' END,
                   NULL, opened_at + n * interval '1 second', 1
               FROM records_record, generate_series(1, 5000) AS n WHERE id = %s""",
            [cast.alice.pk, incident.pk],
        )
        cursor.execute("ANALYZE records_record")


def plan_of(rows: Any, order: str) -> str:
    """The plan of a deep page, with sorting made dear: few rows could be sorted as well, a million not."""
    page = keyset.page(rows, order, size=50)
    for _n in range(3):
        page = keyset.page(rows, order, size=50, after=page.after)
    with CaptureQueriesContext(connection) as queries:
        keyset.page(rows, order, size=50, after=page.after)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + queries[-1]["sql"])
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.usefixtures("thousands")
@pytest.mark.parametrize(
    ("view", "order", "index"),
    [
        ("all", "due", "record_open_by_due"),
        ("all", "-due", "record_open_by_due"),
        ("all", "priority", "record_open_priority_due"),
        # where nearly all rows are open, the index over all of them costs the planner the same
        ("all", "-updated", "record_open_updated|record_updated"),
        ("all", "-opened", "record_opened|record_kind_opened"),
        ("mine", "priority", "record_open_assignee_priority"),
        ("team", "priority", "record_open_team_priority"),
        ("breached", "due", "record_open_by_due"),
    ],
)
def test_a_deep_page_starts_in_the_index_and_sorts_nothing(
    cast: Cast, view: str, order: str, index: str
) -> None:
    rows = queues.records_in(queues.VIEWS[view], cast.alice.actor, MONDAY + 60 * HOUR)
    plan = plan_of(rows, order)
    assert any(each in plan for each in index.split("|"))
    assert "Index Cond" in plan
    assert "ROW(" in plan.split("Index Cond", 1)[1].split("\n", 1)[0]
    assert "Sort" not in plan
