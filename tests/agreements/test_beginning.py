"""A new agreement is made on its page, with the party of its kind, and goes on to its first edition."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agreements import beginning
from sla.models import Agreement
from suppliers.models import Supplier
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def begin(cast: Cast, **over: Any) -> Agreement:
    facts = {"kind": "sla", "name_en": "Acme gold", "name_zh": "艾可美金牌", "customer": cast.acme}
    return beginning.begin(**{**facts, **over}, actor=cast.mona.actor)


@pytest.mark.req("SLM-08")
def test_each_kind_of_agreement_has_its_own_party(cast: Cast) -> None:
    line = Supplier.objects.create(code="line", name_en="Line")
    assert begin(cast).code == "acme-gold"
    assert begin(cast).code == "acme-gold-2"
    assert begin(cast, kind="ola", customer=None, team=cast.desk).team == cast.desk
    assert begin(cast, kind="uc", customer=None, supplier=line, code="uc-line").code == "uc-line"
    for wrong, words in (
        ({"kind": "ola"}, "another party"),
        ({"kind": "uc", "customer": None}, "Choose the other party"),
        ({"customer": None}, "a default commitment already"),
        ({"code": "uc-line"}, "taken"),
        ({"name_en": " "}, "name"),
    ):
        with pytest.raises(ValidationError, match=words):
            begin(cast, **wrong)


def test_the_page_leads_on_to_the_first_edition(client: Client, cast: Cast) -> None:
    client.force_login(cast.mona)
    assert "make a new agreement" in client.get("/agreements/new/").content.decode()
    wrong = client.post("/agreements/begin/", {"kind": "ola", "name_en": "Desk"})
    assert (wrong.status_code, "Choose the other party." in wrong.content.decode()) == (422, True)
    made = client.post("/agreements/begin/", {"kind": "sla", "name_en": "Acme", "customer": cast.acme.pk})
    agreement = Agreement.objects.get(name_en="Acme")
    assert made.headers["Location"] == f"/agreements/new/?agreement={agreement.pk}"
    chosen = client.get(made.headers["Location"]).content.decode()
    assert f'<option value="{agreement.pk}" selected>' in chosen
