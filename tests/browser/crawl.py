"""Every page there is, found the way people find it: by following the links of what they may see.

Nothing here names a page. The names come from the URL configuration, and a working address for each from the
demo organisation: its people's pages are read and their links followed until nothing new turns up; what
nobody links to is tried with the numbers that the demo's records have.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

import fulfilment.links
import knowledge.services
from accounts.models import User
from agreements import lifecycle, replays
from agreements.models import Edition
from boards import feed
from catalog.models import Service
from cmdb.models import ItemService
from customers.links import token_of
from customers.models import Invitation
from exports import running, sources
from exports import services as exporting
from fieldwork.models import Appointment
from fulfilment.models.approval import Approval
from incidents.models import Incident
from kpis import engine
from planning import services as planning_services
from planning.models import ServiceLevelRequirement
from processreports import behind, freezing
from processreports.models import ReportEdition
from records import changes
from records.models import Record
from sourcing import purchases
from sourcing.models import Defect
from tests.planning import made as planning
from tests.test_access import addresses, table
from workspace import bulk

# Who reads, in the order in which they are asked: whoever sees a page first is its reader.
READERS = ("agent", "slm", "contact")
DOORS = (
    "/", "/queue/?view=all", "/portal/", "/portal/requests/?show=all", "/accounts/password/done/",
    "/api/v1/docs/", "/api/v1/errors/", "/bulk/",
)  # fmt: skip
LINK = re.compile(r"""\b(?:href|hx-get|action|data-url)=["']([^"'#]+)""")
DAY = timedelta(days=1)
TRIES = 3  # addresses of one name that a reader opens
LEAVING = ("accounts:logout", "set_language")


@dataclass(frozen=True)
class Place:
    """A page: its URL name, who reads it (nobody: ""), where, and the texts it shows to him."""

    name: str
    reader: str
    address: str
    texts: tuple[str, ...]


@dataclass
class Found:
    """What the crawl met: whole pages by name, parts of pages, and names that answered something else."""

    pages: dict[str, Place] = field(default_factory=dict)
    parts: dict[str, Place] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        return {*self.pages, *self.parts, *self.others}


def expected() -> set[str]:
    """Names that the matrix of access says somebody may look at, apart from what answers programs."""
    refusals = {"302", "405", "403", "401"}
    shown = {name for name, row in table().items() if not {got.partition("/")[0] for got in row} <= refusals}
    return {name for name in shown & set(addresses()) if not name.startswith("api:")}


def crawl() -> Found:
    """Read the demo as its readers; what the demo has no example of is made first."""
    with translation.override("zh-hans"):
        made = prepared(timezone.now().replace(microsecond=0))
    found = Found()
    for reader in ("", *READERS):
        doors = DOORS if reader else ("/accounts/login/",)
        _read(browser_of(reader), reader, [*doors, *made.get(reader, ())], found)
    for reader in READERS:
        _try_numbers(browser_of(reader), reader, found)
    return found


def prepared(now: datetime) -> dict[str, list[str]]:
    """Links that come by mail, and records in a state in which the demo has none, by their reader."""
    slm, agent = (User.objects.get(username=name) for name in ("slm", "agent"))
    customer = User.objects.get(username="contact").organisation
    cast: Any = SimpleNamespace(mona=slm, acme=customer, mail=Service.objects.get(code="email"))
    defining, fixed = (_being_defined(cast, now) for _each in range(2))
    planning_services.fix_baseline(fixed, actor=slm.actor, now=now)
    edition = Edition.objects.filter(state=lifecycle.DRAFT).latest("pk")
    replay = replays.ask(edition, now - 30 * DAY, now, actor=slm.actor, now=now)
    solved = Incident.objects.filter(state="closed").exclude(resolution="").latest("pk")
    article = knowledge.services.write_up(solved, actor=agent.actor, now=now)
    chinese = Invitation.objects.filter(person__language="zh-hans")
    opinion = chinese.filter(ticket=None, response=None).latest("pk")
    change = changes.get("reply")
    assert change
    wanted = [(change, change.clean("请看公告。", agent.actor))]
    tickets = bulk.tickets_named([solved.number], agent.actor)
    edit = bulk.prepare(tickets, wanted, actor=agent.actor, now=now)
    by_telephone = Invitation.objects.exclude(ticket=None).filter(response=None).latest("pk")
    approval = Approval.objects.filter(result="").latest("pk")
    published = browser_of("slm").post(reverse("reports:workload-publish"), {"key": str(uuid4())})
    defect, link = Defect.objects.latest("pk"), ItemService.objects.select_related("item").latest("pk")
    bought = _to_be_tendered(agent, now)
    token = feed.make(actor=slm.actor, now=now)
    return {
        "": [
            reverse("boards:ics", args=[token]),
            reverse("customers:answer", args=[token_of(opinion.pk)]),
            reverse("fulfilment:link", args=[fulfilment.links.made_for(approval)]),
        ],
        "agent": [
            *[
                reverse("fieldwork:visit", args=[visit.pk])
                for visit in (
                    Appointment.objects.filter(state="arrived").latest("pk"),
                    Appointment.objects.filter(forms__isnull=False, forms__signed_at=None).latest("pk"),
                )
            ],
            reverse("knowledge:edit", args=[article.number]),
            reverse("customers:collect", args=[by_telephone.pk]),
            reverse("workspace:bulk", args=[edit.pk]),
            f"{reverse('problems:suggest')}?q=ERP",
            f"{reverse('configuration:beside')}?item={link.item_id}",
        ],
        "slm": [
            reverse("planning:part", args=[defining.number, "need"]),
            reverse("planning:sheet", args=[fixed.number, "specification"]),
            reverse("agreements:replay", args=[replay.edition.number, replay.pk]),
            published.headers["Location"],
            reverse("sourcing:defect", args=[defect.record.number, defect.pk]),
            reverse("sourcing:tender", args=[bought.number]),
            reverse("configuration:remove-service", args=[link.item.number, link.pk]),
            *_behind_figures(slm, now),
        ],
    }


def _behind_figures(reader: User, now: datetime) -> list[str]:
    """Rows that stand behind a mean, rows that a report kept, and a finished file of the reader's."""
    mean = next(kpi for kpi in engine.all_kpis() if kpi.parts and kpi.parts[0].amount is not None)
    row = ReportEdition.objects.latest("pk")
    kept = behind.figures(row, found=freezing.content_of(row))
    key = next(figure.key for figure in kept if figure.is_opened)
    source = sources.get("problems")
    assert source
    export, _is_new = exporting.ask(
        source, "", "csv", once="crawl", actor=reader.actor, now=now, language="zh-hans"
    )
    running.run(export.pk)
    return [
        f"{reverse('analysis:amounts')}?{urlencode({'figure': mean.id})}",
        f"{reverse('processreports:rows', args=[row.report.number])}?{urlencode({'figure': key})}",
        reverse("exports:file", args=[export.pk]),
    ]


def _to_be_tendered(agent: User, now: datetime) -> Any:
    """A procurement that was granted and has no supplier yet."""
    made = purchases.ask(
        title="备用交换机", reason="机房 B 无备件。", amount=Decimal(8000), actor=agent.actor, now=now,
        buyer=User.objects.get(username="slm"),
    )  # fmt: skip
    made = purchases.submit(made, actor=agent.actor, now=now)
    for name in ("manager", "slm", "admin"):
        if purchases.missing_approvals(made):
            actor = User.objects.get(username=name).actor
            made = purchases.decide(made, approve=True, comment="同意。", actor=actor, now=now)
    return made


def _being_defined(cast: Any, now: datetime) -> ServiceLevelRequirement:
    actor = cast.mona.actor
    need = planning_services.raise_need(
        title="周末使用邮件", expectation="周末也要能收发邮件。", customer=cast.acme, service=cast.mail,
        actor=actor, now=now,
    )  # fmt: skip
    made = planning_services.define(need, responsible=cast.mona, actor=actor, now=now)
    content = {**planning.CONTENT, "calendar": "office-8x5", "services": ["email"]}
    return planning.amend(cast, made, **content)


def browser_of(reader: str) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    if reader:
        client.force_login(User.objects.get(username=reader))
    return client


def note(found: Found, name: str, reader: str, address: str, response: HttpResponseBase) -> str:
    """Take down what answered at an address; answers the HTML, if it was any."""
    is_html = "html" in response.headers.get("Content-Type", "")
    if response.status_code != 200 or not is_html:
        found.others.add(name)
        return ""
    text: str = response.content.decode()  # type: ignore[attr-defined]
    kept = found.pages if "<html" in text else found.parts
    if name not in kept:
        kept[name] = Place(name, reader, address, tuple(texts_of(text)))
    return text


def _read(client: Client, reader: str, doors: list[str], found: Found) -> None:
    """Follow links breadth first; of each name at most so many addresses."""
    waiting, seen, tried = deque(doors), set(doors), dict[str, int]()
    while waiting:
        address = waiting.popleft()
        name = name_of(address)
        if name is None or name in LEAVING or tried.get(name, 0) >= TRIES:
            continue
        tried[name] = tried.get(name, 0) + 1
        response = client.get(address)
        if response.status_code == 302:
            links = [response.headers["Location"]]
        else:
            links = list(links_of(note(found, name, reader, address, response), address))
        fresh = [link for link in links if link not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def _try_numbers(client: Client, reader: str, found: Found) -> None:
    """Pages that nothing links to at the moment, by every number there is."""
    numbers = list(Record.objects.order_by("kind", "-pk").values_list("number", flat=True))
    values = {"number": numbers, "code": list(Service.objects.values_list("code", flat=True))}
    names = addresses()
    for name in expected() - found.names:
        words = names[name]
        if len(words) == 1 and words[0] in {*values, "item", "pk", "version"}:
            for value in values.get(words[0], range(1, 30)):
                address = reverse(name, kwargs={words[0]: value})
                response = client.get(address)
                if response.status_code == 200:
                    note(found, name, reader, address, response)
                    break


def links_of(text: str, address: str) -> Iterator[str]:
    for link in LINK.findall(text):
        target = urljoin(address, unescape(link))
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and "{" not in target:
            yield target


def name_of(address: str) -> str | None:
    """The URL name of an address of ours; none of the back office's."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    name = match.view_name
    return name if match.url_name and not name.startswith("admin:") else None


# What is no text of ours in the reader's language: programs, samples of code, what somebody typed.
SILENT = {"script", "style", "noscript", "textarea", "pre", "code", "kbd", "svg", "template"}
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SPOKEN = ("title", "aria-label", "placeholder", "data-confirm", "alt")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.stack: list[tuple[str, bool]] = []

    @property
    def is_silent(self) -> bool:
        return any(silent for _tag, silent in self.stack)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in SILENT or (tag != "html" and "lang" in given) or "data-as-written" in given
        if not silent and not self.is_silent:
            self.texts += [value for name in SPOKEN if (value := given.get(name))]
        if tag not in EMPTY:
            self.stack.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        open_tags = [name for name, _silent in self.stack]
        if tag in open_tags:
            del self.stack[len(open_tags) - 1 - open_tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self.is_silent and (text := " ".join(data.split())):
            self.texts.append(text)


def texts_of(html: str) -> list[str]:
    """Every text a page holds, shown, read out or shown on hover, each once."""
    parser = _Texts()
    parser.feed(html)
    return list(dict.fromkeys(parser.texts))
