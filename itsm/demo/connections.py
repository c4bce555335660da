"""A webhook and a chat robot of the demo, switched off: nothing of a demo goes out."""

from datetime import datetime
from typing import Any

from itsm.demo.company import Company
from outbound import services


def make(company: Company, *, now: datetime) -> None:
    """Two subscriptions as a manager would make them."""
    common: dict[str, Any] = {
        "keeper": company.users["manager"], "language": "zh-hans", "is_active": False,
        "actor": company.users["manager"].actor, "now": now,
    }  # fmt: skip
    services.create(
        name="星河制造 ERP 接口", url="https://erp.xinghe.example.com/hooks/itsm",
        events=["incident.open", "incident.resolve", "incident.close"],
        customer=company.customers["xinghe"], **common,
    )  # fmt: skip
    services.create(
        name="服务台值班群", kind="wecom", public_only=False, events=["sla.warned", "sla.breached"],
        url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000",
        **common,
    )  # fmt: skip
