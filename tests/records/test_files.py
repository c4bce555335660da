"""Bytes without a row: an upload whose act was rolled back goes after a day, nothing else ever does."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from records import files, services
from records.models import Attachment
from records.tasks import delete_orphaned_files
from tests.cast import MONDAY, Cast, make_incident


def age(path: Path, **span: int) -> None:
    at = (timezone.now() - timedelta(**span)).timestamp()
    os.utime(path, (at, at))


@pytest.mark.django_db
def test_only_old_files_without_a_row_are_deleted(cast: Cast) -> None:
    upload = SimpleUploadedFile("a.txt", b"words")
    services.comment(
        make_incident(cast), text="see", is_public=True, actor=cast.alice.actor, now=MONDAY,
        attachments=[upload],
    )  # fmt: skip
    kept = files.path_of(Attachment.objects.get().key)
    old = files.path_of(files.store(SimpleUploadedFile("b.txt", b"x")).key)
    new = files.path_of(files.store(SimpleUploadedFile("c.txt", b"x")).key)
    strange = Path(settings.MEDIA_ROOT) / "ab" / "somebody's own.txt"
    strange.parent.mkdir(exist_ok=True)
    strange.write_text("x")
    for path in (kept, old, strange):
        age(path, hours=25)
    age(new, hours=23)
    assert delete_orphaned_files() == 1
    assert [path.exists() for path in (kept, old, new, strange)] == [True, False, True, True]
    assert delete_orphaned_files() == 0


@pytest.mark.django_db
def test_an_installation_without_a_file_has_nothing_to_delete() -> None:
    assert delete_orphaned_files() == 0
