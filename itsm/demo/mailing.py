"""The demo's mailbox, which is not read, and a few mails as if it had been: in tickets, put aside, automatic."""
# ruff: noqa: E501 - texts

import hashlib
from datetime import datetime, timedelta
from email.message import EmailMessage

from channels import fetching, intake, services
from channels.imap import Fetched
from channels.models import Mailbox, MailDomain, MailMessage
from channels.tokens import address_for
from itsm.demo.company import Company
from records.models import Record

DESK = "service-desk@example.net"
TITLE = "会议室投影仪连不上笔记本"


def make(company: Company, *, now: datetime) -> None:
    """A mailbox to look at, whose customers' domains are known, and what came into it within a day."""
    box = Mailbox.objects.create(
        address=DESK, host="imap.example.net", username=DESK, password_variable="MAILBOX_DESK_PASSWORD",  # noqa: S106 - a name
        after=Mailbox.After.MOVE, move_to="Archive", is_active=False, uidvalidity=1,
    )  # fmt: skip
    for code, makes_contacts in (("xinghe", True), ("haiyue", False)):
        MailDomain.objects.create(
            domain=f"{code}.example", customer=company.customers[code], makes_contacts=makes_contacts
        )
    offer = _arrive(box, 1, now - timedelta(hours=20), _mail(
        "Sales <sales@bargain.example>", "Your best offer yet", "Buy now.",
    ))  # fmt: skip
    services.discard(
        offer,
        reason="广告邮件，与服务无关。",
        actor=company.users["agent"].actor,
        now=now - timedelta(hours=19),
    )
    _arrive(
        box,
        2,
        now - timedelta(hours=11),
        b"Subject: =?utf-8?q?kaputt\r\nContent-Type: multipart/mixed\r\n\r\n\x00\xff\xfe",
    )
    away = _mail("何静 <contact@xinghe.example>", "自动回复：外出中", "我本周外出，邮件回复会有延迟。")
    away["Auto-Submitted"] = "auto-replied"
    _arrive(box, 3, now - timedelta(hours=9), away)
    _arrive(box, 4, now - timedelta(hours=7), _mail(
        "Lee Morgan <lee@nowhere.example>", "Question about an invoice", "Hello,\nwho can tell me about invoice 2026-118?\n\nLee",
    ))  # fmt: skip
    _arrive(box, 5, now - timedelta(hours=5), _mail(
        "陈晨 <chenchen@haiyue.example>", "新来的护士没有系统账号", "您好，住院部三区新来了两位护士，请帮忙开通 HIS 账号。谢谢！",
    ))  # fmt: skip
    opened = _arrive(box, 6, now - timedelta(hours=3), _mail(
        "张伟 <customer@xinghe.example>", TITLE,
        "三楼 301 会议室的投影仪从今天早上起识别不到笔记本，换了两根线都不行。\n下午两点有客户会议，请尽快看一下。\n\n张伟",
        file=("投影仪错误.txt", "No signal (HDMI 1)\n"),
    ))  # fmt: skip
    if opened.record:
        _answer(box, opened.record, company, now - timedelta(hours=2))


def _answer(box: Mailbox, record: Record, company: Company, at: datetime) -> None:
    person = company.users["customer"]
    to = address_for(box.address, number=record.number, user_id=person.pk)
    quoted = f"{record.number}  {record.title}"
    text = (
        f"补充：换成另一台笔记本可以投，应该是我这台的问题。\n\n在 2026年11月20日，服务台 写道：\n> {quoted}"
    )
    _arrive(box, 7, at, _mail(f"张伟 <{person.email}>", f"Re: {record.title}", text, to=to))


def _mail(
    sender: str, subject: str, text: str, *, to: str = DESK, file: tuple[str, str] | None = None
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{hashlib.sha256(subject.encode()).hexdigest()[:16]}@demo.example>"
    message.set_content(text)
    if file:
        message.add_attachment(file[1], filename=file[0])
    return message


def _arrive(box: Mailbox, uid: int, at: datetime, message: EmailMessage | bytes) -> MailMessage:
    raw = message if isinstance(message, bytes) else bytes(message)
    fetching.store(box, 1, uid, Fetched(raw, at), now=at)
    row: MailMessage = MailMessage.objects.get(mailbox=box, uid=uid)
    intake.process(row.pk, now=at)
    row.refresh_from_db()
    return row
