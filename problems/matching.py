"""Known errors that fit what is being written: by the item, and by any of the words, best first (PRB-07)."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from accounts.access import Actor
from accounts.models import Organisation
from knowledge.found import ENOUGH, LONGEST, NEAR, asked_words
from problems.models import KnownError

READ = 200  # known errors that are ranked at most
SERVICE = 1.3  # by what the same service multiplies
# weights of D, C, B, A: workaround, (unused), symptom, title; as knowledge.found has them
_WEIGHTS = "{0.05, 0.1, 0.4, 1.0}"


@dataclass(frozen=True)
class Fit:
    """A known error, how well it fits, and whether it is about the same item."""

    known_error: KnownError
    score: float
    same_item: bool


def known_errors_for(
    *,
    text: str,
    item_id: int | None,
    service_id: int | None,
    actor: Actor,
    limit: int = 5,
    customer_id: int | None = None,
) -> list[Fit]:
    """At most ``limit`` valid known errors that the actor may read; those about the same item first.

    With a ``customer_id`` without those of other customers. What fits too little is left out.
    """
    fits = _by_words(asked_words(text[:LONGEST]))
    rows = KnownError.objects.readable_by(actor).valid()
    if customer_id is not None:
        rows = rows.filter(Q(customer=customer_id) | Q(customer__kind=Organisation.Kind.PROVIDER))
    of_item: set[int] = set()
    if item_id is not None:
        of_item = set(rows.filter(items=item_id).values_list("pk", flat=True)[:READ])
    found = []
    for row in rows.filter(pk__in={*fits, *of_item}).select_related("service", "of_problem"):
        score = fits.get(row.pk, 0.0) * (SERVICE if service_id and row.service_id == service_id else 1)
        found.append(Fit(row, score, row.pk in of_item))
    best = max((fit.score for fit in found), default=0.0)
    enough = [fit for fit in found if fit.same_item or fit.score >= max(ENOUGH, NEAR * best)]
    return sorted(enough, key=lambda fit: (not fit.same_item, -fit.score, fit.known_error.pk))[:limit]


def _by_words(words: list[str]) -> dict[int, float]:
    """The known errors with any of the words, with how much of them they have."""
    if not words:
        return {}
    query = " | ".join(f"'{word}'" for word in words)  # words hold letters and digits only (records.search)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT record_ptr_id, ts_rank('{_WEIGHTS}', words, to_tsquery('english', %s)) * %s AS fit
                FROM problems_knownerror
                WHERE words @@ to_tsquery('english', %s)
                ORDER BY fit DESC, record_ptr_id DESC LIMIT {READ}""",  # noqa: S608 (no input)
            [query, len(words), query],
        )
        return {pk: float(fit) for pk, fit in cursor.fetchall()}
