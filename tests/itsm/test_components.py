"""Every component renders from its documented inputs and escapes what people typed."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils.safestring import mark_safe

AT = datetime(2026, 11, 20, 13, 9, tzinfo=UTC)
FOLDER = Path(settings.BASE_DIR) / "templates" / "components"
EVIL = '<img src=x onerror="alert(1)">'


def render(name: str, /, **inputs: object) -> str:
    return " ".join(render_to_string(f"components/{name}.html", inputs).split())


def chip(state: str = "running", **over: object) -> dict[str, object]:
    base: dict[str, object] = {
        "metric": "resolve",
        "state": state,
        "words": "Resolve in 25 min",
        "icon": "clock",
        "share": 80,
        "title": "Goal 4 working hours",
        "url": "/explain",
    }
    return base | over


class SampleForm(forms.Form):
    title = forms.CharField(label="Title", help_text="One line")
    impact = forms.ChoiceField(label="Impact", choices=[("1", "High")])
    channel = forms.ChoiceField(label="Channel", choices=[("a", "Phone")], widget=forms.RadioSelect)
    major = forms.BooleanField(label="Major", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


ACTION = {
    "label": "Resolve",
    "url": "/resolve",
    "icon": "check",
    "style": "primary",
    "key": "e",
    "needs_form": True,
}
ENTRY: dict[str, Any] = {
    "kind": "public",
    "actor": "Alice",
    "at": AT,
    "words": "replied",
    "body_html": mark_safe("<p>Hi</p>"),
}
FIGURE = {
    "label": "In time",
    "value": "96.4",
    "unit": "%",
    "goal": "95 %",
    "change": "+1.2",
    "url": "/list",
    "points": [1, 2],
}
SAMPLES: dict[str, dict[str, Any]] = {
    "_action": {"action": ACTION, "csrf_token": "t", "version": 1, "css": "btn"},
    "act_panel": {
        "form": SampleForm(),
        "title": "Resolve",
        "url": "/x",
        "label": "Resolve",
        "csrf_token": "t",
    },
    "action_bar": {"actions": [ACTION], "csrf_token": "t", "version": 3},
    "avatar": {"name": "Li Wei"},
    "badge": {"label": "New", "tone": "accent", "icon": "check", "dot": True},
    "bulk_bar": {"actions": [{"label": "Assign", "value": "assign", "icon": "user", "key": "a"}]},
    "composer": {"url": "/x", "csrf_token": "t", "draft_key": "INC1", "recipients": "Rita", "version": 3},
    "confirm": {"title": "Delete?", "text": "Gone", "url": "/x", "label": "Delete", "csrf_token": "t"},
    "empty": {"title": "Nothing is due", "text": "Well done", "url": "/all", "label": "Open all"},
    "field": {"label": "Service", "value": "Mail", "url": "/s"},
    "figure": {"figure": FIGURE},
    "filter_chips": {"filters": [{"label": "Team", "value": "Desk", "remove_url": "?"}], "clear_url": "?"},
    "form_errors": {"form": SampleForm({})},
    "form_field": {"field": SampleForm({})["title"]},
    "keys": {},
    "messages": {"messages": []},
    "pager": {"next_url": "?after=1", "shown": 25},
    "person": {"name": "Li Wei", "hint": "Desk"},
    "segments": {
        "segments": [{"start": AT, "end": None, "share": 100, "reason": "running", "words": "Counted"}]
    },
    "skeleton": {},
    "sla_chip": {"chip": chip()},
    "stale_notice": {"changes": [{"actor": "Bob", "words": "set the priority", "at": AT}]},
    "table_head": {
        "columns": [{"label": "Number", "url": "?sort=number", "direction": "asc"}],
        "select": True,
    },
    "target_panel": {"targets": [{"label": "Resolution", **chip(), "due_at": AT, "goal": "4 working hours"}]},
    "timeline_entry": {"entry": ENTRY},
}


def test_every_component_has_a_sample_here() -> None:
    assert set(SAMPLES) == {path.stem for path in FOLDER.glob("*.html")}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_component_opens_with_its_inputs_stays_short_and_renders(name: str) -> None:
    source = (FOLDER / f"{name}.html").read_text(encoding="utf-8")
    assert source.startswith("{# ")
    assert source.count("\n") <= 60
    html = render(name, **SAMPLES[name])
    assert html
    assert not re.search(r"\son\w+=|\sstyle=|<script", html)


def test_nothing_a_person_typed_becomes_markup() -> None:
    shown = [
        render("badge", label=EVIL, title=EVIL),
        render("sla_chip", chip=chip(words=EVIL, title=EVIL)),
        render("person", name=EVIL, hint=EVIL),
        render("field", label="x", value=EVIL),
        render("timeline_entry", entry={"kind": "move", "actor": EVIL, "at": AT, "words": EVIL}),
        render("timeline_entry", entry=ENTRY | {"attachments": [{"name": EVIL, "url": "/f", "size": 1}]}),
        render("composer", url="/x", body=f"</textarea>{EVIL}", recipients=EVIL, errors=[EVIL]),
        render("stale_notice", changes=[{"actor": EVIL, "words": EVIL, "at": AT}]),
        render("filter_chips", filters=[{"label": EVIL, "value": EVIL, "remove_url": "?"}]),
        render("segments", segments=[{"start": AT, "share": 1, "reason": "running", "words": EVIL}]),
    ]
    assert all("<img" not in html for html in shown)


@pytest.mark.parametrize(
    "state", ["running", "warning", "breached", "paused", "outside_hours", "met", "cancelled"]
)
def test_a_chip_says_its_state_by_icon_and_words_not_by_colour_alone(state: str) -> None:
    html = render("sla_chip", chip=chip(state))
    assert f"chip-{state}" in html
    assert "#clock" in html
    assert "Resolve in 25 min" in html
    assert 'width="80"' in html


def test_a_chip_without_share_has_no_bar_and_without_url_no_link() -> None:
    html = render("sla_chip", chip=chip("met", share=None, url=""))
    assert "chip-bar" not in html
    assert "<a " not in html


def test_a_public_reply_and_an_internal_note_differ_by_place_and_word() -> None:
    note = render("timeline_entry", entry=ENTRY | {"kind": "internal"})
    reply = render("timeline_entry", entry=ENTRY)
    assert "entry-internal" in note
    assert "Internal note" in note
    assert "entry-public" in reply
    assert "Reply to customer" in reply


def test_a_customer_is_not_told_that_a_reply_goes_to_the_customer() -> None:
    assert "Reply to customer" not in render("timeline_entry", entry=ENTRY, customer_side=True)
    assert "Internal note" not in render("composer", url="/x", customer_side=True)


def test_a_step_that_needs_data_opens_in_place_and_another_is_posted() -> None:
    opened = render("_action", **SAMPLES["_action"])
    posted = render(
        "_action", action=ACTION | {"needs_form": False, "confirm": "Sure?"}, csrf_token="t", version=7
    )
    assert 'hx-get="/resolve" hx-target="#act"' in opened
    assert 'method="post" action="/resolve" data-confirm="Sure?"' in posted
    assert 'name="version" value="7"' in posted


def test_a_field_with_an_error_says_so_in_place_and_to_screen_readers() -> None:
    html = render("form_field", field=SampleForm({"title": ""})["title"])
    assert 'aria-invalid="true"' in html
    assert 'id="id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert re.search(r'aria-describedby="id_title_helptext id_title_error"', html)
    assert "This field is required." in html


def test_check_boxes_radios_and_hidden_fields_take_their_own_shape() -> None:
    form = SampleForm()
    assert "form-check-input" in render("form_field", field=form["major"])
    assert 'role="group"' in render("form_field", field=form["channel"])
    assert (
        render("form_field", field=form["version"]) == '<input type="hidden" name="version" id="id_version">'
    )


def test_a_page_outside_the_list_is_not_offered() -> None:
    html = render("pager", shown=3)
    assert html.count("aria-disabled") == 2
    assert "rel=" not in html


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "errors/409", "errors/412"])
def test_an_error_page_renders_without_any_context(name: str) -> None:
    html = get_template(f"{name}.html").render()
    assert "<h1>" in html
    assert name.removeprefix("errors/") in html
