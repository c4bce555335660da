"""Two files of the demo's manager: the problems of the desk as a workbook, and one whose time is over."""

from datetime import datetime, timedelta

from exports import running, services, sources
from exports.models import Export
from itsm.demo.company import Company


def make(company: Company, *, now: datetime) -> None:
    """Through the real writers; the files are made at once."""
    manager = company.users["manager"].actor
    for name, query, form, at in (
        ("complaints", "state=any", "csv", now - timedelta(days=9)),
        ("problems", "state=any", "xlsx", now - timedelta(hours=3)),
    ):
        source = sources.get(name)
        if source is None:
            continue
        export, _is_new = services.ask(
            source, query, form, once=f"demo-{name}", actor=manager, now=at, language="zh-hans"
        )
        running.run(export.pk)
        Export.objects.filter(pk=export.pk).update(
            finished_at=at + timedelta(seconds=4), expires_at=at + services.KEPT, touched_at=at
        )
    services.expire(now)
