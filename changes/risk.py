"""From answers about risk to a risk of 1 to 4, and from there to who has to approve. PURE.

The questions, their weights, the limits between the risks and the levels of approval are data: one edition
of a definition, parsed here and refused with the place of the mistake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

SERVICE_OWNER = "service_owner"
CHANGE_MANAGER = "change_manager"
MANAGEMENT = "management"
BOARD = "board"
PARTIES = (SERVICE_OWNER, CHANGE_MANAGER, MANAGEMENT, BOARD)
MAX_WEIGHT = 100
MOST_QUESTIONS = 50


class RiskError(Exception):
    """A definition or an answer that is refused: ``code`` says why, ``field`` where."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{field}: {code}")
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Answer:
    en: str
    zh: str
    points: int


@dataclass(frozen=True)
class Question:
    """One question with the answers to choose from; ``weight`` multiplies the points of the answer."""

    code: str
    en: str
    zh: str
    weight: int
    answers: tuple[Answer, ...]

    @property
    def most(self) -> int:
        return self.weight * max(answer.points for answer in self.answers)


@dataclass(frozen=True)
class Level:
    """Who approves changes from this risk on, or from this amount on; ``is_major``: every major one."""

    party: str
    from_risk: int | None = None
    from_amount: Decimal | None = None
    is_major: bool = False
    categories: tuple[str, ...] = ()  # empty: of any kind

    def fits(self, *, category: str, risk: int, amount: Decimal, is_major: bool) -> bool:
        if self.categories and category not in self.categories:
            return False
        by_risk = self.from_risk is not None and risk >= self.from_risk
        by_amount = self.from_amount is not None and amount >= self.from_amount
        return by_risk or by_amount or (self.is_major and is_major)


@dataclass(frozen=True)
class Questionnaire:
    """``limits`` are the shares of all points, in percent, at which risk 2, 3 and 4 begin."""

    questions: tuple[Question, ...]
    limits: tuple[int, int, int]
    levels: tuple[Level, ...]

    @classmethod
    def parse(cls, given: Any) -> "Questionnaire":
        """Raises RiskError naming the first place that is wrong."""
        if not isinstance(given, Mapping):
            raise RiskError("invalid", "definition")
        rows = _rows(given, "questions")
        if not 1 <= len(rows) <= MOST_QUESTIONS:
            raise RiskError("required", "questions")
        questions = tuple(_question(row, f"questions.{n}") for n, row in enumerate(rows, 1))
        if len({question.code for question in questions}) != len(questions):
            raise RiskError("duplicate", "questions")
        levels = tuple(_level(row, f"levels.{n}") for n, row in enumerate(_rows(given, "levels"), 1))
        if not levels:
            raise RiskError("required", "levels")
        return cls(questions, _limits(given.get("limits")), levels)

    def missing(self, answers: Mapping[str, Any]) -> tuple[Question, ...]:
        """Questions without an answer."""
        return tuple(question for question in self.questions if answers.get(question.code) is None)

    def risk_of(self, answers: Mapping[str, Any]) -> int:
        """The risk, 1 to 4, of a complete set of answers {question: position from 0}. Raises RiskError."""
        points = sum(question.weight * _chosen(question, answers).points for question in self.questions)
        most = sum(question.most for question in self.questions) or 1
        return 1 + sum(points * 100 >= limit * most for limit in self.limits)

    def path(self, *, category: str, risk: int, amount: Decimal | None, is_major: bool) -> tuple[str, ...]:
        """Who has to approve, in the order of the levels; never nobody, and a major change by the board."""
        facts = {"category": category, "risk": risk, "amount": amount or Decimal(0), "is_major": is_major}
        wanted = {level.party for level in self.levels if level.fits(**facts)}  # type: ignore[arg-type]
        wanted |= {BOARD} if is_major else set()
        return tuple(party for party in PARTIES if party in wanted) or (CHANGE_MANAGER,)


def _chosen(question: Question, answers: Mapping[str, Any]) -> Answer:
    position = answers.get(question.code)
    if position is None:
        raise RiskError("required", question.code)
    if isinstance(position, bool) or not isinstance(position, int):
        raise RiskError("invalid", question.code)
    if not 0 <= position < len(question.answers):
        raise RiskError("invalid_choice", question.code)
    return question.answers[position]


def _rows(given: Mapping[str, Any], name: str) -> Sequence[Any]:
    rows = given.get(name)
    if not isinstance(rows, list):
        raise RiskError("invalid", name)
    return rows


def _words(row: Any, name: str, at: str) -> str:
    value = row.get(name) if isinstance(row, Mapping) else None
    if not isinstance(value, str) or not value.strip() or len(value) > 300:
        raise RiskError("required", f"{at}.{name}")
    return value.strip()


def _number(row: Any, name: str, at: str, *, least: int, most: int) -> int:
    value = row.get(name) if isinstance(row, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RiskError("invalid", f"{at}.{name}")
    return value


def _question(row: Any, at: str) -> Question:
    words = {name: _words(row, name, at) for name in ("code", "en", "zh")}
    weight = _number(row, "weight", at, least=1, most=MAX_WEIGHT)
    answers = tuple(
        Answer(
            _words(answer, "en", f"{at}.answers.{n}"),
            _words(answer, "zh", f"{at}.answers.{n}"),
            _number(answer, "points", f"{at}.answers.{n}", least=0, most=MAX_WEIGHT),
        )
        for n, answer in enumerate(_rows(row, "answers"), 1)
    )
    if len(answers) < 2:
        raise RiskError("required", f"{at}.answers")
    return Question(weight=weight, answers=answers, **words)


def _level(row: Any, at: str) -> Level:
    party = _words(row, "party", at)
    if party not in PARTIES:
        raise RiskError("invalid_choice", f"{at}.party")
    risk = None if row.get("from_risk") is None else _number(row, "from_risk", at, least=1, most=4)
    amount = None
    if row.get("from_amount") is not None:
        try:
            amount = Decimal(str(row["from_amount"]))
        except InvalidOperation:
            raise RiskError("invalid", f"{at}.from_amount") from None
        if not amount.is_finite() or amount < 0:
            raise RiskError("invalid", f"{at}.from_amount")
    categories = row.get("categories") or []
    if not isinstance(categories, list) or not all(isinstance(each, str) for each in categories):
        raise RiskError("invalid", f"{at}.categories")
    is_major = row.get("is_major") is True
    if risk is None and amount is None and not is_major:
        raise RiskError("required", at)
    return Level(party, risk, amount, is_major, tuple(categories))


def _limits(given: Any) -> tuple[int, int, int]:
    is_three = isinstance(given, list) and len(given) == 3
    if not is_three or not all(isinstance(each, int) and 0 < each <= 100 for each in given):
        raise RiskError("invalid", "limits")
    first, second, third = given
    if not first < second < third:
        raise RiskError("invalid", "limits")
    return first, second, third


def _choice(en: str, zh: str, points: int) -> dict[str, Any]:
    return {"en": en, "zh": zh, "points": points}


# What an installation begins with; people write their own editions.
DEFAULT: dict[str, Any] = {
    "questions": [
        {
            "code": "reach", "en": "How many customers or users notice if it fails?", "weight": 3,
            "zh": "如果失败，会影响多少客户或用户？",
            "answers": [
                _choice("Nobody", "没有人", 0), _choice("A few people", "少数人", 1),
                _choice("A department or a customer", "一个部门或一家客户", 2),
                _choice("Several customers", "多家客户", 3),
            ],
        },
        {
            "code": "backout", "en": "How can it be backed out?", "zh": "如何回退？", "weight": 3,
            "answers": [
                _choice("In minutes, tried out", "几分钟内可回退，且演练过", 0),
                _choice("In hours", "数小时内可回退", 1),
                _choice("Only with loss of data or a longer interruption", "回退会丢失数据或造成较长中断", 2),
                _choice("Not at all", "无法回退", 3),
            ],
        },
        {
            "code": "experience", "en": "How often have we done this before?", "weight": 2,
            "zh": "以前做过多少次？",
            "answers": [
                _choice("Often, without trouble", "经常做，没有问题", 0),
                _choice("A few times", "做过几次", 1), _choice("Never", "从未做过", 2),
            ],
        },
        {
            "code": "parts", "en": "How many items and teams take part?", "weight": 1,
            "zh": "涉及多少配置项和团队？",
            "answers": [
                _choice("One item, one team", "一个配置项、一个团队", 0),
                _choice("Several items of one team", "一个团队的多个配置项", 1),
                _choice("Several teams or a supplier", "多个团队或供应商", 2),
            ],
        },
        {
            "code": "security", "en": "Does it touch security or access rights?", "weight": 2,
            "zh": "是否涉及安全或访问权限？",
            "answers": [
                _choice("No", "否", 0), _choice("A little", "少量涉及", 1), _choice("Yes", "是", 2),
            ],
        },
    ],
    "limits": [20, 45, 70],
    "levels": [
        {"party": SERVICE_OWNER, "from_risk": 2},
        {"party": CHANGE_MANAGER, "from_risk": 1},
        {"party": MANAGEMENT, "from_risk": 4, "from_amount": "100000"},
        {"party": BOARD, "from_risk": 4, "is_major": True},
    ],
}  # fmt: skip
