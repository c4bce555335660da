"""A worker killed at any instant: no line is lost, none is carried out twice, and the next one goes on."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from cmdb.models import Alteration, Item
from tests.cast import make_cast
from tests.verifications.test_imports import make_type, previewed
from verifications import imports, running
from verifications.models import ImportLine

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
COUNT = 60
WORK = "import django; django.setup(); from verifications import running; running.run({pk})"


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
    while ImportLine.objects.filter(job=pk, state="added").count() < count:
        assert time.monotonic() < deadline, "the import does not get on"
        time.sleep(0.01)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_every_item_is_added_exactly_once() -> None:
    cast, server = make_cast(), make_type()
    rows = "".join(f"web-{n},acme,SN{n}\n" for n in range(COUNT))
    job = previewed(cast, server, f"name,customer,serial\n{rows}", match="attributes.serial")
    imports.confirm(job, actor=cast.mona.actor, now=timezone.now())
    for wanted in (3, 12, 24):
        process = start(job.pk)
        try:
            wait_for(job.pk, wanted)
        finally:
            process.kill()
            process.communicate()
    there = ImportLine.objects.filter(job=job, state="added").count()
    assert Item.objects.filter(type=server).count() == there
    while running.run(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, imports.counts(job)) == ("done", {"added": COUNT})
    assert Item.objects.filter(type=server).count() == COUNT
    assert Alteration.objects.filter(act="added", item__type=server).count() == COUNT
