"""The life of an entry of the catalogue, and everything that is refused on the way."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import InternalError, transaction

from accounts.access import Denied
from accounts.models import User
from accounts.services import system_actor
from catalog import beginning, queries, services
from catalog.models import (
    ReviewDecision,
    Service,
    ServiceDependency,
    ServiceFamily,
    ServiceReview,
    ServiceStep,
    ServiceVersion,
)
from catalog.offer import Offer
from catalog.start import FAMILIES, SERVICES
from incidents.models import Incident
from sla.models import AgreementVersion
from sla.terms import Terms
from tests.cast import EARLY, MONDAY, Cast, make_agreement, make_incident
from tests.catalog.test_offer import both, offer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def family(db: None) -> ServiceFamily:
    return ServiceFamily.objects.create(code="data", name_en="Data", name_zh="数据")


def draft(cast: Cast, family: ServiceFamily, code: str = "backup", **over: Any) -> Service:
    facts: dict[str, Any] = {
        "code": code, "name_en": code.title(), "name_zh": "备份", "family": family,
        "portfolio_class": "supporting", "owner": cast.mona, "support_team": cast.desk,
        "second_line_team": None, "actor": cast.mona.actor, "now": MONDAY, **over,
    }  # fmt: skip
    return services.create(**facts)


def propose(cast: Cast, service: Service, given: Any = None, **over: Any) -> ServiceReview:
    facts: dict[str, Any] = {
        "members": [cast.admin], "reason": "asked for", "actor": cast.mona.actor, "now": MONDAY, **over,
    }  # fmt: skip
    return services.propose(service, given or offer(), **facts)


def approve(cast: Cast, review: ServiceReview, by: User | None = None) -> None:
    services.decide(review, result="approved", comment="", actor=(by or cast.admin).actor, now=MONDAY)


def published(cast: Cast, service: Service, given: Any = None, **over: Any) -> Service:
    review = propose(cast, service, given, **over)
    approve(cast, review)
    services.publish(review, actor=cast.mona.actor, now=MONDAY + DAY)
    return Service.objects.get(pk=service.pk)


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return dict(refused.value.message_dict)


# --- to the customers ------------------------------------------------------------------------


@pytest.mark.req("REQ-05", "REQ-06", "REQ-07")
def test_a_service_is_public_only_after_everybody_asked_has_approved(
    cast: Cast, family: ServiceFamily
) -> None:
    service = draft(cast, family)
    rita, alice = cast.rita.actor, cast.alice.actor
    assert (service.state, service.is_published) == ("draft", False)
    assert service not in queries.services(rita)
    assert service in queries.services(alice)
    carol = User.objects.get(username="sven")
    carol.grants.create(role="manager")
    carol = User.objects.get(pk=carol.pk)
    review = propose(cast, service, members=[cast.admin, carol])
    assert Service.objects.get(pk=service.pk).state == "in_review"
    approve(cast, review)
    found = errors(services.publish, review, actor=cast.mona.actor, now=MONDAY)
    assert found == {"members": ["Not yet approved by Sven."]}
    approve(cast, review, carol)
    version = services.publish(review, actor=cast.mona.actor, now=MONDAY + DAY)
    service = Service.objects.get(pk=service.pk)
    assert (service.state, service.present, version.number) == ("published", version, 1)
    assert (version.effective_from, version.review, version.reason) == (MONDAY + DAY, review, "asked for")
    assert (service.name_en, service.name_zh) == ("E-mail", "电子邮件")
    assert (service.description_en, service.description_zh) == ("what", "中文")
    assert service in queries.services(rita)
    acts = list(service.steps.order_by("pk").values_list("act", "actor__username"))
    assert acts == [
        ("created", "mona"), ("proposed", "mona"), ("approved", "admin"), ("approved", "sven"),
        ("published", "mona"),
    ]  # fmt: skip


@pytest.mark.req("REQ-06")
def test_a_change_is_a_new_version_and_the_old_one_stays(cast: Cast, family: ServiceFamily) -> None:
    service = published(cast, draft(cast, family))
    changed = offer(customer={"price": both("CNY 5", "5 元")})
    service = published(cast, service, changed, reason="dearer")
    numbers = list(service.versions.order_by("number").values_list("number", "reason"))
    assert numbers == [(1, "asked for"), (2, "dearer")]
    assert service.offer.customer.price.zh == "5 元"
    first = service.versions.get(number=1)
    assert Offer.parse(first.offer).customer.price.zh == "中文"
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        ServiceVersion.objects.filter(pk=first.pk).update(reason="never")
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        ServiceStep.objects.filter(service=service).delete()


@pytest.mark.req("REQ-07")
def test_the_public_version_stays_while_the_next_is_reviewed(cast: Cast, family: ServiceFamily) -> None:
    service = published(cast, draft(cast, family))
    review = propose(cast, service, offer(customer={"price": both("CNY 5", "5 元")}))
    service = Service.objects.standing().get(pk=service.pk)
    assert (service.state, service.is_under_review, service.present and service.present.number) == (
        "published", True, 1,
    )  # fmt: skip
    with pytest.raises(services.NotNow) as refused:
        propose(cast, service, offer(customer={"price": both("CNY 6", "6 元")}))
    assert "decide" in refused.value.legal
    services.decide(review, result="objected", comment="Too dear", actor=cast.admin.actor, now=MONDAY)
    review.refresh_from_db()
    assert (review.state, review.ended_at) == ("refused", MONDAY)
    with pytest.raises(services.NotNow):
        services.publish(review, actor=cast.mona.actor, now=MONDAY)
    assert Service.objects.get(pk=service.pk).versions.count() == 1


# --- four eyes -------------------------------------------------------------------------------


@pytest.mark.req("REQ-07")
def test_nobody_approves_the_own_proposal(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    assert "members" in errors(propose, cast, service, members=[cast.mona, cast.admin])
    assert "members" in errors(propose, cast, service, members=[])
    assert "members" in errors(propose, cast, service, members=[cast.alice])
    review = propose(cast, service)
    assert "actor" in errors(
        services.decide, review, result="approved", comment="", actor=cast.mona.actor, now=MONDAY
    )
    other = User.objects.get(pk=cast.sven.pk)
    other.grants.create(role="manager")
    other = User.objects.get(pk=cast.sven.pk)
    assert errors(services.decide, review, result="approved", comment="", actor=other.actor, now=MONDAY) == {
        "actor": ["You were not asked to decide on this proposal."]
    }
    assert "comment" in errors(
        services.decide, review, result="objected", comment=" ", actor=cast.admin.actor, now=MONDAY
    )
    assert "result" in errors(
        services.decide, review, result="maybe", comment="", actor=cast.admin.actor, now=MONDAY
    )


@pytest.mark.req("SLM-57")
def test_agents_and_customers_change_nothing(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    review = propose(cast, service)
    for person in (cast.alice, cast.robot, cast.rita, cast.carla):
        doing: Any = {"actor": person.actor, "now": MONDAY}
        calls = [
            lambda d=doing: draft(cast, family, "other", actor=d["actor"]),
            lambda d=doing: services.propose(cast.mail, offer(), members=[cast.admin], reason="x", **d),
            lambda d=doing: services.decide(review, result="approved", comment="", **d),
            lambda d=doing: services.publish(review, **d),
            lambda d=doing: services.take_back(review, reason="x", **d),
            lambda d=doing: services.make_unavailable(cast.mail, words_en="x", words_zh="x", until=None, **d),
            lambda d=doing: services.withdraw(cast.mail, reason="x", **d),
        ]
        for call in calls:
            with pytest.raises(Denied):
                call()


# --- what a proposal must say ----------------------------------------------------------------


def test_a_proposal_that_says_too_little_is_refused_part_by_part(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    found = errors(propose, cast, service, offer(customer={"price": both("", ""), "hours": both("x", "")}))
    assert found == {
        "offer.customer.price": ["This must not be empty."],
        "offer.customer.hours": ["Say it in both languages."],
    }
    assert "offer.customer.colour" in errors(propose, cast, service, offer(customer={"colour": 1}))
    assert "offer.provider.groups" in errors(propose, cast, service, offer(provider={"groups": ["nobody"]}))
    found = errors(propose, cast, service, offer(provider={"depends_on": ["nothing"]}))
    assert found == {"offer.provider.depends_on": ["There is no published service nothing."]}
    assert not ServiceReview.objects.exists()


def test_a_change_needs_a_reason_and_a_difference(cast: Cast, family: ServiceFamily) -> None:
    service = published(cast, draft(cast, family))
    other = offer(customer={"price": both("CNY 5", "5 元")})
    assert "reason" in errors(propose, cast, service, other, reason=" ")
    assert "offer" in errors(propose, cast, service)


@pytest.mark.parametrize("code", ["new", "Two words", "", "-x", "ümlaut"])
def test_a_code_is_a_word_of_its_own(cast: Cast, family: ServiceFamily, code: str) -> None:
    assert "code" in errors(draft, cast, family, code)
    assert "code" in errors(draft, cast, family, "mail")
    assert "name_zh" in errors(draft, cast, family, name_zh=" ")
    assert "portfolio_class" in errors(draft, cast, family, portfolio_class="best")


@pytest.mark.req("REQ-09")
def test_a_circle_of_dependencies_is_refused_and_named(cast: Cast, family: ServiceFamily) -> None:
    first = published(cast, draft(cast, family, "first"), offer(name=both("First", "一")))
    second = published(
        cast,
        draft(cast, family, "second"),
        offer(name=both("Second", "二"), provider={"depends_on": ["first"]}),
    )
    assert list(Service.objects.filter(dependencies__rests_on=first)) == [second]
    found = errors(propose, cast, first, offer(name=both("First", "一"), provider={"depends_on": ["second"]}))
    words = "Services may not rest on each other; this is a circle: First → Second → First"
    assert found == {"offer.provider.depends_on": [words]}
    on_itself = offer(name=both("First", "一"), provider={"depends_on": ["first"]})
    assert "First → First" in errors(propose, cast, first, on_itself)["offer.provider.depends_on"][0]


@pytest.mark.req("REQ-09")
def test_a_circle_that_two_proposals_close_together_is_refused_at_publication(
    cast: Cast, family: ServiceFamily
) -> None:
    first = published(cast, draft(cast, family, "first"), offer(name=both("First", "一")))
    second = published(cast, draft(cast, family, "second"), offer(name=both("Second", "二")))
    one = propose(cast, first, offer(name=both("First", "一"), provider={"depends_on": ["second"]}))
    two = propose(cast, second, offer(name=both("Second", "二"), provider={"depends_on": ["first"]}))
    for review in (one, two):
        approve(cast, review)
    services.publish(one, actor=cast.mona.actor, now=MONDAY)
    assert "offer.provider.depends_on" in errors(services.publish, two, actor=cast.mona.actor, now=MONDAY)
    assert ServiceDependency.objects.filter(rests_on__isnull=False).count() == 1


# --- at the same time ------------------------------------------------------------------------


def test_the_second_of_two_writers_is_told(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    propose(cast, service, expected_version=1)
    with pytest.raises(services.Stale):
        services.edit(
            service, family=family, portfolio_class="core", owner=None, support_team=None,
            second_line_team=None, actor=cast.mona.actor, now=MONDAY, expected_version=1,
        )  # fmt: skip
    assert Service.objects.get(pk=service.pk).version == 2


def test_the_classification_changes_without_a_review_and_only_if_it_changes(
    cast: Cast, family: ServiceFamily
) -> None:
    service = draft(cast, family)
    wanted: Any = {
        "family": family, "portfolio_class": "core", "owner": cast.admin, "support_team": cast.desk,
        "second_line_team": cast.second, "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    changed = services.edit(service, **wanted)
    assert (changed.portfolio_class, changed.owner, changed.version) == ("core", cast.admin, 2)
    assert services.edit(service, **wanted).version == 2
    assert service.steps.filter(act="edited").count() == 1


def test_a_proposal_taken_back_ends_with_its_reason(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    review = propose(cast, service)
    assert "reason" in errors(services.take_back, review, reason="", actor=cast.mona.actor, now=MONDAY)
    services.take_back(review, reason="not yet", actor=cast.mona.actor, now=MONDAY)
    assert Service.objects.get(pk=service.pk).state == "draft"
    assert propose(cast, service).state == "open"


# --- away for a while, and for good ----------------------------------------------------------


@pytest.mark.req("REQ-18")
def test_an_entry_can_be_away_for_a_while_and_cannot_be_ordered_then(cast: Cast) -> None:
    doing: Any = {"actor": cast.mona.actor, "now": MONDAY}
    assert set(
        errors(services.make_unavailable, cast.mail, words_en="", words_zh=" ", until=None, **doing)
    ) == {"words_en", "words_zh"}
    assert "until" in errors(
        services.make_unavailable, cast.mail, words_en="x", words_zh="x", until=MONDAY - DAY, **doing
    )
    until = MONDAY + DAY
    away = services.make_unavailable(cast.mail, words_en="Moving", words_zh="搬迁", until=until, **doing)
    assert (away.state, away.unavailable_words, away.is_published) == ("unavailable", "Moving", True)
    assert away not in Service.objects.orderable()
    assert make_incident(cast).service == away  # a fault of it can still be reported
    with pytest.raises(services.NotNow):
        services.make_unavailable(cast.mail, words_en="x", words_zh="x", until=None, **doing)
    back = services.make_available(cast.mail, **doing)
    assert (back.state, back.unavailable_until, back.unavailable_zh) == ("published", None, "")
    assert back in Service.objects.orderable()


@pytest.mark.req("REQ-06")
def test_a_withdrawn_service_is_gone_and_old_tickets_still_name_it(cast: Cast) -> None:
    incident = make_incident(cast)
    doing: Any = {"actor": cast.mona.actor, "now": MONDAY}
    assert "reason" in errors(services.withdraw, cast.mail, reason=" ", **doing)
    known = services.hindrances(cast.mail, cast.mona.actor, MONDAY)
    assert [(one.words, one.forbids) for one in known] == [("1 open ticket names it and goes on.", False)]
    gone = services.withdraw(cast.mail, reason="nobody uses it", **doing)
    assert (gone.state, gone.is_published, gone.withdrawn_at) == ("withdrawn", False, MONDAY)
    assert gone not in queries.services(cast.rita.actor)
    assert gone not in queries.nameable(cast.alice.actor)
    assert Incident.objects.get(pk=incident.pk).service == gone
    assert services.legal_acts(gone) == ()
    with pytest.raises(services.NotNow):
        propose(cast, gone)


def test_a_withdrawal_ends_an_open_review(cast: Cast, family: ServiceFamily) -> None:
    service = draft(cast, family)
    review = propose(cast, service)
    services.withdraw(service, reason="never mind", actor=cast.mona.actor, now=MONDAY)
    review.refresh_from_db()
    assert (review.state, Service.objects.get(pk=service.pk).state) == ("taken_back", "withdrawn")


@pytest.mark.req("REQ-03")
@pytest.mark.parametrize(
    ("from_", "until", "is_refused"),
    [(EARLY, None, True), (MONDAY + DAY, None, True), (EARLY, MONDAY - DAY, False)],
)
def test_a_service_that_an_agreement_names_stays(
    cast: Cast, from_: Any, until: Any, is_refused: bool
) -> None:
    terms = Terms(calendar="office", services=("mail",)).dump()
    version = make_agreement(
        cast.calendar, cast.acme, terms=terms, effective_from=from_, effective_until=until
    )
    names = [use.name for use in queries.uses(cast.mail, cast.mona.actor, MONDAY)]
    assert (version.agreement.name in names) is is_refused
    if is_refused:
        found = errors(services.withdraw, cast.mail, reason="x", actor=cast.mona.actor, now=MONDAY)
        assert found == {"service": ["The agreement “Agreement” names it."]}
    else:
        services.withdraw(cast.mail, reason="x", actor=cast.mona.actor, now=MONDAY)
    assert AgreementVersion.objects.filter(pk=version.pk).exists()


def test_who_covers_one_customer_is_not_told_of_another_ones_agreement(cast: Cast) -> None:
    terms = Terms(calendar="office", services=("mail",)).dump()
    make_agreement(cast.calendar, cast.globex, terms=terms)
    limited = replace(cast.mona.actor, scope=frozenset({cast.acme.pk}))
    assert queries.uses(cast.mail, limited, MONDAY) == []
    found = errors(services.withdraw, cast.mail, reason="x", actor=limited, now=MONDAY)
    assert found == {"service": ["An agreement you may not read names it."]}


def test_services_of_before_get_their_first_version_from_name_and_description(cast: Cast) -> None:
    Service.objects.create(code="hidden", name_en="Hidden", is_published=False)
    Service.objects.filter(pk=cast.mail.pk).update(description_en="Mailboxes ", description_zh="邮箱")
    migration = import_module("catalog.migrations.0003_first_versions")
    for _time in range(2):
        migration.make(apps, None)
    version = ServiceVersion.objects.get()
    assert (version.service, version.number, version.created_by.username) == (cast.mail, 1, "system")
    mail = Service.objects.get(pk=cast.mail.pk)
    assert (mail.present, mail.state) == (version, "published")
    assert (mail.offer.name.zh, mail.offer.customer.what.en) == ("电子邮件", "Mailboxes")


@pytest.mark.req("REQ-09")
def test_a_service_on_which_another_rests_stays(cast: Cast, family: ServiceFamily) -> None:
    below = published(cast, draft(cast, family, "below"))
    above = published(
        cast,
        draft(cast, family, "above"),
        offer(name=both("Above", "上"), provider={"depends_on": ["below"]}),
    )
    doing: Any = {"actor": cast.mona.actor, "now": MONDAY}
    assert errors(services.withdraw, below, reason="x", **doing) == {"service": ["Above rests on it."]}
    services.withdraw(above, reason="x", **doing)
    assert services.withdraw(below, reason="x", **doing).state == "withdrawn"


# --- the beginning ---------------------------------------------------------------------------


@pytest.mark.req("REQ-12")
def test_an_empty_installation_begins_with_the_start_catalogue(db: None) -> None:
    for _time in range(2):
        beginning.ensure(actor=system_actor(), now=MONDAY)
    assert list(ServiceFamily.objects.values_list("code", flat=True)) == list(FAMILIES)
    assert set(Service.objects.published().values_list("code", flat=True)) == set(SERVICES)
    assert ServiceVersion.objects.filter(number=1).count() == len(SERVICES)
    email = Service.objects.get(code="email")
    below = {row.rests_on.code for row in email.dependencies.all() if row.rests_on}
    assert below == {"network", "data-centre"}
    assert not ReviewDecision.objects.exists()


def test_a_catalogue_that_is_there_is_left_alone(cast: Cast) -> None:
    beginning.ensure(actor=system_actor(), now=MONDAY)
    assert list(Service.objects.all()) == [cast.mail]
    assert cast.mail.offer.name.en == "E-mail"


def test_states_are_found_by_query_as_they_are_told(cast: Cast, family: ServiceFamily) -> None:
    propose(cast, draft(cast, family, "reviewed"))
    draft(cast, family, "drafted")
    published(cast, draft(cast, family, "public"))
    doing: Any = {"actor": cast.mona.actor, "now": MONDAY}
    services.make_unavailable(
        published(cast, draft(cast, family, "away")), words_en="x", words_zh="x", until=None, **doing
    )
    services.withdraw(draft(cast, family, "gone"), reason="x", **doing)
    for state in Service.State.values:
        found = list(Service.objects.in_state(state))
        assert found
        assert {service.state for service in found} == {state}
