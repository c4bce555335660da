"""What people and programs ask for, through the whole of Django: middleware, views, templates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Token, User
from accounts.services import issue_token
from benchmarks import reporting
from benchmarks.words import RARE
from records import keyset
from records.models import Record

DEEP = 200  # the page that counts as deep


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


@dataclass
class Visit:
    """The readers of a loaded database, logged in, and the addresses they open."""

    agent: Client = field(default_factory=browser)
    manager: Client = field(default_factory=browser)
    customer: Client = field(default_factory=browser)
    api: Client = field(default_factory=browser)
    token: str = ""
    made: int = 0

    @classmethod
    def begin(cls) -> "Visit":
        settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
        visit = cls()
        agent, manager = User.objects.get(username="bench-0"), User.objects.get(username="bench-1")
        visit.agent.force_login(agent)
        visit.manager.force_login(manager)
        visit.customer.force_login(busiest_customer())
        Token.objects.filter(user=agent, name="benchmark").delete()
        visit.token = issue_token(agent, name="benchmark", scope="write", lifetime=timedelta(days=1))
        return visit

    def page(self, client: Client, url: str) -> None:
        response = client.get(url)
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")

    def read_api(self, url: str) -> None:
        response = self.api.get(url, headers={"Authorization": f"Bearer {self.token}"})
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}: {response.content[:300]!r}")

    def create(self) -> None:
        """Log an incident by the API, as a monitoring system would."""
        self.made += 1
        customer = Organisation.objects.get(code=f"customer-{10 + self.made % 100}")
        requester = customer.users.order_by("pk").first()
        body = {
            "title": f"Disk of host {self.made} nearly full", "description": "91 % used. 磁盘空间不足。",
            "customer": customer.code, "requester": requester.username if requester else "",
            "service": f"service-{self.made % 30}", "impact": 2, "urgency": 2,
        }  # fmt: skip
        response = self.api.post(
            reverse("api:incidents-list"), body, content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        if response.status_code != 201:
            raise RuntimeError(f"creating answered {response.status_code}: {response.content[:500]!r}")


def deep_queue_url() -> str:
    """The address of the deep page of all open tickets, or of the last one if there are fewer."""
    rows = Record.objects.open().order_by(keyset.DUE.expression(), "pk")
    place = min((DEEP - 1) * 50, max(rows.count() - 51, 0))
    row = rows[place : place + 1].get()
    cursor = keyset._cursor(row, keyset.ORDERS["due"])
    return f"{reverse('records:queue')}?{urlencode({'view': 'all', 'after': cursor})}"


def ticket_number() -> str:
    """An open ticket with the longest log there is in its neighbourhood."""
    newest = Record.objects.aggregate(newest=Max("pk"))["newest"]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.number FROM records_record r JOIN records_activity a ON a.record_id = r.id
               WHERE r.phase <> 'done' AND r.id > %s GROUP BY r.id ORDER BY count(*) DESC LIMIT 1""",
            [newest - 5000],
        )
        number: str = cursor.fetchone()[0]
    return number


def busiest_customer() -> User:
    """Somebody of the customer with the most open tickets, with the most of their own."""
    open_ones = Record.objects.open().values("customer").annotate(n=Count("pk")).order_by("-n", "customer")
    busiest = open_ones[0]["customer"]
    people = Record.objects.filter(customer=busiest).values("requester").annotate(n=Count("pk"))
    return User.objects.get(pk=people.order_by("-n", "requester")[0]["requester"])


def find(visit: Visit, text: str) -> Callable[[], None]:
    url = f"{reverse('records:search')}?{urlencode({'q': text})}"
    return lambda: visit.page(visit.agent, url)


def month(visit: Visit, name: str, *args: str) -> Callable[[], None]:
    """A manager's page over the last full month."""
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    period = {"from": first.isoformat(), "to": last.isoformat(), "month": f"{first:%Y-%m}"}
    return lambda: visit.page(visit.manager, f"{reverse(name, args=args)}?{urlencode(period)}")


def works() -> dict[str, Callable[[], None]]:
    """What can be measured, by name. "empty" is the unit: a page with the frame and nothing in it."""
    visit = Visit.begin()
    queue = reverse("records:queue")
    numbers: dict[str, str] = {}

    def ticket() -> None:
        number = numbers.setdefault("ticket", ticket_number())
        visit.page(visit.agent, reverse("incidents:detail", args=[number]))

    def deep() -> None:
        visit.page(visit.agent, numbers.setdefault("deep", deep_queue_url()))

    return {
        "empty": lambda: visit.page(visit.agent, reverse("records:search")),
        "queue": lambda: visit.page(visit.agent, f"{queue}?view=all"),
        "queue_mine": lambda: visit.page(visit.agent, f"{queue}?view=team"),
        "queue_deep": deep,
        "ticket": ticket,
        "search_en_common": find(visit, "printer"),
        "search_en_rare": find(visit, RARE[0].split()[0]),
        "search_zh_common": find(visit, "打印机"),
        "search_zh_rare": find(visit, RARE[1][:3]),
        "search_two_words": find(visit, "printer warehouse"),
        "portal": lambda: visit.page(visit.customer, reverse("portal:home")),
        "portal_list": lambda: visit.page(visit.customer, reverse("portal:list")),
        "dashboard": month(visit, "reports:dashboard"),
        "desk": month(visit, "reports:desk"),
        "management": month(visit, "dashboards:management"),
        "process": month(visit, "dashboards:process", "incident-management"),
        "indicators": month(visit, "kpis:list"),
        "indicator": month(visit, "kpis:detail", "X22"),
        "parties": month(visit, "reports:parties"),
        "misses": month(visit, "reports:breaches"),
        "standing": month(visit, "levels:list"),
        "api_list": lambda: visit.read_api(reverse("api:incidents-list")),
        "create": visit.create,
        **reporting.works(),
    }
