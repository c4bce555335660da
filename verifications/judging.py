"""What each line of an import would do to the register, and why it is refused."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Q

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation
from cmdb.authority import Authority, refusal
from cmdb.control import Held, held, may_alter
from cmdb.models import Item
from verifications import mapping
from verifications.comparing import identity
from verifications.facts import attributes_of, facts_of, label_of
from verifications.mapping import ATTRIBUTE, NAME_KEY, NUMBER_KEY, Effect, Target, Wish
from verifications.models import ImportLine, ItemImport
from verifications.reading import Fault, Line, Sheet

AT_ONCE = 1_000
# so many values are found by the index of attributes, each for itself: what a line asks that adds an item
# while others do too. For more, one pass over the items of the type takes less.
FEW = 10
LEADERS_FACTS = frozenset({"customer", "is_important"})
AUTHORITY = frozenset({"no_change", "not_approved", "not_named", "not_permitted"})
Verdict = ImportLine.Verdict


@dataclass
class Found:
    """What the register holds of the items a file speaks of."""

    items: Mapping[tuple[Any, ...], Sequence[Item]]
    facts: Mapping[int, Mapping[str, Any]]
    names: Mapping[tuple[Any, ...], int]  # (name, customer) -> id of who bears it


def sheet_of(job: ItemImport) -> Sheet:
    """The table as it was read."""
    lines = tuple(
        Line(number, tuple(cells), tuple(Fault(code, column, params) for code, column, params in faults))
        for number, cells, faults in job.rows
    )
    return Sheet(tuple(job.columns), lines)


def default_customer(job: ItemImport) -> Any:
    return label_of(job.customer) if job.customer else ""


def judge(
    job: ItemImport, targets: Mapping[str, Target], authority: Authority | None, actor: Actor
) -> list[ImportLine]:
    """Every line with its verdict. Nothing is written."""
    default = default_customer(job)
    found = mapping.wishes(
        sheet_of(job), job.laid, targets, match=job.match, customer=default, empties=job.is_emptying
    )
    known = look_up(job, found, actor)
    court = _Court(job, targets, authority, actor, known, _names(found, default))
    return [court.line(wish) for wish in found]


def _names(wishes: Iterable[Wish], default: Any) -> dict[tuple[Any, ...], list[int]]:
    """The lines of each name with its customer."""
    lines: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for wish in wishes:
        lines[mapping.key_of({"customer": default, **wish.facts}, NAME_KEY)].append(wish.number)
    return lines


# --- finding -----------------------------------------------------------------------------------


def look_up(job: ItemImport, wishes: Sequence[Wish], actor: Actor) -> Found:
    """The items of the wishes by key, their facts, and who bears the names they want."""
    items: defaultdict[tuple[Any, ...], list[Item]] = defaultdict(list)
    names: dict[tuple[Any, ...], int] = {}
    for start in range(0, len(wishes), AT_ONCE):
        some = wishes[start : start + AT_ONCE]
        for item in matching(job, {wish.key[1] for wish in some if wish.key}, actor):
            items[key_of_item(item, job.match)].append(item)
        wanted = {wish.facts["name"] for wish in some if wish.facts.get("name")}
        rows = Item.objects.filter(name__in=wanted).values_list("name", "customer__code", "pk")
        names |= {(NAME_KEY, name, customer): pk for name, customer, pk in rows}
    every = [item for found in items.values() for item in found]
    return Found(items, facts_of(every, attributes_of({item.type_id for item in every})), names)


def matching(job: ItemImport, values: set[Any], actor: Actor) -> list[Item]:
    """The items the actor sees that have one of these values of the matching key."""
    rows = Item.objects.visible_to(actor).select_related("type", "customer", "owner")
    if job.match == NUMBER_KEY:
        return list(rows.filter(number__in=values))
    if job.match == NAME_KEY:
        return list(rows.filter(name__in=values))
    code = job.match.removeprefix(ATTRIBUTE)
    alike = [*values, *(int(v) for v in values if v.isdecimal() and len(v) < 16)]
    if len(alike) > FEW:
        return list(rows.filter(type=job.type_id, **{f"attributes__{code}__in": alike}))
    has = [Q(attributes__contains={code: value}) for value in alike]
    return list(rows.filter(reduce(or_, has), type=job.type_id)) if has else []


def key_of_item(item: Item, match: str) -> tuple[Any, ...]:
    if match == NUMBER_KEY:
        return (NUMBER_KEY, item.number)
    if match == NAME_KEY:
        return (NAME_KEY, item.name, item.customer.code if item.customer else None)
    return (match, str(item.attributes[match.removeprefix(ATTRIBUTE)]))


# --- judging -----------------------------------------------------------------------------------


@dataclass
class _Court:
    job: ItemImport
    targets: Mapping[str, Target]
    authority: Authority | None
    actor: Actor
    known: Found
    names: Mapping[tuple[Any, ...], list[int]]

    def line(self, wish: Wish) -> ImportLine:
        """The line as it is kept, with its verdict."""
        line = ImportLine(job=self.job, number=wish.number)
        faults = list(wish.faults)
        there = self.known.items.get(wish.key, ()) if wish.key else ()
        item = there[0] if len(there) == 1 else None
        present = self.known.facts[item.pk] if item else None
        facts = dict(wish.facts) if there else {"customer": default_customer(self.job), **wish.facts}
        wish = Wish(wish.number, facts, wish.key, wish.faults)
        effects: list[Effect] = []
        if wish.key:
            faults += self._found_faults(wish, there, item)
            effects = mapping.effects(wish, present)
            faults += self._required(wish, present)
        if effects and not faults:
            faults = self._rights(wish, item, effects)
        line.item, line.facts = item, facts
        line.effects = [{"fact": e.fact, "before": e.before, "after": e.after} for e in effects]
        line.faults = [self.kept(fault) for fault in faults]
        line.verdict = self._verdict(item, effects, faults)
        return line

    @staticmethod
    def _verdict(item: Item | None, effects: Sequence[Effect], faults: Sequence[Fault]) -> Verdict:
        if faults:
            return Verdict.REFUSED
        if item is None:
            return Verdict.ADD
        return Verdict.ALTER if effects else Verdict.SAME

    def kept(self, fault: Fault) -> dict[str, Any]:
        """A fault with its column by name."""
        column = "" if fault.column is None else self.job.columns[fault.column]
        return {"code": fault.code, "column": column, "params": fault.params}

    def _place(self, key: str) -> int | None:
        return self.job.laid.index(key) if key in self.job.laid else None

    def _found_faults(self, wish: Wish, there: Sequence[Item], item: Item | None) -> list[Fault]:
        key_place = self._place(self.job.match)
        if len(there) > 1:
            numbers = ", ".join(sorted(each.number for each in there)[:5])
            return [Fault("several", key_place, {"numbers": numbers})]
        if item is None and self.job.match == NUMBER_KEY:
            return [Fault("no_such_number", key_place, {"number": str(wish.key[1])})]
        faults = []
        if item and item.type_id != self.job.type_id:
            faults.append(
                Fault("other_type", key_place, {"number": item.number, "type": label_of(item.type)})
            )
        given = str(wish.facts.get(NUMBER_KEY, "")).upper()
        if item and given and given != item.number:
            faults.append(Fault("other_number", self._place(NUMBER_KEY), {"number": item.number}))
        return faults + self._name_faults(wish, item)

    def _name_faults(self, wish: Wish, item: Item | None) -> list[Fault]:
        if self.job.match == NAME_KEY or not wish.facts.get("name"):
            return []
        customer = wish.facts.get("customer", label_of(item.customer) if item and item.customer else "")
        key = mapping.key_of({"name": wish.facts["name"], "customer": customer}, NAME_KEY)
        others = [str(number) for number in self.names.get(key, ()) if number != wish.number]
        if others:
            return [Fault("name_twice", self._place("name"), {"lines": ", ".join(others[:5])})]
        if self.known.names.get(key, item and item.pk) != (item and item.pk):
            return [Fault("name_taken", self._place("name"))]
        return []

    def _required(self, wish: Wish, present: Mapping[str, Any] | None) -> list[Fault]:
        bad = {fault.column for fault in wish.faults}
        return [
            Fault("required", self._place(key), {"fact": dict(self.targets[key].label)})
            for key in mapping.missing(wish, self.targets, present)
            if self._place(key) is None or self._place(key) not in bad
        ]

    def _rights(self, wish: Wish, item: Item | None, effects: Sequence[Effect]) -> list[Fault]:
        """Why the actor may not do it; what is under control needs a change that names the item."""
        if item is None:
            held_by = Held(self._customer_id(wish.facts.get("customer")))
            return [] if access.may(self.actor, "add_item", held_by) else [Fault("not_permitted")]
        if not may_alter(self.actor, item, self.authority):
            return [Fault("not_permitted")]
        altered = {each.fact for each in effects}
        if altered & LEADERS_FACTS and not access.may(self.actor, "lead_items", held(item)):
            return [Fault("not_permitted", self._place(min(altered & LEADERS_FACTS)))]
        if "customer" in altered:
            held_by = Held(self._customer_id(wish.facts["customer"]))
            if not access.may(self.actor, "lead_items", held_by):
                return [Fault("not_permitted", self._place("customer"))]
        why = refusal(self.authority, item.pk)
        params = {"change": self.authority.number if self.authority else self.job.authority}
        return [
            Fault(why, self._place(fact), {"fact": dict(self.targets[fact].label), **params})
            for fact in (mapping.controlled(effects, self.targets) if why else ())
        ]

    @cached_property
    def _customers(self) -> dict[str, int]:
        return dict(Organisation.objects.values_list("code", "pk"))

    def _customer_id(self, label: Any) -> int:
        """Shared items are of nobody: 0."""
        return self._customers.get(identity(label), 0)
