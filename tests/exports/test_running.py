"""Making a file in the background: once, whole, within the asker's rights, whatever happens to the worker."""

import csv
import io
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, QueryDict
from django.utils import timezone
from openpyxl import load_workbook

from accounts.access import Actor, Denied
from accounts.models import Grant, User
from exports import parts, running, services, sources, tasks
from exports.building import text
from exports.columns import Column
from exports.models import Export
from exports.sources import Source
from records import files, notices
from records.models import Record
from tests.cast import Cast, make_cast, make_incident

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent.parent


def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def ask(user: User, query: str = "view=all", kind: str = "csv", name: str = "tickets", **over: Any) -> Export:
    source = sources.get(name)
    assert source
    once = over.pop("once", f"{Export.objects.count()}")
    actor = User.objects.prefetch_related("grants", "memberships").get(pk=user.pk).actor
    return services.ask(source, query, kind, once=once, actor=actor, now=now(), language="en", **over)[0]


def made(export: Export) -> list[list[str]]:
    export.refresh_from_db()
    assert export.state == Export.State.DONE, export.reason
    content = files.path_of(export.key).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def fresh(export: Export) -> Export:
    export.refresh_from_db()
    return export


@pytest.fixture
def several(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Seven tickets, read two by two."""
    monkeypatch.setattr(running, "CHUNK", 2)
    return [make_incident(cast, now=now(), title=f"=Ticket {n}") for n in range(7)]


def leftovers() -> list[str]:
    return [path.name for path in Path(settings.MEDIA_ROOT).glob("*/*.*")]


@pytest.mark.req("RPT-13")
def test_a_file_is_made_in_slices_and_says_how_far_it_is(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    assert running.run(export.pk, seconds=0) is True
    assert (fresh(export).position, export.total, export.percent) == (2, 7, 28)
    assert export.state == Export.State.RUNNING
    while running.run(export.pk, seconds=0):
        pass
    rows = made(export)
    assert len(rows) == 8
    assert rows[0][0] == "Number"
    assert "Opened (Asia/Shanghai)" in rows[0]
    assert {row[0] for row in rows[1:]} == {ticket.number for ticket in several}
    assert all(row[1].startswith("'=Ticket") for row in rows[1:])
    assert (export.done_rows, export.attempts) == (7, 0)
    assert export.size == files.path_of(export.key).stat().st_size
    assert export.expires_at == (export.finished_at or now()) + timedelta(days=7)
    assert leftovers() == []
    assert running.run(export.pk) is False


def test_a_workbook_is_made_in_slices_too(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice, kind="xlsx")
    while running.run(export.pk, seconds=0):
        pass
    sheet: Any = load_workbook(io.BytesIO(files.path_of(fresh(export).key).read_bytes())).active
    assert sheet.max_row == 8
    assert sheet.freeze_panes == "A2"
    assert export.file_name.endswith(".xlsx")
    assert leftovers() == []


def test_the_same_form_sent_twice_is_one_export(cast: Cast, several: list[Any]) -> None:
    first, second = ask(cast.alice, once="form"), ask(cast.alice, once="form")
    assert first.pk == second.pk
    assert ask(cast.bob, once="form").pk != first.pk


def test_three_at_once_and_no_more(cast: Cast, several: list[Any]) -> None:
    for _n in range(services.AT_ONCE):
        last = ask(cast.alice)
    with pytest.raises(ValidationError, match="3 of your exports"):
        ask(cast.alice)
    assert ask(cast.bob).is_working
    services.cancel(last, actor=cast.alice.actor, now=now())
    assert ask(cast.alice).is_working


def test_what_is_stopped_is_thrown_away(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    running.run(export.pk, seconds=0)
    services.cancel(fresh(export), actor=cast.alice.actor, now=now())
    assert running.run(export.pk) is False
    assert (fresh(export).state, export.key) == (Export.State.CANCELLED, "")
    with pytest.raises(services.Over):
        services.cancel(export, actor=cast.alice.actor, now=now())
    with pytest.raises(Denied):
        services.cancel(ask(cast.alice), actor=cast.bob.actor, now=now())


def test_who_is_stopped_while_writing_writes_no_more(
    cast: Cast, several: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    export, chunk = ask(cast.alice), running._chunk

    def stopped(job: running.Job, keys: list[int]) -> list[Any]:
        Export.objects.filter(pk=export.pk).update(state=Export.State.CANCELLED)
        return chunk(job, keys)

    monkeypatch.setattr(running, "_chunk", stopped)
    assert running.run(export.pk) is False
    assert fresh(export).state == Export.State.CANCELLED
    assert leftovers() == []


def test_a_worker_that_died_is_followed_by_another_who_goes_on(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    running.run(export.pk, seconds=0)
    part = fresh(export).part
    # it died in the middle of the next chunk: half a line is in the file, nothing of it confirmed
    with parts.rows_path(part).open("ab") as out:
        out.write(b'"INC9999999","half a')
    long_ago = timezone.now() - timedelta(minutes=5)
    Export.objects.filter(pk=export.pk).update(lease_until=long_ago, touched_at=long_ago)
    assert running.unfinished() == [export.pk]
    assert running.run(export.pk) is False
    rows = made(export)
    assert sorted(row[0] for row in rows[1:]) == sorted(ticket.number for ticket in several)
    assert export.attempts == 1
    assert leftovers() == []


def test_a_worker_that_was_thought_dead_disturbs_nobody(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    mine = running._claim(export.pk)
    assert mine
    Export.objects.filter(pk=export.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    assert running.run(export.pk) is False  # another one makes it meanwhile
    with pytest.raises(running.Lost):
        running._make(mine, None)
    assert len(made(export)) == 8


def test_while_one_works_on_it_another_does_not(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    assert running._claim(export.pk)
    assert running._claim(export.pk) is None
    assert running.run(export.pk) is False


def test_files_of_a_slice_that_are_gone_are_begun_again(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    running.run(export.pk, seconds=0)
    parts.remove(fresh(export).part)
    assert running.run(export.pk) is False
    assert len(made(export)) == 8


def test_what_never_ends_is_given_up_in_words(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    Export.objects.filter(pk=export.pk).update(attempts=running.ATTEMPTS)
    assert running.run(export.pk) is False
    assert fresh(export).state == Export.State.FAILED
    assert "begun several times" in export.reason


@pytest.mark.req("SEC-06")
def test_a_right_lost_meanwhile_is_a_refusal_in_words(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    Grant.objects.filter(user=cast.alice).delete()
    assert running.run(export.pk) is False
    assert (fresh(export).state, export.key) == (Export.State.FAILED, "")
    assert export.reason == "You may not see this list any more."
    other = ask(cast.bob)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    running.run(other.pk)
    assert fresh(other).reason == "Who asked for it may not do this any more."


@pytest.mark.req("SEC-06")
def test_rows_that_went_out_of_sight_between_two_chunks_are_not_written(
    cast: Cast, several: list[Any]
) -> None:
    export = ask(cast.alice)
    running.run(export.pk, seconds=0)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.globex)
    while running.run(export.pk, seconds=0):
        pass
    assert len(made(export)) == 3  # the head, and what was written before
    assert export.done_rows == 2


def test_what_was_deleted_or_left_the_filter_is_left_out(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    running.run(export.pk, seconds=0)
    written = parts.rows_path(fresh(export).part).read_text(encoding="utf-8-sig").splitlines()
    left = next(t for t in several if not any(t.number in line for line in written))
    Record.objects.filter(pk=left.pk).update(phase="done", state="closed", done_at=now())
    while running.run(export.pk, seconds=0):
        pass
    assert left.number not in {row[0] for row in made(export)}
    assert export.done_rows == 6


def test_a_list_too_long_for_excel_is_refused_with_advice(
    cast: Cast, several: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST", {"csv": 7, "xlsx": 6})
    excel = ask(cast.alice, kind="xlsx")
    running.run(excel.pk)
    assert fresh(excel).state == Export.State.FAILED
    assert "7 rows" in excel.reason
    assert "take CSV" in excel.reason
    plain = ask(cast.alice)
    running.run(plain.pk)
    assert len(made(plain)) == 8
    assert leftovers() == []


def refusing(error: Exception) -> Any:
    def rows(actor: Actor, query: QueryDict, at: datetime) -> Any:
        raise error

    return rows


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Http404(), "does not exist any more"),
        (ValidationError("The month is none."), "The month is none."),
        (RuntimeError("secret"), "The server met an error"),
    ],
)
def test_every_refusal_has_words(
    cast: Cast, error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("odd", "Odd", [text("pk", "Key")], refusing(error))
    monkeypatch.setitem(sources._SOURCES, "odd", source)
    export = ask(cast.alice, "", name="odd")
    assert running.run(export.pk) is False
    assert words in fresh(export).reason
    assert "secret" not in export.reason


def test_a_list_that_is_computed_is_written_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    columns = [Column("n", "N", lambda row: row, "number")]
    source = Source("computed", "Computed", columns, lambda actor, query, at: [5, 6, 7, 8, 9])
    monkeypatch.setitem(sources._SOURCES, "computed", source)
    export = ask(cast.alice, "", name="computed")
    while running.run(export.pk, seconds=0):
        pass
    assert made(export) == [["N"], ["5"], ["6"], ["7"], ["8"], ["9"]]


def test_an_empty_list_is_a_file_with_its_head(cast: Cast) -> None:
    export = ask(cast.alice)
    running.run(export.pk)
    assert len(made(export)) == 1
    assert fresh(export).total == 0


@pytest.mark.req("RPT-13")
def test_labels_and_words_are_in_the_askers_language(cast: Cast, several: list[Any]) -> None:
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Europe/Berlin")
    source = sources.get("tickets")
    assert source
    actor = cast.alice.actor
    export, _is_new = services.ask(
        source, "view=all", "csv", once="zh", actor=actor, now=now(), language="zh-hans"
    )
    running.run(export.pk)
    rows = made(export)
    assert rows[0][1] == "标题"
    assert any("Europe/Berlin" in label for label in rows[0])


def test_after_its_time_the_file_is_removed_and_the_row_says_so(cast: Cast, several: list[Any]) -> None:
    export = ask(cast.alice)
    running.run(export.pk)
    path = files.path_of(fresh(export).key)
    assert tasks.expire() == 0
    assert path.exists()
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tasks.expire() == 1
    assert (fresh(export).state, export.key, path.exists()) == (Export.State.EXPIRED, "", False)
    assert tasks.expire() == 0


def test_what_killed_workers_left_is_swept_and_finished_files_are_kept(
    cast: Cast, several: list[Any]
) -> None:
    done = ask(cast.alice)
    running.run(done.pk)
    kept = files.path_of(fresh(done).key)
    stale = parts.rows_path(parts.new_name())
    stale.write_bytes(b"x")
    fresh_part = parts.rows_path(parts.new_name())
    fresh_part.write_bytes(b"x")
    for path in (kept, stale):
        os.utime(path, (time.time() - 3 * 86400,) * 2)
    tasks.expire()
    assert list(files.orphans(timezone.now())) == []
    assert (kept.exists(), stale.exists(), fresh_part.exists()) == (True, False, True)


def test_the_bell_tells_that_it_is_ready_until_it_was_looked_at(cast: Cast, several: list[Any]) -> None:
    before = notices.unread_count(cast.alice.actor)
    export = ask(cast.alice)
    running.run(export.pk)
    assert notices.unread_count(cast.alice.actor) == before + 1
    told = notices.latest(cast.alice.actor)[0][0]
    assert (told.words, told.is_unread) == ("Your file is ready", True)
    assert not any(notice.words == told.words for notice in notices.latest(cast.bob.actor)[0])
    services.seen(cast.alice.actor, now())
    assert notices.unread_count(cast.alice.actor) == before


WORK = "import django; django.setup(); from exports import running; running.CHUNK = 1; running.run({pk})"


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_the_file_is_whole(tmp_path: Path) -> None:
    cast = make_cast()
    numbers = {make_incident(cast, now=now(), title=f"Ticket {n}").number for n in range(60)}
    export = ask(cast.alice)
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    env = {
        **os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "itsm.settings",
        "ATTACHMENTS_ROOT": str(settings.MEDIA_ROOT),
    }  # fmt: skip
    for wanted in (3, 15, 33):
        process = subprocess.Popen(
            [sys.executable, "-c", WORK.format(pk=export.pk)], cwd=ROOT, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while fresh(export).position < wanted and export.is_working:
            assert time.monotonic() < deadline, "the export does not get on"
            time.sleep(0.005)
        process.kill()
        process.wait()
        assert fresh(export).key == "" or export.state == Export.State.DONE
        Export.objects.filter(pk=export.pk, state="running").update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
    running.run(export.pk)
    rows = made(export)
    assert sorted(row[0] for row in rows[1:]) == sorted(numbers)
    assert export.attempts >= 1
