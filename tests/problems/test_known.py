"""Known errors: a workaround in one language at least, offered at triage, matched and counted, ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from accounts.access import Denied
from accounts.models import Grant
from problems import known, matching
from problems.models import KnownError
from records import search
from records.lifecycle import IllegalMove
from records.models import Link, Record
from records.services import Stale
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRB-07")]
LATER = MONDAY + timedelta(hours=1)


def offered(cast: Cast, text: str, **over: Any) -> list[KnownError]:
    asked: dict[str, Any] = {"item_id": None, "service_id": None, "actor": cast.alice.actor, **over}
    return [fit.known_error for fit in matching.known_errors_for(text=text, **asked)]


def fresh(row: KnownError) -> KnownError:
    found: KnownError = KnownError.objects.get(pk=row.pk)
    return found


def limited(cast: Cast, person: Any) -> Any:
    """The person, who from now on works for Globex only."""
    Grant.objects.filter(user=person).update(organisation=cast.globex)
    return type(person).objects.get(pk=person.pk).actor


@pytest.mark.parametrize(
    "text", ["My outbox is blocked", "发件箱里的邮件发不出去", "Nothing leaves the outbox"]
)
def test_a_known_error_is_offered_by_its_words_in_either_language(cast: Cast, text: str) -> None:
    row = m.known_error(cast)
    m.known_error(cast, title="Printer jams", title_zh="打印机卡纸", symptom="", symptom_zh="")
    assert offered(cast, text) == [row]


def test_nothing_is_offered_for_words_nobody_wrote(cast: Cast) -> None:
    m.known_error(cast)
    assert offered(cast, "The chair is broken") == []
    assert offered(cast, "'; DROP TABLE problems_knownerror --") == []


def test_one_about_the_same_item_is_offered_whatever_the_words_and_first(cast: Cast) -> None:
    item = m.item(cast)
    by_words = m.known_error(cast)
    by_item = m.known_error(cast, title="Fan", title_zh="", symptom="", symptom_zh="", items=[item])
    assert offered(cast, "Outbox blocked", item_id=item.pk) == [by_item, by_words]


def test_what_is_past_is_not_offered_and_cannot_be_matched(cast: Cast) -> None:
    row = known.end(m.known_error(cast), reason="Patched.", actor=cast.sven.actor, now=LATER)
    assert offered(cast, "Outbox blocked") == []
    with pytest.raises(ValidationError):
        known.match(m.incident(cast), row, actor=cast.alice.actor, now=LATER)
    renewed = known.renew(row, reason="Unpatched.", actor=cast.sven.actor, now=LATER)
    assert offered(cast, "Outbox blocked") == [renewed]


def test_a_workaround_is_needed_in_one_language_and_the_other_is_flagged(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        m.known_error(cast, workaround="", workaround_zh=" ", title="", title_zh="")
    assert set(refused.value.message_dict) == {"title", "workaround"}
    row = m.known_error(cast, workaround="")
    assert (row.lacks, row.way_round) == (["en"], "删除大邮件。")
    assert m.known_error(cast).lacks == []


def test_a_click_matches_an_incident_once_and_is_counted(cast: Cast) -> None:
    row, incident = m.known_error(cast), m.incident(cast)
    first = known.match(incident, row, actor=cast.alice.actor, now=LATER)
    assert known.match(incident, row, actor=cast.bob.actor, now=LATER) == first
    assert (first.type, first.created_by, first.created_at) == ("matches", cast.alice, LATER)
    assert [r.pk for r in known.matched(row, cast.alice.actor)] == [incident.pk]


def test_one_customers_known_error_is_not_offered_for_or_matched_with_anothers(cast: Cast) -> None:
    row = m.known_error(cast, customer=cast.globex)
    assert offered(cast, "Outbox blocked", customer_id=cast.acme.pk) == []
    with pytest.raises(ValidationError):
        known.match(m.incident(cast), row, actor=cast.alice.actor, now=LATER)
    assert not Link.objects.filter(target=row.pk)


def test_who_works_for_one_customer_reads_and_matches_what_is_known_to_all(cast: Cast) -> None:
    shared, acmes = m.known_error(cast), m.known_error(cast, customer=cast.acme)
    actor = limited(cast, cast.alice)
    assert known.get_known_error(actor, shared.number) == shared
    with pytest.raises(Http404):
        known.get_known_error(actor, acmes.number)
    theirs = m.incident(cast, customer=cast.globex, requester=cast.charlie, actor=cast.bob.actor)
    known.match(theirs, shared, actor=actor, now=LATER)
    with pytest.raises(Denied):
        known.match(m.incident(cast, actor=cast.bob.actor), shared, actor=actor, now=LATER)


def test_no_customer_reads_a_known_error(cast: Cast) -> None:
    row = m.known_error(cast, customer=cast.acme)
    for person in (cast.rita, cast.carla):
        assert not KnownError.objects.readable_by(person.actor)
        assert not Record.objects.visible_to(person.actor).filter(pk=row.pk)
    with pytest.raises(Denied):
        m.known_error(cast, actor=cast.carla.actor)


def test_it_is_written_anew_found_by_its_new_words_and_two_writers_are_told(cast: Cast) -> None:
    row = m.known_error(cast)
    texts: dict[str, Any] = {
        "title": "Quota reached", "title_zh": "", "symptom": "", "symptom_zh": "",
        "workaround": "Archive.", "workaround_zh": "",
    }  # fmt: skip
    seen = row.version
    known.write(row, **texts, actor=cast.bob.actor, now=LATER, expected_version=seen)
    assert offered(cast, "quota reached again") == [row]
    assert offered(cast, "Outbox blocked") == []
    assert fresh(row).lacks == ["zh"]
    with pytest.raises(Stale):
        known.write(row, **texts, actor=cast.sven.actor, now=LATER, expected_version=seen)


def test_it_is_found_by_the_search_of_all_records(cast: Cast) -> None:
    row = m.known_error(cast)
    assert (
        search.find(Record.objects.visible_to(cast.alice.actor), "大邮件", actor=cast.alice.actor).get().pk
        == row.pk
    )


def test_it_takes_over_what_its_problem_is_about_and_ends_with_the_verified_solution(cast: Cast) -> None:
    item = m.item(cast)
    problem = m.accepted(cast, caused_by=m.incident(cast, item=item))
    row = m.known_error(cast, problem=problem)
    assert (row.customer, row.service, list(row.items.all())) == (cast.acme, cast.mail, [item])
    m.verified(cast, problem)
    assert fresh(row).state == "past"


def test_a_problem_nobody_accepted_leaves_no_known_error(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        m.known_error(cast, problem=m.problem(cast))


def test_what_turns_out_to_be_none_is_dropped_for_good(cast: Cast) -> None:
    row = m.known_error(cast)
    with pytest.raises(ValidationError):
        known.drop(row, reason=" ", actor=cast.sven.actor, now=LATER)
    dropped = known.drop(row, reason="A typing mistake.", actor=cast.sven.actor, now=LATER)
    with pytest.raises(IllegalMove):
        known.renew(dropped, reason="x", actor=cast.sven.actor, now=LATER)
    assert offered(cast, "Outbox blocked") == []
