"""Impact analysis in a browser: the graph by keyboard, and the same in tables."""

import pytest
from playwright.sync_api import expect

from cmdb import services
from cmdb.models import RelationType
from tests.browser.conftest import Visits
from tests.browser.scene import Scene
from tests.cast import MONDAY
from tests.cmdb.made import an_item, relation_type

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.req("CMDB-06")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_graph_is_walked_by_keyboard(visit: Visits, scene: Scene, language: str) -> None:
    cast = scene.cast
    cast.alice.language = language
    cast.alice.save()
    server, app, portal = (an_item(cast, name) for name in ("SRV-1", "APP-1", "PORTAL"))
    kinds: list[RelationType] = [relation_type("runs_on"), relation_type("depends_on")]
    services.relate(app, server, kinds[0], actor=cast.mona.actor, now=MONDAY)
    services.relate(portal, app, kinds[1], actor=cast.mona.actor, now=MONDAY)
    services.name_service(portal, cast.mail, actor=cast.mona.actor, now=MONDAY)
    page = visit(cast.alice)
    page.goto(f"/configuration/{server.number}/impact/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    graph, chosen = page.locator("[data-impact-graph]"), page.locator("[data-graph-chosen]")
    graph.focus()
    for name in ("SRV-1", "APP-1", "PORTAL"):
        page.keyboard.press("ArrowRight")
        expect(chosen).to_contain_text(name)
    for name in ("APP-1", "PORTAL"):
        expect(page.locator("#items")).to_contain_text(name)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/configuration/{portal.number}/")
