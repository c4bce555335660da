"""The terms of an agreement as one value: what a draft holds and what is signed. Pure.

``Terms.parse`` reads the JSON form and refuses anything unclear with the field it stands in; ``dump`` gives
the same JSON back. Calendars, services and supporting agreements are named by their codes. Percentages are
numbers from 0 to 100; promises are as in the simulator's case format (docs/sla-clock.md).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from sla import reading
from sla.keys import TICKET_KINDS, key_of
from sla.policy import DEFAULT_MATRIX
from sla.reading import Refused, join
from sla.target import Target, TargetError

METRICS = ("first_response", "next_update", "on_site", "restoration", "resolution", "closure")
"""What a clock on a ticket measures."""

MEASURES = (
    "availability", "failures", "outage_duration", "mtbf", "throughput", "transaction_time", "answer_rate",
    "reply_rate", "callback_rate", "repeat_faults", "workload", "publication",
)  # fmt: skip
"""What is measured of a service over a period, not of one ticket."""

UNITS = (
    "percent", "count", "seconds", "minutes", "hours", "days", "months", "per_minute", "per_hour", "per_day",
)  # fmt: skip
SOURCES = ("tickets", "monitoring", "calls", "survey", "manual")
PERIODS = ("month", "quarter", "half_year", "year")
OPENS = ("creation", "first_reply", "occurrence")

SECTIONS = (
    "introduction", "parties", "validity", "approval", "scope", "contacts", "service_hours", "interruptions",
    "customer_duties", "priority_guide", "escalation", "complaints", "service_targets", "metrics",
    "workload_limits", "changes", "continuity_security", "charges", "interruption_procedure", "exceptions",
    "reporting_review", "incentives_penalties", "glossary",
)  # fmt: skip
"""What the text of an agreement must speak of, in the order of the document (SLM-11)."""

AT_END = ("ends", "continues")
"""What becomes of an agreement whose validity ends without a successor: it ends, or goes on until one."""

MOST_ROWS, MOST_TEXT = 500, 20_000
T = TypeVar("T")


class TermsError(Refused):
    """Terms that are not accepted."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages; either may still be missing in a draft."""

    en: str = ""
    zh: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the document: its text, or why it does not apply (SLM-12)."""

    en: str = ""
    zh: str = ""
    not_applicable: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.en.strip() or self.zh.strip() or self.not_applicable.strip())


@dataclass(frozen=True, slots=True)
class Support:
    """A target of an OLA or UC behind a target; those of one stage run side by side, stages in turn."""

    agreement: str
    target: str
    stage: int = 1


@dataclass(frozen=True, slots=True)
class TargetTerm:
    """A promise measured by a clock on each ticket. Empty service, priority or kind of ticket: for all."""

    metric: str
    promise: Target
    service: str | None = None
    priority: int | None = None
    ticket_kind: str | None = None
    calendar: str | None = None
    opens: str = "creation"
    goal_percent: float = 95
    escalates: bool = False
    method: Text = field(default_factory=Text)
    source: str = "tickets"
    period: str = "month"
    underpinned_by: tuple[Support, ...] = ()

    @property
    def key(self) -> str:
        """What the target is called within its agreement: "resolution/email/1"."""
        return key_of(self.metric, self.service, self.priority, self.ticket_kind)


@dataclass(frozen=True, slots=True)
class MeasureTerm:
    """A promise about a service over a period: the value must be at least, or at most, so much."""

    measure: str
    operator: str
    value: float
    unit: str
    service: str | None = None
    method: Text = field(default_factory=Text)
    source: str = "manual"
    period: str = "month"
    goal_percent: float | None = None
    underpinned_by: tuple[Support, ...] = ()

    @property
    def key(self) -> str:
        """What the measure is called within its agreement: "availability/email"."""
        return f"{self.measure}/{self.service or ''}"


@dataclass(frozen=True, slots=True)
class Credit:
    """Attainment of a target (its key, or "*" for the whole) below so much costs so much of the charge."""

    target: str
    below: float
    percent: float


@dataclass(frozen=True, slots=True)
class Reward:
    """Attainment of a target (its key, or "*" for the whole) at or above so much earns so much of the charge.

    Measured as a share only, and above every mark below which a credit is due for the same target.
    """

    target: str
    above: float
    percent: float


@dataclass(frozen=True, slots=True)
class ReportTerm:
    """A report the agreement promises: how often, by which day of the following period, by whom, how."""

    kind: str
    period: str = "month"
    due_day: int = 5
    submitter: str = ""
    way: str = "portal"


@dataclass(frozen=True, slots=True)
class Cost:
    """What the service is expected to cost, shown next to its level (SLM-52)."""

    amount: float = 0
    currency: str = "CNY"
    per: str = "month"


@dataclass(frozen=True, slots=True)
class Renewal:
    """What happens at the end of the validity, and how many days before it people are told (SLM-20)."""

    at_end: str = "ends"
    prompt_days: tuple[int, ...] = (90, 60, 30)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an edition of an agreement says."""

    calendar: str
    matrix: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_MATRIX))
    pausing_reasons: tuple[str, ...] = ()
    warn_at: tuple[int, ...] = (50, 75, 90)
    reopen_starts_new_cycle: bool = False
    services: tuple[str, ...] = ()
    # those with stronger commitments and recovery times (SLM-50)
    key_services: tuple[str, ...] = ()
    targets: tuple[TargetTerm, ...] = ()
    measures: tuple[MeasureTerm, ...] = ()
    sections: Mapping[str, Section] = field(default_factory=dict)
    credits: tuple[Credit, ...] = ()
    rewards: tuple[Reward, ...] = ()
    reports: tuple[ReportTerm, ...] = ()
    review_months: int = 12
    cost: Cost = field(default_factory=Cost)
    renewal: Renewal = field(default_factory=Renewal)
    # of signed terms of a lower layer: what came from above, "resolution//1" or "sections.scope", and whence
    inherited: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: object) -> "Terms":
        """The terms of a JSON form; `TermsError(code, field, detail)` if refused."""
        try:
            return _terms(given)
        except TermsError:
            raise
        except Refused as refused:
            raise TermsError(refused.code, refused.field, refused.detail) from None

    def dump(self) -> dict[str, Any]:
        """The JSON form, as `parse` takes it. Without rewards, or a kind of ticket, nothing is said of them:
        terms signed before there were any are written, and hashed, as they always were.
        """
        found = asdict(self)
        if not self.rewards:
            del found["rewards"]
        for row, term in zip(found["targets"], self.targets, strict=True):
            row["promise"] = term.promise.definition()
            if term.ticket_kind is None:
                del row["ticket_kind"]
        listed: dict[str, Any] = _listed(found)
        return listed

    @property
    def promises(self) -> "tuple[TargetTerm | MeasureTerm, ...]":
        """Everything quantified: the targets of tickets, then the measures of services."""
        return (*self.targets, *self.measures)

    @property
    def shares(self) -> frozenset[str]:
        """What attainment in percent is told of, the more the better: the keys a reward may name."""
        rates = (m.key for m in self.measures if (m.unit, m.operator) == ("percent", ">="))
        return frozenset({"*", *(t.key for t in self.targets), *rates})

    @property
    def missing_sections(self) -> tuple[str, ...]:
        """Sections neither written nor marked as not applicable (SLM-12)."""
        return tuple(code for code in SECTIONS if not self.sections.get(code, Section()).is_filled)


def _listed(value: Any) -> Any:
    """Tuples as lists, all the way down: JSON knows no other."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, list | tuple) else value


FIELDS = (
    "matrix", "pausing_reasons", "warn_at", "reopen_starts_new_cycle", "services", "key_services", "targets",
    "measures", "sections", "credits", "rewards", "reports", "review_months", "cost", "renewal",
    "inherited",
)  # fmt: skip


def _terms(given: object) -> Terms:
    value = reading.mapping(given, "", required=("calendar",), optional=FIELDS)
    found = Terms(
        calendar=reading.text(value["calendar"], "calendar", most=50),
        matrix=_matrix(value.get("matrix", DEFAULT_MATRIX)),
        pausing_reasons=_codes(value.get("pausing_reasons", []), "pausing_reasons"),
        warn_at=_warnings(value.get("warn_at", [50, 75, 90])),
        reopen_starts_new_cycle=reading.flag(
            value.get("reopen_starts_new_cycle", False), "reopen_starts_new_cycle"
        ),
        services=_codes(value.get("services", []), "services"),
        key_services=_codes(value.get("key_services", []), "key_services"),
        targets=_rows(value, "targets", _target),
        measures=_rows(value, "measures", _measure),
        sections=_sections(value.get("sections", {})),
        credits=_rows(value, "credits", _credit),
        rewards=_rows(value, "rewards", _reward),
        reports=_rows(value, "reports", _report),
        review_months=reading.whole(value.get("review_months", 12), "review_months", most=12),
        cost=_cost(value.get("cost", {})),
        renewal=_renewal(value.get("renewal", {})),
        inherited=_origins(value.get("inherited", {})),
    )
    for n, code in enumerate(found.key_services):
        if found.services and code not in found.services:
            raise Refused("not_in_scope", f"key_services[{n}]", "is no service in scope")
    _refuse_twins("targets", [term.key for term in found.targets])
    _refuse_twins("measures", [term.key for term in found.measures])
    keys = {"*", *(t.key for t in found.targets), *(m.key for m in found.measures)}
    for n, credit in enumerate(found.credits):
        if credit.target not in keys:
            raise Refused("unknown_target", f"credits[{n}].target", "names no target of this agreement")
    _check_rewards(found, keys)
    return found


def _check_rewards(terms: Terms, keys: Collection[str]) -> None:
    """Each names a share of this agreement, at a mark of its own that no credit reaches up to."""
    for n, reward in enumerate(terms.rewards):
        at = f"rewards[{n}]"
        if reward.target not in keys:
            raise Refused("unknown_target", f"{at}.target", "names no target of this agreement")
        if reward.target not in terms.shares:
            detail = "is not measured as a percentage that should be high; no reward can be reckoned by it"
            raise Refused("not_a_share", f"{at}.target", detail)
        if (reward.target, reward.above) in ((r.target, r.above) for r in terms.rewards[:n]):
            detail = "has a reward at this mark already; change the first one instead"
            raise Refused("same_mark", f"{at}.above", detail)
        if credit := overlapped(reward, terms.credits):
            detail = f"must be above {credit.below:g}: below that a credit is due for the same target"
            raise Refused("overlaps", f"{at}.above", detail)


def overlapped(reward: Reward, rules: Iterable[Credit]) -> Credit | None:
    """The credit for the same target that is due up to the mark of a reward, or beyond; None if none is."""
    return next((c for c in rules if c.target == reward.target and c.below >= reward.above), None)


def _rows(value: Mapping[str, Any], name: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    listed = reading.sequence(value.get(name, []), name, most=MOST_ROWS)
    return tuple(read(each, f"{name}[{n}]") for n, each in enumerate(listed))


def _refuse_twins(name: str, keys: Sequence[str]) -> None:
    for n, key in enumerate(keys):
        if key in keys[:n]:
            detail = f"promises {key} a second time; change the first one instead"
            raise Refused("duplicate", f"{name}[{n}]", detail)


def _matrix(value: object) -> dict[str, int]:
    given = reading.mapping(value, "matrix", required=tuple(DEFAULT_MATRIX))
    return {pair: reading.whole(given[pair], f"matrix.{pair}", most=4) for pair in DEFAULT_MATRIX}


def _codes(value: object, name: str) -> tuple[str, ...]:
    listed = reading.sequence(value, name, most=MOST_ROWS)
    return tuple(dict.fromkeys(reading.text(each, f"{name}[{n}]", most=50) for n, each in enumerate(listed)))


def _warnings(value: object) -> tuple[int, ...]:
    listed = reading.sequence(value, "warn_at", most=9)
    found = tuple(reading.whole(each, f"warn_at[{n}]", most=99) for n, each in enumerate(listed))
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise Refused("not_ascending", "warn_at", "must ascend, each percentage once")
    return found


def _origins(value: object) -> dict[str, str]:
    given = reading.table(value, "inherited")
    return {str(key): reading.text(code, f"inherited.{key}", most=50) for key, code in given.items()}


def _renewal(value: object) -> Renewal:
    given = reading.mapping(value, "renewal", optional=("at_end", "prompt_days"))
    at = "renewal.prompt_days"
    listed = reading.sequence(given.get("prompt_days", list(Renewal().prompt_days)), at, most=9)
    days = tuple(reading.whole(each, f"{at}[{n}]", most=730) for n, each in enumerate(listed))
    if any(later >= earlier for earlier, later in pairwise(days)):
        raise Refused("not_descending", at, "must descend, each number of days once")
    return Renewal(reading.choice(given.get("at_end", "ends"), "renewal.at_end", AT_END), days)


def _optional(value: Mapping[str, Any], name: str, at: str, *, most: int = 50) -> str | None:
    return None if value.get(name) in (None, "") else reading.text(value[name], join(at, name), most=most)


def _words(value: object, at: str, *, most: int = MOST_TEXT) -> str:
    return "" if value in (None, "") else reading.text(value, at, most=most)


def _text(value: object, at: str) -> Text:
    given = reading.mapping(value, at, optional=("en", "zh"))
    return Text(_words(given.get("en"), join(at, "en")), _words(given.get("zh"), join(at, "zh")))


def _percent(value: object, at: str) -> float:
    return reading.number(value, at, least=0, most=100)


def _supports(value: object, at: str) -> tuple[Support, ...]:
    found = []
    for n, each in enumerate(reading.sequence(value, at, most=20)):
        here = f"{at}[{n}]"
        given = reading.mapping(each, here, required=("agreement", "target"), optional=("stage",))
        found.append(
            Support(
                reading.text(given["agreement"], f"{here}.agreement", most=50),
                reading.text(given["target"], f"{here}.target", most=120),
                reading.whole(given.get("stage", 1), f"{here}.stage", most=20),
            )
        )
    return tuple(found)


SHARED = ("service", "goal_percent", "method", "source", "period", "underpinned_by")


def _shared(given: Mapping[str, Any], at: str) -> dict[str, Any]:
    """What a target and a measure say alike."""
    return {
        "service": _optional(given, "service", at),
        "method": _text(given.get("method", {}), f"{at}.method"),
        "period": reading.choice(given.get("period", "month"), f"{at}.period", PERIODS),
        "underpinned_by": _supports(given.get("underpinned_by", []), f"{at}.underpinned_by"),
    }


def _target(value: object, at: str) -> TargetTerm:
    optional = ("priority", "ticket_kind", "calendar", "opens", "escalates", *SHARED)
    given = reading.mapping(value, at, required=("metric", "promise"), optional=optional)
    try:
        promise = Target.parse(given["promise"])
    except TargetError as refused:
        raise refused.under(f"{at}.promise") from None
    priority, kind = given.get("priority"), given.get("ticket_kind")
    return TargetTerm(
        metric=reading.choice(given["metric"], f"{at}.metric", METRICS),
        promise=promise,
        priority=None if priority is None else reading.whole(priority, f"{at}.priority", most=4),
        ticket_kind=None if kind is None else reading.choice(kind, f"{at}.ticket_kind", TICKET_KINDS),
        calendar=_optional(given, "calendar", at),
        opens=reading.choice(given.get("opens", "creation"), f"{at}.opens", OPENS),
        goal_percent=_percent(given.get("goal_percent", 95), f"{at}.goal_percent"),
        escalates=reading.flag(given.get("escalates", False), f"{at}.escalates"),
        source=reading.choice(given.get("source", "tickets"), f"{at}.source", SOURCES),
        **_shared(given, at),
    )


def _measure(value: object, at: str) -> MeasureTerm:
    required = ("measure", "operator", "value", "unit")
    given = reading.mapping(value, at, required=required, optional=SHARED)
    goal = given.get("goal_percent")
    unit = reading.choice(given["unit"], f"{at}.unit", UNITS)
    most = 100 if unit == "percent" else 1e12
    return MeasureTerm(
        measure=reading.choice(given["measure"], f"{at}.measure", MEASURES),
        operator=reading.choice(given["operator"], f"{at}.operator", (">=", "<=")),
        value=reading.number(given["value"], f"{at}.value", least=0, most=most),
        unit=unit,
        goal_percent=None if goal is None else _percent(goal, f"{at}.goal_percent"),
        source=reading.choice(given.get("source", "manual"), f"{at}.source", SOURCES),
        **_shared(given, at),
    )


def _sections(value: object) -> dict[str, Section]:
    given = reading.mapping(value, "sections", optional=SECTIONS)
    found = {}
    for code in SECTIONS:
        if code in given:
            at = f"sections.{code}"
            parts = reading.mapping(given[code], at, optional=("en", "zh", "not_applicable"))
            found[code] = Section(**{name: _words(text, join(at, name)) for name, text in parts.items()})
    return found


def _credit(value: object, at: str) -> Credit:
    given = reading.mapping(value, at, required=("target", "below", "percent"))
    return Credit(
        reading.text(given["target"], f"{at}.target", most=120),
        _percent(given["below"], f"{at}.below"),
        _percent(given["percent"], f"{at}.percent"),
    )


def _reward(value: object, at: str) -> Reward:
    given = reading.mapping(value, at, required=("target", "above", "percent"))
    return Reward(
        reading.text(given["target"], f"{at}.target", most=120),
        _percent(given["above"], f"{at}.above"),
        _percent(given["percent"], f"{at}.percent"),
    )


def _report(value: object, at: str) -> ReportTerm:
    optional = ("period", "due_day", "submitter", "way")
    given = reading.mapping(value, at, required=("kind",), optional=optional)
    return ReportTerm(
        reading.text(given["kind"], f"{at}.kind", most=50),
        reading.choice(given.get("period", "month"), f"{at}.period", PERIODS),
        reading.whole(given.get("due_day", 5), f"{at}.due_day", most=28),
        _words(given.get("submitter"), f"{at}.submitter", most=200),
        reading.choice(given.get("way", "portal"), f"{at}.way", ("portal", "email", "meeting", "paper")),
    )


def _cost(value: object) -> Cost:
    given = reading.mapping(value, "cost", optional=("amount", "currency", "per"))
    return Cost(
        reading.number(given.get("amount", 0), "cost.amount", least=0, most=1e12),
        reading.text(given.get("currency", "CNY"), "cost.currency", most=3),
        _words(given.get("per", "month"), "cost.per", most=50),
    )
