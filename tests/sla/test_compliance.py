"""Attainment in one figure: rules M of docs/sla-clock.md."""

# ruff: noqa: E501 - one case of a rule is one row

import pytest

from sla import compliance


@pytest.mark.parametrize(
    ("rule", "verdicts", "expected"),
    [
        ("M-1 none decided", [], (0, 0, 0, 0, None)),
        ("M-1", [("met", False), ("met", False), ("breached", True)], (2, 1, 0, 0, 66.66)),
        ("M-2 a breach counts at once", [("running", True), ("cancelled", True), ("running", False), ("paused", False)], (0, 2, 0, 2, 0.0)),
        ("M-3 cancelled", [("cancelled", False)], (0, 0, 1, 0, None)),
        ("M-4 waived, also if breached", [("breached", True, True), ("met", False)], (1, 0, 1, 0, 100.0)),
        ("M-5 rounded down", [("met", False)] * 99_999 + [("breached", True)], (99_999, 1, 0, 0, 99.99)),
    ],
)  # fmt: skip
def test_compliance(rule, verdicts, expected):
    figure = compliance.summarise(compliance.Verdict(*verdict) for verdict in verdicts)
    assert (figure.met, figure.breached, figure.excluded, figure.pending, figure.percent) == expected
