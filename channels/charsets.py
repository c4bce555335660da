"""Bytes of a mail as text, whatever character set they claim to be in. PURE.

Mail from China is often mislabelled: GBK or GB18030 called gb2312, utf-8 or iso-8859-1, Big5 called gb2312,
or nothing said at all. UTF-8 is recognised by its form; among Chinese sets the one wins that gives more of
the characters people really use.
"""

import codecs

_CHINESE = frozenset(
    [
        *("gb2312", "gbk", "gb18030", "cp936", "ms936", "x-gbk", "euc-cn", "x-euc-cn", "windows-936"),
        *("big5", "big5-hkscs", "big5hkscs", "cp950", "x-big5", "big-5", "windows-950"),
    ]
)
_LATIN = frozenset(
    {"iso-8859-1", "iso-8859-15", "windows-1252", "latin-1", "latin1", "us-ascii", "ascii", ""}
)
# Codecs that may be named by a stranger: text encodings that take time in proportion to their input.
_OTHERS = frozenset(
    [
        *("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-7", "hz", "hz-gb-2312", "koi8-r"),
        *("iso-2022-jp", "iso-2022-kr", "shift_jis", "shift-jis", "cp932", "euc-jp", "euc-kr", "cp949"),
        *(f"iso-8859-{n}" for n in range(1, 17)),
        *(f"windows-125{n}" for n in range(9)),
        *("koi8-u", "tis-620", "cp874", "macintosh"),
    ]
)
_STATEFUL = frozenset({"utf-16", "utf-16le", "utf-16be", "utf-32", "utf-7", "hz", "hz-gb-2312"})
_NAMES = {"hz-gb-2312": "hz", "macintosh": "mac-roman"}
# Characters that make up most of any Chinese text, simplified and traditional.
_FAMILIAR = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之"
    "都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法"
    "间知世什两次使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并"
    "别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记"
    "处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音"
    "轻目条呢请系统网络邮件服务器无法登录密码打印机故障问题处理联系电话办公室谢谢您好账号申请设备连接错误软件升级安装部门公司"
    "這個們來時為國說著後會過對麼沒樣還總從無開現經長兒給問間兩親進與話見點幾實聲車機氣別電體書讓應場報關張認軍歲覺帶萬邊風"
    "變師數滿戰遠輕條請統網絡郵件務法錄碼印障題處聯繫話辦謝賬號設備連錯誤軟體級裝門"
)
_ENOUGH = 0.25  # share of familiar characters from which bytes called Latin are taken for Chinese


def decode(raw: bytes, declared: str) -> str:
    """The text of ``raw``; never fails. NULs and halves of surrogate pairs are left out."""
    return clean(_decode(raw, declared.strip().strip("\"'").lower().replace("_", "-")))


def clean(text: str) -> str:
    """What a database and a page can hold."""
    return "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")


def _decode(raw: bytes, name: str) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:].decode("utf-8", "replace")
    if name not in _STATEFUL and raw.isascii():
        return _ascii(raw, name)
    if name in _CHINESE:
        return _labelled_chinese(raw, name)
    if name in _LATIN or name.startswith("utf") or name not in _OTHERS:
        for codec in ("utf-8", *([name] if name in _STATEFUL else [])):
            if (found := _strict(raw, codec)) is not None:
                return found
    if name in _LATIN:
        chinese, share = _chinese(raw)
        return chinese if share >= _ENOUGH else raw.decode("cp1252", "replace")
    if name in _OTHERS and not name.startswith("utf"):
        found = _strict(raw, _NAMES.get(name, name))
        return found if found is not None else _last_resort(raw)
    return _last_resort(raw)


def _ascii(raw: bytes, name: str) -> str:
    """ASCII, or one of the sets that switch by escapes."""
    if name.startswith("iso-2022") and name in _OTHERS:
        return raw.decode(name, "replace")
    return raw.decode("ascii")


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _chinese(raw: bytes) -> tuple[str, float]:
    """The better of the Chinese readings, and the share of familiar characters in it."""
    found = [(_share(text := raw.decode(codec, "replace")), text) for codec in ("gb18030", "big5hkscs")]
    share, text = max(found, key=lambda pair: pair[0])
    return text, share


def _labelled_chinese(raw: bytes, name: str) -> str:
    """Called Chinese: mostly it is, though perhaps of the other kind; a name alone has few familiar signs."""
    chinese, share = _chinese(raw)
    if share >= _ENOUGH:
        return chinese
    said = "big5hkscs" if "big" in name or "950" in name else "gb18030"
    for codec in ("utf-8", said):
        if (found := _strict(raw, codec)) is not None:
            return found
    return chinese if share > 0 else raw.decode(said, "replace")


def _share(text: str) -> float:
    """Familiar characters among those beyond ASCII; unreadable ones count against it."""
    beyond = [c for c in text[:20_000] if c > "\x7f"]
    if not beyond:
        return 0.0
    good = sum(c in _FAMILIAR or c in "，。：；！？（）、“”" for c in beyond)
    return (good - beyond.count("\ufffd")) / len(beyond)


def _last_resort(raw: bytes) -> str:
    """No label that can be believed: UTF-8 if it is nearly that, Chinese if it reads so, else Latin."""
    nearly = raw.decode("utf-8", "replace")
    chinese, share = _chinese(raw)
    if nearly.count("\ufffd") * 20 < len(nearly) and _share(nearly) >= share:
        return nearly
    return chinese if share > 0 else raw.decode("latin-1")
