# ruff: noqa: E501 - a table of texts
"""What happened in the demo's last weeks: forty tickets of every kind, in Chinese and English.

Most end well; some were late, some wait, a few came back. Minutes in an act count from the opening.
"""

from typing import Any

from itsm.demo.play import Act, Story

DAY = 24.0


def solved(
    by: str, first: str, steps: str, *, reply_after: int = 25, after: int = 150, thanks: str = ""
) -> list[Act]:
    """Answered, worked on, solved and, with ``thanks``, confirmed by the requester two hours later."""
    return [
        Act(reply_after - 10, "accept", by),
        Act(reply_after - 5, "start", by),
        Act(reply_after, "reply", by, first),
        Act(after, "resolve", by, steps),
        *([Act(after + 120, "confirm", "", thanks)] if thanks else []),
    ]


def told(
    ago: float, title: str, text: str, requester: str, service: str, acts: list[Act], **over: Any
) -> Story:
    """A story whose acts without a person are the requester's."""
    named = [Act(a.after, a.verb, a.who or requester, a.text, a.what) for a in acts]
    return Story(ago, title, text, requester, service, acts=named, **over)


NO_ANSWER = "两次电话、一次邮件均未答复，按规则关闭 / Called twice and wrote once without an answer; closed by the rule"

EARLIER = (
    told(
        25 * DAY, "收不到外部邮件", "从今天早上开始收不到客户发来的邮件，内部邮件正常。", "customer", "email",
        solved("agent", "已收到，正在检查邮件网关。", "邮件网关的反垃圾规则误拦，已放行并补发积压邮件。", thanks="收到了，谢谢！"),
    ),
    told(
        24.3 * DAY, "VPN drops every few minutes", "Working from Hamburg; the connection lasts five minutes at most.",
        "oliver", "vpn",
        [
            Act(18, "accept", "emma"),
            Act(20, "start", "emma"),
            Act(22, "reply", "emma", "Thanks, we see the drops in the log and are passing this to the network team."),
            Act(35, "escalate", "emma", "Needs access to the VPN gateway"),
            Act(60, "accept", "network"),
            Act(240, "resolve", "network", "Raised the idle limit on the gateway and fixed the MTU of the tunnel."),
            Act(400, "confirm", "", "Stable for three hours, thank you."),
        ],
    ),
    told(
        23.1 * DAY, "住院部七楼无线网络很慢", "护士站的移动推车刷不出医嘱。", "nurse", "network-access",
        [
            Act(10, "accept", "agent"),
            Act(12, "start", "agent"),
            Act(15, "reply", "agent", "已通知网络组，正在远程查看无线控制器。"),
            Act(20, "escalate", "agent", "需要现场检查无线接入点"),
            Act(45, "accept", "network"),
            Act(50, "note", "network", "AP-07 信道与新装设备冲突。"),
            Act(150, "resolve", "network", "更换信道并降低相邻 AP 功率，速率恢复。"),
            Act(300, "confirm", "", "现在正常了。"),
        ],
        impact=1, urgency=2, item="wifi-ward", site="住院部七楼",
    ),
    told(
        22 * DAY, "忘记密码，账号被锁", "连续输错五次，账号被锁定。", "teacher", "accounts",
        solved("agent", "核实身份后为您解锁。", "已核实身份、解锁并重置密码。", reply_after=12, after=30, thanks="可以登录了"),
    ),
    told(
        21.2 * DAY, "ERP 月结报表打不开", "点击月结报表提示超时，财务今天必须结账。", "contact", "erp",
        [
            Act(20, "accept", "agent"),
            Act(22, "start", "agent"),
            Act(25, "reply", "agent", "已升级给应用组，优先处理。"),
            Act(30, "escalate", "agent", "报表后台超时，需要应用组处理"),
            Act(60, "accept", "apps"),
            Act(100, "reply", "apps", "定位到索引缺失，预计一小时内恢复。"),
            Act(170, "resolve", "apps", "重建明细表索引，报表 8 秒内打开。"),
            Act(260, "confirm", "", "已完成结账，感谢！"),
        ],
        impact=1, urgency=1, item="erp-app",
    ),
    told(
        20 * DAY, "Projector in room 201 shows no picture", "The board meets there at two o'clock.", "school", "meeting",
        solved("first", "On my way with a spare adapter.", "Replaced the HDMI adapter and tested with two laptops.",
               reply_after=15, after=70, thanks="Works, thank you."),
        urgency=1, item="room-201", opened_by="emma", site="行政楼 201",
    ),
    told(
        19.4 * DAY, "三楼打印机卡纸", "每打印十张就卡一次。", "customer", "printing",
        [
            Act(40, "accept", "first"),
            Act(42, "start", "first"),
            Act(45, "reply", "first", "已下单搓纸轮，到货后上门更换。"),
            Act(60, "hold", "first", "等待搓纸轮到货", "parts"),
            Act(2900, "resume", "first"),
            Act(2960, "resolve", "first", "更换搓纸轮，连续打印 100 张正常。"),
            Act(3100, "confirm", "", "好用了"),
        ],
        urgency=3, item="printer-3f", site="三楼",
    ),
    told(
        18.5 * DAY, "新员工需要邮箱和 ERP 权限", "下周一入职两人，名单见邮件。", "contact", "accounts",
        solved("emma", "收到，今天内开通。", "已开通两个邮箱和 ERP 采购角色，并通知本人。", after=420, thanks="已确认"),
        urgency=3, channel="email",
    ),
    told(
        17.8 * DAY, "检验结果接口延迟", "检验系统的结果半小时后才进入 HIS。", "hospital", "erp",
        [
            Act(8, "accept", "agent"),
            Act(9, "start", "agent"),
            Act(10, "reply", "agent", "收到，正在检查接口队列。"),
            Act(40, "escalate", "agent", "接口队列积压，需要应用组"),
            Act(90, "accept", "apps"),
            Act(1300, "reply", "apps", "已找到慢查询，今晚优化。"),
            Act(1900, "resolve", "apps", "优化慢查询并增加消费者，延迟降到 20 秒。"),
            Act(2050, "confirm", "", "结果及时了"),
        ],
        impact=1, item="his-db",
    ),
    told(
        16.9 * DAY, "Outlook asks for the password again and again", "Since the update this morning.", "oliver", "email",
        solved("emma", "We know this one; please leave Outlook open, I will connect.",
               "Removed the stale entry from the credential store.", thanks="Gone, thanks"),
    ),
    told(
        16.1 * DAY, "教室电脑开机蓝屏", "三年级二班讲台电脑开机即蓝屏。", "teacher", "workplace",
        solved("first", "马上带备用机过去。", "更换内存条，重装显卡驱动。", reply_after=30, after=200, thanks="好了"),
        site="三年级二班",
    ),
    told(
        15.2 * DAY, "门诊挂号终端连不上网络", "六台自助机全部离线，门口排起长队。", "hospital", "network-access",
        [
            Act(5, "accept", "agent"),
            Act(6, "start", "agent"),
            Act(7, "reply", "agent", "已按紧急处理，网络组正在赶往现场。"),
            Act(8, "escalate", "agent", "影响全院挂号"),
            Act(15, "accept", "network"),
            Act(70, "resolve", "network", "接入交换机电源故障，已切换备用电源并更换模块。"),
            Act(120, "confirm", "", "已全部恢复"),
        ],
        impact=1, urgency=1, item="core-switch",
    ),
    told(
        14 * DAY, "ERP 库存数量不对", "出库后库存没有减少。", "customer", "erp",
        [
            Act(50, "accept", "agent"),
            Act(52, "start", "agent"),
            Act(55, "reply", "agent", "请提供一张单据号，我们核对。"),
            Act(56, "hold", "agent", "等待客户提供单据号", "customer"),
            Act(1500, "reply", "", "单据号 CK20260317。"),
            Act(1530, "escalate", "agent", "需要核对库存过账"),
            Act(1600, "accept", "apps"),
            Act(3000, "reply", "apps", "过账任务昨夜中断，正在补跑。"),
            Act(4600, "resolve", "apps", "补跑过账任务，并加上失败告警。"),
            Act(5000, "confirm", "", "数量已一致"),
        ],
        item="erp-app",
    ),
    told(
        13.3 * DAY, "Cannot join the weekly video meeting", "The client says the version is too old.", "school", "meeting",
        solved("emma", "Please restart once; the new version is being installed.", "Installed the current client.",
               reply_after=10, after=45, thanks="Thank you"),
        opened_by="emma",
    ),
    told(
        12.6 * DAY, "共享文件夹没有权限", "需要访问 财务/2026 文件夹。", "customer", "accounts",
        solved("agent", "已请财务负责人审批。", "负责人已批准，加入只读组。", reply_after=35, after=300),
    ),
    told(
        12.1 * DAY, "重复提交：无线网络很慢", "住院部七楼。", "nurse", "network-access",
        [Act(20, "cancel", "agent", "与已有工单重复")],
    ),
    told(
        11.5 * DAY, "扫描仪无法发送到邮箱", "扫描后提示 SMTP 错误。", "contact", "printing",
        [
            Act(30, "accept", "first"),
            Act(32, "start", "first"),
            Act(35, "reply", "first", "已收到，下午上门。"),
            Act(220, "resolve", "first", "更新扫描仪的 SMTP 账号。"),
            Act(1500, "reopen", "", "今天又发不出去了。"),
            Act(1560, "reply", "first", "看到了，证书过期，正在更新。"),
            Act(1640, "resolve", "first", "更新根证书，连续测试三次成功。"),
            Act(1800, "confirm", "", "这次好了"),
        ],
        item="printer-3f",
    ),
    told(
        10.2 * DAY, "邮箱容量已满", "无法发送邮件，提示超出配额。", "nurse", "email",
        [
            *solved("agent", "先为您扩容，随后请归档旧邮件。", "扩容至 10 GB，并发送归档说明。", reply_after=60, after=110),
            Act(3200, "close", "agent", NO_ANSWER),
        ],
    ),
)  # fmt: skip

LATE = (
    told(
        9.6 * DAY, "ERP login page shows error 500", "Nobody in the Hamburg office can log in.", "oliver", "erp",
        [
            Act(95, "accept", "emma"),
            Act(96, "start", "emma"),
            Act(100, "reply", "emma", "Sorry for the wait. The application team is looking at it now."),
            Act(105, "escalate", "emma", "Error in the application server"),
            Act(130, "accept", "apps"),
            Act(700, "resolve", "apps", "A certificate of the single sign-on had expired; renewed."),
            Act(1300, "confirm", "", "We can work again."),
        ],
        impact=1, urgency=1, item="erp-app",
    ),
    told(
        8.8 * DAY, "考试系统访问缓慢", "学生反映打开题目要一分钟。", "teacher", "network-access",
        [
            Act(200, "accept", "agent"),
            Act(202, "start", "agent"),
            Act(205, "reply", "agent", "抱歉久等，正在检查出口带宽。"),
            Act(2100, "reply", "agent", "已限速下载流量，请再试。"),
            Act(2300, "resolve", "agent", "对教学网段设置带宽保障。"),
        ],
        impact=1,
    ),
    told(
        7.7 * DAY, "打印机驱动无法安装", "新电脑装不上三楼打印机。", "customer", "printing",
        [
            Act(300, "accept", "first"),
            Act(302, "start", "first"),
            Act(310, "reply", "first", "明天上午上门安装。"),
            Act(320, "hold", "first", "与用户约定明天上午", "appointment"),
            Act(1400, "resume", "first"),
            Act(1450, "resolve", "first", "安装通用驱动并设为默认打印机。"),
            Act(2000, "confirm", "", "可以打印"),
        ],
        item="printer-3f", urgency=3,
    ),
    told(
        6.9 * DAY, "药房标签打印错位", "标签内容整体偏右。", "nurse", "printing",
        solved("first", "收到，远程调整模板。", "校准标签机并更新模板。", reply_after=180, after=260, thanks="正常"),
    ),
    told(
        6.2 * DAY, "Shared calendar shows the wrong time zone", "All meetings are eight hours off.", "school", "email",
        solved("emma", "We can reproduce it and are checking the mailbox settings.",
               "Set the mailbox time zone and re-sent the invitations.", after=500, thanks="Correct now"),
        opened_by="emma", urgency=3,
    ),
    told(
        5.5 * DAY, "数据库磁盘空间告警", "HIS-DB-02 数据盘使用率 92%。", "hospital", "erp",
        [
            Act(3, "accept", "agent"),
            Act(4, "start", "agent"),
            Act(5, "reply", "agent", "监控已告警，平台组正在处理。"),
            Act(6, "assign", "agent", "", "platform"),
            Act(30, "accept", "platform"),
            Act(420, "resolve", "platform", "清理归档日志并扩容 200 GB。"),
            Act(600, "confirm", "", "收到"),
        ],
        channel="monitoring", item="his-db", impact=1,
    ),
    told(
        4.6 * DAY, "VPN 客户端提示证书无效", "出差在外，急需接入。", "contact", "vpn",
        solved("agent", "请按附带步骤更新证书。", "指导用户更新客户端证书，连接正常。", reply_after=20, after=90, thanks="已连上"),
        urgency=1, channel="wechat",
    ),
    told(
        3.9 * DAY, "会议室麦克风有回声", "行政楼 201 开会时对方听到回声。", "school", "meeting",
        [
            *solved("first", "下午到现场测试。", "关闭重复拾音并更新固件。", reply_after=40, after=300),
            Act(1700, "reopen", "", "The echo came back this morning."),
            Act(1730, "reply", "first", "We will replace the unit tomorrow."),
            Act(1740, "hold", "first", "等待供应商换新", "supplier"),
            Act(3300, "reply", "first", "The supplier confirmed delivery for tomorrow."),
        ],
        item="room-201",
    ),
    told(
        3.2 * DAY, "采购订单审批卡住", "订单停在部门经理节点，经理已审批。", "contact", "erp",
        [
            Act(30, "accept", "agent"),
            Act(32, "start", "agent"),
            Act(35, "reply", "agent", "正在检查流程引擎。"),
            Act(60, "escalate", "agent", "流程引擎异常，需要应用组"),
            Act(200, "accept", "apps"),
            Act(1500, "reply", "apps", "已手工推进三张订单，根因仍在分析。"),
            Act(2900, "reply", "apps", "补丁正在测试环境验证。"),
            Act(4300, "reply", "apps", "补丁今晚发布。"),
        ],
        item="erp-app",
    ),
)  # fmt: skip

OPEN = (
    told(
        2.4 * DAY, "Laptop battery lasts twenty minutes", "It is two years old.", "oliver", "workplace",
        [
            Act(50, "accept", "first"),
            Act(52, "start", "first"),
            Act(55, "reply", "first", "We have ordered a battery; it arrives in two or three days."),
            Act(60, "hold", "first", "Battery ordered", "parts"),
        ],
        urgency=3, opened_by="emma",
    ),
    told(
        2.1 * DAY, "病区打印服务器偶发离线", "每天两三次，几分钟后恢复。", "hospital", "printing",
        [
            Act(25, "accept", "first"),
            Act(28, "start", "first"),
            Act(30, "reply", "first", "已开启日志，等待再次出现。"),
            Act(1400, "reply", "first", "昨夜出现一次，日志已交网络组。"),
        ],
    ),
    told(
        1.8 * DAY, "教务系统导出乱码", "导出的 CSV 在 Excel 中是乱码。", "teacher", "erp",
        [
            Act(35, "accept", "agent"),
            Act(36, "start", "agent"),
            Act(40, "reply", "agent", "请把导出的文件发给我们。"),
            Act(42, "hold", "agent", "等待用户提供文件", "customer"),
        ],
        urgency=3,
    ),
    told(
        1.6 * DAY, "无法访问供应商门户", "采购部全体打不开供应商门户。", "contact", "network-access",
        [Act(45, "accept", "agent"), Act(46, "start", "agent"), Act(50, "reply", "agent", "正在联系出口运营商。")],
        impact=1, urgency=2,
    ),
    told(
        1.3 * DAY, "新校区无线覆盖不足", "图书馆二楼没有信号。", "school", "network-access",
        [
            Act(20, "accept", "emma"),
            Act(22, "start", "emma"),
            Act(25, "reply", "emma", "We are planning a visit with the network team."),
            Act(40, "hold", "emma", "Visit agreed for the day after tomorrow", "appointment"),
        ],
    ),
    told(
        1.1 * DAY, "ERP 移动端无法审批", "手机上点击同意没有反应。", "customer", "erp",
        [
            Act(28, "accept", "agent"),
            Act(30, "reply", "agent", "已记录，请先用电脑审批。"),
            Act(90, "escalate", "agent", "移动端接口异常"),
            Act(200, "accept", "apps"),
            Act(201, "start", "apps"),
        ],
        item="erp-app",
    ),
    told(
        20, "邮件附件无法下载", "点击附件提示文件不存在。", "nurse", "email",
        [Act(55, "accept", "agent"), Act(56, "start", "agent"), Act(60, "reply", "agent", "正在检查附件存储。")],
    ),
    told(
        14, "电话会议没有声音", "会议软件里听不到对方。", "customer", "meeting",
        [Act(40, "accept", "first"), Act(41, "start", "first"), Act(45, "reply", "first", "请检查系统声音输出设备。"),
         Act(130, "resolve", "first", "输出设备被设为已断开的耳机，已改回。")],
        urgency=3,
    ),
    told(
        5, "手术室终端登录缓慢", "登录需要两分钟。", "hospital", "workplace",
        [Act(60, "accept", "first"), Act(61, "start", "first"), Act(65, "reply", "first", "正在远程查看启动项。")],
        impact=1,
    ),
    told(3, "ERP 打印发票空白", "预览正常，打印出来是白纸。", "contact", "erp", [], urgency=1, item="erp-app"),
)  # fmt: skip

LIVE = (
    told(
        1.4, "三楼打印机无法打印", "三楼打印机显示离线，重启后仍然无法打印。", "customer", "printing",
        [Act(20, "accept", "first"), Act(22, "start", "first"), Act(25, "reply", "first", "已收到，正在前往三楼。")],
        opened_by="customer", channel="portal", item="printer-3f", site="三楼", is_live=True,
    ),
    told(
        0.9, "Mail to one customer bounces", "The bounce says 'message too large', but it has no attachment.",
        "oliver", "email", [], opened_by="oliver", channel="portal", is_live=True,
    ),
    told(
        0.4, "挂号系统偶发报错", "提示“连接被重置”，刷新后正常。", "hospital", "erp", [],
        opened_by="hospital", channel="portal", impact=1, is_live=True,
    ),
)  # fmt: skip


def line(ago: float, title: str, text: str, back: int | None, solution: str = "") -> Story:
    """A line that fails and is handed to its supplier, who gives it back after so many minutes, or not yet."""
    acts = [
        Act(10, "accept", "agent"),
        Act(12, "start", "agent"),
        Act(15, "reply", "agent", "已收到，正在与网络组排查。"),
        Act(25, "escalate", "agent", "线路中断，需要网络组"),
        Act(35, "accept", "network"),
        Act(50, "hold", "network", "光路中断，已报华讯抢修。", "supplier:huaxun"),
    ]
    if back is not None:
        acts += [
            Act(50 + back, "resume", "network"),
            Act(60 + back, "resolve", "network", solution),
            Act(180 + back, "confirm", "", "已恢复，谢谢。"),
        ]
    return told(ago, title, text, "contact", "network-access", acts, impact=1, item="core-switch")


HANDED_OVER = (
    line(62 * DAY, "分厂专线中断", "分厂到总部的专线不通，走备用线路。", 150, "华讯更换光模块，专线恢复。"),
    line(55 * DAY, "总部互联网出口丢包", "对外访问时断时续。", 90, "华讯调整路由后恢复正常。"),
    line(
        8 * DAY,
        "分厂专线再次中断",
        "备用线路带宽不足，ERP 打开很慢。",
        4 * 1440,
        "华讯重新熔接光缆，专线恢复。",
    ),
    line(0.15 * DAY, "仓库无线回传链路中断", "仓库扫码枪连不上服务器。", None),
)

ALL = (*EARLIER, *LATE, *OPEN, *HANDED_OVER, *LIVE)
