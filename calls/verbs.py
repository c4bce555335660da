"""What a ticket's log says of telephone calls."""

from django.utils.translation import gettext_lazy as _

from records.verbs import Verb

VERBS = {
    "record.called": Verb(
        _("put a call on it: %(direction)s, %(caller)s"), _("A call was put on %(number)s"),
        is_mechanical=True,
    ),
    "record.call_removed": Verb(
        _("took a call off it: %(direction)s, %(caller)s"), _("A call was taken off %(number)s"),
        is_mechanical=True,
    ),
}  # fmt: skip
