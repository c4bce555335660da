"""Who gets what answer at every address: a new address that is not in the table fails the build.

A row of access.txt gives, for each person, the status of GET and of an empty POST. rita reported the ticket
in question, carla is her organisation's contact; charlie belongs to another one and must not learn that it
exists.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.services import issue_token
from records import services
from tests.cast import MONDAY, Cast, make_incident, make_supplier_contact

PEOPLE = ("nobody", "alice", "mona", "admin", "robot", "rita", "carla", "charlie")
TABLE = Path(__file__).with_name("access.txt")


def names_of(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address with the words it takes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names_of(entry, inner)
        elif isinstance(entry, URLPattern):
            yield namespace + (entry.name or "?"), _words(entry)


def _words(entry: URLPattern) -> tuple[str, ...]:
    pattern: Any = entry.pattern
    words = dict.fromkeys((*pattern.converters, *pattern.regex.groupindex))
    return tuple(word for word in words if word != "format")


def table() -> dict[str, list[str]]:
    rows = (line.split() for line in TABLE.read_text(encoding="utf-8").splitlines())
    return {name: statuses for name, *statuses in rows}


def addresses() -> dict[str, tuple[str, ...]]:
    """Ours by name; the back office and the catch-all of the API are tested apart."""
    return {
        name: words
        for name, words in names_of(get_resolver())
        if not name.startswith("admin:") and "?" not in name
    }


# What the words of addresses usually are.
USUAL: dict[str, Any] = {
    "what": "agents",
    "slug": "validation",
    "version": 1,
    "replay": 1,
    "n": 1,
    "step": "publish",
    "metric": "resolution",
    "position": 1,
    "outcome": "met",
    "action": "hold",
    "act": "submit",
    "item": "1",
    "run": 1,
    "remark": 1,
    "exclusion": 1,
    "party": "customer",
    "part": "targets",
    "contract": "uc-line",
    "offering": "chair",
    "kind": "service_level",
    "kpi": "X21",
    "row": 1,
    "token": "1.forged",
    "voter": 1,
    "how": "up",
    "condition": 1,
    "name": "done",
    "period": "2026-Q1",
    "first": "2026-01-01",
    "last": "2026-01-31",
}
# Words of addresses that mean something else than usually, by how the name begins.
WORDS: dict[str, dict[str, str]] = {
    "reports:records": {"key": "open"},
    "reports:desk-part": {"part": "heat"},
    "reports:workload-list": {"key": "solved"},
    "releases:figure": {"key": "deployed"},
    "customers:figure": {"key": "answered"},
    "dashboards:": {"slug": "incident-management", "part": "risks", "key": "majors"},
}


@pytest.fixture
def urls(cast: Cast) -> dict[str, str]:
    """A working address for each name, about rita's ticket."""
    upload = SimpleUploadedFile("log.txt", b"hello")
    incident = make_incident(cast, attachments=[upload])
    clock = incident.clocks.get(metric="resolution")
    note = services.comment(incident, text="quota?", is_public=False, actor=cast.alice.actor, now=MONDAY)
    ids = {
        "records:clock": clock.pk,
        "records:exclude": clock.pk,
        "records:decide_exclusion": clock.pk,
        "api:incident-clocks-detail": clock.pk,
        "api:clocks-detail": clock.pk,
        "api:incident-comments-detail": note.pk,
        "api:users-detail": cast.rita.pk,
        "api:organisations-detail": cast.acme.pk,
        "api:teams-detail": cast.desk.pk,
        **dict.fromkeys((n for n in addresses() if n.startswith("api:services-")), cast.mail.pk),
        "api:calendars-detail": cast.calendar.pk,
        "api:calendars-hours": cast.calendar.pk,
        "api:calendars-preview": cast.calendar.pk,
        "api:agreements-detail": cast.agreement.agreement_id,
        "api:agreements-targets": cast.agreement.agreement_id,
        "api:agreements-underpinning": cast.agreement.agreement_id,
    }
    words: dict[str, Any] = {
        **USUAL,
        "number": incident.number,
        "key": incident.attachments.get().key,
        "code": cast.agreement.agreement.code,
        "agreement": cast.agreement.agreement_id,
        "service": cast.mail.pk,
    }
    codes = {
        "sla:calendar": cast.calendar.code,
        "customers:": cast.acme.code,
        "catalog:": cast.mail.code,
        "planning:": cast.mail.code,
    }
    made = {}
    for name, wanted in addresses().items():
        code = next((code for start, code in codes.items() if name.startswith(start)), words["code"])
        here = words | {"code": code} | next((o for n, o in WORDS.items() if name.startswith(n)), {})
        made[name] = reverse(name, kwargs={w: ids.get(name, 1) if w == "pk" else here[w] for w in wanted})
    return made


def clients(cast: Cast) -> dict[str, Client]:
    """A browser for each person, logged in."""
    browsers = {person: Client(raise_request_exception=False) for person in PEOPLE}
    for person in PEOPLE[1:]:
        browsers[person].force_login(getattr(cast, person))
    return browsers


def answers(browsers: dict[str, Client], name: str, url: str) -> list[str]:
    found = []
    for person in PEOPLE:
        got = browsers[person].get(url).status_code
        # a body no verb takes, so that nothing changes while the table is walked
        body: dict[str, Any] = (
            {"data": "[]", "content_type": "application/json"} if name.startswith("api:") else {}
        )
        posted = browsers[person].post(url, **body).status_code
        found.append(f"{got}/{posted}")
    return found


def test_every_address_is_in_the_table_once() -> None:
    assert set(addresses()) == set(table())
    assert len(table()) == len(TABLE.read_text(encoding="utf-8").splitlines())


@pytest.mark.req("PLT-09")
@pytest.mark.parametrize("part", ["pages", "api"])
def test_everybody_gets_the_answer_of_the_table(cast: Cast, urls: dict[str, str], part: str) -> None:
    expected = {n: row for n, row in table().items() if n.startswith("api:") == (part == "api")}
    browsers = clients(cast)
    # logging out ends the browsers' sessions, so it is asked last
    order = sorted(expected, key=lambda name: name == "accounts:logout")
    found = {name: answers(browsers, name, urls[name]) for name in order}
    different = {
        f"{name} for {person}": f"{got}, not {wanted}"
        for name in expected
        for person, wanted, got in zip(PEOPLE, expected[name], found[name], strict=True)
        if wanted != got
    }
    assert different == {}


# What a supplier's people may open: the pages about themselves, and their own (sourcing.portal_views).
OF_SUPPLIERS = {
    "healthz": "503/405", "set_language": "405/302", "javascript-catalog": "200/405",
    "accounts:login": "302/422", "accounts:logout": "405/302", "accounts:password": "200/422",
    "accounts:password_done": "200/405", "accounts:preferences": "200/422", "records:home": "302/405",
    "supplier:home": "200/405", "supplier:contracts": "200/405", "supplier:ticket": "404/405",
    "supplier:write": "405/404", "supplier:attachment": "404/405",
    "supplier:notices": "200/405", "supplier:answer-notice": "405/404",
}  # fmt: skip
# Open to everybody, without any login: what is of nobody, and answers by a token of their own.
PUBLIC_API = {
    "api:schema", "api:docs", "api:problems", "api:problem", "api:errors", "api:error", "api:survey-answers",
}  # fmt: skip


@pytest.mark.req("PLT-09")
def test_a_suppliers_contact_gets_its_own_pages_and_no_other_address(
    cast: Cast, urls: dict[str, str]
) -> None:
    sue = make_supplier_contact()
    browser = Client(raise_request_exception=False)
    browser.force_login(sue)
    refused = {401, 403, 404, 405}
    wrong = {}
    for name in sorted(addresses(), key=lambda name: name == "accounts:logout"):
        if name in PUBLIC_API:
            continue
        body: dict[str, Any] = (
            {"data": "[]", "content_type": "application/json"} if name.startswith("api:") else {}
        )
        got = browser.get(urls[name]).status_code
        posted = browser.post(urls[name], **body).status_code
        expected = OF_SUPPLIERS.get(name)
        if f"{got}/{posted}" != expected and (expected or not {got, posted} <= refused):
            wrong[name] = f"{got}/{posted}, not {expected or 'refused'}"
    assert wrong == {}


@pytest.mark.req("PLT-09")
def test_a_suppliers_contact_gets_nothing_over_http_with_a_token_either(
    cast: Cast, urls: dict[str, str]
) -> None:
    text = issue_token(make_supplier_contact(), name="x", scope="write", lifetime=None)
    program = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})
    opened = {
        name
        for name in addresses()
        if name.startswith("api:") and name not in PUBLIC_API
        and program.get(urls[name]).status_code not in (403, 404, 405)
    }  # fmt: skip
    assert opened == set()


def test_the_back_office_is_for_administrators_only(cast: Cast) -> None:
    pages = [
        reverse(name, kwargs={w: "accounts" if w == "app_label" else "1" for w in words})
        for name, words in names_of(get_resolver())
        if name.startswith("admin:") and "?" not in name and "logout" not in name and "view_on" not in name
    ]
    assert len(pages) > 20
    browsers = clients(cast)
    opened = {
        f"{url} by {person}"
        for person in PEOPLE
        for url in pages
        if person != "admin" and browsers[person].get(url).status_code == 200
    }
    assert {page for page in opened if "/login/" not in page and "jsi18n" not in page} == set()
    assert browsers["admin"].get("/admin/").status_code == 200
