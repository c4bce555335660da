"""Definitions and reports over HTTP: written with versions, read with rows, checked, as files."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from processreports import definitions
from processreports.models import ReportDefinition
from tests.cast import Cast
from tests.processreports.made import make_definition, of_acme, opened, published, solved

DEFINITIONS, REPORTS = "/api/v1/report-definitions/", "/api/v1/reports/"


def program(person: Any) -> APIClient:
    made = APIClient()
    made.force_login(person)
    return made


def body(**over: Any) -> dict[str, Any]:
    return {
        "name_en": "Problems", "name_zh": "问题月报", "every": "month", "processes": ["Problem management"],
        "sections": ["overview", "indicators"], "owner": "alice", "approver": "mona",
        "active_from": "2026-01-01", "recipients": ["bob"], **over,
    }  # fmt: skip


def test_a_definition_is_made_changed_by_its_version_and_taken_back(cast: Cast) -> None:
    mona = program(cast.mona)
    made = mona.post(DEFINITIONS, body(), format="json")
    assert made.status_code == 201
    assert made.json()["every"]["code"] == "month"
    assert [person["username"] for person in made.json()["recipients"]] == ["bob"]
    url = made.headers["Location"]
    assert mona.patch(url, {"due_days": 9}, format="json").status_code == 428
    tag = made.headers["ETag"]
    changed = mona.patch(url, {"due_days": 9}, format="json", headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["due_days"]) == (200, 9)
    stale = mona.patch(url, {"due_days": 8}, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert mona.delete(url).status_code == 204
    assert ReportDefinition.objects.count() == 0


def test_what_is_wrong_is_told_at_its_field(cast: Cast) -> None:
    mona = program(cast.mona)
    refused = mona.post(DEFINITIONS, body(sections=["nothing"], approver="alice"), format="json")
    assert refused.status_code == 400
    assert {error["field"] for error in refused.json()["errors"]} == {"sections", "approver"}
    assert program(cast.alice).post(DEFINITIONS, body(), format="json").status_code == 403


def test_a_definition_with_reports_is_ended_and_not_deleted(cast: Cast) -> None:
    definition = make_definition(cast)
    opened(cast, definition)
    refused = program(cast.mona).delete(f"{DEFINITIONS}{definition.pk}/")
    assert refused.status_code == 400
    ended = definitions.keep(
        definition, {"active_until": definition.active_from}, actor=cast.mona.actor,
        now=definition.changed_at,
    )  # fmt: skip
    assert ended.active_until == definition.active_from


@pytest.mark.req("RPT-12", "RPT-10")
def test_a_report_is_read_with_the_hashes_of_its_rows_and_verified(cast: Cast) -> None:
    solved(cast)
    report = published(cast, opened(cast, make_definition(cast)))
    mona = program(cast.mona)
    listed = mona.get(REPORTS + "?sent=true").json()["results"]
    assert [row["number"] for row in listed] == [report.number]
    found = mona.get(f"{REPORTS}{report.number}/").json()
    assert found["edition"] == 1
    assert found["late"] is False
    assert found["content"]["rows"]["workload/opened"]["n"] == 1
    (checked,) = mona.get(f"{REPORTS}{report.number}/verify/").json()
    assert (checked["intact"], checked["current"]) == (True, True)
    assert checked["sha256"] == checked["recomputed"] == found["sha256"]


@pytest.mark.req("RPT-13")
def test_its_files_are_there_in_both_languages(cast: Cast) -> None:
    report = published(cast, opened(cast, make_definition(cast)))
    mona = program(cast.mona)
    assert mona.get(f"{REPORTS}{report.number}/pdf/?lang=zh").content.startswith(b"%PDF")
    assert mona.get(f"{REPORTS}{report.number}/xlsx/?lang=en").content.startswith(b"PK")
    assert mona.get(f"{REPORTS}{report.number}/pdf/?lang=fr").status_code == 400


def test_customers_read_their_published_reports_without_what_is_ours(cast: Cast) -> None:
    report = published(cast, opened(cast, of_acme(cast)))
    carla, charlie = program(cast.carla), program(cast.charlie)
    found = carla.get(f"{REPORTS}{report.number}/").json()
    assert "rows" not in found["content"]
    assert carla.get(f"{REPORTS}{report.number}/verify/").status_code == 403
    assert charlie.get(f"{REPORTS}{report.number}/").status_code == 404
    assert charlie.get(REPORTS).json()["results"] == []
    assert carla.get(DEFINITIONS).status_code == 403
