import pytest

from calls.numbers import key_of, same


@pytest.mark.parametrize(
    "text",
    [
        "0512-62881234", "+86 512 6288 1234", "0086 (512) 6288-1234", "+86 (0)512 62881234",
        "051262881234 转 801", "0512-62881234-801", "0512 6288 1234 ext. 801", "0512-62881234#801",
        "0512-62881234 分机801", "051262881234x8",
    ],
)  # fmt: skip
def test_one_number_has_one_key_however_it_is_written(text: str) -> None:
    assert key_of(text) == "51262881234"


@pytest.mark.parametrize("text", ["138-1234-5678", "+8613812345678", "8613812345678", " 138 1234 5678 "])
def test_a_mobile_number_keeps_its_digits(text: str) -> None:
    assert key_of(text) == "13812345678"


@pytest.mark.parametrize("text", ["", "withheld", "anonymous", "000"])
def test_what_is_no_number_has_no_key(text: str) -> None:
    assert key_of(text) == ""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("51262881234", "62881234", True),
        ("62881234", "51262881234", True),
        ("51262881234", "51262881235", False),
        ("10086", "10086", True),
        ("13800010086", "10086", False),
        ("", "", False),
    ],
)
def test_an_area_code_may_be_missing_but_short_numbers_must_be_equal(
    one: str, other: str, expected: bool
) -> None:
    assert same(one, other) is expected
