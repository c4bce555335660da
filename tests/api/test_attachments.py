"""Files: in by form, out as they came, and only to whom they are shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from records import files
from records.models import Attachment
from tests.api.conftest import Api, is_problem
from tests.cast import Cast

Make = Callable[..., Api]


def send(api: Api, number: str, name: str = "log.txt", content: bytes = b"text", **form: Any) -> Any:
    form.setdefault("file", SimpleUploadedFile(name, content))
    return api.send_form(f"/incidents/{number}/attachments/", form)


@pytest.mark.req("PLT-08")
def test_a_file_comes_back_as_it_was_and_as_a_download(cast: Cast, api: Make, number: str) -> None:
    answer = send(api(cast.alice), number, "bericht 报告.html", b"<script>alert(1)</script>")
    assert answer.status_code == 201, answer.content
    shown = answer.json()[0]
    assert answer["Location"] == shown["url"]
    got = api(cast.rita).get(shown["url"].partition("/api/v1")[2], Accept="image/png")
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert got["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in got["Content-Security-Policy"]
    assert got["X-Content-Type-Options"] == "nosniff"
    listed = api(cast.rita).get(f"/incidents/{number}/attachments/").json()["results"]
    assert [row["key"] for row in listed] == [shown["key"]]


@pytest.mark.req("PLT-08")
def test_an_internal_file_is_not_there_for_customers(cast: Cast, api: Make, number: str) -> None:
    shown = send(api(cast.alice), number, public="false").json()[0]
    path = shown["url"].partition("/api/v1")[2]
    assert api(cast.bob).get(path).status_code == 200
    is_problem(api(cast.rita).get(path), 404, "not-found")
    assert api(cast.rita).get(f"/incidents/{number}/attachments/").json()["results"] == []


@pytest.mark.req("PLT-08")
@pytest.mark.parametrize(
    "name", ["virus.exe", "run.BAT", "a" * 250 + ".txt", "evil\u202etxt.exe", "shell.js"]
)
def test_a_hostile_name_is_refused(cast: Cast, api: Make, number: str, name: str) -> None:
    body = is_problem(send(api(cast.rita), number, name), 400, "validation")
    assert body["errors"][0]["field"] == "attachments"
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\windows\\system.ini", "/etc/passwd"])
def test_a_path_in_a_name_leads_nowhere(cast: Cast, api: Make, number: str, name: str) -> None:
    boundary = "xxBOUNDARYxx"
    raw = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}--\r\n"
    ).encode()
    answer = api(cast.alice).ask(
        "POST", f"/incidents/{number}/attachments/", raw=raw,
        Content_Type=f"multipart/form-data; boundary={boundary}",
    )  # fmt: skip
    assert answer.status_code in (201, 400)
    for row in Attachment.objects.all():
        assert "/" not in row.name
        assert "\\" not in row.name
        assert files.path_of(row.key).read_bytes() == b"hello"


def test_too_large_and_empty_and_missing_files_are_refused(
    cast: Cast, api: Make, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_SIZE", 10)
    body = is_problem(send(api(cast.rita), number, content=b"x" * 11), 413, "too-large")
    assert body["errors"][0]["field"] == "attachments"
    is_problem(send(api(cast.rita), number, content=b""), 400, "validation")
    none = api(cast.rita).send_form(f"/incidents/{number}/attachments/", {"public": "true"})
    assert is_problem(none, 400, "validation")["errors"][0]["code"] == "required"
    strange = api(cast.rita).send_form(
        f"/incidents/{number}/attachments/", {"upload": SimpleUploadedFile("a.txt", b"x")}
    )
    assert is_problem(strange, 400, "validation")["errors"][0]["field"] == "upload"
    as_json = api(cast.rita).post(f"/incidents/{number}/attachments/", {"file": "x"})
    is_problem(as_json, 415, "unsupported-media-type")
    assert not Attachment.objects.exists()


def test_a_form_that_is_too_large_is_not_even_read(cast: Cast, api: Make, number: str) -> None:
    answer = api(cast.rita).ask(
        "POST", f"/incidents/{number}/attachments/", raw=b"x",
        Content_Type="multipart/form-data; boundary=x", Content_Length=str(10**9),
    )  # fmt: skip
    assert answer.status_code in (400, 413)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_broken_form_is_400(cast: Cast, api: Make, number: str) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = api(cast.rita).ask(
            "POST", f"/incidents/{number}/comments/", raw=b"nonsense", Content_Type=kind
        )
        assert answer.status_code == 400, answer.content
        assert answer["Content-Type"] == "application/problem+json"


def test_a_file_that_has_lost_its_bytes_is_404(cast: Cast, api: Make, number: str) -> None:
    shown = send(api(cast.alice), number).json()[0]
    files.path_of(shown["key"]).unlink()
    is_problem(api(cast.alice).get(shown["url"].partition("/api/v1")[2]), 404, "not-found")
