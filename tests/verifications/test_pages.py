"""The pages of imports, baselines and audits."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from cmdb import services as register
from cmdb.models import Item, ItemType
from tests.cast import Cast
from tests.verifications.test_audits import approved, checked, drawn, planned, some
from tests.verifications.test_baselines import take
from tests.verifications.test_imports import make_item, make_type, previewed
from tests.verifications.test_reading import workbook
from verifications import audits, running
from verifications.models import AuditDifference, AuditEntry, Baseline, ItemAudit, ItemImport

ClientOf = Callable[[User], Client]


@pytest.fixture
def server(db: None) -> ItemType:
    return make_type()


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- imports ----------------------------------------------------------------------------------


def send(client: Client, kind: ItemType, raw: bytes, name: str = "items.csv", **more: Any) -> Any:
    file = SimpleUploadedFile(name, raw)
    return client.post("/item-imports/new/", {"item_type": kind.pk, "file": file, **more})


def lay(job: ItemImport, *targets: str, **more: Any) -> dict[str, Any]:
    return {**{f"column-{n}": target for n, target in enumerate(targets)}, **more}


def test_a_file_is_read_laid_previewed_and_carried_out(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    there = make_item(cast, server, "web-1", attributes={"serial": "SN1", "ram": 32})
    client = client_of(cast.mona)
    raw = "主机,Serial number,内存(GB)\nweb-1,SN1,64\nweb-2,SN2,=A1\nweb-3,SN3,16\n".encode("gbk")
    assert send(client, server, raw).status_code == 302
    job = ItemImport.objects.get()
    assert job.laid == ["", "attributes.serial", ""]
    page = text_of(client.get(job.get_absolute_url()))
    assert "GB18030" in page
    assert "such as “web-1”" in page
    wish = lay(
        job, "name", "attributes.serial", "attributes.ram", match="attributes.serial", customer=cast.acme.pk
    )
    assert client.post(f"{job.get_absolute_url()}preview/", wish).status_code == 302
    page = text_of(client.get(job.get_absolute_url()))
    assert "内存(GB): The cell holds a formula; put its value there instead." in page
    assert "Memory 32 → 64" in page
    assert Item.objects.filter(type=server).count() == 1
    client.post(f"{job.get_absolute_url()}confirm/")
    there.refresh_from_db()
    assert there.attributes["ram"] == 64
    assert Item.objects.get(name="web-3").customer == cast.acme
    page = text_of(client.get(f"{job.get_absolute_url()}?show=added"))
    assert "web-3" in page
    assert "web-1" not in page.partition("Lines")[2].partition("Before")[2]


def test_a_second_run_says_that_everything_is_so_already(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    make_item(cast, server, "web-1", site="Hall 1")
    job = previewed(cast, server, "name,customer,site\nweb-1,acme,Hall 1\n", match="name")
    client = client_of(cast.mona)
    page = text_of(client.get(job.get_absolute_url()))
    assert "Everything in this file is so already. There is nothing to change." in page
    client.post(f"{job.get_absolute_url()}confirm/")
    assert "Nothing was changed." in text_of(client.get(job.get_absolute_url()))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"  \n ", "The file is empty."),
        (b"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls), or one with a password."),
        (b"name\n\xff\xff\n", "The file&#x27;s encoding is not known (line 2)."),
        (b"name,name\nx,y\n", "The column “name” is there twice"),
        (b"PK\x03\x04", "This Excel file cannot be read"),
        (b"name\n" + b"x\n" * 10_001, "The file has too many lines: at most 10000; divide it."),
        (b"x" * (10 * 2**20 + 1), "The file is too large: at most 10 MB."),
    ],
    ids=["nothing", "blank", "xls", "bytes", "twice", "broken", "long", "large"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    cast: Cast, server: ItemType, client_of: ClientOf, raw: bytes, words: str
) -> None:
    answer = send(client_of(cast.mona), server, raw)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ItemImport.objects.exists()


def test_an_excel_file_is_read_and_an_encoding_may_be_chosen(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    client = client_of(cast.mona)
    send(client, server, workbook(["名称", "内存"], ["路由器", 8]), "列表.xlsx")
    job = ItemImport.objects.get()
    assert (job.laid, job.sheet_name) == (["name", "attributes.ram"], "Sheet")
    answer = send(client, server, "name\n臺灣\n".encode("big5"), encoding="big5hkscs")
    assert answer.status_code == 302
    assert ItemImport.objects.latest("pk").rows[0][1] == ["臺灣"]


def test_a_mistake_in_how_columns_are_laid_comes_back_with_what_was_chosen(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    client = client_of(cast.mona)
    send(client, server, b"a,b\nx,y\n")
    job = ItemImport.objects.get()
    answer = client.post(f"{job.get_absolute_url()}preview/", lay(job, "site", "site", match="name"))
    assert answer.status_code == 422
    assert "“Site” is chosen for two columns." in text_of(answer)
    answer = client.post(
        f"{job.get_absolute_url()}preview/", lay(job, "name", "site", match="name", authority="CHG1")
    )
    assert "There is no change CHG1." in text_of(answer)


def test_the_result_is_a_table_no_spreadsheet_takes_for_formulas(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    raw = b"name,customer,site\n+web,acme,@home\nother,nobody,-\n"
    client = client_of(cast.mona)
    send(client, server, raw)
    job = ItemImport.objects.get()
    client.post(f"{job.get_absolute_url()}preview/", lay(job, "name", "customer", "site", match="name"))
    client.post(f"{job.get_absolute_url()}confirm/")
    answer: Any = client.get(f"{job.get_absolute_url()}results.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == [
        "Line of the file", "name", "customer", "site", "Outcome", "Configuration item", "Changes", "Reason",
    ]  # fmt: skip
    assert rows[1][:5] == ["2", "'+web", "acme", "'@home", "Added"]
    assert rows[1][5] == Item.objects.get(name="+web").number
    assert rows[2][4:] == [
        "Refused",
        "",
        rows[2][6],
        "customer: “nobody” is none of the known values: Acme, Globex.",
    ]


def test_a_long_import_shows_its_progress_and_can_be_stopped(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    rows = "".join(f"web-{n},acme\n" for n in range(30))
    job = previewed(cast, server, f"name,customer\n{rows}", match="name")
    client = client_of(cast.mona)
    client.post(f"{job.get_absolute_url()}confirm/")
    running.run(job.pk, seconds=0)
    part = client.get(
        job.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "section#import-progress"}
    )
    assert "1 of 30 lines" in text_of(part)
    client.post(f"{job.get_absolute_url()}cancel/")
    part = client.get(
        job.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "section#import-progress"}
    )
    assert part.headers["HX-Refresh"] == "true"
    assert Item.objects.filter(type=server).count() == 1
    again = client.post(f"{job.get_absolute_url()}confirm/", follow=True)
    assert "This was decided before" in text_of(again)


def test_an_import_is_its_makers_and_every_customers_secret(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    job = previewed(cast, server, "name,customer\nweb,acme\n", match="name")
    assert client_of(cast.alice).get(job.get_absolute_url()).status_code == 404
    assert client_of(cast.admin).get(job.get_absolute_url()).status_code == 200
    assert client_of(cast.admin).post(f"{job.get_absolute_url()}confirm/").status_code == 403
    assert client_of(cast.carla).get(job.get_absolute_url()).status_code in (302, 403)


# --- baselines --------------------------------------------------------------------------------


@pytest.mark.req("CMDB-13")
def test_a_baseline_is_taken_and_compared_on_its_pages(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    web = make_item(cast, server, "web", attributes={"ram": 64})
    client = client_of(cast.mona)
    wish = {"name_en": "Before the move", "name_zh": "搬迁前", "types": [server.pk]}
    assert client.post("/baselines/new/", wish).status_code == 302
    baseline = Baseline.objects.get()
    page = text_of(client.get(baseline.get_absolute_url()))
    assert "types: Server" in page
    assert "Memory 64" in page
    url = f"{baseline.get_absolute_url()}compare/"
    assert "Nothing is otherwise." in text_of(client.get(url))
    register.alter_item(web, {"attributes": {"ram": 128}}, actor=cast.mona.actor, now=timezone.now())
    make_item(cast, server, "new-web")
    page = text_of(client.get(url))
    assert "Memory 64 → 128" in page
    assert "new-web" in page
    other = take(cast, types=[server])
    page = text_of(client.get(f"{url}?with={other.pk}"))
    assert "From “Before the move” to “Before the move”" in page
    assert "Memory 64 → 128" in page
    assert client.get(f"{url}?with=x").status_code == 404
    assert client.get(f"{url}?with={2**70}").status_code == 404


def test_a_baseline_of_nothing_is_refused_with_what_was_entered(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    client = client_of(cast.mona)
    answer = client.post("/baselines/new/", {"name_en": "Empty", "types": [server.pk]})
    assert answer.status_code == 422
    assert "There is no item of this scope." in text_of(answer)
    answer = client.post("/baselines/new/", {"name_en": "Strange", "items": "SRV1, $$"})
    assert "“$$” is no number of an item." in text_of(answer)


# --- audits -----------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_an_audit_is_planned_drawn_checked_concluded_and_approved_on_its_pages(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    some(cast, server, 2, owner=cast.bob)
    mona, alice = client_of(cast.mona), client_of(cast.alice)
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    wish = {
        "title": "Servers",
        "auditor": cast.alice.pk,
        "planned_on": day,
        "sample": "every",
        "types": [server.pk],
    }
    answer = mona.post("/item-audits/new/", {**wish, "auditor": cast.bob.pk})
    assert answer.status_code == 422
    assert "Bob owns items of this scope" in text_of(answer)
    assert mona.post("/item-audits/new/", wish).status_code == 302
    audit = ItemAudit.objects.get()
    url = f"/item-audits/{audit.number}/"
    assert "Draw the sample" not in text_of(mona.get(url))
    alice.post(f"{url}draw/")
    page = text_of(alice.get(url))
    assert "2 of 2 items" in page
    answer = alice.post(f"{url}items/1/", {"result": "differs", "found-revision": "2.0"})
    assert answer.headers["Location"] == f"{url}items/2/"
    answer = alice.post(f"{url}items/2/", {"result": "differs", "found-attributes.ram": "much"})
    assert answer.status_code == 422
    assert "“much” is no number." in text_of(answer)
    alice.post(f"{url}items/2/", {"result": "agrees"})
    alice.post(f"{url}conclude/", {"conclusion": "One differs."})
    assert "Approve the report" not in text_of(alice.get(url))
    due = (timezone.localdate() + timedelta(days=7)).isoformat()
    mona.post(f"{url}approve/", {"due_on": due})
    audit.refresh_from_db()
    assert audit.state == "approved"
    page = text_of(mona.get(url))
    assert "ACT00" in page
    assert "Revision 1.0 → 2.0" in page
    entry = AuditEntry.objects.get(audit=audit, result="differs")
    row = entry.differences.get()
    correct = f"{url}items/1/differences/{row.pk}/"
    assert mona.post(correct, {"remark": ""}).status_code == 422
    mona.post(correct, {"remark": "Entered by a change."})
    assert "Entered by a change." in text_of(mona.get(f"{url}items/1/"))
    assert AuditDifference.objects.get().corrected_by == cast.mona


@pytest.mark.req("CMDB-03")
def test_every_figure_of_the_report_opens_its_list(cast: Cast, server: ItemType, client_of: ClientOf) -> None:
    audit = approved(cast, server)
    client = client_of(cast.mona)
    page = client.get(f"/item-audits/{audit.number}/report/").content.decode()
    cards = re.findall(r'class="figure-card" href="([^"]+)".*?figure-value[^>]*>(\d+)<', page, re.DOTALL)
    assert [n for _url, n in cards] == ["1", "1", "1", "1", "1"]
    for url, n in cards:
        listed = client.get(url.partition("#")[0]).context["lines"]
        assert len(listed) == int(n), url


def test_the_auditor_may_say_that_a_difference_had_its_change_and_the_item_shows_its_audits(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    item = some(cast, server, 1)[0]
    audit = drawn(cast, server)
    alice = client_of(cast.alice)
    url = f"/item-audits/{audit.number}/items/1/"
    assert (
        "Audits" not in text_of(alice.get(f"/configuration/{item.number}/")).partition("Register audits")[2]
    )
    wish = {"result": "differs", "found-revision": "2.0"}
    alice.post(url, {**wish, "is_unauthorised": "no"})
    entry = AuditEntry.objects.get(audit=audit)
    assert (entry.result, entry.is_unauthorised) == ("differs", False)
    alice.post(url, wish)
    entry.refresh_from_db()
    assert entry.is_unauthorised
    page = text_of(alice.get(f"/configuration/{item.number}/"))
    assert f"{audit.number} Differs" in page


def test_something_listed_by_mistake_is_removed_and_a_report_sent_back(
    cast: Cast, server: ItemType, client_of: ClientOf
) -> None:
    audit = checked(cast, server)
    alice = client_of(cast.alice)
    extra = audit.entries.get(result="unregistered")
    alice.post(f"/item-audits/{audit.number}/items/{extra.position}/remove/")
    assert not audit.entries.filter(result="unregistered").exists()
    alice.post(f"/item-audits/{audit.number}/unregistered/", {"name": "Box", "note": "Hall 3"})
    assert audit.entries.filter(name="Box").exists()
    audits.conclude(audit, conclusion="Done.", actor=cast.alice.actor, now=timezone.now())
    client_of(cast.mona).post(f"/item-audits/{audit.number}/return/", {"reason": "Look again."})
    audit.refresh_from_db()
    assert audit.state == "running"


def test_pages_read_in_chinese_and_of_audits_with_many_items_ask_few_questions(
    cast: Cast, server: ItemType, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    some(cast, server, 40)
    audit = drawn(cast, server)
    planned(cast, server)
    client = client_of(cast.mona)
    cast.mona.language = "zh-hans"
    cast.mona.save()
    with translation.override("zh-hans"), django_assert_max_num_queries(40):
        assert client.get(f"/item-audits/{audit.number}/").status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get("/item-audits/").status_code == 200


def test_customers_meet_none_of_these_pages(cast: Cast, server: ItemType, client_of: ClientOf) -> None:
    some(cast, server, 1)
    audit, baseline = planned(cast, server), take(cast, types=[server])
    client = client_of(cast.carla)
    for url in (
        "/item-audits/",
        f"/item-audits/{audit.number}/",
        baseline.get_absolute_url(),
        "/item-imports/",
    ):
        assert client.get(url).status_code in (302, 403, 404)
