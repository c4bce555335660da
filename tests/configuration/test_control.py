"""Control with real changes: a draft gives no right, an approved one does to whoever carries it out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cmdb.models import Alteration
from tests.cast import Cast
from tests.changes.making import approved, begun, carried_out, make_change, make_item, verified

ClientOf = Callable[[Any], Client]


def posted(item: Any, **over: Any) -> dict[str, Any]:
    return {
        "name": item.name,
        "state": item.state,
        "revision": item.revision,
        "version": item.version,
        **over,
    }


@pytest.mark.req("CMDB-05", "CHG-11")
def test_a_draft_gives_no_right_and_an_approved_change_does(cast: Cast, client_of: ClientOf) -> None:
    item, other = make_item(cast), make_item(cast, "mail-02")
    draft, change = make_change(cast, items=[item]), approved(cast, items=[item])
    browser = client_of(cast.sven)
    url = f"/configuration/{item.number}/edit/"
    refused = browser.post(url, posted(item, revision="2.4", change=draft.number))
    assert refused.status_code == 403  # an agent without an approved change
    wrong = browser.post(
        f"/configuration/{other.number}/edit/", posted(other, revision="2.4", change=change.number)
    )
    assert wrong.status_code == 403
    manager = client_of(cast.mona).post(url, posted(item, revision="2.4", change=draft.number))
    assert f"{draft.number} is not approved" in manager.content.decode()
    assert browser.post(url, posted(item, revision="2.4", change=change.number)).status_code == 302
    item.refresh_from_db()
    assert item.revision == "2.4"
    rows = (
        Alteration.objects.filter(item=item).order_by("pk").values_list("is_refused", "refusal", "authority")
    )
    assert list(rows) == [
        (True, "not_permitted", draft.number),
        (True, "not_approved", draft.number),
        (False, "", change.number),
    ]
    page = browser.get(f"/configuration/{item.number}/").content.decode()
    assert change.number in page


@pytest.mark.req("CMDB-05")
def test_a_change_that_is_done_gives_no_right_any_more(cast: Cast, client_of: ClientOf) -> None:
    item = make_item(cast)
    change = verified(cast, carried_out(cast, begun(cast, items=[item])))
    refused = client_of(cast.mona).post(
        f"/configuration/{item.number}/edit/", posted(item, revision="9", change=change.number)
    )
    assert refused.status_code == 422
    assert f"{change.number} is not approved" in refused.content.decode()
