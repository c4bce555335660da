"""Every number of a page with the list it opens: what the tests of dashboards walk through."""

import html
import re

from django.test import Client

LINK = re.compile(r"<a\b([^>]*)>")
PART = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="load"')
TOTAL = re.compile(r"data-total[^>]*>\s*([\d,]+)")
NEXT = re.compile(r'rel="next" href="([^"]+)"')
ROW = re.compile(r"<tr\b[^>]*\bdata-row\b")
LINE = re.compile(r"<tr data-row><td><a [^>]*\bdata-open>")  # of an indicator: people have rows there too
PAGES = 60  # of one list, before a test gives up


def whole(client: Client, url: str) -> str:
    """A page with the parts it loads after itself."""
    text = read(client, url)
    return text + "".join(read(client, html.unescape(part)) for part in PART.findall(text))


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return str(answer.content.decode())


def numbers(text: str) -> list[tuple[str, int]]:
    """Each address that a number of the page leads to, with the number."""
    found = []
    for inside in LINK.findall(text):
        count, href = re.search(r'data-count="(\d+)"', inside), re.search(r'href="([^"]+)"', inside)
        if count and href:
            found.append((html.unescape(href[1]), int(count[1])))
    return list(dict.fromkeys(found))


def listed(client: Client, url: str) -> int:
    """How many rows a list has, all its pages together; it must say the same number itself."""
    path, rows, said = url.partition("?")[0], 0, None
    for _page in range(PAGES):
        text = read(client, url)
        total = TOTAL.search(text)
        said = int(total[1].replace(",", "")) if total and said is None else said
        rows += len((LINE if path.startswith("/kpis/") else ROW).findall(text))
        following = NEXT.search(text)
        if following is None:
            assert said is None or said == rows, f"{url}: says {said} and shows {rows}"
            return rows
        url = (
            path + html.unescape(following[1])
            if following[1].startswith("?")
            else html.unescape(following[1])
        )
    raise AssertionError(f"{url}: more than {PAGES} pages")
