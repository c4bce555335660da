"""People's words as safe HTML: Markdown without HTML, then an allow-list.

Pasted log lines and configuration stay as they were typed: no headings from "#", no pictures from elsewhere
(a picture would tell its host who reads the ticket), single line breaks kept.
"""

import re

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Beyond this a text is shown as it is: nobody formats so much by hand.
MOST_FORMATTED = 60_000
TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto", "tel"}
NESTING = 100
# So deep a nest of quotes or lists that the parser would leave its inside out.
_TOO_DEEP = re.compile(r"^[>\s*+\-]{90,}", re.MULTILINE)

_markdown = (
    MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": NESTING})
    .enable(["table", "strikethrough"])
    .disable(["heading", "lheading", "image", "html_block", "html_inline", "reference"])
)


def to_html(text: str) -> SafeString:
    """Text somebody wrote, formatted; whatever is not on the list is gone or shown as it was typed."""
    if len(text) > MOST_FORMATTED or _TOO_DEEP.search(text):
        return mark_safe(f"<pre>{escape(text)}</pre>")  # noqa: S308 (escaped in the same breath)
    return clean(_markdown.render(text))


def clean(html: str) -> SafeString:
    """HTML cut down to the allow-list: no style, class, id, script, form, picture or relative link."""
    kept = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow ugc",
    )
    return mark_safe(kept)  # noqa: S308 (nh3 is the last step)
