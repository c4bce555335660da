"""Agreements and their editions as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from agreements import editions
from agreements.models import Edition
from exports.building import choice, moment, named, number, text
from exports.record_columns import of_record
from exports.sources import Source


def agreements(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Edition]:
    return editions.listed(actor, query.get("state", ""))


SOURCES = (
    Source(
        "agreements",
        _("Agreements"),
        [
            *of_record("number"), text("code", _("Code"), "agreement.code"),
            named("agreement", _("Agreement")), choice("kind", _("Kind"), "agreement"),
            number("edition_number", _("Edition")), *of_record("state"),
            named("customer", _("Customer"), "agreement.customer"),
            named("team", _("Team"), "agreement.team"),
            named("supplier", _("Supplier"), "agreement.supplier"),
            moment("effective_from", _("In force from")), moment("effective_until", _("In force until")),
            *of_record("owner", "opened_at", "done_at"),
        ],
        agreements,
        permission="draft_agreement",
        read=lambda rows: rows.select_related("owner").defer("terms"),
        page="agreements:list",
    ),
)  # fmt: skip
