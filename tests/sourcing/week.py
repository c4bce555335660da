"""A supplier with a contract behind Acme's agreement, and tickets that pass through its hands."""

from datetime import datetime, timedelta
from typing import Any

import incidents.services
from incidents.models import Incident
from records import breaches
from sla import editions
from sla.models import Agreement, AgreementVersion, Breach
from sla.terms import Terms
from suppliers.models import Supplier
from tests.cast import EARLY, MONDAY, Cast, make_incident

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGAN = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
KEY = "resolution//"


def make_supplier(**over: Any) -> Supplier:
    facts: dict[str, Any] = {"code": "huaxun", "name_en": "Huaxun Networks", "name_zh": "华讯网络", **over}
    return Supplier.objects.create(**facts)


def make_contract(
    cast: Cast,
    supplier: Supplier,
    *,
    code: str = "uc-line",
    hours: int = 4,
    at: datetime = BEGAN,
    until: datetime | None = None,
    **terms: Any,
) -> AgreementVersion:
    """A UC that promises a solution within so many working hours, whatever the priority."""
    agreement, _is_new = Agreement.objects.get_or_create(
        code=code, kind=Agreement.Kind.UC, supplier=supplier, name_en=f"Contract {code}", name_zh="合同"
    )
    return publish(cast, agreement, target(hours), at=at, until=until, **terms)


def target(hours: int, **over: Any) -> dict[str, Any]:
    promise = {"kind": "business_seconds", "seconds": hours * 3600}
    return {"metric": "resolution", "promise": promise, "method": {"en": "Tickets", "zh": "工单"}, **over}


def publish(
    cast: Cast, agreement: Agreement, *targets: dict[str, Any], at: datetime, until: Any = None, **terms: Any
) -> AgreementVersion:
    document = {"calendar": "office", "targets": list(targets), **terms}
    return editions.publish(
        agreement, Terms.parse(document), effective_from=at, effective_until=until, actor=cast.mona.actor,
        now=EARLY,
    )  # fmt: skip


def make_sla(cast: Cast, *, until: datetime | None = None, on: str = "uc-line") -> AgreementVersion:
    """Acme's agreement: eight hours, resting on the contract."""
    agreement = Agreement.objects.create(
        code="acme-sla", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议"
    )
    support = [{"agreement": on, "target": KEY, "stage": 1}]
    return publish(cast, agreement, target(8, underpinned_by=support), at=BEGAN, until=until)


def handed(cast: Cast, supplier: Supplier, *, hours: float, at: datetime = MONDAY, **over: Any) -> Incident:
    """A ticket that the supplier had for so many hours by the clock on the wall, then solved by us."""
    incident = make_incident(cast, now=at, **over)
    doing: dict[str, Any] = {"actor": cast.alice.actor}
    incident = incidents.services.start(incident, **doing, now=at)
    incident = incidents.services.hold(
        incident, reason="supplier", note="To them.", supplier=supplier, **doing, now=at
    )
    back = at + timedelta(hours=hours)
    incident = incidents.services.resume(incident, **doing, now=back)
    return incidents.services.resolve(incident, code="solved", steps="Done.", **doing, now=back)


def blame(cast: Cast, incident: Incident, contract: Agreement) -> Breach:
    """The contract answers for the missed resolution."""
    breach = Breach.objects.get(clock__record=incident.pk, clock__metric="resolution", clock__support=None)
    return breaches.explain(
        incident, breach, reason="supplier", note="Their spare part came late.", agreement=contract,
        actor=cast.alice.actor, now=MONDAY + 9 * DAY,
    )  # fmt: skip
