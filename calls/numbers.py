"""Telephone numbers as people and exchanges write them, made comparable. Pure text."""

import re

# what follows the number proper: 转 801, 分机801, ext. 801, x801, #801, ;ext=801, 62881234-801
_EXTENSION = re.compile(
    r"(?:\s*(?:转|轉|分机|分機|ext(?:ension)?\b\.?|[x#;,]).*|(?<=\d{7})\s*[-–]\s*\d{1,5}\s*)$", re.IGNORECASE
)
_CHINA = re.compile(r"\s*(?:\+|00)\s*86")
FEWEST = 7  # digits two numbers share, counted from the end, before they are taken for the same one
LONGEST = 20


def key_of(text: str) -> str:
    """The digits that identify a number inside China, without country code, trunk zero and extension.

    "+86 (512) 6288-1234 ext. 801" and "0512 62881234-801" are both "51262881234". "" where there is none.
    """
    plain = _EXTENSION.sub("", text.strip())
    rest, is_ours = _CHINA.subn("", plain, count=1) if _CHINA.match(plain) else (plain, 0)
    digits = re.sub(r"[^0-9]", "", rest)
    if not is_ours and len(digits) == 13 and digits.startswith("861"):  # a mobile, its plus lost on the way
        digits = digits[2:]
    return digits.lstrip("0")[:LONGEST]


def same(one: str, other: str) -> bool:
    """Whether two keys are the same number; one of them may lack its area code."""
    if min(len(one), len(other)) < FEWEST:
        return bool(one) and one == other
    return one.endswith(other) or other.endswith(one)
