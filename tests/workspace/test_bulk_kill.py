"""A worker killed at any instant: nothing is lost, nothing is done twice, and the next one goes on."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from records import changes
from records.models import Activity, Delivery
from tests.cast import make_cast, make_incident
from workspace import bulk, running
from workspace.models import BulkItem

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
COUNT = 30
WORK = "import django; django.setup(); from workspace import running; running.run({pk})"


def start(pk: int) -> "subprocess.Popen[bytes]":
    """A worker in a process of its own, on the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return subprocess.Popen(
        [sys.executable, "-c", WORK.format(pk=pk)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "itsm.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(pk: int, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while BulkItem.objects.filter(edit=pk, state="done").count() < count:
        assert time.monotonic() < deadline, "the edit does not get on"
        time.sleep(0.01)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_every_ticket_is_changed_exactly_once() -> None:
    cast = make_cast()
    now = timezone.now().replace(microsecond=0)
    tickets = [make_incident(cast, now=now, title=f"Ticket {n}") for n in range(COUNT)]
    reply = changes.get("reply")
    assert reply
    actor = cast.alice.actor
    rows = bulk.tickets_named([t.number for t in tickets], actor)
    edit = bulk.prepare(rows, [(reply, "Once.")], actor=actor, now=now)
    bulk.confirm(edit, actor=actor, now=now)
    for wanted in (3, 9, 16):
        process = start(edit.pk)
        try:
            wait_for(edit.pk, wanted)
        finally:
            process.kill()
            process.communicate()
    there = BulkItem.objects.filter(edit=edit, state="done").count()
    assert 16 <= there < COUNT
    assert Activity.objects.filter(verb="record.replied", text="Once.").count() == there
    assert running.run(edit.pk) is False
    edit.refresh_from_db()
    assert edit.state == "done"
    replies = Activity.objects.filter(verb="record.replied", text="Once.")
    assert sorted(replies.values_list("record", flat=True)) == sorted(t.pk for t in tickets)
    told = Delivery.objects.filter(activity__in=replies, recipient=cast.rita, channel="in_app")
    assert told.count() == COUNT
