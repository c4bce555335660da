"""The demo's knowledge base: instructions, solutions, known errors and a case, in both languages."""
# ruff: noqa: E501 - texts

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.access import Origin
from incidents.models import Incident
from itsm.demo.company import Company
from knowledge import services, using
from knowledge.models import Article, ArticleUse, Audience, Genre
from knowledge.writing import Content

HOW_TO, SOLUTION, KNOWN_ERROR, CASE = Genre.HOW_TO, Genre.SOLUTION, Genre.KNOWN_ERROR, Genre.CASE
ALL, INSIDE, NAMED = Audience.CUSTOMERS, Audience.INTERNAL, Audience.NAMED


class Said(NamedTuple):
    """One article: what it is, and its texts as pairs of English and Chinese."""

    service: str
    genre: str
    audience: str
    title: tuple[str, str]
    summary: tuple[str, str]
    body: tuple[str, str]
    keywords: str = ""
    more: dict[str, tuple[str, str]] = {}
    customers: tuple[str, ...] = ()
    department: str = ""
    state: str = "published"


ARTICLES = (
    Said(
        "email", SOLUTION, ALL,
        ("Mail stays in the outbox", "邮件一直停留在发件箱"),
        ("A message that is too large blocks all others. Remove it, then send again.", "一封过大的邮件会堵住其他邮件，移除后重新发送即可。"),
        ("1. Switch the mail program to **offline** (Send/Receive, Work offline).\n2. Open the outbox and move the largest message to Drafts.\n3. Switch back to online and choose *Send all*.\n4. Attach files over 25 MB as a link to the shared drive instead.\n\nIf the outbox is empty and mail still does not leave, report it with the time of your last successful message.",
         "1. 将邮件客户端切换为**脱机**（发送/接收 → 脱机工作）。\n2. 打开发件箱，把最大的邮件移到“草稿”。\n3. 切回联机，点击*全部发送*。\n4. 超过 25 MB 的文件请改用共享盘链接。\n\n如果发件箱为空而邮件仍发不出去，请报障并注明最后一封成功发送邮件的时间。"),
        "outbox, cannot send, attachment too large, 发不出去, 附件过大",
        {"symptom": ("Messages stay in the outbox and are not sent.", "邮件停在发件箱，显示正在发送，但对方收不到。")},
    ),
    Said(
        "email", HOW_TO, ALL,
        ("Make room in a full mailbox", "邮箱已满时如何清理空间"),
        ("Archive old mail by year; nothing is lost.", "按年份归档旧邮件，不会丢失任何内容。"),
        ("1. Sort the inbox by **size** and move large mails with attachments you have saved elsewhere to Deleted items.\n2. Create an archive for each past year and move the mails there.\n3. Empty *Deleted items*.\n\nThe quota is shown under File, Information. It is updated within an hour.",
         "1. 按**大小**排序收件箱，将附件已另存的大邮件移入“已删除邮件”。\n2. 为以往每一年建立存档文件夹，把旧邮件移进去。\n3. 清空*已删除邮件*。\n\n配额可在“文件 → 信息”中查看，一小时内更新。"),
        "quota, mailbox full, 邮箱容量, 配额, 存档",
    ),
    Said(
        "vpn", SOLUTION, ALL,
        ("The VPN connects but nothing opens", "VPN 已连接但打不开内部系统"),
        ("Usually the home network uses the same addresses as the office. Reconnect over a hotspot to check.", "多为家庭网络与公司网段冲突，可先用手机热点验证。"),
        ("1. Disconnect the VPN and connect your computer to a phone hotspot.\n2. Connect the VPN again. If it works now, your home router uses the address range `192.168.10.x`.\n3. Change the range of the router to `192.168.88.x`, or ask us for the second gateway.\n4. If it does not work over the hotspot either, report it with the time and the version of the client.",
         "1. 断开 VPN，将电脑改接手机热点。\n2. 重新连接 VPN。如果此时正常，说明家用路由器使用了 `192.168.10.x` 网段。\n3. 将路由器网段改为 `192.168.88.x`，或向我们申请使用第二网关。\n4. 如果热点下仍不正常，请报障并提供时间与客户端版本。"),
        "remote access, home office, 远程办公, 内网打不开, 网段冲突",
        {"symptom": ("The client says “connected”, but neither the ERP system nor shared drives open.", "客户端显示“已连接”，但 ERP 和共享盘都打不开。")},
    ),
    Said(
        "vpn", HOW_TO, ALL,
        ("Set up the VPN client on a new computer", "在新电脑上安装 VPN 客户端"),
        ("Install, import the profile, confirm with the app.", "安装客户端，导入配置，用手机应用确认登录。"),
        ("1. Install *Yunqi Connect* from the software centre.\n2. Open the profile we sent you; it is valid for 14 days.\n3. Sign in with your office account and confirm the request on your phone.\n4. Choose the gateway nearest to you.",
         "1. 在软件中心安装 *Yunqi Connect*。\n2. 打开我们发送的配置文件，有效期 14 天。\n3. 用办公账号登录，并在手机上确认。\n4. 选择离您最近的网关。"),
        "install, profile, token, 安装, 配置文件, 动态口令",
    ),
    Said(
        "network-access", SOLUTION, ALL,
        ("No network at one desk", "单个工位无法上网"),
        ("Cable, socket, then the port: three checks in two minutes.", "依次检查网线、墙面插座和端口，两分钟即可判断。"),
        ("1. Is the light beside the network plug on? If not, try another cable.\n2. Plug the cable into the neighbour's socket. If it works there, tell us the number of your socket.\n3. Restart the computer once after changing the socket.",
         "1. 网口指示灯是否亮？不亮请先换一根网线。\n2. 把网线插到旁边工位的插座。如果可用，请告知原插座编号。\n3. 更换插座后请重启一次电脑。"),
        "cable, socket, offline, 网线, 断网, 插座",
    ),
    Said(
        "network-access", KNOWN_ERROR, INSIDE,
        ("Access points of the 7th floor restart under load", "七楼无线接入点在高负载时重启"),
        ("Firmware 8.2.1 restarts with more than 60 clients. Move clients to the neighbouring channel until the change.", "固件 8.2.1 在超过 60 个终端时重启，变更前先分流到相邻信道。"),
        ("Update to firmware 8.2.4 in the next change window of the network team.", "在网络组下一个变更窗口升级到固件 8.2.4。"),
        "wifi, WARD-AP, firmware, 无线, 固件, 断线",
        {"symptom": ("WARD-AP-07 and its neighbours restart; all clients lose the wireless network for about 90 seconds.", "WARD-AP-07 及相邻接入点自动重启，终端断网约 90 秒。"),
         "cause": ("A memory leak in firmware 8.2.1, confirmed by the manufacturer.", "固件 8.2.1 内存泄漏，厂商已确认。"),
         "workaround": ("Limit the access point to 50 clients and switch the neighbour to channel 44.", "将该接入点限制为 50 个终端，并将相邻接入点切换到 44 信道。")},
    ),
    Said(
        "erp", KNOWN_ERROR, INSIDE,
        ("ERP month-end report stops at 80 %", "ERP 月结报表停在 80 %"),
        ("A lock of the stock job holds the report. Run it after 20:00, or stop the stock job.", "库存作业锁表导致，20:00 后再运行，或先停止库存作业。"),
        ("The manufacturer delivers a correction with the next release; until then follow the workaround.", "厂商将在下一版本修复，此前请使用临时措施。"),
        "database, lock, month end, 数据库, 锁表, 月结",
        {"symptom": ("The month-end report stays at 80 % for more than 20 minutes; stock postings are slow as well.", "月结报表停在 80 % 超过 20 分钟，库存过账同时变慢。"),
         "cause": ("The hourly stock job and the report lock the table `stock_move` against each other.", "每小时的库存作业与报表互相锁定 `stock_move` 表。"),
         "workaround": ("1. Look for the session of `job_stock` on ERP-APP-01.\n2. If it waits for more than five minutes, end that session; the job repeats itself.\n3. Tell accounting when the report is through.", "1. 在 ERP-APP-01 上查看 `job_stock` 会话。\n2. 等待超过五分钟则结束该会话，作业会自动重跑。\n3. 报表完成后告知财务。")},
    ),
    Said(
        "erp", SOLUTION, INSIDE,
        ("The ERP database is slow: what to look at first", "ERP 数据库变慢：先看什么"),
        ("Locks, long queries, disk: in this order.", "依次检查锁、长查询、磁盘。"),
        ("1. **Locks**: sessions that wait for more than 60 s.\n2. **Long queries**: the five longest, with their plan.\n3. **Disk**: free space of the log volume below 15 % slows every posting.\n4. Write what you found into the ticket *before* you restart anything.",
         "1. **锁**：等待超过 60 秒的会话。\n2. **长查询**：耗时最长的五条及其执行计划。\n3. **磁盘**：日志卷可用空间低于 15 % 会拖慢所有过账。\n4. 重启任何服务*之前*，先把发现写入工单。"),
        "performance, slow, deadlock, 性能, 卡顿, 死锁",
    ),
    Said(
        "printing", SOLUTION, ALL,
        ("The printer shows “paper jam” without a jam", "打印机提示卡纸但没有卡纸"),
        ("A dirty sensor: open, wipe, close.", "传感器积灰，开盖擦拭即可。"),
        ("1. Switch the printer off and open the rear cover.\n2. Wipe the small black lever on the left with a dry cloth.\n3. Close the cover and switch the printer on.\n\nIf the message comes back the same day, report it: the roller must be changed.",
         "1. 关闭打印机电源，打开后盖。\n2. 用干布擦拭左侧的黑色小拨杆。\n3. 合上后盖并开机。\n\n如果当天再次出现，请报障，需要更换搓纸轮。"),
        "paper jam, sensor, 卡纸, 打印不了",
    ),
    Said(
        "accounts", HOW_TO, ALL,
        ("Reset your own password", "自助重置密码"),
        ("In the portal of your computer, at any hour, in two minutes.", "随时可在登录界面自助完成，约两分钟。"),
        ("1. Choose *Forgotten password* on the login screen.\n2. Confirm with the code we send to your phone.\n3. Choose a password of at least 12 characters that you have not used before.\n4. Sign out of mail on your phone and in again.",
         "1. 在登录界面选择*忘记密码*。\n2. 输入发送到手机的验证码。\n3. 设置至少 12 位且未使用过的新密码。\n4. 在手机邮箱中退出并重新登录。"),
        "password, login, locked, 忘记密码, 账号锁定, 登录不了",
    ),
    Said(
        "meeting", KNOWN_ERROR, ALL,
        ("No sound in room 201 after a screen is shared", "201 会议室共享屏幕后没有声音"),
        ("Choose the ceiling microphone again; the driver is being replaced.", "重新选择吊顶麦克风即可，驱动更换中。"),
        ("The driver of the room system is replaced in the next maintenance window.", "会议系统驱动将在下一个维护窗口更换。"),
        "audio, microphone, meeting room, 会议室, 没有声音, 麦克风",
        {"symptom": ("As soon as somebody shares a screen, the others hear nothing from the room.", "有人共享屏幕后，远端听不到会议室的声音。"),
         "cause": ("The driver switches to the microphone of the shared computer.", "驱动会自动切换到共享电脑的麦克风。"),
         "workaround": ("Tap *Audio* on the panel and choose *Ceiling microphone*.", "在面板上点击*音频*，重新选择*吊顶麦克风*。")},
        customers=(),
    ),
    Said(
        "erp", HOW_TO, NAMED,
        ("Xinghe: approve orders over 50,000 yuan", "星河制造：五万元以上订单的审批"),
        ("Two approvals, in this order; the second one releases the order.", "按顺序两级审批，第二级通过后订单放行。"),
        ("1. Purchasing opens the order and chooses *Ask for approval*.\n2. The head of department approves under *My tasks*.\n3. Accounting approves and releases. The supplier is told by the system.",
         "1. 采购打开订单，点击*提交审批*。\n2. 部门负责人在*我的任务*中审批。\n3. 财务审批并放行，系统自动通知供应商。"),
        "order, approval, purchase, 采购, 审批, 订单", customers=("xinghe",),
    ),
    Said(
        "workplace", SOLUTION, ALL,
        ("The computer starts slowly after an update", "更新后电脑开机很慢"),
        ("The first start after an update takes up to 15 minutes. Leave it on, then restart once.", "更新后首次开机最长约 15 分钟，等待完成后再重启一次。"),
        ("1. Leave the computer switched on and connected to power for 15 minutes.\n2. Restart it once.\n3. Still slow? Report it with the name of the computer (sticker on the lid).",
         "1. 接通电源，保持开机 15 分钟。\n2. 重启一次。\n3. 仍然很慢？请报障并提供电脑编号（机盖标签）。"),
        "slow, update, boot, 开机慢, 更新, 卡",
    ),
    Said(
        "erp", CASE, INSIDE,
        ("Case: a restore that had never been tried", "案例：从未演练过的恢复"),
        ("The backup was complete, but the restore took nine hours instead of two.", "备份完整，但恢复用了九小时而不是两小时。"),
        ("On a Sunday the volume of ERP-APP-01 was lost. The backup was complete. The restore waited for a licence of the backup server that nobody knew about, and the network between the rooms was slower than planned.",
         "某个周日，ERP-APP-01 的存储卷丢失。备份完整，但恢复过程因备份服务器许可缺失而中断，机房间带宽也低于设计值。"),
        "backup, restore, continuity, 备份, 恢复, 连续性",
        {"lesson": ("Try every restore once a quarter, with the real amount of data, and keep the licence keys beside the plan. New services go live only after a restore was tried.", "每季度用真实数据量演练一次恢复，许可证与预案放在一起；新服务须先完成恢复演练才能上线。")},
        department="平台专家组",
    ),
    Said(
        "email", HOW_TO, ALL,
        ("Share a calendar with colleagues", "与同事共享日历"),
        ("Give reading or writing rights, person by person.", "可按人授予查看或编辑权限。"),
        ("1. Right-click the calendar and choose *Share*.\n2. Enter the colleague and choose *can read* or *can write*.\n3. The colleague confirms the invitation.",
         "1. 右键点击日历，选择*共享*。\n2. 输入同事姓名，选择*可查看*或*可编辑*。\n3. 同事确认邀请后生效。"),
        "calendar, 日历, 共享", state="in_review",
    ),
)  # fmt: skip
# Words that were searched for and not found.
IN_VAIN = ("传真", "softphone headset", "传真机设置")


def make(company: Company, *, now: datetime) -> None:
    """All articles, written by agents and published by the manager weeks ago; used, judged, one in review."""
    begun = now - timedelta(days=40)
    writers = [company.users[name].actor.via(Origin.IMPORT) for name in ("agent", "network", "apps", "emma")]
    manager = company.users["manager"].actor.via(Origin.IMPORT)
    made: list[Article] = []
    for n, said in enumerate(ARTICLES):
        at = begun + timedelta(days=n, hours=3)
        content = _content(said, company, at, n)
        article = services.begin_article(content, actor=writers[n % len(writers)], now=at)
        article = services.send_to_review(article, actor=writers[n % len(writers)], now=at)
        if said.state == "published":
            article = services.approve(article, actor=manager, now=at + timedelta(hours=5))
            made.append(article)
    # the first one's review has come
    Article.objects.filter(pk=made[0].pk).update(review_on=timezone.localdate(now) - timedelta(days=2))
    _use(made, company, now)


def _content(said: Said, company: Company, at: datetime, n: int) -> Content:
    pairs = {"title": said.title, "summary": said.summary, "body": said.body, **said.more}
    texts = {f"{name}{end}": pair[i] for name, pair in pairs.items() for i, end in ((0, ""), (1, "_zh"))}
    return Content(
        genre=said.genre, audience=said.audience, services=(company.services[said.service],),
        review_on=timezone.localdate(at) + timedelta(days=150 + 7 * n),
        customers=tuple(company.customers[code] for code in said.customers),
        texts={**texts, "keywords": said.keywords, "department": said.department},
    )  # fmt: skip


def _use(made: list[Article], company: Company, now: datetime) -> None:
    """Tickets of the same service for which an article was used, and what readers thought of it."""
    agent: Any = company.users["agent"].actor.via(Origin.IMPORT)
    by_service: dict[int, Article] = {}
    for article in made:
        for service in article.published.services.all() if article.published else ():
            by_service.setdefault(service.pk, article)
    older = Incident.objects.filter(service__in=by_service, opened_at__lt=now - timedelta(hours=3))
    for incident in older.order_by("-pk")[:14]:
        article = by_service[incident.service_id or 0]
        how = ArticleUse.How.SUGGESTED if incident.pk % 3 else ArticleUse.How.SEARCHED
        using.use(incident, article, how=how, actor=agent, now=now - timedelta(hours=1))
    for name, helped in (("contact", True), ("customer", True), ("oliver", False)):
        using.vote(made[0], is_helpful=helped, actor=company.users[name].actor, now=now)
    for words in IN_VAIN:
        using.search(words, actor=company.users["customer"].actor, now=now - timedelta(days=3))
