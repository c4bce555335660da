"""The answer to a question as a mail: its table in the text, and as a file where that is wanted."""

import hashlib
import tempfile
import unicodedata
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import User
from channels import email
from exports import writing
from exports.columns import Column
from questions import answers, layout, sent, services
from questions.content import Plan
from questions.layout import Line, Table
from questions.models import Schedule, Sending
from questions.subjects.base import Measured

SECONDS = 60  # nobody waits for it
WIDEST = 40  # letters of a name in the text
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def build(sending: Sending, person: User, actor: Actor, plan: Plan) -> EmailMultiAlternatives:
    """The mail for its recipient: his figures, language and zone; notes on ``sending`` the days it is about.

    answers.TooLong and ValidationError where there is no answer.
    """
    language = person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    zone = zoneinfo.ZoneInfo(person.time_zone)
    with translation.override(language), timezone.override(zone):
        asked = plan.asked(actor, sending.due_at)
        found = answers.answer(plan, asked, seconds=SECONDS)
        sending.first, sending.last = (
            (asked.period.first, asked.period.last) if plan.instant else (None, None)
        )
        link = layout.link_to(plan, sending.question_id, _days(sending))
        table = layout.table(found, actor, link)
        context = {
            "name": person.display_name,
            "title": sending.question.name,
            "owner": sending.question.owner.name,
            "sentence": layout.sentence(plan),
            "period": layout.period_words(plan, asked.period.first, asked.period.last),
            "narrowed": layout.filter_words(plan, actor),
            "is_nothing": not found.total.n,
            "table": table,
            "text": as_text(table),
            "site": settings.SITE_URL,
            "url": f"{settings.SITE_URL}{sent.url_of(sending)}",
        }
        message = EmailMultiAlternatives(
            subject=email.one_line(f"{sending.question.name}: {context['period']}", email.MAX_SUBJECT),
            body=render_to_string("questions/mail.txt", context),
            to=[email.address_of(person)],
            headers=_headers(sending),
        )
        message.attach_alternative(render_to_string("questions/mail.html", context), "text/html")
        _attach(message, sending, table, plan, language, zone)
    return message


def _days(sending: Sending) -> Any:
    return (sending.first, sending.last) if sending.first and sending.last else None


def _headers(sending: Sending) -> dict[str, str]:
    """The same Message-ID on every attempt, so that a mail which came twice is shown once."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    key = f"{sending.question_id}:{sending.due_at.isoformat()}:{sending.recipient_id}:{settings.SECRET_KEY}"
    code = hashlib.sha256(key.encode()).hexdigest()[:24]
    return {
        "Message-ID": f"<question-{sending.pk}.{code}@{host}>",
        "List-Id": f"<question-{sending.question_id}.questions.{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def _attach(
    message: EmailMultiAlternatives, sending: Sending, table: Table, plan: Plan, language: str,
    zone: zoneinfo.ZoneInfo,
) -> None:  # fmt: skip
    schedule = Schedule.objects.filter(question=sending.question_id).first()
    kind = schedule.attached if schedule else Schedule.Attached.NONE
    if kind not in TYPES or not table.lines:
        return
    day = timezone.localtime(sending.due_at).date().isoformat()
    found = as_file(kind, table, plan, language=language, zone=zone)
    message.attach(f"question-{sending.question_id}-{day}.{kind}", found, TYPES[kind])


def as_file(kind: str, table: Table, plan: Plan, *, language: str, zone: zoneinfo.ZoneInfo) -> bytes:
    """The table as CSV or Excel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answer.{kind}"
        write(path, kind, table, plan, language=language, zone=zone)
        return path.read_bytes()


def write(path: Path, kind: str, table: Table, plan: Plan, *, language: str, zone: zoneinfo.ZoneInfo) -> None:
    """The table as a file: figures as numbers, times in hours; safe against formulas."""
    if kind == "csv":
        writing.write_csv(path, columns_of(table, plan), table.lines, language=language, zone=zone)
    else:
        writing.write_xlsx(
            path, columns_of(table, plan), table.lines, language=language, zone=zone, name=_("Answer")
        )


def columns_of(table: Table, plan: Plan) -> list[Column]:
    """A column for the names, and one for the figures of each column of the table."""
    unit = layout.UNITS[plan.measure.measured]

    def value(place: int) -> Any:
        def of(line: Line) -> float | None:
            number = line.cells[place].number
            return int(number) if number is not None and plan.measure.measured == Measured.ROWS else number

        return of

    return [
        Column("group", table.corner or _("Group"), lambda line: line.name),
        *(
            Column(f"figure_{place}", f"{words} ({unit})" if unit else words, value(place), "number")
            for place, words in enumerate(table.head)
        ),
    ]


# --- as text --------------------------------------------------------------------------------------


def as_text(table: Table) -> str:
    """The table in letters of one width; Chinese ones take two."""
    if not table.lines:
        return table.total.words
    rows = [[table.corner, *table.head], *(_words(line) for line in table.lines)]
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _words(line: Line) -> list[str]:
    return [_cut(line.name), *(cell.words for cell in line.cells)]


def _cut(name: str) -> str:
    return name if len(name) <= WIDEST else f"{name[: WIDEST - 1]}…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = row
    cells = [first + " " * (widths[0] - _width(first))]
    cells += [" " * (width - _width(text)) + text for text, width in zip(rest, widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def allowed(sending: Sending, actor: Actor) -> bool:
    """Whether its recipient may still read the question."""
    return services.visible_to(actor).filter(pk=sending.question_id).exists()
