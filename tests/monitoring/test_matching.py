import pytest

from monitoring import matching

LABELS = {"severity": "critical", "instance": "db-1.example.com:9100", "team": "Data"}


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ("", True),
        ("severity = critical", True),
        ('severity="critical"', True),
        ("severity = Critical", False),
        ("severity != warning", True),
        ("instance ~ db-*", True),
        ("instance ~ DB-?.example.com:*", True),
        ("instance ~ web-*", False),
        ("severity = critical\n\nteam ~ d*", True),
        ("severity = critical\nteam = Web", False),
        ("site = ", True),
        ("site != ", False),
    ],
)
def test_conditions_are_read_line_by_line_and_all_must_hold(conditions: str, fits: bool) -> None:
    assert matching.fits(matching.parse(conditions), LABELS) is fits


@pytest.mark.parametrize("bad", ["severity", "= critical", "severity is critical", "a b = c"])
def test_a_line_that_is_no_condition_is_named(bad: str) -> None:
    with pytest.raises(matching.BadCondition) as found:
        matching.parse(f"severity = critical\n{bad}")
    assert found.value.line == 2


def test_a_pattern_full_of_stars_is_answered_at_once() -> None:
    matcher = matching.Matcher("text", matching.Op.LIKE, "*a" * 100 + "b")
    assert not matcher.fits({"text": "a" * 2000})


def test_alerts_are_one_group_when_the_named_labels_are_the_same() -> None:
    assert matching.group_of([], LABELS) == ""
    assert matching.group_of(["team"], LABELS) == matching.group_of(["team"], {"team": "Data"})
    assert matching.group_of(["team"], LABELS) != matching.group_of(["team"], {"team": "Web"})
    assert matching.group_of(["*"], LABELS) == matching.group_of(["*"], {})


@pytest.mark.parametrize(
    ("called", "names"),
    [
        ("db-1.example.com:9100", ["db-1.example.com:9100", "db-1.example.com", "db-1"]),
        ("db-1", ["db-1"]),
        ("10.0.0.7:9100", ["10.0.0.7:9100", "10.0.0.7"]),
        ("", []),
    ],
)
def test_an_item_is_looked_for_without_its_port_and_domain(called: str, names: list[str]) -> None:
    assert matching.names_of(called) == names
