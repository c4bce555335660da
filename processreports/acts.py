"""The steps a person may take with a report on its page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from actions.forms import Because
from actions.steps import Nothing, Step
from processreports import forms, lifecycle, services

COMMENTED = frozenset({lifecycle.COMMENTED})
APPROVED = frozenset({lifecycle.APPROVED})


def _in(states: frozenset[str], may: Any) -> Any:
    return lambda actor, report: report.state in states and may(actor, report)


def _sends(actor: Actor, report: Any) -> bool:
    return services.may_write(actor, report) or services.may_approve(actor, report)


STEPS = {
    step.name: step
    for step in (
        Step(
            "word", _("Comment the report"), forms.Word, _in(lifecycle.OPEN, services.may_write),
            services.write,
        ),
        Step(
            "approve", _("Approve and freeze the figures"), forms.Approve,
            _in(COMMENTED, services.may_approve), services.approve,
        ),
        Step("publish", _("Publish and send"), Nothing, _in(APPROVED, _sends), services.publish),
        Step(
            "check", _("Check its quality"), forms.Check, _in(lifecycle.FROZEN, services.may_check),
            services.check,
        ),
        Step(
            "restate", _("Correct the published figures"), Because, _in(lifecycle.SENT, services.leads),
            services.restate,
        ),
        Step(
            "recompute", _("Compute the figures anew"), Nothing, _in(lifecycle.OPEN, services.may_write),
            services.recompute,
        ),
        Step("return", _("Send back"), Because, _in(COMMENTED, services.may_approve), services.send_back),
        Step("cancel", _("Cancel"), Because, _in(lifecycle.OPEN, services.leads), services.cancel),
    )
}  # fmt: skip
