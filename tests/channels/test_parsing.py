"""Bytes as words: character sets, quotes, HTML, files, and the limits."""

import contextlib
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import charsets, kinds, parsing, quoting, takeover, tokens
from channels.models import MailMessage
from channels.parsing import File, Unreadable
from incidents.models import Incident
from tests.cast import Cast
from tests.channels.fuzz import CHINESE, PNG
from tests.channels.post import letter, make_mailbox, receive

TRADITIONAL = "您好，印表機無法列印，請儘快處理。謝謝！"
LABELS = [
    "gb2312",
    "GBK",
    "gb18030",
    "utf-8",
    "iso-8859-1",
    "us-ascii",
    "",
    "big5",
    "x-unknown",
    "windows-1252",
    "zip",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("gb18030", CHINESE),
        ("gbk", CHINESE),
        ("utf-8", CHINESE),
        ("big5", TRADITIONAL),
        ("utf-8", TRADITIONAL),
    ],
)
def test_chinese_is_read_whatever_it_is_called(codec: str, text: str, label: str) -> None:
    assert charsets.decode(text.encode(codec), label) == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Grüße aus Köln, café", "iso-8859-1"), ("こんにちは", "iso-2022-jp"), ("привет", "koi8-r"),
        ("李娜", "gbk"), ("안녕하세요", "euc-kr"), ("€ 100", "windows-1252"), ("𠮷野家", "gb18030"),
        ("𠮷", "utf-8"),
    ],
)  # fmt: skip
def test_other_scripts_are_read_as_they_are_labelled(text: str, codec: str) -> None:
    assert charsets.decode(text.encode(codec), codec) == text


@given(st.binary(max_size=300), st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_bytes_and_no_label_fail_and_the_database_can_hold_the_result(raw: bytes, label: str) -> None:
    found = charsets.decode(raw, label)
    found.encode()
    assert "\0" not in found


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_mail_or_say_why_not(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        mail = parsing.parse(b"From: a@b.example\r\n" + raw)
        assert parsing.is_address(mail.sender)
        assert "\0" not in mail.subject + mail.text + mail.html


QUOTES = [
    "On Mon, 2 Mar 2026 at 10:00, Service desk <desk@example.net> wrote:\n> x",
    "On Monday, 2 March 2026, Service desk with a long name\n<desk@example.net> wrote:\n> x",
    "-----Original Message-----\nFrom: Desk\nx",
    "------------------ 原始邮件 ------------------\n发件人: x",
    "在 2026年3月2日，Service desk <desk@example.net> 写道：\nx",
    "发件人: Service desk <desk@example.net>\n发送时间: 2026年3月2日\n收件人: Rita\n主题: x\n\nold",
    "From: Desk <desk@example.net>\nSent: Monday\nTo: Rita\nSubject: x\n\nold",
    "> quoted\n> more\n",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_mail_programs_quote_is_left_out_of_an_answer(quote: str) -> None:
    assert quoting.own_words(f"Yes, please.\n\nRita\n\n{quote}") == "Yes, please.\n\nRita"
    assert quoting.own_words(quote).strip() == quote.strip(), "where nothing would be left, all of it stays"


def test_a_persons_own_lines_are_not_taken_for_a_quote() -> None:
    text = "From: here I cannot log in.\nOn the second floor it works.\n> 50 people wait\nThanks"
    assert quoting.own_words(text) == text


def test_html_becomes_text_without_scripts_and_in_time() -> None:
    html = "<p>Hi<br>there</p><script>x</script><blockquote>old</blockquote><ul><li>a<li>b</ul>"
    assert quoting.text_of(html) == "Hi\nthere\n> old\n- a\n- b"
    assert "hello" in quoting.text_of("<div>" * 100_000 + "hello")
    assert quoting.is_too_deep("<b>" * 300)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\temp\\a.txt", "a.txt"), ("a\u202egnp.txt", "agnp.txt"),
        ("...", "attachment-1.png"), ("", "attachment-1.png"), ("日志.log", "日志.log"),
        ("x" * 300 + ".png", "x" * 146 + ".png"), ("a\r\nb.txt", "ab.txt"),
    ],
)  # fmt: skip
def test_names_of_files_are_made_safe(given_name: str, kept: str) -> None:
    assert takeover.safe_name(File(given_name, "image/png", b"x"), 1) == kept


def test_programs_empty_files_and_too_many_stay_in_the_original_and_that_is_said(cast: Cast) -> None:
    message = letter()
    for n in range(22):
        message.add_attachment(PNG, "image", "png", filename=f"{n}.png")
    message.add_attachment(b"MZ", "application", "octet-stream", filename="setup.exe")
    message.add_attachment(b"", "application", "octet-stream", filename="nothing.bin")
    receive(make_mailbox(), message)
    incident = Incident.objects.get()
    assert incident.attachments.count() == 20
    assert "Not taken over: “20.png” (too many files)." in incident.description
    assert "setup.exe" in incident.description
    assert len(MailMessage.objects.get().files) == 24


def test_pictures_in_the_text_and_mails_in_the_mail_are_attached(cast: Cast) -> None:
    message = letter()
    message.add_alternative('<p>See <img src="cid:one"></p>', subtype="html")
    message.make_mixed()
    message.add_attachment(PNG, "image", "png", filename="shot.png", cid="<one>", disposition="inline")
    message.add_attachment(letter(subject="the other mail"))
    receive(make_mailbox(), message)
    names = list(Incident.objects.get().attachments.order_by("pk").values_list("name", flat=True))
    assert names == ["shot.png", "attachment-2.eml"]


def test_a_subject_loses_what_mail_programs_put_before_it() -> None:
    assert kinds.bare_subject("Re: 答复： AW[2]: Fwd: 打印机") == "打印机"
    assert kinds.bare_subject("Regarding: x") == "Regarding: x"


def test_a_mail_without_words_gets_a_title_that_can_be_opened(cast: Cast) -> None:
    message = letter(subject="\u200b \u200b")
    receive(make_mailbox(), message)
    assert Incident.objects.get().title == "(no subject)"


@pytest.mark.parametrize("depth", [30, 500])
def test_nests_and_crowds_of_parts_are_refused_by_name(depth: int) -> None:
    body = b"\r\n\r\nx"
    for n in range(depth):
        body = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) + body
    with pytest.raises(Unreadable, match=r"too many parts|nested|Recursion"):
        parsing.parse(b"From: a@b.example\r\n" + body)
    crowd = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=p\r\n\r\n" + b"--p\r\n\r\nx\r\n" * 300
    )
    with pytest.raises(Unreadable, match="too many parts"):
        parsing.parse(crowd)


def test_tokens_of_an_old_key_still_hold_and_no_others(settings: object) -> None:
    address = tokens.address_for("desk@example.net", number="INC0000042", user_id=7)
    assert len(address.partition("@")[0]) <= 64, "what a mail server takes before the @"
    assert tokens.token_in(["x@y", address.upper()]) == tokens.Token("INC0000042", 7)
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert tokens.token_in([address]) is None
    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]
    assert tokens.token_in([address]) == tokens.Token("INC0000042", 7)


def test_an_address_that_hides_another_is_read_as_what_it_is() -> None:
    message = EmailMessage()
    message["From"] = '"rita@example.org" <mallory@evil.example>'
    message.set_content("x")
    assert parsing.parse(bytes(message)).sender == "mallory@evil.example"
