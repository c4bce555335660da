"""Problems and known errors through the interface: the whole way, what is refused, and who sees what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from problems import recurring
from problems.models import Problem, Recurrence
from records.models import Link
from tests.api.conftest import Api, api, is_problem
from tests.cast import MONDAY, Cast
from tests.problems import made as m

__all__ = ["api"]  # a fixture
pytestmark = pytest.mark.django_db
Make = Callable[..., Api]


@pytest.mark.req("PRB-01", "PRB-02", "PRB-03", "PRB-04", "INC-11")
def test_a_problem_goes_from_an_incident_to_its_outcome(api: Make, cast: Cast) -> None:
    incident = m.incident(cast)
    alice, mona = api(cast.alice), api(cast.mona)
    assert is_problem(alice.post("/problems/", {"title": "Outbox"}), 400, "validation")
    asked = {"title": "Outbox", "source": "second_line", "incident": incident.number}
    made = alice.post("/problems/", asked)
    assert (made.status_code, made["ETag"], made.json()["state"]["code"]) == (201, '"v1"', "raised")
    assert [row["number"] for row in made.json()["incidents"]] == [incident.number]
    path = f"/problems/{made.json()['number']}/"
    assert is_problem(alice.post(f"{path}accept/", {"expert": "sven"}), 403, "forbidden")
    assert is_problem(mona.post(f"{path}why/", {"question": "a", "answer": "b"}), 409, "illegal-move")
    accepted = mona.post(f"{path}accept/", {"expert": "sven"}, If_Match='"v1"')
    assert accepted.json()["expert"]["username"] == "sven"
    assert accepted.json()["decided_at"] == accepted.json()["expert_since"]
    assert (
        mona.post(f"{path}effect/", {"scope": "All", "severity": "serious"}, If_Match='"v1"').status_code
        == 412
    )
    mona.post(f"{path}effect/", {"scope": "All", "severity": "serious"})
    mona.post(f"{path}why/", {"question": "Why?", "answer": "So."})
    cause = mona.post(f"{path}cause/", {"text": "Queue", "category": "technology"}).json()["causes"][0]
    judged = {"cause": cause["id"], "state": "confirmed", "check_words": "Log.", "is_root": True}
    mona.post(f"{path}judge_cause/", judged)
    solution = mona.post(f"{path}solution/", {"text": "Bigger"}).json()["solutions"][0]
    mona.post(f"{path}choose_solution/", {"solution": solution["id"]})
    begun = mona.post(f"{path}begin_solution/", {})
    assert begun.json()["state"]["code"] == "solving"
    closing = {"outcome": "solved", "summary": "Done.", "prevention": "Watched."}
    assert is_problem(mona.post(f"{path}close/", closing), 400, "validation")
    mona.post(f"{path}verify_solution/", {"verification": "A week."})
    closed = mona.post(f"{path}close/", closing).json()
    assert (closed["state"]["code"], closed["outcome"]["code"]) == ("closed", "solved")
    assert mona.get(f"{path}activities/").json()["results"][0]["verb"] == "problem.open"
    assert (
        mona.get("/problems/?state=closed&outcome=solved").json()["results"][0]["number"] == closed["number"]
    )


@pytest.mark.req("PRB-09")
def test_a_recurrence_is_judged(api: Make, cast: Cast) -> None:
    item = m.item(cast)
    problem = m.solved(cast, items=[item])
    m.incident(cast, item=item, now=MONDAY + timedelta(days=1))
    recurring.watch(now=MONDAY + timedelta(days=1))
    mona = api(cast.mona)
    path = f"/problems/{problem.number}/"
    assert mona.get(path).json()["recurrences"][0]["state"]["code"] == "open"
    given = {"recurrence": Recurrence.objects.get().pk, "came_again": True, "reason": "Same log."}
    assert mona.post(f"{path}judge_recurrence/", given).json()["state"]["code"] == "analysing"
    assert is_problem(mona.post(f"{path}judge_recurrence/", given), 400, "validation")


@pytest.mark.req("PRB-07")
def test_known_errors_are_recorded_written_offered_and_matched(api: Make, cast: Cast) -> None:
    alice = api(cast.alice)
    assert is_problem(alice.post("/known-errors/", {"title": "x"}), 400, "validation")
    made = alice.post("/known-errors/", {"title": "Outbox blocked", "workaround": "Delete it."}).json()
    assert (made["lacks"], made["customer"]) == (["zh"], None)
    path = f"/known-errors/{made['number']}/"
    assert is_problem(alice.patch(path, {"workaround_zh": "删除"}), 428, "precondition-required")
    changed = alice.patch(path, {"workaround_zh": "删除"}, If_Match='"v1"').json()
    assert (changed["lacks"], changed["workaround"]) == ([], "Delete it.")
    incident = m.incident(cast, title="My outbox is blocked")
    fitting = alice.get(f"/known-errors/fitting/?ticket={incident.number}").json()
    assert [row["number"] for row in fitting] == [made["number"]]
    for _n in range(2):
        matched = alice.post(f"{path}match/", {"incident": incident.number})
    assert matched.json()["matched"] == 1
    assert Link.objects.get(type="matches").source_id == incident.pk
    assert alice.get("/known-errors/?q=outbox&state=valid").json()["results"][0]["number"] == made["number"]
    assert alice.post(f"{path}end/", {"reason": "Patched."}).json()["state"]["code"] == "past"
    assert is_problem(alice.post(f"{path}end/", {"reason": "x"}), 409, "illegal-move")


def test_customers_get_neither(api: Make, cast: Cast) -> None:
    problem, error = m.problem(cast, caused_by=m.incident(cast)), m.known_error(cast)
    for person in (cast.rita, cast.carla, cast.charlie):
        theirs = api(person)
        assert is_problem(theirs.get("/problems/"), 403, "forbidden")
        assert is_problem(theirs.get(f"/known-errors/{error.number}/"), 403, "forbidden")
        assert is_problem(theirs.get(f"/problems/{problem.number}/activities/"), 404, "not-found")
    assert Problem.objects.count() == 1


def test_names_nobody_knows_are_refused_by_name(api: Make, cast: Cast) -> None:
    answer: Any = api(cast.alice).post("/problems/", {"title": "a", "source": "audit", "titel": "b"})
    assert "titel" in str(is_problem(answer, 400, "validation")["errors"])
    wrong = api(cast.alice).post("/problems/", {"title": "a", "source": "audit", "incident": "INC9999999"})
    assert is_problem(wrong, 400, "validation")
