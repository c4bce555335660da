"""Problems, configuration, changes, releases, suppliers (P02 to P05, P10, X53, X54)."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from boards.models import AgendaItem
from changes.models import Change, ChangeItem, UnauthorisedChange
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.history import WAS_ITEM, due, important_assets
from kpis.measures.history import suppliers as suppliers_then
from problems.models import Outcome, Problem, Source
from records.kinds import Kind
from records.models import Activity, Link
from releases.models import PlanTest, Release, ReleaseChange
from reviews.models import Review
from sourcing.models import Decision, Document
from verifications.models import ItemAudit

# --- problems -------------------------------------------------------------------------------------


def accepted_problems(asked: Asked) -> Any:
    """Requests of second line and incident managers that the problem manager took."""
    sources = (Source.SECOND_LINE, Source.INCIDENT_MANAGER)
    rows = Problem.objects.filter(asked.within("decided_at"), source__in=sources)
    return rows.exclude(state="rejected")


ENDINGS = {
    Outcome.SOLVED: "problem.solve_problem",
    Outcome.WORKAROUND: "problem.settle_problem",
    Outcome.DIRECT: "problem.close_problem",
}


def ended_problems(asked: Asked) -> QuerySet[Activity]:
    """How problems ended in the period, each the last time it did; also those that were reopened later."""
    rows = Activity.objects.filter(asked.within("at"), verb__in=list(ENDINGS.values()))
    return rows.exclude(Exists(rows.filter(record=OuterRef("record"), pk__gt=OuterRef("pk"))))


def ended_with(outcome: Outcome) -> Part:
    """The share of problems that ended so, of all that ended; the expert's work."""
    return Part(ended_problems, Unit.PERCENT, Q(verb=ENDINGS[outcome]), person="record__assignee", at="at")


def given(asked: Asked) -> QuerySet[Activity]:
    """Problems given to an expert: with their acceptance, or later to another one."""
    return Activity.objects.filter(
        asked.within("at"), verb__in=["problem.accept_problem", "problem.assign_expert"]
    )


def to_change(asked: Asked) -> QuerySet[Link]:
    """Problems passed to a change, each passing once."""
    return Link.objects.filter(
        asked.within("created_at"), type=Link.Type.SOLVED_BY, source__kind=Kind.PROBLEM.value,
        target__kind=Kind.CHANGE.value,
    )  # fmt: skip


declare("P02.R1.K1", Part(accepted_problems, person="decided_by", at="decided_at"), beside=("P02.R1.K2",))
for line in ("R1", "R2"):
    declare(f"P02.{line}.K2", ended_with(Outcome.SOLVED))
    declare(f"P02.{line}.K3", ended_with(Outcome.WORKAROUND))
    declare(
        f"P02.{line}.K4",
        Part(to_change, customer="source__customer", person="source__assignee", at="created_at"),
        beside=("P04.R1.K3",),
    )
declare("P02.R1.K5", ended_with(Outcome.DIRECT))
declare("P02.R2.K1", Part(given, person="data__expert__id", at="at"), beside=("P02.R2.K2",))

# --- configuration --------------------------------------------------------------------------------


def audits(asked: Asked) -> Any:
    return ItemAudit.objects.filter(due(asked, "planned_on")).exclude(state="cancelled")


def of_owners(asked: Asked) -> Any:
    """Changes that somebody submitted who owns an item it alters."""
    own = ChangeItem.objects.filter(
        change=OuterRef("record"), is_altered=True, item__owner=OuterRef("record__requester")
    )
    return Activity.objects.filter(asked.within("at"), Exists(own), verb="change.submit_change")


declare("P03.R1.K1", Part(important_assets, Unit.PERCENT, WAS_ITEM))
declare("P03.R1.K2", Part(audits, Unit.PERCENT, Q(reported_at__isnull=False), at="planned_on"))
declare("P03.R2.K1", Part(of_owners, person="record__requester", at="at"), beside=("P04.R1.K3",))
declare(
    "P03.R3.K1",
    Part(audits, Unit.PERCENT, Q(reported_at__isnull=False), person="assignee", at="planned_on"),
)

# --- changes --------------------------------------------------------------------------------------


def begun(asked: Asked) -> Any:
    return Change.objects.filter(asked.within("actual_start_at"))


def ended(asked: Asked, **only: Any) -> Any:
    return Change.objects.filter(asked.within("actual_end_at"), **only).exclude(outcome="")


def ended_major(asked: Asked) -> Any:
    return ended(asked, is_major=True)


def reviewed_major(asked: Asked) -> QuerySet[AgendaItem]:
    """Major changes that meetings decided on, each by its first decision in the period."""
    rows = AgendaItem.objects.filter(
        asked.within("decided_at"), change__is_major=True, purpose=AgendaItem.Purpose.DECIDE
    ).exclude(decision=AgendaItem.Decision.PUT_OFF)
    earlier = rows.filter(change=OuterRef("change"), decided_at__lt=OuterRef("decided_at"))
    return rows.exclude(Exists(earlier))


TESTED = ~Q(plan="") & Q(test_result=Change.Test.PASSED, tested_at__lte=F("actual_start_at"))
SUCCESS, BACKED_OUT = Q(outcome=Change.Outcome.SUCCESS), Q(outcome=Change.Outcome.BACKED_OUT)
declare(
    "P04.R1.K1",
    Part(
        lambda asked: Activity.objects.filter(asked.within("at"), verb="change.accept_change"),
        person="actor", at="at",
    ),
    beside=("P04.R1.K3",),
)  # fmt: skip
declare("P04.R1.K2", Part(begun, Unit.PERCENT, TESTED, person="assignee", at="actual_start_at"))
for kpi, rows, hit in (
    ("P04.R1.K3", ended, SUCCESS), ("P04.R1.K4", ended, BACKED_OUT),
    ("P04.R2.K2", ended_major, SUCCESS), ("P04.R2.K3", ended_major, BACKED_OUT),
):  # fmt: skip
    declare(kpi, Part(rows, Unit.PERCENT, hit, person="assignee", at="actual_end_at"))
declare(
    "P04.R2.K1",
    Part(reviewed_major, customer="change__customer", person="decided_by", at="decided_at"),
    beside=("P04.R2.K2",),
)
declare(
    "X53",
    Part(
        lambda asked: UnauthorisedChange.objects.filter(asked.within("found_at")), customer="", at="found_at"
    ),
    beside=("P04.R1.K3",),
)

# --- releases -------------------------------------------------------------------------------------


def deployed(asked: Asked) -> Any:
    """Releases whose deployment began, and whether their plan had passed a test before."""
    passed = PlanTest.objects.filter(
        release=OuterRef("pk"), result=PlanTest.Result.PASSED, tested_at__lte=OuterRef("deployed_at")
    )
    rows = Release.objects.filter(asked.within("deployed_at"))
    return rows.annotate(is_tested=Exists(passed))


def caused(asked: Asked) -> QuerySet[Link]:
    """Incidents of the period that a released change caused while the release was watched."""
    released = ReleaseChange.objects.filter(
        change=OuterRef("target"), release__deployed_at__lte=OuterRef("source__opened_at"),
        release__monitor_until__gte=OuterRef("source__opened_at"),
    )  # fmt: skip
    return Link.objects.filter(
        asked.within("source__opened_at"), Exists(released), type=Link.Type.CAUSED_BY,
        source__kind=Kind.INCIDENT.value, target__kind=Kind.CHANGE.value,
    )  # fmt: skip


declare(
    "P05.R1.K1",
    Part(
        lambda asked: ReleaseChange.objects.filter(asked.within("added_at")), customer="change__customer",
        person="added_by", at="added_at", name=_("Changes taken into a release"),
    ),
    beside=("P05.R1.K3",),
)  # fmt: skip
declare(
    "P05.R1.K2",
    Part(deployed, Unit.PERCENT, ~Q(objective="") & Q(is_tested=True), person="assignee", at="deployed_at"),
)
declare(
    "P05.R1.K3",
    Part(
        lambda asked: Release.objects.filter(asked.within("ended_at")).exclude(outcome=""), Unit.PERCENT,
        Q(outcome=Release.Outcome.SUCCESS), person="assignee", at="ended_at",
    ),
)  # fmt: skip
declare("X54", Part(caused, customer="source__customer", at="created_at"), beside=("P05.R1.K3",))

# --- suppliers ------------------------------------------------------------------------------------


def suppliers(asked: Asked) -> QuerySet[Any]:
    """Suppliers at work at the end of the period, with whether a contract was in force and on file then, and
    whether they were reviewed with a score in the period.
    """
    end = asked.period.end
    kept = Q(removed_at=None) | Q(removed_at__gte=end)
    papers = Document.objects.filter(kept, supplier=OuterRef("pk"), created_at__lt=end)
    held = Review.objects.filter(asked.within("held_at"), supplier=OuterRef("pk"), score__isnull=False)
    rows: QuerySet[Any] = suppliers_then(asked).annotate(has_paper=Exists(papers), is_reviewed=Exists(held))
    return rows


declare(
    "P10.R1.K1",
    Part(
        lambda asked: Decision.objects.filter(asked.within("decided_at"), is_admitted=True), Unit.PERCENT,
        ~Q(checks=[]), customer="", person="decided_by", at="decided_at",
    ),
)  # fmt: skip
declare(
    "P10.R1.K2",
    Part(suppliers, Unit.PERCENT, Q(in_contract=True, has_paper=True), customer="", person="responsible"),
)
declare("P10.R1.K3", Part(suppliers, Unit.PERCENT, Q(is_reviewed=True), customer="", person="responsible"))
