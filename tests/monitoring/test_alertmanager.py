"""The real Alertmanager reports to the real server: an alert becomes a ticket, and its end arrives."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Token
from accounts.services import issue_token
from incidents.models import Incident
from monitoring.models import Alert, Rule, Source
from tests.cast import Cast

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Alertmanager here: install the package prometheus-alertmanager"
)
CONFIG = """
route: {{receiver: itsm, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
- name: itsm
  webhook_configs:
  - url: {url}/api/v1/alerts/alertmanager/
    send_resolved: true
    http_config: {http}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Alertmanager:
    def __init__(self, folder: Path, url: str, http: str) -> None:
        config = folder / "alertmanager.yml"
        config.write_text(CONFIG.format(url=url, http=http))
        self.base = f"http://127.0.0.1:{free_port()}"
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [
                str(PROGRAM), f"--config.file={config}", f"--storage.path={folder / 'data'}",
                f"--web.listen-address={self.base.removeprefix('http://')}", "--cluster.listen-address=",
            ],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        try:
            ready = f"{self.base}/-/ready"
            return int(urllib.request.urlopen(ready, timeout=2).status) == 200  # noqa: S310 - our own
        except OSError:
            return False

    def say(self, *alerts: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.base}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
        )
        assert urllib.request.urlopen(request, timeout=5).status == 200  # noqa: S310

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        self.log.close()


def wait_for(what: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(params=["bearer", "basic"])
def alertmanager(
    request: pytest.FixtureRequest, transactional_db: None, live_server: Any, cast: Cast, tmp_path: Path
) -> Iterator[Alertmanager]:
    token = issue_token(cast.robot, name="am", scope=Token.Scope.WRITE, lifetime=None)
    http = {
        "bearer": f"{{authorization: {{type: Bearer, credentials: {token}}}}}",
        "basic": f"{{basic_auth: {{username: robot, password: {token}}}}}",
    }[request.param]
    running = Alertmanager(tmp_path, live_server.url, http)
    yield running
    running.stop()


@pytest.mark.req("INC-04", "SD-02")
def test_an_alert_of_the_real_alertmanager_becomes_a_ticket_and_its_end_arrives(
    cast: Cast, alertmanager: Alertmanager
) -> None:
    source = Source.objects.create(account=cast.robot, code="alertmanager", kind="alertmanager", name="AM")
    Rule.objects.create(
        source=source, name="All", customer=cast.acme, requester=cast.rita, service=cast.mail,
        conditions="severity = critical", is_active=True,
    )  # fmt: skip
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=7)
    alert = {
        "labels": {"alertname": "DiskFull", "instance": "db-1:9100", "severity": "critical"},
        "annotations": {"summary": "数据库服务器磁盘已满"},
        "startsAt": began.isoformat(),
        "generatorURL": "http://prometheus.example.com/graph",
    }
    alertmanager.say(alert)
    wait_for(Incident.objects.exists)
    ticket = Incident.objects.get()
    assert (ticket.title, ticket.channel, ticket.occurred_at) == ("数据库服务器磁盘已满", "monitoring", began)
    alertmanager.say({**alert, "endsAt": datetime.now(UTC).isoformat()})
    wait_for(Alert.objects.filter(status="recovered").exists)
    kept = Alert.objects.get()
    assert (kept.incident, kept.started_at) == (ticket, began)
    assert kept.ended_at is not None
    assert kept.ended_at > began
    wait_for(ticket.activities.filter(verb="monitoring.recovered").exists)
