# ruff: noqa: E501 - tables
"""The families of the catalogue and the services every installation begins with (REQ-12). Pure.

The nine families are those of the service level management procedure: network and communication, e-mail,
database, application support and maintenance, security and risk, Internet, managed network, managed
security, data centre.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.offer import CustomerView, Lines, Offer, ProviderView, Text

FAMILIES: Mapping[str, Text] = {
    "network": Text("Network and communication", "网络与通信"),
    "email": Text("E-mail", "电子邮件"),
    "database": Text("Database", "数据库"),
    "applications": Text("Application support and maintenance", "应用支持与维护"),
    "security": Text("Security and risk", "安全与风险"),
    "internet": Text("Internet", "互联网"),
    "managed-network": Text("Managed network", "网络托管"),
    "managed-security": Text("Managed security", "安全托管"),
    "data-centre": Text("Data centre", "数据中心"),
}
"""In the order of the catalogue."""

ASK = Text("Report it in the portal or call the service desk.", "在门户提交，或致电服务台。")
HOURS = Text(
    "Requests are taken round the clock; the hours of work are those of your agreement.",
    "全天候受理；处理时间以服务级别协议为准。",
)
LEVEL = Text(
    "First reply within 2 hours, news at least every 24 hours, unless your agreement says more.",
    "2 小时内首次响应，至少每 24 小时告知进展；协议另有约定的从其约定。",
)
PERIOD = Text("As long as your agreement runs.", "与服务级别协议期限一致。")
PRICE = Text("According to your agreement.", "以服务级别协议约定为准。")
CHECKS: Lines = (
    Text("Work is recorded and reviewed every month.", "服务过程留有记录，按月评审。"),
    Text("Every missed target opens a corrective action.", "未达标即开具纠正措施。"),
)


@dataclass(frozen=True)
class Start:
    """A service as it is offered from the first day."""

    family: str
    portfolio_class: str
    name: Text
    what: Text
    included: Lines
    not_included: Lines
    delivery: Text
    components: Lines
    depends_on: tuple[str, ...] = field(default=())

    @property
    def offer(self) -> Offer:
        customer = CustomerView(self.what, self.included, self.not_included, ASK, HOURS, LEVEL, PERIOD, PRICE)
        provider = ProviderView(self.delivery, self.components, quality=CHECKS, depends_on=self.depends_on)
        return Offer(self.name, customer, provider)


CORE, SUPPORTING, VALUE_ADDED = "core", "supporting", "value_added"
# by code; what a service rests on comes before it
SERVICES: Mapping[str, Start] = {
    "data-centre": Start(
        "data-centre", SUPPORTING, Text("Data centre", "数据中心服务"),
        Text("Room, power, cooling and care for your servers.", "为服务器提供机房、供电、制冷与值守。"),
        (Text("Rack space, power and cooling", "机柜、供电与制冷"), Text("Patrols and access control", "巡检与门禁")),
        (Text("The servers themselves", "服务器设备本身"),),
        Text("On duty round the clock, with daily patrols.", "全天值守，每日巡检。"),
        (Text("Uninterruptible power supply", "不间断电源"), Text("Precision air conditioning", "精密空调"),
         Text("Access control and cameras", "门禁与视频监控")),
    ),
    "network": Start(
        "network", CORE, Text("Network and communication", "网络与通信服务"),
        Text("Wired and wireless connection of your sites, and telephones.", "各场所的有线、无线网络与电话通信。"),
        (Text("Connection and change of places", "接入与变更"), Text("Repair of lines and devices", "线路与设备的修复")),
        (Text("Cabling of new rooms", "新场所的综合布线"),),
        Text("Watched by monitoring, repaired remotely or on site.", "监控值守，远程或现场处理。"),
        (Text("Core and access switches", "核心与接入交换机"), Text("Wireless controllers", "无线控制器"),
         Text("Leased lines", "专线")),
        ("data-centre",),
    ),
    "internet": Start(
        "internet", CORE, Text("Internet", "互联网服务"),
        Text("Access to the Internet and names for your sites on it.", "互联网接入与域名服务。"),
        (Text("Internet access", "互联网接入"), Text("Domain names and addresses", "域名与地址")),
        (Text("Contents of your sites", "网站内容"),),
        Text("Two providers, switched over by hand within an hour.", "双运营商，一小时内人工切换。"),
        (Text("Border routers", "出口路由器"), Text("Domain name servers", "域名服务器")),
        ("network",),
    ),
    "database": Start(
        "database", SUPPORTING, Text("Database", "数据库服务"),
        Text("Running, backing up and tuning of your databases.", "数据库的运行、备份与调优。"),
        (Text("Daily backup, tried every quarter", "每日备份，每季度恢复演练"), Text("Tuning and repair", "调优与修复")),
        (Text("Changes of data without the customer's consent", "未经客户授权的数据修改"),),
        Text("Data is changed only on an authorised request, by two people.", "数据修改须经授权，双人操作。"),
        (Text("Database servers", "数据库服务器"), Text("Backup system", "备份系统")),
        ("data-centre",),
    ),
    "email": Start(
        "email", CORE, Text("E-mail", "电子邮件"),
        Text("Mailboxes, calendars and lists", "邮箱、日历与邮件列表"),
        (Text("A mailbox for each person", "每人一个邮箱"), Text("Protection against spam and viruses", "垃圾邮件与病毒防护")),
        (Text("Private mailboxes", "个人邮箱"),),
        Text("Two mail servers, watched round the clock.", "两台邮件服务器，全天监控。"),
        (Text("Mail servers", "邮件服务器"), Text("Spam filter", "反垃圾邮件网关")),
        ("network", "data-centre"),
    ),
    "applications": Start(
        "applications", CORE, Text("Application support and maintenance", "应用支持与维护服务"),
        Text("Help with your business applications, their repair and their upkeep.", "业务应用的使用支持、故障修复与日常维护。"),
        (Text("Help and advice", "使用咨询"), Text("Repair and small changes", "缺陷修复与小幅调整")),
        (Text("New development", "新功能开发"),),
        Text("First support helps; the application team repairs.", "一线答疑，应用组修复。"),
        (Text("Test environment", "测试环境"), Text("Version control", "版本库")),
        ("database",),
    ),
    "security": Start(
        "security", SUPPORTING, Text("Security and risk", "安全与风险服务"),
        Text("Assessment of risks, and protection of what you work with.", "风险评估与信息资产防护。"),
        (Text("Yearly risk assessment", "年度风险评估"), Text("Patches and virus protection", "补丁与病毒防护")),
        (Text("Certification by third parties", "第三方认证"),),
        Text("Assessed every year, checked every month.", "每年评估，每月检查。"),
        (Text("Vulnerability scanner", "漏洞扫描"), Text("Virus protection", "终端防护")),
    ),
    "managed-network": Start(
        "managed-network", VALUE_ADDED, Text("Managed network", "网络托管服务"),
        Text("We run your own network for you, with a report every month.", "代为运行客户自有网络，每月提交报告。"),
        (Text("Monitoring and configuration", "监控与配置管理"), Text("Monthly report", "月度报告")),
        (Text("Purchase of devices", "设备采购"),),
        Text("Monitoring from our centre; visits as agreed.", "运维中心远程监控，按约定现场服务。"),
        (Text("Monitoring platform", "监控平台"),),
        ("network",),
    ),
    "managed-security": Start(
        "managed-security", VALUE_ADDED, Text("Managed security", "安全托管服务"),
        Text("We watch over your security and act on alarms.", "代为监测安全态势并处置告警。"),
        (Text("Watch and first action on alarms", "告警监测与初步处置"), Text("Monthly report", "月度报告")),
        (Text("Forensic investigation", "取证调查"),),
        Text("Watched round the clock; the customer is called at once.", "全天监测，发现即电话通知客户。"),
        (Text("Security monitoring platform", "安全监测平台"),),
        ("security",),
    ),
}  # fmt: skip
