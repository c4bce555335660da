"""Problems, configuration, changes, releases, suppliers (P02 to P05, P10, X53, X54)."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from assets import lifecycle as asset_states
from assets.models import Asset
from boards.models import AgendaItem
from changes.models import Change, ChangeItem, UnauthorisedChange
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.levels import in_force
from problems.models import Outcome, Problem, Source
from records.kinds import Kind
from records.models import Activity, Link
from releases.models import PlanTest, Release, ReleaseChange
from reviews.models import Review
from sla.models import Agreement
from sourcing.models import Decision, Document
from suppliers.models import Supplier
from verifications.models import ItemAudit

# --- problems -------------------------------------------------------------------------------------


def accepted_problems(asked: Asked) -> Any:
    """Requests of second line and incident managers that the problem manager took."""
    sources = (Source.SECOND_LINE, Source.INCIDENT_MANAGER)
    rows = Problem.objects.filter(asked.within("decided_at"), source__in=sources)
    return rows.exclude(state="rejected")


def ended_problems(asked: Asked) -> Any:
    return Problem.objects.filter(asked.within("done_at")).exclude(outcome="")


def ended_with(outcome: str) -> Part:
    """The share of problems that ended so, of all that ended; the expert's work."""
    return Part(ended_problems, Unit.PERCENT, Q(outcome=outcome), person="assignee", at="done_at")


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
    )
declare("P02.R1.K5", ended_with(Outcome.DIRECT))
declare(
    "P02.R2.K1",
    Part(
        lambda asked: Problem.objects.filter(asked.within("expert_since")),
        person="assignee",
        at="expert_since",
    ),
    beside=("P02.R2.K2",),
)

# --- configuration --------------------------------------------------------------------------------


def important(asked: Asked) -> Any:
    """Important assets that are not disposed of; as they are now, also for a period that is over."""
    return Asset.objects.filter(is_important=True).exclude(state=asset_states.DISPOSED)


def audits(asked: Asked) -> Any:
    return ItemAudit.objects.filter(asked.days("planned_on")).exclude(state="cancelled")


def of_owners(asked: Asked) -> Any:
    """Changes that somebody submitted who owns an item it alters."""
    own = ChangeItem.objects.filter(
        change=OuterRef("record"), is_altered=True, item__owner=OuterRef("record__requester")
    )
    return Activity.objects.filter(asked.within("at"), Exists(own), verb="change.submit_change")


declare("P03.R1.K1", Part(important, Unit.PERCENT, Q(item__isnull=False)))
declare("P03.R1.K2", Part(audits, Unit.PERCENT, Q(reported_at__isnull=False), at="planned_on"))
declare("P03.R2.K1", Part(of_owners, person="record__requester", at="at"))
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
    Part(
        lambda asked: AgendaItem.objects.filter(asked.within("decided_at"), change__is_major=True),
        customer="change__customer", at="decided_at",
    ),
    beside=("P04.R2.K2",),
)  # fmt: skip
declare(
    "X53",
    Part(
        lambda asked: UnauthorisedChange.objects.filter(asked.within("found_at")), customer="", at="found_at"
    ),
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
declare("X54", Part(caused, customer="source__customer", at="created_at"))

# --- suppliers ------------------------------------------------------------------------------------


def suppliers(asked: Asked) -> Any:
    """Suppliers at work now: with a contract on file, and reviewed with a score in the period."""
    contracts = in_force(asked).filter(agreement__kind=Agreement.Kind.UC, agreement__supplier=OuterRef("pk"))
    papers = Document.objects.filter(supplier=OuterRef("pk"), removed_at=None)
    held = Review.objects.filter(asked.within("held_at"), supplier=OuterRef("pk"), score__isnull=False)
    rows = Supplier.objects.filter(is_active=True)
    return rows.annotate(has_contract=Exists(contracts) & Exists(papers), is_reviewed=Exists(held))


declare(
    "P10.R1.K1",
    Part(
        lambda asked: Decision.objects.filter(asked.within("decided_at"), is_admitted=True), Unit.PERCENT,
        ~Q(checks=[]), customer="", person="decided_by", at="decided_at",
    ),
)  # fmt: skip
declare("P10.R1.K2", Part(suppliers, Unit.PERCENT, Q(has_contract=True), customer="", person="responsible"))
declare("P10.R1.K3", Part(suppliers, Unit.PERCENT, Q(is_reviewed=True), customer="", person="responsible"))
