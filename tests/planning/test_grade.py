"""The package proposed follows the customer's grade, and says why (SLM-56)."""

from typing import Any

import pytest
from django.utils import timezone

from customers import profiles
from planning import proposal, show
from planning.content import Content
from planning.words import Things
from sla.models import ServicePackage
from tests.cast import MONDAY, Cast
from tests.planning.test_content import BRONZE, CALENDARS, GOLD, SILVER, asked


@pytest.mark.req("SLM-56")
@pytest.mark.parametrize(
    ("rank", "hours", "code"),
    [
        (1, 24, "gold"),
        (2, 24, "silver"),
        (3, 24, "bronze"),
        (4, 24, "bronze"),
        (3, 4, "silver"),
        (1, 4, "gold"),
    ],
)
def test_of_the_packages_that_do_the_one_nearest_to_the_grade_is_proposed(
    rank: int, hours: int, code: str
) -> None:
    found = proposal.fits(asked(hours), [GOLD, SILVER, BRONZE], CALENDARS, at=MONDAY)
    best = proposal.proposed(found, rank)
    assert best is not None
    assert best.tier.code == code


def test_a_grade_alone_proposes_and_no_package_too_loose_is_proposed() -> None:
    nothing_asked = proposal.fits(Content(), [GOLD, SILVER], CALENDARS, at=MONDAY)
    best = proposal.proposed(nothing_asked, 2)
    assert best is not None
    assert best.tier.code == "silver"
    too_much = proposal.fits(asked(1), [GOLD, SILVER], CALENDARS, at=MONDAY)
    assert proposal.proposed(too_much, 1) is None


@pytest.mark.django_db
@pytest.mark.req("SLM-56", "BRM-11")
def test_the_page_of_a_requirement_says_that_the_grade_proposed_it(cast: Cast) -> None:
    from planning import services

    terms: dict[str, Any] = {"calendar": "office", "targets": []}
    ServicePackage.objects.all().update(is_active=False)
    for code, rank in (("gold", 1), ("silver", 2)):
        ServicePackage.objects.create(
            code=code, family="desk", rank=rank, name_en=code.title(), name_zh=code, terms=terms
        )
    profiles.change(
        cast.acme, part="grade", value="b", reason="Yearly classification.",
        effective_on=timezone.localdate(), actor=cast.mona.actor, now=timezone.now(),
    )  # fmt: skip
    made = services.raise_need(
        title="Mail", expectation="Mail must run.", customer=cast.acme, actor=cast.mona.actor,
        now=timezone.now().replace(microsecond=0),
    )  # fmt: skip
    shown = show.packages(made, Things.load(), at=MONDAY)
    assert shown["proposed"] == "silver"
    assert "grade is “B: high”" in shown["reason"]
