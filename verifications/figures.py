"""What an audit found, in figures; each is the length of a list its page shows."""

from collections import Counter
from typing import Any

from django.db.models import Q

from verifications.models import AuditDifference, AuditEntry, ItemAudit

Result = AuditEntry.Result
# what a figure counts among the entries
LISTS = {
    **{result.value: Q(result=result) for result in Result},
    "unauthorised": Q(is_unauthorised=True),
}


def figures_of(audit: ItemAudit) -> dict[str, Any]:
    """Counts by result, the share that agrees (per cent, of what was checked), and the facts that differ."""
    results = Counter(audit.entries.values_list("result", flat=True))
    differences = AuditDifference.objects.filter(entry__audit=audit)
    checked = sum(n for result, n in results.items() if result not in (Result.OPEN, Result.UNREGISTERED))
    return {
        "population": len(audit.population),
        "sample": sum(n for result, n in results.items() if result != Result.UNREGISTERED),
        **{result.value: results[result.value] for result in Result},
        "differences": differences.count(),
        "controlled": differences.filter(is_controlled=True).count(),
        "unauthorised": audit.entries.filter(is_unauthorised=True).count(),
        "accuracy": round(100 * results[Result.AGREES.value] / checked, 1) if checked else None,
    }


def standing(audit: ItemAudit) -> dict[str, Any]:
    """The report's figures once it is written, before that as they are now."""
    return dict(audit.figures) or figures_of(audit)
