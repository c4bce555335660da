"""Problems, changes, releases, follow-up actions, configuration items and assets."""

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.models import Action
from assets.models import Asset
from changes.models import Change
from cmdb.models import Item
from problems.models import Problem
from questions.subjects.base import How, Instant, Measure, Measured, Subject, amounts, register
from questions.subjects.making import flag, pick, record, row, seconds, state, text
from records.kinds import Kind
from releases.models import Release

OPENED = Instant("opened", _("opened"), "opened_at")
DONE = Instant("done", _("done"), "done_at")
TIME_TO_DONE = amounts(
    "duration", _("Time from opened to done"), seconds("opened_at", "done_at"), Q(done_at__isnull=False)
)


def ended(outcome: str, *hows: str) -> Measure:
    return Measure(
        "success", _("Share that succeeded"), How.SHARE, Measured.PERCENT, ~Q(outcome=""), Q(outcome__in=hows)
    )


register(
    Subject(
        "problems", _("Problems"), Problem, lambda asked: Problem.objects.visible_to(asked.actor),
        (
            *record(Problem), state(Kind.PROBLEM), pick(Problem, "source", _("Raised by")),
            pick(Problem, "severity", _("Severity")),
            pick(Problem, "outcome", pgettext_lazy("questions", "Outcome")),
        ),
        (OPENED, DONE),
        (
            Measure("solved", _("Share that was solved"), How.SHARE, Measured.PERCENT, ~Q(outcome=""),
                    Q(outcome="solved")),
            *TIME_TO_DONE,
        ),
    )
)  # fmt: skip
register(
    Subject(
        "changes", _("Changes"), Change, lambda asked: Change.objects.visible_to(asked.actor),
        (
            *record(Change), state(Kind.CHANGE), pick(Change, "category", _("Category")),
            pick(Change, "nature", _("Nature")), pick(Change, "risk", _("Risk")),
            pick(Change, "outcome", pgettext_lazy("questions", "Outcome")),
            flag("is_major", _("Major"), Q(is_major=True)),
        ),
        (OPENED, Instant("ended", _("ended"), "actual_end_at"), Instant("planned", _("planned"),
         "planned_start_at"), DONE),
        (
            ended("change", "success"),
            *amounts("work", _("Time from start to end"), seconds("actual_start_at", "actual_end_at"),
                     Q(actual_start_at__isnull=False, actual_end_at__isnull=False)),
            *TIME_TO_DONE,
        ),
    )
)  # fmt: skip
register(
    Subject(
        "releases", _("Releases"), Release, lambda asked: Release.objects.visible_to(asked.actor),
        (
            *record(Release), state(Kind.RELEASE), pick(Release, "decision", _("Decision")),
            pick(Release, "outcome", pgettext_lazy("questions", "Outcome")),
        ),
        (OPENED, Instant("deployed", _("deployed"), "deployed_at"), Instant("ended", _("ended"), "ended_at")),
        (ended("release", "success"), *TIME_TO_DONE),
    )
)  # fmt: skip
register(
    Subject(
        "actions", _("Follow-up actions"), Action, lambda asked: Action.objects.visible_to(asked.actor),
        (
            *record(Action), state(Kind.ACTION), pick(Action, "source", _("Source")),
            row(Action, "agreement", _("Agreement")),
            flag("is_effective", _("Had its effect"), Q(effective=True)),
        ),
        (OPENED, Instant("due", _("due"), "due_on", is_day=True), DONE),
        (
            Measure("in_time", _("Share done in time"), How.SHARE, Measured.PERCENT,
                    Q(done_at__isnull=False), Q(done_at__date__lte=F("due_on"))),
            *TIME_TO_DONE,
        ),
    )
)  # fmt: skip
register(
    Subject(
        "items", _("Configuration items"), Item, lambda asked: Item.objects.visible_to(asked.actor),
        (
            row(Item, "customer", _("Customer")), row(Item, "type", _("Type")),
            pick(Item, "state", _("State")),
            row(Item, "owner", _("Owner")), text("site", _("Site")),
            flag("is_important", _("Important"), Q(is_important=True)),
        ),
        measures=(
            Measure("owned", _("Share with an owner"), How.SHARE, Measured.PERCENT,
                    hit=Q(owner__isnull=False)),
        ),
        is_shared=True, needs_period=False, permission="see_items",
    )
)  # fmt: skip
register(
    Subject(
        "assets", _("Assets"), Asset, lambda asked: Asset.objects.visible_to(asked.actor),
        (
            row(Asset, "customer", _("Customer")), row(Asset, "device_class", _("Type")),
            pick(Asset, "state", _("State")), row(Asset, "supplier", _("Supplier")), text("make", _("Make")),
            row(Asset, "site", _("Site")), flag("is_important", _("Important"), Q(is_important=True)),
            flag("is_item", _("In the register of items"), Q(item__isnull=False)),
        ),
        (Instant("purchased", _("purchased"), "purchased_on", is_day=True),
         Instant("warranty", _("end of warranty"), "warranty_until", is_day=True)),
        (
            Measure("registered", _("Share in the register of items"), How.SHARE, Measured.PERCENT,
                    hit=Q(item__isnull=False)),
        ),
        is_shared=True, needs_period=False,
    )
)  # fmt: skip
