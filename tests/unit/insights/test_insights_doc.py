"""The table of docs/insights.md is the table of the code."""

from pathlib import Path

from domain.insights.rules import RULES, Rule

DOC = Path(__file__).parents[3] / "docs" / "insights.md"


def test_the_documented_table_is_the_one_in_the_code() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOC.read_text().splitlines()
        if line.startswith("| ")
    ]
    documented = {row[0]: row[2:] for row in rows[1:]}
    assert documented == {detector.value: _cells(rule) for detector, rule in RULES.items()}


def _cells(rule: Rule) -> list[str]:
    return [
        rule.type.value,
        rule.agent,
        ", ".join(rule.priorities),
        f"{rule.again_days} days",
        f"{rule.shown_days} days",
        f"{rule.chance:.5f}".rstrip("0") if rule.chance else "–",
    ]
