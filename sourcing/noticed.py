"""Quality notices of problems that were sent to a supplier, for its own people (PRB-11).

Two things are told of a supplier's work, and they stay two. What is wrong with a thing that was bought is
told at the ticket, goes to the vendor through who bought it, and ends with return, repair or discount
(sourcing.defects, SUP-08). What is wrong with how somebody works is found behind several incidents, and goes
from the problem to a department or a supplier who says what it does about it. Of the problem its people read
the notice and nothing else: neither title, nor incidents, nor customers.
"""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from problems import quality
from problems.models import Problem, QualityNotice
from sourcing import handed
from suppliers.models import Supplier


def notices(supplier: Supplier) -> "QuerySet[QualityNotice]":
    """What was sent to the supplier, what waits for its answer first."""
    rows = QualityNotice.objects.filter(supplier=supplier)
    return rows.select_related("answered_by").order_by("answered_at", "due_on", "pk").reverse()


def waiting(supplier: Supplier) -> int:
    """How many wait for its answer."""
    return QualityNotice.objects.filter(supplier=supplier, answered_at=None).count()


def answer(actor: Actor, notice: int, *, text: str, now: datetime) -> QualityNotice:
    """The supplier's own answer, under the name of who writes it. Once; 404 for another's notice."""
    supplier = handed.supplier_of(actor)
    row = QualityNotice.objects.filter(pk=notice, supplier=supplier).first()
    if row is None:
        raise Http404(_("There is no such notice."))
    problem: Problem = Problem.objects.get(pk=row.problem_id)
    return quality.answer(problem, row.pk, answer=text, actor=handed.acting(actor), now=now)
