"""The forms of terms: what is refused, two editors at once, and who writes at all."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from agreements.models import Edition
from agreements.sections import NAMES
from agreements.terms_words import HELP
from sla.models import Agreement
from sla.terms import SECTIONS
from tests.agreements.terms_forms import (
    GENERAL,
    MEASURE,
    TARGET,
    marks,
    now,
    second,
    text,
    write,
)
from tests.agreements.test_life import METHOD, draft, ola, terms
from tests.cast import MONDAY, Cast

pytestmark = pytest.mark.django_db


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "words", "name", "refusal"),
    [
        ("general/", {**GENERAL, "warn_at": "90, 50"}, "warn_at", "ascending order"),
        ("general/", {**GENERAL, "warn_at": "half"}, "warn_at", "whole percentages"),
        ("general/", {**GENERAL, "calendar": "moon"}, "calendar", "moon is not one of"),
        ("general/", {**GENERAL, "services": ["nobody"]}, "services", "nobody is not one of"),
        ("general/", {**GENERAL, "review_months": "13"}, "review_months", "less than or equal to 12"),
        ("general/", {**GENERAL, "cost_currency": "yuan"}, "cost_currency", "three capital letters"),
        ("targets/row/", {**TARGET, "metric": ""}, "metric", "required"),
        ("targets/row/", {**TARGET, "amount": "0"}, "amount", "greater than or equal"),
        ("targets/row/", {**TARGET, "amount": "1.5", "unit": "working_days"}, "amount", "whole days"),
        ("targets/row/", {**TARGET, "amount": "0.01", "unit": "working_minutes"}, "amount", "whole number"),
        ("targets/row/", {**TARGET, "goal_percent": "101"}, "goal_percent", "less than or equal to 100"),
        ("targets/row/", {**TARGET, "service": "moon"}, "service", "moon is not one of"),
        ("targets/row/", TARGET, "metric", "promised already"),
        ("measures/row/", {**MEASURE, "value": "101"}, "value", "too small or too large"),
        ("sections/charges/", {"en": "x", "not_applicable": "y"}, "not_applicable", "Either write"),
    ],
)  # fmt: skip
def test_what_is_refused_comes_back_at_its_field_with_all_that_was_typed(
    mona: Client, cast: Cast, agreement: Agreement, part: str, words: dict[str, Any], name: str, refusal: str
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    answer = write(mona, base + part, {"cost_per": "month", **words})
    shown = text(answer)
    assert answer.status_code == 422
    error = re.search(rf'id="terms-{name}_error">(.*?)</div>', shown, re.DOTALL)
    assert error is not None
    assert refusal in error[1]
    assert shown.count(" autofocus") >= 1
    for typed in ("yuan", "half", "90, 50"):
        assert typed not in words.values() or typed in shown
    assert now() == before


def test_refusals_are_in_the_readers_language(mona: Client, cast: Cast, agreement: Agreement) -> None:
    cast.mona.language = "zh-hans"
    cast.mona.save()
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    shown = text(write(mona, f"{base}targets/row/", {**TARGET, "metric": ""}))
    assert "这个字段是必填项" in shown or "必填" in shown


def test_codes_nobody_knows_any_more_are_shown_and_refused_at_their_field(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    lost = terms(calendar="moon", services=["gone"])
    lost["targets"][0]["underpinned_by"] = [{"agreement": "ola-x", "target": "resolution//", "stage": 1}]
    base = f"{draft(cast, agreement, terms=lost).get_absolute_url()}terms/"
    shown = write(mona, f"{base}general/", {**GENERAL, "calendar": "moon", "services": ["gone"]})
    assert shown.status_code == 422
    assert "There is nothing with the code “moon”." in text(shown)
    assert "There is nothing with the code “gone”." in text(shown)
    url = f"{base}targets/row/?key={quote('resolution//')}"
    behind = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 1,
        "rows-0-target": "ola-x|resolution//",
        "rows-0-stage": "1",
    }
    shown = write(mona, url, {**TARGET, **behind})
    assert "no longer there; choose another" in text(shown)
    assert write(mona, url, {**TARGET, **behind, "rows-0-DELETE": "on"}).status_code == 302
    assert now()["targets"][0]["underpinned_by"] == []


# --- two editors -----------------------------------------------------------------------------------


def test_who_is_second_in_another_part_applies_the_change_to_the_newest_draft(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}sections/charges/"
    seen = marks(mona, url)
    write(second(cast), f"{base}targets/row/", {**TARGET, "priority": "1"})
    answer = mona.post(url, {"en": "Ten yuan", "zh": "", **seen})
    shown = text(answer)
    assert answer.status_code == 409
    assert "Admin changed Targets (Resolution · all services · Priority 1)" in re.sub(r"\s+", " ", shown)
    assert "Apply my change to the newest draft" in shown
    assert "Ten yuan" in shown
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', shown)[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {"en": "Ten yuan", "zh": "", **fresh}).status_code == 302
    assert now()["sections"]["charges"]["en"] == "Ten yuan"
    assert len(now()["targets"]) == 2


def test_who_is_second_in_the_same_part_sees_what_it_says_now_before_replacing_it(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    seen = marks(mona, url)
    write(second(cast), url, {**TARGET, "amount": "16"})
    answer = mona.post(url, {**TARGET, "amount": "2", **seen})
    shown = text(answer)
    assert answer.status_code == 409
    assert "This very part was changed" in shown
    assert "<dd>16</dd>" in shown
    assert 'value="2"' in shown
    assert now()["targets"][0]["promise"]["seconds"] == 16 * 3600
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', shown)[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {**TARGET, "amount": "2", **fresh}).status_code == 302
    assert now()["targets"][0]["promise"]["seconds"] == 2 * 3600


def test_a_target_removed_while_somebody_writes_it_is_told_and_can_be_written_anew(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    url = f"{base}targets/row/?key={quote('resolution//')}"
    typed = {**TARGET, "amount": "3", **marks(mona, url)}
    gone = {"key": "resolution//", "version": Edition.objects.get().version}
    second(cast).post(f"{base}targets/remove/", gone)
    answer = mona.post(url, typed)
    assert answer.status_code == 409
    assert "It is empty now." in text(answer)
    fresh = {n: re.search(rf'name="{n}" value="([^"]*)"', text(answer))[1] for n in ("version", "seen")}  # type: ignore[index]
    assert mona.post(url, {**typed, **fresh}).status_code == 302
    assert [row["promise"]["seconds"] for row in now()["targets"]] == [3 * 3600]


def test_removing_a_row_of_a_draft_that_changed_is_asked_again(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    edition = draft(cast, agreement)
    base = f"{edition.get_absolute_url()}terms/"
    write(second(cast), f"{base}general/", GENERAL)
    gone = {"key": "resolution//", "version": edition.version}
    answer = mona.post(f"{base}targets/remove/", gone)
    assert (answer.status_code, "Admin changed" in text(answer)) == (409, True)
    assert len(now()["targets"]) == 1


# --- only drafts, only managers ------------------------------------------------------------------


def test_what_is_submitted_is_read_and_not_changed(mona: Client, cast: Cast, agreement: Agreement) -> None:
    page = draft(cast, agreement).get_absolute_url()
    seen = marks(mona, f"{page}terms/general/")
    assert mona.post(f"{page}submit/", {"reviewers": [cast.admin.pk]}).status_code == 302
    before = now()
    for part in ("general/", "guide/", "targets/", "sections/charges/", "credits/", "json/", "reports/"):
        shown = text(mona.get(f"{page}terms/{part}"))
        assert 'type="submit">Save' not in shown
        assert part == "json/" or "Only a draft can be changed" in shown
    row = text(mona.get(f"{page}terms/targets/row/?key={quote('resolution//')}"))
    assert "<dd>8</dd>" in row
    late = mona.post(f"{page}terms/general/", {**GENERAL, "warn_at": "33, 66", **seen})
    assert late.status_code == 409
    assert "Only a draft can be changed" in text(late)
    assert "33, 66" in text(late)
    assert 'type="submit">Save' not in text(late)
    gone = {"key": "resolution//", "version": Edition.objects.get().version}
    assert mona.post(f"{page}terms/targets/remove/", gone).status_code == 409
    assert now() == before


def test_terms_are_written_by_managers_only(cast: Cast, agreement: Agreement) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    before = now()
    for person in (cast.alice, cast.carla, cast.charlie):
        other = Client()
        other.force_login(person)
        for part in ("", "general/", "targets/row/", "sections/charges/", "json/"):
            assert other.get(base + part).status_code == 403
        assert other.post(f"{base}general/", GENERAL).status_code == 403
        assert other.post(f"{base}targets/remove/", {"key": "resolution//", "version": 1}).status_code == 403
    assert now() == before


def test_addresses_of_nothing_are_not_found(mona: Client, cast: Cast, agreement: Agreement) -> None:
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    for part in ("poetry/", "sections/poetry/", "general/row/", "targets/row/?key=closure//"):
        assert mona.get(base + part).status_code == 404
    assert mona.post(f"{base}targets/").status_code == 405
    assert mona.post(f"{base}general/remove/").status_code == 404


def test_the_looser_targets_are_offered_by_name_to_the_second_person_only(
    mona: Client, cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 16)
    made = terms()
    made["targets"][0]["underpinned_by"] = [{"agreement": "ola-desk", "target": "resolution//"}]
    page = draft(cast, agreement, terms=made, effective_from=MONDAY).get_absolute_url()
    admin = second(cast)
    assert '<option value="resolution//">Resolution · all services</option>' in text(admin.get(page))
    assert "Accept although not proved" not in text(mona.get(page))
    wrong = admin.post(f"{page}excuse/", {"target_key": "closure//", "reason": "x"})
    assert wrong.status_code == 422
    assert (
        admin.post(f"{page}excuse/", {"target_key": "resolution//", "reason": "Until June"}).status_code
        == 302
    )
    shown = text(admin.get(page))
    assert "Until June" in shown
    assert "<code>resolution//</code>" not in shown


def test_every_section_says_what_belongs_into_it(mona: Client, cast: Cast, agreement: Agreement) -> None:
    assert set(HELP) == set(NAMES) == set(SECTIONS)
    base = f"{draft(cast, agreement).get_absolute_url()}terms/"
    assert str(HELP["glossary"]) in text(mona.get(f"{base}sections/glossary/"))
    on = mona.post(
        f"{base}sections/introduction/",
        {"en": "x", "next": "1", **marks(mona, f"{base}sections/introduction/")},
    )
    assert on.headers["Location"] == f"{base}sections/parties/"
    assert METHOD["en"] == now()["targets"][0]["method"]["en"]
