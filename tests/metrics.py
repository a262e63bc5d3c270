"""Reading `GET /metrics` as Prometheus does."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Scrape:
    """The numbers of a process at one moment; `since` are those of an earlier one."""

    values: Mapping[Series, float]
    since: Mapping[Series, float]

    def get(self, name: str, **labels: str) -> float:
        """Return a number, or by how much it has grown since the earlier scrape."""
        key = (f"dreamsuite_{name}", frozenset(labels.items()))
        return self.values.get(key, 0) - self.since.get(key, 0)

    @property
    def series(self) -> set[Series]:
        return set(self.values)


async def scrape(client: httpx.AsyncClient, *, since: Scrape | None = None) -> Scrape:
    """Read the metrics of a server on this machine."""
    response = await client.get("/metrics")
    assert response.status_code == 200, response.text
    values = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }
    return Scrape(values=values, since=since.values if since else {})
