"""Importing a whole file: one transaction per incident, so that any stop leaves whole incidents only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DataError, IntegrityError, connection, transaction

from incidents.importing.directory import Directory
from incidents.importing.events import Problem, Reading, Story
from incidents.importing.replay import Inconsistent, Replay
from incidents.models import Incident
from records.kinds import PREFIXES, Kind
from records.models import Record

LOCKS = 0x1754_4D02  # any number that nobody else takes as the first key of an advisory lock
DIGITS = 7


@dataclass
class Result:
    """What an import did. ``events`` are the rows replayed now."""

    incidents: int = 0
    events: int = 0
    already: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)


def run(reading: Reading, *, now: datetime, progress: Callable[[int, int], None]) -> Result:
    """Replay every story that is not here yet. ``progress`` is told (done, total) after each."""
    result = Result(rejected=reading.rejected)
    if not reading.stories:
        return result
    there = _already(reading.stories)
    new = [story for story in reading.stories if story.number not in there]
    result.already = len(there)
    advance_numbers(max((_serial(story.number) or 0 for story in new), default=0))
    directory = Directory(new) if new else None
    for done, story in enumerate(new, 1):
        if directory is not None:
            _import(story, directory, result, now=now)
        progress(done, len(new))
    return result


def _import(story: Story, directory: Directory, result: Result, *, now: datetime) -> None:
    try:
        imported = _replay(story, directory, now=now)
    except Inconsistent as error:
        result.rejected += 1
        result.problems.append(error.problem)
    except DataError as error:
        result.rejected += 1
        result.problems.append(Problem(story.updates[0].line, "row", str(error).strip()))
    else:
        result.incidents += imported
        result.events += len(story.updates) if imported else 0
        result.already += not imported


def _replay(story: Story, directory: Directory, *, now: datetime) -> bool:
    """Import one incident; False if another import was quicker."""
    keeps = _serial(story.number) is not None
    while True:
        try:
            with transaction.atomic():
                _lock(story)
                if _already([story]):
                    return False
                free = keeps and not Record.objects.filter(number=story.number).exists()
                Replay(story, directory, story.number if free else None).run(now=now)
                return True
        except IntegrityError:
            # somebody's ticket got this number between the question and the answer: take a fresh one
            if not keeps:
                raise
            keeps = False


def _lock(story: Story) -> None:
    """Let only one import at a time replay an incident; held until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCKS, story.number])


def _already(stories: Sequence[Story]) -> set[str]:
    return set(
        Incident.objects.filter(
            source=stories[0].source, external_reference__in=[s.number for s in stories]
        ).values_list("external_reference", flat=True)
    )


def _serial(number: str) -> int | None:
    """The serial of a number written like ours; None for any other, which cannot be kept."""
    digits = number.removeprefix(PREFIXES[Kind.INCIDENT])
    if number == digits or len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)


def advance_numbers(highest: int) -> None:
    """Let new tickets be numbered beyond ``highest``, before any imported one takes such a number.

    Only ever forwards, by taking numbers like everybody else: setval could go back behind a number that
    somebody took meanwhile.
    """
    sequence = f"records_number_{Kind.INCIDENT.value}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(nextval(%s)) FROM generate_series("  # noqa: S608 - the name is a constant
            f"(SELECT CASE WHEN is_called THEN last_value + 1 ELSE 1 END FROM {sequence}), %s)",
            [sequence, highest],
        )
