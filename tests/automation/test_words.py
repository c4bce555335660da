"""Reply templates and macros: safe placeholders, the requester's language, told before, done in one piece."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

import records.services
from accounts.access import Denied
from accounts.models import Grant, User
from automation import filling, placeholders, services
from automation.models import Macro, ReplyTemplate
from incidents.models import Incident
from records import changes
from records.models import Activity
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]


def make_template(cast: Cast, **over: Any) -> ReplyTemplate:
    facts = {
        "name_en": "Received", "name_zh": "已收到",
        "text_en": "Dear {{requester.name}}, we have {{ticket.number}}.",
        "text_zh": "{{requester.name}}您好，{{ ticket.number }}已受理。",
        **over,
    }  # fmt: skip
    return services.save_template(None, facts, actor=cast.mona.actor, now=MONDAY)


def make_macro(cast: Cast, **over: Any) -> Macro:
    facts = {
        "name_en": "To the experts",
        "is_own": True,
        "steps": [
            {"change": "team", "value": cast.second.pk},
            {"change": "priority", "value": {"priority": 1, "reason": "the board"}},
            {"change": "note", "value": "Please look."},
        ],
        **over,
    }
    return services.save_macro(None, facts, actor=cast.alice.actor, now=MONDAY)


# --- placeholders --------------------------------------------------------------------------------


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(placeholders.NAMES), st.text(max_size=40)))
def test_what_is_filled_in_is_never_read_for_placeholders_again(text: str, values: dict[str, str]) -> None:
    once = placeholders.filled(text, values)
    if not placeholders.used(text):
        assert once == text
    echo = dict.fromkeys(placeholders.NAMES, "{{ticket.title}}")
    assert placeholders.filled("{{due}}", echo) == "{{ticket.title}}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ticket.__class__}}",
        "{{requester.password}}",
        "{{ x }}",
        "{{settings.SECRET_KEY}}",
        "{{due|safe}}",
        "{{}}",
    ],
)
def test_a_placeholder_there_is_none_of_is_refused_by_name_with_the_allowed_ones(
    text: str, cast: Cast
) -> None:
    with pytest.raises(ValidationError) as error:
        make_template(cast, text_en=text)
    words = error.value.message_dict["text_en"][0]
    assert text.replace(" ", "") in words
    assert "{{ticket.number}}" in words
    assert not ReplyTemplate.objects.exists()


@pytest.mark.parametrize("text", ["{{ticket.number}", "{{", "a }} b", "{{ticket.\nnumber}}"])
def test_a_placeholder_that_is_not_closed_is_refused(text: str, cast: Cast) -> None:
    with pytest.raises(ValidationError) as error:
        make_template(cast, text_zh=text)
    assert "text_zh" in error.value.message_dict


def test_tags_of_a_template_language_are_only_words(cast: Cast) -> None:
    template = make_template(cast, text_en="{% load x %} <b>{{ticket.title}}</b>", text_zh="")
    ticket = make_incident(cast, title="{{due}} <script>")
    text = filling.text_of(template, ticket, actor=cast.alice.actor, now=MONDAY)
    assert text == "{% load x %} <b>{{due}} <script></b>"


def test_every_placeholder_has_a_value_and_a_meaning_in_both_languages(cast: Cast) -> None:
    every = "|".join(f"{{{{{name}}}}}" for name in placeholders.NAMES)
    template, ticket = make_template(cast, text_en=every, text_zh=every), make_incident(cast)
    assert set(filling.MEANINGS) == set(placeholders.NAMES)
    for language in ("en", "zh-hans"):
        text = filling.text_of(template, ticket, actor=cast.alice.actor, now=MONDAY, language=language)
        assert "{{" not in text
        assert all(part for part in text.split("|"))


def test_the_requesters_language_comes_first(cast: Cast) -> None:
    template, ticket = make_template(cast), make_incident(cast)
    actor = cast.alice.actor
    assert filling.text_of(template, ticket, actor=actor, now=MONDAY).startswith("Dear Rita")
    User.objects.filter(pk=cast.rita.pk).update(language="zh-hans")
    again = Incident.objects.get(pk=ticket.pk)
    assert filling.text_of(template, again, actor=actor, now=MONDAY).startswith("Rita您好")


# --- macros --------------------------------------------------------------------------------------


def test_a_macro_does_all_its_changes_and_its_reply_in_one_piece(cast: Cast) -> None:
    macro, ticket = make_macro(cast, template=make_template(cast)), make_incident(cast)
    lines = services.use_macro(
        macro, ticket, actor=cast.alice.actor, now=MONDAY, expected_version=ticket.version, text="Hello"
    )
    assert [line.refused for line in lines] == ["", "", ""]
    ticket.refresh_from_db()
    assert (ticket.team, ticket.priority) == (cast.second, 1)
    verbs = list(ticket.activities.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["record.replied", "automation.macro"]
    assert ticket.activities.get(verb="record.replied").text == "Hello"


def test_a_ticket_that_was_saved_meanwhile_is_not_changed(cast: Cast) -> None:
    macro, ticket = make_macro(cast), make_incident(cast)
    records.services.comment(ticket, text="x", is_public=False, actor=cast.bob.actor, now=MONDAY)
    rows = Activity.objects.count()
    with pytest.raises(records.services.Stale):
        services.use_macro(macro, ticket, actor=cast.alice.actor, now=MONDAY, expected_version=ticket.version)
    assert Activity.objects.count() == rows


def test_what_cannot_be_done_is_skipped_and_said_and_nothing_at_all_is_an_error(cast: Cast) -> None:
    ticket = make_incident(cast, team=cast.second)
    only = make_macro(cast, steps=[{"change": "team", "value": cast.second.pk}])
    with pytest.raises(ValidationError, match="so already"):
        services.use_macro(only, ticket, actor=cast.alice.actor, now=MONDAY)
    both = make_macro(cast)
    lines = services.use_macro(both, ticket, actor=cast.alice.actor, now=MONDAY)
    assert [line.is_so for line in lines] == [True, False, False]


def test_a_step_that_does_not_fit_is_named_when_the_macro_is_saved(cast: Cast) -> None:
    wrong = [
        {"change": "team", "value": cast.second.pk},
        {"change": "priority", "value": {"priority": 9, "reason": ""}},
        {"change": "no-such", "value": 1},
        {"change": "macro", "value": 1},
    ]
    with pytest.raises(ValidationError) as error:
        make_macro(cast, steps=wrong)
    said = " ".join(error.value.message_dict["steps"])
    assert all(f"Step {n}" in said for n in (2, 3, 4))
    assert "Step 1" not in said
    for raw in ("x", [1], {"change": "team"}, [{"change": "team", "value": "0' OR 1=1"}]):
        with pytest.raises(ValidationError):
            make_macro(cast, steps=raw)


def test_a_personal_macro_is_nobody_elses_and_a_shared_one_is_kept_by_managers(cast: Cast) -> None:
    own = make_macro(cast)
    assert not Macro.objects.usable_by(cast.bob.actor).exists()
    assert not Macro.objects.visible_to(cast.mona.actor).exists()
    with pytest.raises(Denied):
        services.use_macro(own, make_incident(cast), actor=cast.bob.actor, now=MONDAY)
    with pytest.raises(Denied):
        make_macro(cast, is_own=False)
    shared = services.save_macro(
        None, {"name_en": "All", "is_own": False, "team": cast.desk, "steps": own.steps},
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    assert Macro.objects.usable_by(cast.bob.actor).get() == shared
    assert not Macro.objects.usable_by(cast.sven.actor).exists()
    with pytest.raises(Denied):
        services.save_macro(shared, {"name_en": "Mine"}, actor=cast.bob.actor, now=MONDAY)


def test_an_agent_of_another_customer_cannot_use_a_macro_here(cast: Cast, client_of: ClientOf) -> None:
    macro, ticket = make_macro(cast), make_incident(cast)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    far = client_of(cast.alice)
    assert far.get(macro.url_for(ticket)).status_code == 404
    assert far.post(macro.url_for(ticket), {"version": 1}).status_code == 404
    with pytest.raises(Denied):
        services.use_macro(macro, ticket, actor=User.objects.get(pk=cast.alice.pk).actor, now=MONDAY)


def test_a_macro_is_a_change_for_several_tickets(cast: Cast) -> None:
    macro, ticket = make_macro(cast), make_incident(cast)
    change = changes.get("macro")
    assert change is not None
    value = change.clean(macro.pk, cast.alice.actor)
    assert "Mail experts" in change.preview(ticket, value, actor=cast.alice.actor, now=MONDAY).after
    change.apply(ticket, value, actor=cast.alice.actor, now=MONDAY)
    ticket.refresh_from_db()
    assert ticket.team == cast.second


def test_a_team_is_told_by_a_notice_each_member_once(cast: Cast) -> None:
    ticket, change = make_incident(cast), changes.get("notice")
    assert change is not None
    value = change.clean({"team": cast.second.pk, "person": "", "text": "Look"}, cast.alice.actor)
    change.apply(ticket, value, actor=cast.alice.actor, now=MONDAY)
    told = ticket.activities.get(verb="automation.told")
    assert not told.is_public
    assert set(told.deliveries.values_list("recipient__username", flat=True)) == {"sven"}
    with pytest.raises(ValidationError):
        change.clean({"team": "", "person": "", "text": "Look"}, cast.alice.actor)


# --- pages ---------------------------------------------------------------------------------------


def test_a_macro_is_made_and_used_by_its_pages(cast: Cast, client_of: ClientOf) -> None:
    browser, ticket = client_of(cast.alice), make_incident(cast)
    sent = {
        "name_en": "Quick", "name_zh": "", "reach": "own", "template": "", "is_active": "on",
        "s0-order": "20", "s0-change": "note", "s0-value": "Seen.",
        "s1-order": "10", "s1-change": "team", "s1-value": str(cast.second.pk),
        "s2-order": "30", "s2-change": "",
    }  # fmt: skip
    assert browser.post(reverse("automation:new-macro"), sent).status_code == 302
    macro = Macro.objects.get()
    assert [step["change"] for step in macro.steps] == ["team", "note"]
    assert "Quick" in browser.get(reverse("automation:choose", args=[ticket.number])).content.decode()
    page = browser.get(macro.url_for(ticket)).content.decode()
    assert "Service desk → Mail experts" in page
    assert browser.post(macro.url_for(ticket), {"version": ticket.version}).status_code == 302
    again = browser.post(macro.url_for(ticket), {"version": ticket.version})
    assert again.status_code == 409
    assert "changed meanwhile" in again.content.decode()
    wrong = browser.post(reverse("automation:new-macro"), {**sent, "s1-value": "999999"})
    assert wrong.status_code == 422


def test_texts_are_offered_filled_in_and_escaped(cast: Cast, client_of: ClientOf) -> None:
    make_template(cast, text_en="<b>{{ticket.title}}</b>")
    ticket = make_incident(cast, title='"><script>x</script>')
    page = client_of(cast.alice).get(reverse("automation:replies", args=[ticket.number])).content.decode()
    assert "<script>x" not in page
    assert "&lt;b&gt;&quot;&gt;&lt;script&gt;" in page


def test_a_template_is_tried_before_it_is_saved(cast: Cast, client_of: ClientOf) -> None:
    browser, ticket = client_of(cast.mona), make_incident(cast)
    sent = {
        "name_en": "R",
        "text_en": "Hi {{requester.name}}",
        "kinds": ["incident"],
        "number": ticket.number,
    }
    page = browser.post(reverse("automation:new-template"), {**sent, "do": "try"})
    assert page.status_code == 200
    assert "Hi Rita" in page.content.decode()
    assert not ReplyTemplate.objects.exists()
    bad = browser.post(reverse("automation:new-template"), {**sent, "text_en": "{{secret}}", "do": "save"})
    assert bad.status_code == 422
    assert "{{secret}}" in bad.content.decode()
    assert browser.post(reverse("automation:new-template"), {**sent, "do": "save"}).status_code == 302
    row = ReplyTemplate.objects.get()
    page = browser.post(row.get_absolute_url(), {**sent, "do": "save", "version": 7})
    assert page.status_code == 422
