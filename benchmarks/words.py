"""Texts of the generated incidents, English and Chinese."""

import itertools

# What fails and how; a tenth of all titles name a printer.
TITLES = [
    ("Printer does not print", "打印机无法打印"),
    ("Cannot send mail with attachments", "无法发送带附件的邮件"),
    ("VPN connection drops every few minutes", "VPN连接每隔几分钟就断开"),
    ("Password expired and cannot be changed", "密码过期且无法修改"),
    ("Order screen is very slow in the morning", "早上订单界面非常慢"),
    ("Laptop does not start after the update", "笔记本电脑更新后无法启动"),
    ("Wireless network missing in the meeting room", "会议室没有无线网络"),
    ("Report shows the wrong month", "报表显示错误的月份"),
    ("Shared folder is read only", "共享文件夹只能读取"),
    ("Telephone has no dial tone", "电话没有拨号音"),
]
PLACES = [
    (f"{place_en} {n}", f"{place_zh}{n}号")
    for (place_en, place_zh), n in itertools.product(
        [("Building", "大楼"), ("Warehouse", "仓库"), ("Branch", "分公司"), ("Laboratory", "实验室")],
        range(1, 26),
    )
]
# In ten incidents of any number: what a search for a rare word finds.
RARE = ("gyroscope calibration failed", "陀螺仪校准失败")
TEXTS = {
    "description": [
        ("Since this morning nothing works as usual; restarting did not help. Three colleagues see the same.",
         "从今天早上开始一直不正常，重启以后没有好转，另外三位同事也遇到同样的情况。"),
        ("It happened after the maintenance window on Sunday. The error code is shown in the lower corner.",
         "周日维护窗口之后出现的问题，界面右下角显示错误代码。"),
        ("We need this for the month-end closing, please treat it as urgent.",
         "月底结账需要使用，请尽快处理。"),
        ("Only my account is affected; a colleague can log in on the same computer.",
         "只有我的账号受到影响，同事可以在同一台电脑上登录。"),
    ],
    "reply": [
        ("Thank you for your report. We are looking at it and will be back within the promised time.",
         "感谢您的反馈，我们正在检查，会在承诺的时间内回复您。"),
        ("Please send us a picture of the error message and the time at which it appeared.",
         "请把错误信息的截图和出现的时间发给我们。"),
        ("The supplier confirmed the fault; the spare part arrives tomorrow morning.",
         "供应商已经确认故障，备件明天早上送到。"),
    ],
    "note": [
        ("Same pattern as last week: the certificate of the gateway was not renewed.",
         "与上周情况相同：网关证书没有续期。"),
        ("Checked the log of the directory server, nothing unusual there.",
         "检查了目录服务器的日志，没有异常。"),
    ],
    "resolution": [
        ("Driver reinstalled, queue emptied, test page printed in the presence of the user.",
         "重新安装驱动程序，清空队列，用户在场打印了测试页。"),
        ("Permission restored, synchronisation started by hand, checked with the user by telephone.",
         "恢复权限，手动启动同步，电话与用户确认。"),
        ("Configuration rolled back to the version of last week.",
         "配置回退到上周的版本。"),
    ],
}  # fmt: skip
