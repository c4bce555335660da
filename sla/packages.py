"""The service packages (tiers) every installation begins with, as their sources give them. Pure.

The rank orders packages of one family, 1 is the best: the names cannot, for "grade two" is better than
"grade one" in Nanjing and worse in Shijiazhuang (SLM-54). Amounts are seconds, days, percent and counts as
in sla.terms; a price is per unit and month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOUR, MINUTE = 3600, 60
ALWAYS = "always-24x7"
URGENT, MINOR = 1, 4
"""The priorities that stand for an urgent (急修) and a minor (小修) repair."""


@dataclass(frozen=True)
class Package:
    """One level: names, where it comes from, its rank, its hours and all its promises."""

    code: str
    family: str
    rank: int
    en: str
    zh: str
    source: str
    calendar: str
    targets: tuple[Mapping[str, Any], ...]
    measures: tuple[Mapping[str, Any], ...] = ()
    price: str = ""
    price_unit: str = ""
    about_en: str = ""
    about_zh: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def terms(self) -> dict[str, Any]:
        """The JSON form of sla.terms."""
        targets, measures = [dict(t) for t in self.targets], [dict(m) for m in self.measures]
        return {"calendar": self.calendar, "targets": targets, "measures": measures, **self.also}


def _seconds(metric: str, amount: int, zh: str, en: str, **over: Any) -> dict[str, Any]:
    promise = {"kind": "business_seconds", "seconds": amount}
    return {"metric": metric, "promise": promise, "method": {"en": en, "zh": zh}, **over}


def _days(metric: str, amount: int, zh: str, en: str, **over: Any) -> dict[str, Any]:
    promise = {"kind": "calendar_days", "days": amount, "until": "same_time"}
    return {"metric": metric, "promise": promise, "method": {"en": en, "zh": zh}, **over}


def _measure(
    measure: str, operator: str, value: float, unit: str, zh: str, en: str, **over: Any
) -> dict[str, Any]:
    words = {"method": {"en": en, "zh": zh}}
    return {"measure": measure, "operator": operator, "value": value, "unit": unit, **words, **over}


CALLBACKS = _measure("callback_rate", ">=", 100, "percent", "维修回访数 / 维修数", "Callbacks over repairs")
REPLIES = _measure("reply_rate", ">=", 100, "percent", "答复数 / 来访来电数", "Replies over contacts")
HALF_YEARLY = _measure(
    "publication",
    "<=",
    6,
    "months",
    "收支每半年公示一次",
    "Accounts published every half year",
    period="half_year",
)
YEARLY = _measure(
    "publication", "<=", 12, "months", "收支每年公示一次", "Accounts published once a year", period="year"
)


def _nanjing(code: str, rank: int, en: str, zh: str, price: str) -> Package:
    """24 h intake, urgent repair on site in 2 h, minor repair and complaints in 5 days."""
    return Package(
        code, "nanjing", rank, en, zh, "综合管理服务标准与收费标准", ALWAYS,
        (
            _seconds(
                "on_site", 2 * HOUR, "急修二小时内到达现场", "Urgent repair: on site within 2 hours",
                priority=URGENT,
            ),
            _days("resolution", 5, "小修五天内完成", "Minor repair finished within 5 days", priority=MINOR),
            _days("first_response", 5, "投诉五天内答复", "Complaints answered within 5 days"),
        ),
        (CALLBACKS, YEARLY),
        price, "m2",
        "Faults are taken in round the clock.", "二十四小时受理报修。",
    )  # fmt: skip


def _grade(code: str, rank: int, en: str, zh: str, hours: int) -> Package:
    """Shijiazhuang's grades differ in the hours of the service centre; repairs are on call all day."""
    return Package(
        code, "shijiazhuang", rank, en, zh, "物业各个级别的服务标准", f"centre-{hours}h",
        (
            _seconds(
                "on_site", 20 * MINUTE, "急修二十分钟内到达现场", "Urgent repair: on site within 20 minutes",
                priority=URGENT, calendar=ALWAYS,
            ),
            _days("resolution", 5, "小修五天内完成", "Minor repair finished within 5 days", priority=MINOR),
        ),
        (CALLBACKS, REPLIES, HALF_YEARLY),
        about_en=f"The service centre is open {hours} hours a day; somebody is on duty at other times.",
        about_zh=f"客户服务中心每天开放 {hours} 小时，其他时间有人值班。",
    )  # fmt: skip


PACKAGES = (
    Package(
        "desk-rule", "desk", 1, "Service desk rule", "服务台规则", "ITSS 服务台管理制度", ALWAYS,
        (
            _seconds("first_response", 2 * HOUR, "提交后两小时内首次答复", "First reply within 2 hours"),
            _seconds("next_update", 24 * HOUR, "二十四小时内解决或告知进展",
                     "A solution or news every 24 hours", escalates=True),
        ),
    ),
    _grade("grade-special", 1, "Special grade", "特级", 12),
    _grade("grade-1", 2, "Grade one", "一级", 10),
    _grade("grade-2", 3, "Grade two", "二级", 8),
    _grade("grade-3", 4, "Grade three", "三级", 8),
    _grade("grade-4", 5, "Grade four", "四级", 8),
    _nanjing("nanjing-2", 1, "Nanjing grade two", "南京二级", "0.10"),
    _nanjing("nanjing-1", 2, "Nanjing grade one", "南京一级", "0.05"),
    Package(
        "after-sales", "after_sales", 1, "After-sales service", "售后服务", "售后服务管理制度", ALWAYS,
        (_seconds("first_response", 24 * HOUR, "售后信息二十四小时内答复", "Answered within 24 hours"),),
        (_measure("repeat_faults", "<=", 0, "count", "同一故障重复维修次数", "Repairs of the same fault"),),
    ),
)  # fmt: skip

CENTRE_HOURS = {12: ["08:00", "20:00"], 10: ["08:00", "18:00"], 8: ["09:00", "17:00"]}
"""When a service centre of so many hours a day is open; the sources give the number, not the times."""
