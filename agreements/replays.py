"""What-if replays: asked for by a person, worked off in slices by any worker, gone on with after a kill.

A run is worked on under a lease. Each batch stores its flips, the tally and the place reached in one
transaction, so nothing is counted twice and nothing is lost, whenever a worker dies.
"""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

import sla.services
from accounts.access import Actor, require
from agreements.models import Edition
from agreements.replay_models import ReplayFlip, ReplayRun
from records.history import Loader
from records.models import Record
from records.services import refuse
from sla.models import Agreement, AgreementVersion
from sla.replay import Rules, judge
from sla.replay_rows import hours_for
from sla.replay_tally import Tally
from sla.services import NoCalendar
from sla.target import TargetError, resolve
from sla.terms import Terms
from sla.terms_rows import terms_of

log = logging.getLogger(__name__)

BATCH = 2_000
SLICE_SECONDS = 10.0  # the worker that replays also raises alarms
LEASE = timedelta(seconds=60)
ATTEMPTS = 5  # begun so often without finishing a batch, a run is given up
AGAIN = timedelta(minutes=1)  # the same question within this span is the same run


class Progress(StrEnum):
    """What a call of :func:`run` leaves behind."""

    FINISHED = "finished"  # or failed: nothing is left to do
    MORE = "more"
    TAKEN = "taken"  # somebody else is at it


class Failure(StrEnum):
    """Why a run stopped, as :attr:`ReplayRun.error` keeps it."""

    PROMISE = "promise"  # a target that its calendar cannot keep
    ATTEMPTS = "attempts"
    UNEXPECTED = "unexpected"


# --- asking ----------------------------------------------------------------------------------


def ask(edition: Edition, start: datetime, end: datetime, *, actor: Actor, now: datetime) -> ReplayRun:
    """Have the tickets opened from ``start`` to before ``end`` judged under the edition's terms as they are.

    The same question asked twice at once, or again within a minute, is one run. Raises Denied, or
    ValidationError on ``start``, ``end``, ``agreement`` or ``terms`` where there is nothing to replay.
    """
    require(actor, "draft_agreement")
    _check_period(start, end, now)
    terms = _checked(edition, start)
    if not tickets(edition.agreement, start, min(end, now)).exists():
        raise refuse("start", _("No ticket that this agreement covers was opened in this period."))
    digest = hashlib.sha256(json.dumps(edition.terms, sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        Record.objects.select_for_update(no_key=True).get(pk=edition.pk)
        same = ReplayRun.objects.filter(edition=edition, period_start=start, period_end=end, digest=digest)
        is_fresh = Q(state__in=ReplayRun.UNFINISHED) | Q(asked_at__gt=now - AGAIN, state=ReplayRun.State.DONE)
        if found := same.filter(is_fresh).order_by("-pk").first():
            return found
        made = ReplayRun.objects.create(
            edition=edition, terms=terms.dump(), digest=digest, period_start=start, period_end=end,
            asked_by_id=actor.user_id, asked_at=now, lease_until=now + LEASE,
        )  # fmt: skip
        transaction.on_commit(lambda: _wake(made.pk))
    return made


def _check_period(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise refuse("end", _("The period must end after it begins."))
    if start >= now:
        raise refuse("start", _("This period lies in the future; nothing has happened in it yet."))


def _checked(edition: Edition, start: datetime) -> Terms:
    """The terms, if they promise something that clocks on tickets measure and can be computed."""
    if edition.agreement.kind != Agreement.Kind.SLA:
        raise refuse(
            "agreement",
            _(
                "Only agreements with customers can be replayed so far. What a team or a supplier promises is"
                " measured from hand-over to hand-over, and that is not offered here yet."
            ),
        )
    terms = Terms.parse(edition.terms)
    if not terms.targets:
        raise refuse("terms", _("These terms promise nothing that is measured on tickets; add a target."))
    try:
        rules = Rules(terms, hours_for(terms))
        for target in terms.targets:
            resolve(target.promise, rules.hours_of(target, start), start)
    except NoCalendar as missing:
        words = _("These terms name a calendar without working hours: %(code)s.")
        raise refuse("terms", words % {"code": missing}) from None
    except TargetError as refused:
        raise refuse("terms", f"{refused.field}: {refused.detail}", refused.code) from None
    return terms


def tickets(agreement: Agreement, start: datetime, end: datetime) -> QuerySet[Record]:
    """The tickets opened in [start, end) that the agreement covers.

    The default commitment covers those whose customer had no agreement of its own in force.
    """
    rows = Record.objects.tickets().filter(opened_at__gte=start, opened_at__lt=end)
    if agreement.customer_id:
        return rows.filter(customer=agreement.customer_id)
    at = OuterRef("opened_at")
    own = AgreementVersion.objects.in_force(at).filter(
        agreement__kind=Agreement.Kind.SLA, agreement__customer=OuterRef("customer")
    )
    return rows.filter(~Exists(own))


def _wake(run_id: int) -> None:
    from agreements.tasks import replay  # tasks import this module

    try:
        replay.delay(run_id)
    except Exception:
        log.warning("could not wake a worker for a replay; the sweep will find it", exc_info=True)


# --- working ---------------------------------------------------------------------------------


def run(run_id: int, *, seconds: float | None = None) -> Progress:
    """Work on a run to its end, or for about so many seconds; safe to call any number of times."""
    token = _claim(run_id)
    if token is None:
        is_over = not ReplayRun.objects.filter(pk=run_id, state__in=ReplayRun.UNFINISHED).exists()
        return Progress.FINISHED if is_over else Progress.TAKEN
    mine = ReplayRun.objects.select_related("edition__agreement").get(pk=run_id)
    if mine.attempts > ATTEMPTS:
        return _fail(mine, token, Failure.ATTEMPTS)
    try:
        return _work(mine, token, seconds)
    except TargetError:
        return _fail(mine, token, Failure.PROMISE)
    except DatabaseError:
        raise  # the lease runs out and the sweep offers the run again
    except Exception:
        log.exception("replay %s stopped", run_id)
        return _fail(mine, token, Failure.UNEXPECTED)


def unfinished(now: datetime) -> list[int]:
    """Runs nobody works on or has taken up again: their worker was killed, or the call to it got lost."""
    rows = ReplayRun.objects.filter(state__in=ReplayRun.UNFINISHED, lease_until__lt=now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _claim(run_id: int) -> str | None:
    """Take the lease if it is free; the answer is its token."""
    now, token = timezone.now(), secrets.token_hex(16)
    free = Q(lease_token="") | Q(lease_until__lt=now)
    claimed = ReplayRun.objects.filter(free, pk=run_id, state__in=ReplayRun.UNFINISHED).update(
        state=ReplayRun.State.RUNNING, lease_token=token, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return token if claimed else None


@dataclass
class _Bench:
    """What all batches of a slice share."""

    run: ReplayRun
    rules: Rules
    loader: Loader
    tally: Tally
    zone: ZoneInfo

    def rows(self) -> QuerySet[Record]:
        end = min(self.run.period_end, self.run.asked_at)
        return tickets(self.run.edition.agreement, self.run.period_start, end)

    def batch(self, ids: Sequence[int]) -> list[ReplayFlip]:
        found = []
        for past in self.loader.load(ids):
            history = past.history
            flips = self.tally.add(
                month=history.opened_at.astimezone(self.zone).strftime("%Y-%m"),
                priority=self.rules.priority(history.acts[-1], history.matrix),
                before=past.before,
                after=judge(history, self.rules, now=self.run.asked_at),
            )
            found += [
                ReplayFlip(
                    run=self.run, record_id=past.record_id, target_key=flip.key, direction=flip.direction,
                    at=flip.at, seconds=flip.seconds,
                )
                for flip in flips
            ]  # fmt: skip
        return found


def _work(mine: ReplayRun, token: str, seconds: float | None) -> Progress:
    stop = None if seconds is None else time.monotonic() + seconds
    terms = Terms.parse(mine.terms)
    hours = hours_for(terms)
    zone = ZoneInfo(hours[terms.calendar][-1][1].timezone)
    bench = _Bench(mine, Rules(terms, hours), Loader(), Tally.load(mine.tally), zone)
    if not mine.total:
        mine.total = bench.rows().count()
    while True:
        rows = bench.rows().filter(pk__gt=mine.cursor).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            result = bench.tally.result(terms, _present(mine))
            return _end(mine, token, state=ReplayRun.State.DONE, result=result, tally={}, total=mine.done)
        flips = bench.batch(ids)
        mine.cursor, mine.done = ids[-1], mine.done + len(ids)
        is_time = stop is not None and time.monotonic() >= stop
        if not _store(mine, token, bench.tally, flips, is_last=is_time):
            return Progress.TAKEN
        if is_time:
            return Progress.MORE


def _store(mine: ReplayRun, token: str, tally: Tally, flips: Sequence[ReplayFlip], *, is_last: bool) -> bool:
    """Keep a batch; False if the lease was lost meanwhile, and then nothing is kept."""
    with transaction.atomic():
        kept = ReplayRun.objects.filter(pk=mine.pk, lease_token=token).update(
            tally=tally.dump(), cursor=mine.cursor, done=mine.done, total=max(mine.total, mine.done),
            lease_until=timezone.now() + LEASE, attempts=0, lease_token="" if is_last else token,
        )  # fmt: skip
        if kept:
            ReplayFlip.objects.bulk_create(flips)
    return bool(kept)


def _present(mine: ReplayRun) -> Terms | None:
    """The terms that applied at the end of the period, whose rules count for what really was."""
    end, agreement = min(mine.period_end, mine.asked_at), mine.edition.agreement
    if agreement.customer_id:
        version = sla.services.version_for(agreement.customer_id, end)
    else:
        rows = agreement.versions.filter(effective_from__lte=end).order_by("-effective_from", "-number")
        version = rows.first()
    return terms_of(version) if version else None


def _fail(mine: ReplayRun, token: str, why: Failure) -> Progress:
    return _end(mine, token, state=ReplayRun.State.FAILED, error=why.value)


def _end(mine: ReplayRun, token: str, **columns: object) -> Progress:
    rows = ReplayRun.objects.filter(pk=mine.pk, lease_token=token)
    ended = rows.update(
        **columns, finished_at=timezone.now().replace(microsecond=0), lease_token="", lease_until=None
    )
    return Progress.FINISHED if ended else Progress.TAKEN
