"""The verbs of articles, and those that the use of articles leaves on tickets."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_AUTHORS = (To.OWNER, To.REQUESTER)
_REVIEWERS = (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "article.open": Verb(_("began the article"), _("%(number)s was begun"), is_mechanical=True),
    "article.written": Verb(
        _("saved version %(version)s"), _("%(number)s: version %(version)s was saved"), is_mechanical=True
    ),
    "article.send_draft": Verb(
        _("sent version %(version)s to review"), _("%(number)s waits for a review"), _REVIEWERS
    ),
    "article.send_revision": Verb(
        _("sent the revision, version %(version)s, to review"),
        _("The revision of %(number)s waits for a review"),
        _REVIEWERS,
    ),
    "article.return_draft": Verb(
        _("sent it back to the author"), _("%(number)s came back from review"), _AUTHORS, is_important=True
    ),
    "article.return_revision": Verb(
        _("sent the revision back to the author"),
        _("The revision of %(number)s came back from review"),
        _AUTHORS,
        is_important=True,
    ),
    "article.publish_article": Verb(
        _("approved and published version %(version)s"),
        _("%(number)s: version %(version)s is published"),
        _AUTHORS,
    ),
    "article.begin_revision": Verb(_("began a revision"), _("%(number)s is being revised"), (To.OWNER,)),
    "article.drop_revision": Verb(
        _("dropped the revision"), _("The revision of %(number)s was dropped"), _AUTHORS
    ),
    "article.retire": Verb(_("retired the article"), _("%(number)s was retired"), _AUTHORS),
    "article.checked": Verb(
        _("checked that it still holds; next review on %(day)s"),
        _("%(number)s was checked, next review on %(day)s"),
        (To.OWNER,),
    ),
    "article.reminded": Verb(
        _("reminded %(owner)s of the review due on %(day)s"),
        _("%(number)s is to be reviewed since %(day)s"),
        (To.OWNER, To.REQUESTER),
        is_important=True,
        is_mechanical=True,
    ),
    "article.owned": Verb(_("made %(owner)s its owner"), _("You answer for %(number)s"), (To.OWNER,)),
    # on the ticket
    "knowledge.searched": Verb(
        _("searched the knowledge base for “%(words)s”: %(count)s found"),
        _("%(number)s: the knowledge base was searched"),
        is_mechanical=True,
    ),
    "knowledge.used": Verb(
        _("used the article %(article)s “%(title)s”"),
        _("%(number)s: an article was used"),
        is_mechanical=True,
    ),
    "knowledge.written_up": Verb(
        _("began the article %(article)s from its solution"),
        _("%(number)s: an article is written from its solution"),
        is_mechanical=True,
    ),
}
