"""The verbs of releases, for the log and notices. Customers read none of them."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_LEADS = (To.ASSIGNEE, To.REQUESTER, To.WATCHERS)


def _quiet(sentence: object, subject: object) -> Verb:
    return Verb(sentence, subject, is_mechanical=True)


VERBS = {
    "release.open": Verb(_("began the release"), _("%(number)s: a release was begun"), (To.ASSIGNEE,)),
    "release.written": _quiet(_("wrote: %(parts)s"), _("%(number)s was changed")),
    "release.added": _quiet(_("added to %(part)s: %(name)s"), _("%(number)s: the plan was changed")),
    "release.altered": _quiet(_("wrote anew in %(part)s: %(name)s"), _("%(number)s: the plan was changed")),
    "release.removed": _quiet(_("took out of %(part)s: %(name)s"), _("%(number)s: the plan was changed")),
    "release.met": _quiet(_("found ready: %(name)s"), _("%(number)s: %(name)s is ready")),
    "release.unmet": Verb(_("found not ready any more: %(name)s"), _("%(number)s: %(name)s"), _LEADS),
    "release.reached": _quiet(_("reached the key node %(name)s"), _("%(number)s: %(name)s was reached")),
    "release.step_begun": _quiet(_("began the step %(name)s"), _("%(number)s: %(name)s was begun")),
    "release.step_done": Verb(_("did the step %(name)s"), _("%(number)s: %(name)s is done"), _LEADS),
    "release.bundled": _quiet(_("took %(change)s into the release"), _("%(number)s: %(change)s was added")),
    "release.unbundled": _quiet(
        _("took %(change)s out of the release"), _("%(number)s: %(change)s was taken out")
    ),
    "release.updated": Verb(
        _("brought %(item)s from %(before)s to %(after)s by %(change)s"),
        _("%(number)s: %(item)s was updated"),
        is_mechanical=True,
    ),
    "release.reverted": Verb(
        _("brought %(item)s back from %(before)s to %(after)s by %(change)s"),
        _("%(number)s: %(item)s was brought back"),
        is_mechanical=True,
    ),
    "release.tested": Verb(
        _("tested the plan: %(result)s"), _("%(number)s: the plan was tested: %(result)s"), _LEADS
    ),
    "release.decided": Verb(
        _("decided: %(decision)s"), _("%(number)s: %(decision)s"), _LEADS, is_important=True
    ),
    "release.observed": Verb(
        _("recorded under %(what)s"), _("%(number)s: something was recorded after the deployment"), _LEADS
    ),
    "release.related": Verb(
        _("found that %(incident)s has to do with it"),
        _("%(number)s: %(incident)s has to do with the release"),
        _LEADS,
    ),
    "release.unrelated": _quiet(
        _("found that %(incident)s has nothing to do with it"), _("%(number)s: %(incident)s")
    ),
    "release.make_ready": Verb(
        _("found it ready for deployment"), _("%(number)s is ready for deployment"), _LEADS
    ),
    "release.replan": Verb(_("went back to the plan"), _("%(number)s is planned anew"), _LEADS),
    "release.deploy": Verb(
        _("began the deployment"), _("%(number)s is being deployed"), _LEADS, is_important=True
    ),
    "release.put_in_service": Verb(
        _("put it into service"), _("%(number)s is in service"), _LEADS, is_important=True
    ),
    "release.back_out": Verb(_("backed it out"), _("%(number)s was backed out"), _LEADS, is_important=True),
    "release.give_up": Verb(
        _("recorded that it failed and was not backed out"), _("%(number)s failed"), _LEADS, is_important=True
    ),
    "release.end_monitoring": Verb(
        _("ended the monitoring"), _("%(number)s: the monitoring is over"), _LEADS
    ),
    "release.hand_in_report": Verb(
        _("handed the report in"), _("%(number)s: the report is to be reviewed"), _LEADS
    ),
    "release.return_report": Verb(
        _("gave the report back"), _("%(number)s: the report was given back"), _LEADS
    ),
    "release.review_report": Verb(
        _("reviewed the conclusions"), _("%(number)s: the conclusions were reviewed"), _LEADS
    ),
    "release.call_off_release": Verb(_("called it off"), _("%(number)s was called off"), _LEADS),
}
