"""The timeline: sentences, changes in words, safe text, files, folding, pages, and who reads what."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import incidents.services
from records import assignment, timeline
from records.markup import to_html
from records.services import comment, link
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.mark.req("SD-08")
def test_conversation_and_history_stand_in_one_order_of_time(cast: Cast) -> None:
    incident = make_incident(cast)
    alice = cast.alice.actor
    comment(incident, text="Which outbox?", is_public=True, actor=alice, now=MONDAY + MINUTE)
    comment(incident, text="Queue is stuck", is_public=False, actor=alice, now=MONDAY + 2 * MINUTE)
    comment(incident, text="Mine", is_public=True, actor=cast.rita.actor, now=MONDAY + 3 * MINUTE)
    found = timeline.entries(incident, alice).entries
    assert [(e.kind, e.actor) for e in found] == [
        ("move", "Alice"),
        ("public", "Alice"),
        ("internal", "Alice"),
        ("customer", "Rita"),
    ]
    assert found[0].words == "opened it"
    assert "Which outbox?" in found[1].body_html


def test_customers_read_no_internal_note_and_no_internal_file(cast: Cast) -> None:
    incident = make_incident(cast)
    for is_public, name in ((True, "open.txt"), (False, "secret.txt")):
        comment(
            incident, text=f"about {name}", is_public=is_public, actor=cast.alice.actor, now=MONDAY,
            attachments=[SimpleUploadedFile(name, b"words")],
        )  # fmt: skip
    seen = timeline.entries(incident, cast.rita.actor).entries
    assert [f.name for e in seen for f in e.attachments] == ["open.txt"]
    assert not any("secret" in str(e) for e in seen)
    assert {e.kind for e in seen} == {"move", "public"}
    both = timeline.entries(incident, cast.alice.actor).entries
    assert [f.name for e in both for f in e.attachments] == ["open.txt", "secret.txt"]
    assert both[-1].attachments[0].url.startswith("/files/")


def test_a_customers_own_report_is_the_customers_word(cast: Cast) -> None:
    incident = make_incident(cast, actor=cast.rita.actor, requester=cast.rita)
    entry = timeline.entries(incident, cast.alice.actor).entries[0]
    assert (entry.kind, entry.actor) == ("customer", "Rita")


def test_changed_fields_are_told_with_old_and_new_in_the_readers_language(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.edit(
        incident, {"title": "Cannot send any mail", "impact": 1, "description": "New text"},
        actor=cast.alice.actor, now=MONDAY + MINUTE, expected_version=None,
    )  # fmt: skip
    words = timeline.entries(incident, cast.alice.actor).entries[-1].words
    assert "title: Cannot send mail → Cannot send any mail" in words
    assert "impact: Medium → High" in words
    assert "New text" not in words
    with translation.override("zh-hans"):
        assert timeline.entries(incident, cast.alice.actor).entries[-1].words


def test_an_escalation_says_its_reason_once(cast: Cast) -> None:
    incident = make_incident(cast)
    assignment.escalate(
        incident, team=cast.second, reason="needs the mail experts", actor=cast.alice.actor, now=MONDAY
    )
    entry = timeline.entries(incident, cast.alice.actor).entries[-1]
    assert entry.words == "escalated it to Mail experts: needs the mail experts"
    assert entry.body_html == ""


def test_what_the_system_did_is_the_systems(cast: Cast) -> None:
    incident = make_incident(cast)
    late = MONDAY + timedelta(hours=6)
    comment(incident, text="late", is_public=True, actor=cast.alice.actor, now=late)
    kinds = [(e.kind, e.actor) for e in timeline.entries(incident, cast.alice.actor, fold=False).entries]
    assert ("system", "The system") in kinds


def test_runs_of_mechanical_entries_fold_into_their_newest(cast: Cast) -> None:
    incident = make_incident(cast)
    others = [make_incident(cast, title=f"Other {n}") for n in range(4)]
    for n, other in enumerate(others):
        link(incident, other, kind="related", actor=cast.alice.actor, now=MONDAY + n * MINUTE)
    folded = timeline.entries(incident, cast.alice.actor).entries
    assert [e.folded for e in folded] == [0, 3]
    assert others[-1].number in folded[-1].words
    assert len(timeline.entries(incident, cast.alice.actor, fold=False).entries) == 5


def test_pages_hold_a_hundred_and_join_without_gap(cast: Cast) -> None:
    incident = make_incident(cast)
    for n in range(230):
        # several at one instant: the cut falls among them
        comment(incident, text=f"n{n}", is_public=False, actor=cast.bob.actor, now=MONDAY + n // 7 * MINUTE)
    seen: list[int] = []
    before: str | None = None
    sizes = []
    while True:
        page = timeline.entries(incident, cast.alice.actor, before)
        sizes.append(len(page.entries))
        seen = [e.id for e in page.entries] + seen
        if not page.older:
            break
        before = page.older
    assert sizes == [100, 100, 31]
    assert seen == list(incident.activities.order_by("at", "pk").values_list("pk", flat=True))


@pytest.mark.parametrize("before", ["", "x", "1.2.3", "-5.1", "99999999999999999999.1", "１.２"])
def test_a_cursor_nobody_wrote_shows_the_newest(cast: Cast, before: str) -> None:
    incident = make_incident(cast)
    assert len(timeline.entries(incident, cast.alice.actor, before).entries) == 1


def test_a_page_costs_two_queries(cast: Cast) -> None:
    incident = make_incident(cast)
    for person in (cast.alice, cast.bob, cast.rita):
        comment(incident, text="word", is_public=True, actor=person.actor, now=MONDAY)
    actor = cast.alice.actor
    with CaptureQueriesContext(connection) as queries:
        timeline.entries(incident, actor)
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("<img src=x onerror=alert(1)>", "&lt;img", "<img"),
        ("[x](javascript:alert(1))", "[x]", "href"),
        ("[x](//evil.example/a)", ">x</a>", "href="),
        ("![x](https://evil.example/spy.png)", "https://evil.example", "<img"),
        ("[x](https://example.org)", 'rel="noopener noreferrer nofollow ugc"', "target"),
        ("[x](data:text/html;base64,AAAA)", "[x]", "href"),
        ("# not a heading", "# not a heading", "<h1"),
        ("**bold** and `code`", "<strong>bold</strong>", "**"),
        ("one\ntwo", "<br>", "onetwo"),
        ("> " * 5000 + "deep", "deep", "<blockquote>" * 101),
        ("中文 **粗体**", "<strong>粗体</strong>", "**"),
    ],
)
def test_text_becomes_safe_html(text: str, kept: str, gone: str) -> None:
    html = to_html(text)
    assert kept in html
    assert gone not in html
