"""Scores of suppliers: proposed by a rule, confirmed or changed with a reason, kept, and acted on."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from actions.models import Action
from records.models import Link
from reviews import services as reviews
from reviews.models import Review
from sla.models import Agreement
from sourcing import rating, scoring
from sourcing.models import Rating
from sourcing.scoring import Part
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast
from tests.sourcing.week import DAY, blame, handed, make_contract, make_sla, make_supplier

NOW = MONDAY + 40 * DAY


# --- the formula --------------------------------------------------------------------------------


@pytest.mark.req("SUP-03")
@pytest.mark.parametrize(
    ("parts", "score"),
    [
        ([Part("a", 50, 80.0), Part("b", 50, 60.0)], 70),
        ([Part("a", 50, 80.0), Part("b", 50, None)], 80),  # its weight goes to the others
        ([Part("a", 70, 75.0), Part("b", 30, 100.0)], 83),  # 82.5, half up
        ([Part("a", 100, None)], None),
        ([Part("a", 0, 10.0), Part("b", 100, 90.0)], 90),
    ],
)
def test_a_score_is_the_weighted_mean_of_what_is_known(parts: list[Part], score: int | None) -> None:
    assert scoring.total(parts) == score


def test_each_part_is_worked_out_as_it_says() -> None:
    assert (scoring.share(3, 1), scoring.share(0, 0)) == (75.0, None)
    assert [scoring.without_misses(*n) for n in ((0, 4), (1, 4), (9, 4), (0, 0), (1, 0))] == [
        100, 75, 0, None, 0,
    ]  # fmt: skip
    assert [scoring.quality(*n) for n in ((0, 1, 0), (1, 0, 3), (9, 0, 1), (0, 0, 0))] == [100, 75, 0, None]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.one_of(st.none(), st.floats(0, 100))), min_size=1, max_size=6)
)
def test_a_score_lies_between_its_worst_and_best_part(rows: list[tuple[int, float | None]]) -> None:
    parts = [Part(str(n), weight, value) for n, (weight, value) in enumerate(rows)]
    known = [p.value for p in parts if p.value is not None and p.weight]
    score = scoring.total(parts)
    assert (score is None) == (not known)
    if score is not None:
        assert min(known) - 0.5 <= score <= max(known) + 0.5


@pytest.mark.req("SUP-12")
@pytest.mark.parametrize(
    ("scores", "run"),
    [([], 0), ([50, 70], 0), ([70, 50], 1), ([50, 40, 59], 3), ([60], 0), ([59, 60, 59], 1)],
)
def test_a_run_is_of_the_latest_reviews_below_the_mark(scores: list[int], run: int) -> None:
    assert scoring.run_below(scores, 60) == run


# --- a review -----------------------------------------------------------------------------------


@pytest.fixture
def supplier(cast: Cast) -> Supplier:
    """Had two tickets in March, of which one was missed and blamed on it; promised a monthly report."""
    made = make_supplier(responsible=cast.bob)
    report = {"kind": "service_level", "period": "month", "due_day": 5}
    contract = make_contract(cast, made, reports=[report]).agreement
    make_sla(cast)
    handed(cast, made, hours=2)
    blame(cast, handed(cast, made, hours=48), contract)
    return made


def plan(cast: Cast, supplier: Supplier, first: date, last: date) -> Review:
    at = NOW
    return reviews.plan(
        meeting="supplier", supplier=supplier, meets_at=at, period_from=first, period_until=last,
        chair=cast.mona, actor=cast.mona.actor, now=at,
    )  # fmt: skip


MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.django_db
@pytest.mark.req("SUP-03", "SUP-07")
def test_the_score_is_proposed_from_what_was_counted_and_its_parts_are_kept(
    cast: Cast, supplier: Supplier
) -> None:
    review = plan(cast, supplier, *MARCH)
    proposal = rating.propose(review, now=NOW)
    by_key = {part.key: part for part in proposal.parts}
    assert by_key["attainment"].value == 50.0
    assert (by_key["misses"].value, by_key["misses"].counts["breaches"]) == (50.0, 1)
    # January's and February's report were due in the period's days? only that of February, on 5 March
    assert (by_key["reports"].value, by_key["reports"].counts) == (0.0, {"in_time": 0, "late": 1})
    assert by_key["quality"].value == 100.0
    assert proposal.score == 50  # (50*50 + 20*50 + 15*0 + 15*100) / 100
    made = rating.rate(review, score=50, conclusion="Talk to them.", actor=cast.mona.actor, now=NOW)
    assert (made.proposed, made.score, made.reason) == (50, 50, "")
    assert [part["key"] for part in made.parts] == list(scoring.PARTS)
    review.refresh_from_db()
    assert (review.score, review.conclusion) == (50, "Talk to them.")


@pytest.mark.django_db
@pytest.mark.req("SUP-03")
def test_another_score_needs_its_reason(cast: Cast, supplier: Supplier) -> None:
    review = plan(cast, supplier, *MARCH)
    with pytest.raises(ValidationError, match=r"is not the proposed one .50."):
        rating.rate(review, score=70, conclusion="Fine.", actor=cast.mona.actor, now=NOW)
    assert not Rating.objects.exists()
    facts: dict[str, Any] = {"conclusion": "Fine.", "actor": cast.mona.actor, "now": NOW}
    made = rating.rate(review, score=70, reason="The storm was nobody's fault.", **facts)
    assert (made.proposed, made.score, made.reason) == (50, 70, "The storm was nobody's fault.")
    # where nothing was counted nothing is proposed, and any score needs its reason
    early = plan(cast, supplier, date(2025, 1, 1), date(2025, 3, 31))
    assert rating.propose(early, now=NOW).score is None
    with pytest.raises(ValidationError, match="nothing was counted"):
        rating.rate(early, score=70, **facts)


@pytest.mark.django_db
@pytest.mark.req("SUP-12")
def test_reviews_below_the_mark_in_a_row_open_one_action(cast: Cast, supplier: Supplier) -> None:
    spans = [(date(2025, m, 1), date(2025, m, 28)) for m in (1, 4, 7, 10)]
    for n, (score, span) in enumerate(zip((80, 50, 40, 30), spans, strict=True)):
        review = plan(cast, supplier, *span)
        rating.rate(review, score=score, reason="As seen.", conclusion="So.", actor=cast.mona.actor, now=NOW)
        assert Action.objects.count() == (0 if n < 2 else 1), n
    action = Action.objects.get()
    assert (action.source, action.assignee) == ("supplier", cast.bob)
    assert "2 reviews in a row below 60 points" in action.title
    assert Link.objects.filter(source=action.pk, type="caused_by").exists()
    # a good one ends the run; the next run opens another
    for score, day in ((90, 1), (10, 5), (10, 9)):
        review = plan(cast, supplier, date(2026, 1, day), date(2026, 1, day + 3))
        rating.rate(review, score=score, reason="x", conclusion="So.", actor=cast.mona.actor, now=NOW)
    assert Action.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.req("SUP-12")
def test_number_and_mark_are_settings_of_which_each_change_is_kept(cast: Cast, supplier: Supplier) -> None:
    usual: dict[str, Any] = {
        "attainment": 50,
        "misses": 20,
        "reports": 15,
        "quality": 15,
        "mark": 60,
        "in_a_row": 2,
    }
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": NOW}
    for field, over in (
        ("attainment", {"attainment": 60}), ("mark", {"mark": 0}), ("in_a_row", {"in_a_row": 13}),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            rating.set_rule(**{**usual, **over}, **doing)
        assert set(refused.value.message_dict) == {field}
    rating.set_rule(**{**usual, "mark": 90, "in_a_row": 1}, **doing)
    review = plan(cast, supplier, *MARCH)
    rating.rate(review, score=85, reason="x", conclusion="So.", **doing)
    assert "1 reviews in a row below 90 points" in Action.objects.get().title
    assert rating.rule().mark == 90


# --- the pages ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.req("SUP-07", "SUP-10")
def test_the_scorecard_shows_scores_over_time_and_figures_by_quarter_and_year(
    client_of: Any, cast: Cast, supplier: Supplier
) -> None:
    review = plan(cast, supplier, date(2026, 1, 1), date(2026, 3, 31))
    with time_machine.travel(NOW, tick=False):
        mona, alice = client_of(cast.mona), client_of(cast.alice)
        url = f"/suppliers/reviews/{review.number}/score/"
        proposed = rating.propose(review, now=NOW).score
        assert f"Proposed: {proposed} of 100" in mona.get(url).content.decode()
        assert mona.post(url, {"score": "99", "conclusion": "x"}).status_code == 422
        assert alice.post(url, {"score": str(proposed), "conclusion": "x"}).status_code == 404
        answer = mona.post(url, {"score": str(proposed), "conclusion": "Go on."})
        assert answer.headers["Location"] == review.get_absolute_url()
        page = alice.get("/suppliers/huaxun/scorecard/")
        assert page.context["chart"]["spec"]["series"][0]["data"] == [proposed]
        assert page.context["chart"]["rows"][0][0] == "2026 Q1"
        words = page.content.decode()
        assert "Go on." in words
        for steps, label in ((page.context["quarters"], "2026 Q1"), (page.context["years"], "2026")):
            row = next(row for row in steps if row["words"] == label)
            month = row["month"]
            assert (month.tickets, month.decided, month.missed, month.breaches) == (2, 2, 1, 1)
            for name in ("tickets", "decided", "missed", "breaches", "problems"):
                listed = alice.get(row[f"{name}_url"])
                assert listed.context["total"] == getattr(month, name), (label, name)
        assert mona.get("/suppliers/rules/").status_code == 200
        assert alice.get("/suppliers/rules/").status_code == 403


@pytest.mark.django_db
@pytest.mark.req("SUP-10")
def test_all_suppliers_stand_side_by_side_for_a_quarter_or_a_year_and_as_a_file(
    client_of: Any, cast: Cast, supplier: Supplier
) -> None:
    make_supplier(code="beta", name_en="=Beta()")
    with time_machine.travel(NOW, tick=False):
        alice = client_of(cast.alice)
        for every, of in (("quarter", "2026-01-01"), ("year", "2026-01-01")):
            page = alice.get("/suppliers/figures/", {"every": every, "of": of})
            rows = {row["supplier"].code: row for row in page.context["rows"]}
            month = rows["huaxun"]["month"]
            assert (month.tickets, month.decided, month.missed, month.breaches) == (2, 2, 1, 1)
            assert rows["beta"]["month"].decided == 0
            assert alice.get(rows["huaxun"]["decided_url"]).context["total"] == 2
            assert alice.get(rows["huaxun"]["tickets_url"]).context["seconds"] == timedelta(
                seconds=month.held
            )
        file = alice.get("/suppliers/figures/", {"every": "year", "of": "2026-01-01", "format": "csv"})
        assert file["Content-Type"].startswith("text/csv")
        text = file.content.decode("utf-8-sig")
        assert '"Huaxun Networks",2,' in text
        assert "'=Beta()" in text


@pytest.mark.django_db
@pytest.mark.req("SUP-02", "SUP-11")
def test_the_register_shows_every_contract_with_validity_responsible_and_files(
    client_of: Any, cast: Cast, supplier: Supplier
) -> None:
    make_contract(cast, supplier, code="uc-short", until=NOW + 20 * DAY)
    with time_machine.travel(NOW, tick=False):
        alice = client_of(cast.alice)
        rows = {r["contract"].agreement.code: r for r in alice.get("/suppliers/contracts/").context["rows"]}
        assert (rows["uc-line"]["responsible"], rows["uc-short"]["ends"]) == (cast.bob, "ends in 20 days")
        ending = alice.get("/suppliers/contracts/", {"state": "ending"}).context["rows"]
        assert [r["contract"].agreement.code for r in ending] == ["uc-short"]
    assert Agreement.objects.filter(kind="uc").count() == 2
