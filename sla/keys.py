"""What a target is called within its agreement. PURE."""

TICKET_KINDS = ("incident", "request")


def key_of(metric: str, service: str | None, priority: int | None, ticket_kind: str | None = None) -> str:
    """ "resolution/email/1"; "resolution///request" where it is for one kind of ticket."""
    return "/".join([metric, service or "", str(priority or ""), *([ticket_kind] if ticket_kind else [])])


def scope_of(key: str) -> tuple[str, str, str, str]:
    """A key taken apart: metric, service code, priority, kind of ticket; "" stands for all."""
    head, _bar, last = key.rpartition("/")
    kind = last if last in TICKET_KINDS else ""
    metric, _bar, rest = (head if kind else key).partition("/")
    service, _bar, priority = rest.rpartition("/")
    return metric, service, priority, kind
