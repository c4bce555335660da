"""What an entry of the catalogue says, as one value: the customer view and the provider view. Pure.

``Offer.parse`` reads the JSON form and refuses anything unclear with the field it stands in; ``dump`` gives
the same JSON back. Each text is kept in both languages; teams and services are named by their codes. The
customer view speaks of the business, everything technical belongs to the provider view (REQ-04).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

CUSTOMER_TEXTS = ("what", "ask", "hours", "level", "period", "price")
CUSTOMER_LISTS = ("included", "not_included")
PROVIDER_TEXTS = ("delivery", "benefit", "risk")
PROVIDER_LISTS = ("components", "interfaces", "quality")
CODES = ("groups", "depends_on")
REQUIRED = ("name", "customer.what", "customer.ask", "customer.hours", "customer.price", "provider.delivery")
"""What an entry must say before it may be proposed (REQ-02)."""

MOST_NAME, MOST_TEXT, MOST_LINE, MOST_ROWS = 200, 4000, 300, 50


class OfferError(ValueError):
    """Not accepted: ``code`` for programs, ``field`` to point at, ``detail`` for a person."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.code, self.field, self.detail = code, field, detail


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    en: str = ""
    zh: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.en or self.zh)

    @property
    def is_whole(self) -> bool:
        """In both languages, or in neither."""
        return bool(self.en) == bool(self.zh)


Lines = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """What a customer reads: what it is, how to ask for it, when, how well, how long and for how much."""

    what: Text = field(default_factory=Text)
    included: Lines = ()
    not_included: Lines = ()
    ask: Text = field(default_factory=Text)
    hours: Text = field(default_factory=Text)
    level: Text = field(default_factory=Text)
    period: Text = field(default_factory=Text)
    price: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class ProviderView:
    """What only the provider reads: of what it is made, who delivers it how, on what it rests."""

    delivery: Text = field(default_factory=Text)
    components: Lines = ()
    interfaces: Lines = ()
    quality: Lines = ()
    groups: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    benefit: Text = field(default_factory=Text)
    risk: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a version of a catalogue entry says."""

    name: Text
    customer: CustomerView = field(default_factory=CustomerView)
    provider: ProviderView = field(default_factory=ProviderView)

    @classmethod
    def parse(cls, given: object) -> "Offer":
        """The offer of a JSON form; :class:`OfferError` if refused."""
        top = _object(given, "", ("name", "customer", "provider"))
        if "name" not in top:
            raise OfferError("required", "name", "is missing")
        name = _text(top["name"], "name", MOST_NAME)
        if not name.is_filled:
            raise OfferError("required", "name", "must not be empty")
        customer = _part(top.get("customer"), "customer", CUSTOMER_TEXTS, CUSTOMER_LISTS, ())
        provider = _part(top.get("provider"), "provider", PROVIDER_TEXTS, PROVIDER_LISTS, CODES)
        return cls(name, CustomerView(**customer), ProviderView(**provider))

    def dump(self) -> dict[str, Any]:
        """The JSON form, as :meth:`parse` takes it."""
        return {
            "name": _dumped(self.name),
            "customer": {f.name: _dumped(getattr(self.customer, f.name)) for f in fields(self.customer)},
            "provider": {f.name: _dumped(getattr(self.provider, f.name)) for f in fields(self.provider)},
        }

    @property
    def parts(self) -> dict[str, Any]:
        """Every value by its path: "customer.what" and so on, in the order of the page."""
        found: dict[str, Any] = {"name": self.name}
        for view in ("customer", "provider"):
            part = getattr(self, view)
            found |= {f"{view}.{f.name}": getattr(part, f.name) for f in fields(part)}
        return found

    @property
    def missing(self) -> dict[str, str]:
        """What keeps it from being proposed: path -> "empty" or "language" (one language is missing)."""
        found: dict[str, str] = {}
        for path, value in self.parts.items():
            texts = [value] if isinstance(value, Text) else [t for t in value if isinstance(t, Text)]
            if path in REQUIRED and not any(text.is_filled for text in texts):
                found[path] = "empty"
            elif not all(text.is_whole for text in texts):
                found[path] = "language"
        return found

    def flat(self) -> dict[str, str]:
        """Every value as plain words, by path and language ("customer.what/zh"); codes by path alone."""
        found: dict[str, str] = {}
        for path, value in self.parts.items():
            if path.partition(".")[2] in CODES:
                found[path] = "\n".join(value)
                continue
            rows = (value,) if isinstance(value, Text) else value
            found[f"{path}/en"] = "\n".join(row.en for row in rows)
            found[f"{path}/zh"] = "\n".join(row.zh for row in rows)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the path as in :meth:`Offer.flat`, and the words before and after."""

    path: str
    before: str
    after: str


def changes(old: Offer, new: Offer) -> list[Change]:
    """What a later version says differently, in the order of the page."""
    before, after = old.flat(), new.flat()
    return [Change(path, before[path], after[path]) for path in after if before[path] != after[path]]


# --- reading ---------------------------------------------------------------------------------


def _part(
    value: object, at: str, texts: tuple[str, ...], lists: tuple[str, ...], codes: tuple[str, ...]
) -> dict[str, Any]:
    given = _object(value if value is not None else {}, at, (*texts, *lists, *codes))
    found: dict[str, Any] = {}
    for name, inner in given.items():
        place = f"{at}.{name}"
        if name in texts:
            found[name] = _text(inner, place, MOST_TEXT)
        elif name in lists:
            rows = (_text(row, f"{place}[{n}]", MOST_LINE) for n, row in enumerate(_rows(inner, place)))
            found[name] = tuple(row for row in rows if row.is_filled)
        else:
            words = [_words(code, f"{place}[{n}]", 50) for n, code in enumerate(_rows(inner, place))]
            found[name] = tuple(dict.fromkeys(word for word in words if word))
    return found


def _object(value: object, at: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise OfferError("wrong_type", at, "must be an object")
    for key in value:
        if key not in known:
            place = f"{at}.{key}"[:80] if at else str(key)[:80]
            raise OfferError("unknown_field", place, f"is not a known field; known here: {', '.join(known)}")
    return value


def _rows(value: object, at: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise OfferError("wrong_type", at, "must be a list")
    if len(value) > MOST_ROWS:
        raise OfferError("too_many", at, f"has {len(value)} entries; at most {MOST_ROWS} are taken")
    return list(value)


def _text(value: object, at: str, most: int) -> Text:
    given = _object(value, at, ("en", "zh"))
    return Text(*(_words(given.get(language, ""), f"{at}.{language}", most) for language in ("en", "zh")))


def _words(value: object, at: str, most: int) -> str:
    if not isinstance(value, str):
        raise OfferError("wrong_type", at, "must be a text")
    words = value.replace("\r\n", "\n").strip()
    if len(words) > most:
        raise OfferError("bad_length", at, f"must have at most {most} characters, not {len(words)}")
    if "\0" in words or any("\ud800" <= character <= "\udfff" for character in words):
        raise OfferError("bad_text", at, "holds a character that is none")
    return words


def _dumped(value: Any) -> Any:
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    return [_dumped(row) for row in value] if isinstance(value, tuple) else value
