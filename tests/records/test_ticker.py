"""`manage.py sla_ticker`: alarms without Celery beat."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from records import alarms
from sla.models import Alarm, Clock
from tests.cast import Cast, make_cast, make_incident

ROOT = Path(__file__).parent.parent.parent


def test_once_raises_all_that_is_due(cast: Cast) -> None:
    make_incident(cast)
    out = io.StringIO()
    call_command("sla_ticker", "--once", stdout=out)
    assert Alarm.objects.filter(step="breach").count() == 3
    assert out.getvalue().endswith("clocks handled\n")
    assert not Clock.objects.filter(alarm_at__lte=alarms.database_now()).exists()


def test_an_interval_of_nothing_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="more than 0"):
        call_command("sla_ticker", "--interval", "0")


def test_a_failing_sweep_does_not_end_the_loop(db: None, caplog: pytest.LogCaptureFixture) -> None:
    from records.management.commands.sla_ticker import Command

    with patch.object(alarms, "sweep", side_effect=RuntimeError("bad clock")):
        Command()._safely()
    assert "the sweep failed; going on" in caplog.text


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_the_loop_raises_alarms_and_stops_when_asked() -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sla_ticker", "--interval", "0.2", "--skip-checks"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.geturl()},
    )
    try:
        make_incident(make_cast())
        deadline = time.monotonic() + 60
        while Alarm.objects.filter(step="breach").count() < 3:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
