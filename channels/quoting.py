"""What a person wrote, told from what their mail program put below it; and HTML as plain text.

Only whole lines are looked at, each cut to a length, so that no pattern can be made to run for long.
"""

import re
from html.parser import HTMLParser

import nh3

LONGEST = 300  # characters of a line that are looked at
MOST_LINES = 20_000
MOST_HTML = 256 * 1024
MOST_NESTED = 256
_RULE = re.compile(
    r"^[-_*=\s]{2,}(original message|forwarded message|原始邮件|原始郵件|回复的原邮件|转发的邮件|原邮件)"
    r"[-_*=\s]{2,}$",
    re.IGNORECASE,
)
_WROTE = re.compile(r"^(on|am|le|el)\s.{4,280}(wrote|schrieb|a écrit|escribió).{0,40}[:：]$", re.IGNORECASE)
_WROTE_ZH = re.compile(r"^.{0,250}(写道|寫道)\s*[:：]$")
_FROM = re.compile(r"^[*>\s]{0,3}(from|发件人|寄件者|寄件人|發件人|von|de)[*]?\s*[:：]", re.IGNORECASE)
_NEXT = re.compile(
    r"^[*>\s]{0,3}(sent|date|to|subject|发送时间|发送日期|日期|时间|收件人|收件者|主题|主旨|寄件日期|gesendet|an)[*]?\s*[:：]",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """The text without the quoted mail below it; all of it where nothing would be left."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        return text.strip()
    end = next((n for n in range(len(lines)) if _begins_quote(lines, n)), len(lines))
    kept = lines[:end]
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    own = "\n".join(kept).strip()
    return own or text.strip()


def _begins_quote(lines: list[str], n: int) -> bool:
    line = lines[n].strip()[:LONGEST]
    if not line:
        return False
    if _RULE.match(line) or _WROTE_ZH.match(line):
        return True
    if line[:3].lower() in ("on ", "am ", "le ", "el "):  # mail programs break this line
        joined = " ".join(each.strip()[:LONGEST] for each in lines[n : n + 3])[:LONGEST]
        if _WROTE.match(line) or any(_WROTE.match(part) for part in _prefixes(joined)):
            return True
    is_head = _FROM.match(line) is not None
    return is_head and sum(bool(_NEXT.match(each.strip()[:LONGEST])) for each in lines[n + 1 : n + 6]) >= 2


def _prefixes(text: str) -> list[str]:
    """The text up to each colon in it."""
    return [text[: match.end()] for match in re.finditer(r"[:：]", text)]


_BREAKS = {"p", "div", "tr", "table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
_KEPT = _BREAKS | {"br", "hr", "li", "a", "td", "th"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source"})


def is_too_deep(html: str) -> bool:
    """So many open tags inside each other that making it safe would take long."""
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _VOID:
            depth = max(0, depth + (-1 if match[1] else 1))
            if depth > MOST_NESTED:
                return True
    return False


def text_of(html: str) -> str:
    """HTML as plain text: paragraphs as lines, quotes with ">", links with their address."""
    if len(html) > MOST_HTML or is_too_deep(html):
        html = re.sub(r"<[^<>]{0,2000}>", " ", html[: 4 * MOST_HTML])
        return re.sub(r"[ \t]+", " ", html).strip()
    # well-formed and without scripts from here on
    safe = nh3.clean(html, tags=_KEPT, attributes={"a": {"href"}}, link_rel=None)
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects lines of the clean HTML that nh3 wrote."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes = 0
        self.href = ""
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS or tag in ("br", "hr", "li"):
            self._break(is_forced=tag == "br")
        if tag == "blockquote":
            self.quotes += 1
        elif tag == "li":
            self._add("- ")
        elif tag == "a":
            self.href, self.link = dict(attrs).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self._break()
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif tag in ("td", "th"):
            self._add(" ")
        elif tag == "a" and self.href.startswith("http") and self.href != self.link.strip():
            self._add(f" <{self.href[:500]}> ")

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        self.link += words
        self._add(words)

    def _add(self, words: str) -> None:
        if not self.lines[-1]:
            words = words.lstrip()
            if words and self.quotes:
                words = "> " * min(self.quotes, 5) + words
        self.lines[-1] += words

    def _break(self, *, is_forced: bool = False) -> None:
        if self.lines[-1].strip() or is_forced:
            self.lines.append("")

    def text(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self.lines)).strip()
