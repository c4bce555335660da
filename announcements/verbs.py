"""The verbs of announcements, for the log, notices and mails."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "announcement.open": Verb(_("wrote it"), _("%(number)s was written"), is_mechanical=True),
    "announcement.rewrite": Verb(_("changed %(parts)s"), _("%(number)s was changed"), is_mechanical=True),
    "announcement.announce": Verb(
        _("announced: %(title)s"), _("Announcement: %(title)s"), (To.WATCHERS,), is_public=True,
        is_important=True,
    ),
    "announcement.announce_more": Verb(
        _("added to the announcement"), _("News of the announcement: %(title)s"), (To.WATCHERS,),
        is_public=True, is_important=True,
    ),
    "announcement.announce_end": Verb(
        _("ended it"), _("Over: %(title)s"), (To.WATCHERS,), is_public=True, is_important=True
    ),
    "announcement.announce_discard": Verb(
        _("discarded the draft"), _("%(number)s was discarded"), is_mechanical=True
    ),
}  # fmt: skip
