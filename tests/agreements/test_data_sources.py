"""What nobody can measure yet is not signed in silence."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements import checks, lifecycle, services
from levels.services import record_outage
from sla.models import Agreement
from tests.agreements.test_life import METHOD, draft, fresh, sign, terms, to_sign
from tests.cast import MONDAY, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-33")]
KEY = "availability/mail"
HOUR = timedelta(hours=1)


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def monitored(source: str = "monitoring") -> dict[str, Any]:
    return terms(
        measures=[
            {
                "measure": "availability", "service": "mail", "operator": ">=", "value": 99.5,
                "unit": "percent", "method": METHOD, "source": source, "period": "month",
            }
        ]
    )  # fmt: skip


def test_what_monitoring_never_told_of_is_not_signed_until_it_does(cast: Cast, agreement: Agreement) -> None:
    signing = to_sign(cast, draft(cast, agreement, terms=monitored()))
    assert checks.unproved(signing) == {KEY: "unmeasured"}
    with pytest.raises(ValidationError, match=r"Availability · .* has delivered nothing so far"):
        sign(cast, signing, "provider")
    record_outage(
        service=cast.mail, started_at=MONDAY - 9 * HOUR, ended_at=MONDAY - 8 * HOUR, source="monitoring",
        reference="a1", actor=cast.mona.actor, now=MONDAY - HOUR,
    )  # fmt: skip
    assert checks.unproved(signing) == {}
    for party in ("provider", "counterparty"):
        sign(cast, signing, party)
    assert services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY).state == lifecycle.IN_FORCE


def test_somebody_else_may_decide_to_sign_it_all_the_same(cast: Cast, agreement: Agreement) -> None:
    signing = to_sign(cast, draft(cast, agreement, terms=monitored()))
    words = "The probes are ordered for March."
    services.excuse(signing, target_key=KEY, reason=words, actor=cast.admin.actor, now=MONDAY)
    sign(cast, signing, "provider")
    assert fresh(signing).exceptions.get().reason == words


def test_tickets_and_hands_are_sources_of_their_own(cast: Cast, agreement: Agreement) -> None:
    for source in ("tickets", "manual"):
        edition = draft(cast, agreement, terms=monitored(source), change_reason="Next")
        assert checks.unproved(edition) == {}
        services.withdraw(edition, reason="Next.", actor=cast.mona.actor, now=MONDAY)
