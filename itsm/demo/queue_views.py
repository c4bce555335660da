"""Two saved views of the demo's desk: one the team shares, one of the agent's own."""

from datetime import datetime

from itsm.demo.company import Company
from records import saved


def make(company: Company, *, now: datetime) -> None:
    """Through the real writers; the agent leads the desk's team."""
    lead = company.users["agent"].actor
    xinghe = str(company.customers["xinghe"].pk)
    shared = saved.checked(
        base="team", values={"priority": ["1", "2"], "due": ["24h"]}, sort="due",
        keys=["number", "title", "sla", "priority", "service", "who"], actor=lead, now=now,
    )  # fmt: skip
    saved.save(
        name_en="Urgent, due today", name_zh="紧急且一天内到期", team=company.teams["desk"], content=shared,
        actor=lead, now=now,
    )  # fmt: skip
    own = saved.checked(
        base="all", values={"customer": [xinghe]}, sort="priority",
        keys=["number", "title", "sla", "priority", "state", "owner", "opened"], actor=lead, now=now,
    )  # fmt: skip
    saved.save(
        name_en="Xinghe, everything open", name_zh="星河全部未结", team=None, content=own, actor=lead, now=now
    )
