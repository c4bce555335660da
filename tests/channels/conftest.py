"""Real mail servers, one pair for all tests of a process; each test begins with empty mailboxes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels import servers
from tests.channels.servers import USERS, Servers


@pytest.fixture(scope="session")
def _servers() -> Iterator[Servers]:
    if reason := servers.missing():
        pytest.skip(f"no real mail server: {reason}")
    with tempfile.TemporaryDirectory(prefix="itsm-mail-") as root:
        running = Servers(Path(root))
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
def post(_servers: Servers, settings: object, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """The servers, with empty mailboxes, and the password where the mailbox looks for it."""
    monkeypatch.setenv("MAILBOX_TEST_PASSWORD", servers.PASSWORD)
    for user in USERS:
        _servers.empty(user)
    return _servers
