"""Imports that are killed, run twice at once, or run beside a live sweep: whole incidents, each once."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from incidents.models import Incident
from records import alarms
from records.models import Activity, Delivery
from tests.cast import make_cast
from tests.incidents.test_import_replay import importing, small, told

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
COUNT = 24


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """The first 24 incidents of the sample."""
    return small(tmp_path, *list(told())[:COUNT])


def start(path: Path) -> "subprocess.Popen[str]":
    """An import in a process of its own, on the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return subprocess.Popen(
        [
            sys.executable,
            "manage.py",
            "import_incidents",
            str(path),
            "--format",
            "servicenow",
            "--skip-checks",
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.geturl()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while Incident.objects.filter(source="servicenow").count() < count:
        assert time.monotonic() < deadline, "the import does not get on"
        alarms.sweep()  # what a live worker does meanwhile
        time.sleep(0.02)


def assert_whole() -> int:
    """Every imported incident has all its rows and is closed; answers how many there are."""
    rows = told()
    found = Incident.objects.filter(source="servicenow")
    entries = Counter(
        Activity.objects.filter(origin="import")
        .exclude(verb__startswith="sla.")
        .values_list("record__incident__external_reference", flat=True)
    )
    for incident in found:
        reference = incident.external_reference
        assert incident.state == "closed"
        assert entries[reference] >= len(rows[reference]) + 2  # with its opening and its origin
    return len(found)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_a_killed_import_leaves_whole_incidents_and_completes_when_run_again(some: Path) -> None:
    make_cast()
    for wanted in (2, 8):
        process = start(some)
        try:
            wait_for(wanted)
        finally:
            process.kill()
            process.communicate()
    assert process.returncode < 0
    there = assert_whole()
    assert 8 <= there < COUNT
    out, err = importing(some)
    assert err == []
    assert out[-1].startswith(f"imported {COUNT - there} incidents, ")
    assert out[-1].endswith(f"; {there} already there; 0 rejected")
    assert assert_whole() == COUNT
    assert Delivery.objects.count() == 0


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_import_each_incident_once(some: Path) -> None:
    processes = [start(some), start(some)]
    lines = []
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        lines.append(out.splitlines()[-1])
    counts = [[int(word) for word in line.replace(";", "").split() if word.isdigit()] for line in lines]
    assert [sum(each) for each in zip(*counts, strict=True)][:2] == [
        COUNT,
        sum(len(rows) for rows in list(told().values())[:COUNT]),
    ]
    assert all(imported + already == COUNT for imported, _events, already, _rejected in counts)
    assert assert_whole() == COUNT
