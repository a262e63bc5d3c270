"""That docs/operations.md tells of every metric, and of no other."""

import re
from pathlib import Path

from core.metrics import REGISTRY

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_metric_is_documented_and_no_other_is_named() -> None:
    families = [family for family in REGISTRY.collect() if family.name.startswith("dreamsuite_")]
    names = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    text = OPERATIONS.read_text()
    assert set(re.findall(r"^\| `(dreamsuite_\w+)`", text, re.MULTILINE)) == names
    used = {
        re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"dreamsuite_\w+", text)
    }
    assert used == names
