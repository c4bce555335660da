"""What the chat robots of WeCom, DingTalk and Feishu take, and what they answer. PURE."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outbound import signing

WECOM, DINGTALK, FEISHU = "wecom", "dingtalk", "feishu"
LONGEST = {WECOM: 4000, DINGTALK: 18_000, FEISHU: 18_000}  # bytes; the robots take 4096, 20000 and 20 KB
# answers that mean "later": too many messages in a minute, busy
LATER = {WECOM: {45009, -1}, DINGTALK: {-1, 130101, 130102, 410100, 660026}, FEISHU: {11232, 1500, 1551}}
# of these: too many messages; who sends on meanwhile is kept waiting longer. In seconds: WeCom and Feishu
# count by the minute, DingTalk silences a robot for ten minutes
TOO_MANY = {
    WECOM: {45009: 60},
    DINGTALK: dict.fromkeys((130101, 130102, 410100, 660026), 600),
    FEISHU: {11232: 60},
}
# seconds between two messages: 20 a minute are allowed by WeCom and DingTalk, 100 by Feishu
GAP = {WECOM: 3, DINGTALK: 3, FEISHU: 1}

# the three read different markups, so what would be markup becomes its wide sister
_MARKS = str.maketrans("`*[]#<>@", "＇＊［］＃＜＞＠")


@dataclass(frozen=True)
class Post:
    url: str
    body: bytes
    headers: Mapping[str, str]


def message(kind: str, url: str, secret: str, *, title: str, lines: list[str], link: str, at: int) -> Post:
    """A message for a robot: a bold title, some lines, and a link. ``at`` is now in milliseconds."""
    body: dict[str, Any]
    if kind == FEISHU:
        text = _cut("\n".join([title, *lines, link]), LONGEST[kind])
        body = {"msg_type": "text", "content": {"text": text}}
        if secret:
            body = {**signing.feishu_fields(secret, timestamp=at // 1000), **body}
    else:
        words = [f"**{_plain(title)}**", *(_plain(line) for line in lines), f"[{link}]({link})"]
        text = _cut("\n\n".join(words) if kind == DINGTALK else "\n".join(words), LONGEST[kind])
        inner = {"title": title[:100], "text": text} if kind == DINGTALK else {"content": text}
        body = {"msgtype": "markdown", "markdown": inner}
        if kind == DINGTALK and secret:
            url = f"{url}{'&' if '?' in url else '?'}{signing.dingtalk_query(secret, milliseconds=at)}"
    content = json.dumps(body, ensure_ascii=False).encode()
    return Post(url, content, {"Content-Type": "application/json; charset=utf-8"})


def _plain(text: str) -> str:
    """Words of people are words, not markup: no link, no mention, no heading of theirs."""
    return " ".join(text.translate(_MARKS).split())


def _cut(text: str, most: int) -> str:
    content = text.encode()
    return text if len(content) <= most else content[: most - 3].decode(errors="ignore") + "…"


@dataclass(frozen=True)
class Verdict:
    """What a robot's answer means; all of them answer 200 and put the truth into the body."""

    is_taken: bool
    is_final: bool  # trying again is useless
    words: str = ""
    wait: int = 0  # seconds before which trying again is useless


def read(kind: str, body: bytes) -> Verdict:
    try:
        found = json.loads(body)
        code = found.get("code", found.get("StatusCode")) if kind == FEISHU else found.get("errcode")
        words = str(found.get("msg", found.get("errmsg", "")))[:200]
    except (ValueError, AttributeError):
        return Verdict(is_taken=False, is_final=False, words="no answer of a robot")
    if code == 0:
        return Verdict(is_taken=True, is_final=True)
    is_final = isinstance(code, int) and code not in LATER[kind]
    wait = TOO_MANY[kind].get(code, 0) if isinstance(code, int) else 0
    return Verdict(is_taken=False, is_final=is_final, words=f"{code}: {words}", wait=wait)
