"""The form designer and what goes with it, as a manager uses it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fulfilment.models import Offering
from tests.cast import Cast
from tests.fulfilment.orders import COLOUR, WHICH, make_offering

ClientOf = Callable[[Any], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"fulfilment:{name}", args=args)


FIELD = {
    "type": "choice",
    "label_en": "Model",
    "label_zh": "型号",
    "choices": "Light | 轻薄\nStrong | 高性能",
}


@pytest.mark.req("REQ-02")
def test_a_manager_designs_an_entry_and_publishes_it(cast: Cast, client_of: ClientOf) -> None:
    mona = client_of(cast.mona)
    begun = {
        "code": "laptop", "name_en": "New laptop", "name_zh": "新电脑", "service": cast.mail.pk,
        "kind": "standard",
    }  # fmt: skip
    assert mona.post(url("offering-new"), begun).status_code == 302
    assert mona.post(url("offering-new"), begun).status_code == 422
    refused = mona.post(url("offering-step", "laptop", "publish"), {"reason": ""})
    assert refused.status_code == 422
    words = {
        "name_en": "New laptop", "name_zh": "新电脑", "what_en": "A laptop.", "what_zh": "笔记本电脑。",
        "price": "5200", "currency": "CNY", "unit_en": "piece", "unit_zh": "台", "priority": "3",
    }  # fmt: skip
    assert mona.post(url("offering-step", "laptop", "words"), words).status_code == 302
    assert mona.post(url("field-new", "laptop"), FIELD).status_code == 302
    why = {
        "type": "text", "label_en": "Why so strong", "label_zh": "理由", "required": "on",
        "when_field": "model", "when_value": "Strong",
    }  # fmt: skip
    assert mona.post(url("field-new", "laptop"), {**why, "when_value": "Blue"}).status_code == 422
    assert mona.post(url("field-new", "laptop"), why).status_code == 302
    task = {"title_en": "Order it", "title_zh": "采购", "order": "1"}
    assert mona.post(url("offering-step", "laptop", "task"), task).status_code == 302
    stage = {"name_en": "Contact", "name_zh": "客户联系人", "rule": "any", "contact": "on"}
    assert mona.post(url("offering-step", "laptop", "stage"), {**stage, "contact": ""}).status_code == 422
    assert mona.post(url("offering-step", "laptop", "stage"), stage).status_code == 302
    page = mona.get(url("offering", "laptop")).content.decode()
    assert 'data-shown-field="q_model" data-shown-value="strong"' in page
    assert mona.post(url("offering-step", "laptop", "publish"), {"reason": "first"}).status_code == 302
    row = Offering.objects.get()
    assert row.present is not None
    assert [one.key for one in row.present.blueprint.fields] == ["model", "why_so_strong"]
    assert (row.present.blueprint.price, len(row.present.blueprint.stages)) == ("5200.00", 1)
    assert "New laptop" in client_of(cast.rita).get(reverse("portal:catalogue")).content.decode()


def test_fields_are_moved_changed_and_taken_out(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR, WHICH])
    mona = client_of(cast.mona)
    mona.post(url("arrange", "chair", "which", "up"))
    assert [one.key for one in Offering.objects.get().drafted.fields] == ["which", "colour"]
    # a condition on a later field is told before it could be published
    assert "no earlier field" in mona.get(url("offering", "chair")).content.decode()
    mona.post(url("arrange", "chair", "which", "down"))
    changed = {
        "type": "choice", "label_en": "Colour", "label_zh": "颜色",
        "choices": "Red | 红\nAnother | 其他\nBlue | 蓝",
    }  # fmt: skip
    assert mona.post(url("field", "chair", "colour"), changed).status_code == 302
    # choices keep their keys, so that the condition on one of them stays true
    assert [c.key for c in Offering.objects.get().drafted.fields[0].choices] == ["red", "other", "blue"]
    mona.post(url("arrange", "chair", "which", "remove"))
    assert [one.key for one in Offering.objects.get().drafted.fields] == ["colour"]


def test_a_pattern_that_could_take_for_ever_is_refused(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    bad = {"type": "text", "label_en": "Number", "label_zh": "编号", "pattern": "(a+)+"}
    assert client_of(cast.mona).post(url("field-new", "chair"), bad).status_code == 422


def test_agents_read_entries_and_change_none(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    alice = client_of(cast.alice)
    assert "New chair" in alice.get(url("offerings")).content.decode()
    assert "Withdraw for good" not in alice.get(url("offering", "chair")).content.decode()
    for name, args in (("offering-step", ("chair", "publish")), ("arrange", ("chair", "x", "up"))):
        assert alice.post(url(name, *args)).status_code == 403
