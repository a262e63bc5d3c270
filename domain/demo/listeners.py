"""Who follows the demo creator: what her platforms tell of it, every four weeks of her year."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from domain.demo.year import DAYS
from storage.models import AudienceDimension, Platform

SEED = 47
# Told two days late, and every four weeks: so any four weeks have one.
FIRST_AGE = 2
STEP_DAYS = 28
# How far a share of one day may be from its way through the year, as a factor.
LUCK = 0.004

# Shares a year ago and now.
Drift = Mapping[str, tuple[float, float]]
AGE, GENDER = AudienceDimension.AGE, AudienceDimension.GENDER
COUNTRY, CITY = AudienceDimension.COUNTRY, AudienceDimension.CITY
# What is missing to 100 did not say, or is in places that are too small to be told.
DRIFTS: Mapping[Platform, Mapping[AudienceDimension, Drift]] = {
    Platform.INSTAGRAM: {
        AGE: {
            "13-17": (2.4, 1.9),
            "18-24": (24.1, 26.8),
            "25-34": (43.6, 41.2),
            "35-44": (17.3, 16.9),
            "45-54": (7.1, 7.4),
            "55-64": (2.9, 3.0),
            "65+": (1.3, 1.4),
        },
        GENDER: {"female": (60.8, 63.4), "male": (33.9, 31.2)},
        COUNTRY: {
            "DE": (61.2, 56.4),
            "AT": (8.7, 9.3),
            "CH": (6.1, 6.6),
            "GB": (3.4, 5.2),
            "US": (3.1, 4.8),
            "NL": (2.2, 2.7),
            "FR": (1.6, 1.9),
            "DK": (1.0, 1.2),
        },
        CITY: {
            "Berlin": (17.8, 15.9),
            "Hamburg": (6.2, 6.5),
            "Vienna": (4.6, 5.0),
            "Leipzig": (4.1, 4.4),
            "Cologne": (3.5, 3.3),
            "Munich": (2.9, 2.8),
            "Zurich": (2.3, 2.5),
            "London": (1.2, 2.0),
        },
    },
    Platform.YOUTUBE: {
        AGE: {
            "13-17": (2.8, 3.3),
            "18-24": (25.7, 29.4),
            "25-34": (37.9, 36.1),
            "35-44": (18.6, 16.8),
            "45-54": (8.4, 7.5),
            "55-64": (3.7, 3.4),
            "65+": (1.8, 1.7),
        },
        GENDER: {"female": (45.2, 48.9), "male": (53.1, 49.3), "other": (0.6, 0.7)},
        COUNTRY: {
            "DE": (52.3, 44.6),
            "US": (8.4, 12.7),
            "GB": (6.5, 8.1),
            "AT": (6.9, 6.2),
            "CH": (4.8, 4.4),
            "NL": (2.4, 3.1),
            "CA": (1.7, 2.6),
            "SE": (1.3, 1.9),
        },
    },
    Platform.SPOTIFY: {
        AGE: {
            "0-17": (1.4, 1.2),
            "18-22": (14.2, 16.3),
            "23-27": (28.8, 29.9),
            "28-34": (29.4, 28.6),
            "35-44": (14.9, 13.9),
            "45-59": (8.3, 7.4),
            "60+": (1.8, 1.6),
        },
        GENDER: {"female": (52.6, 54.8), "male": (43.0, 40.6), "other": (1.5, 1.8)},
        COUNTRY: {
            "DE": (55.9, 51.3),
            "AT": (7.8, 8.0),
            "CH": (6.4, 6.7),
            "NL": (4.4, 5.8),
            "GB": (4.1, 5.1),
            "US": (3.9, 4.9),
            "SE": (1.9, 2.3),
            "DK": (1.5, 1.8),
        },
        CITY: {
            "Berlin": (15.4, 14.2),
            "Hamburg": (6.6, 6.4),
            "Vienna": (5.1, 5.3),
            "Leipzig": (4.3, 4.2),
            "Munich": (3.8, 3.7),
            "Cologne": (3.6, 3.5),
            "Amsterdam": (1.8, 2.6),
            "Zurich": (2.2, 2.4),
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class DemoAudience:
    """An account's audience by one dimension on a day, in percent."""

    platform: Platform
    dimension: AudienceDimension
    date: dt.date
    shares: dict[str, float]


def build_audiences(today: dt.date) -> Iterator[DemoAudience]:
    """Yield the audiences of the year that ends today, by account, dimension and day."""
    rng = Random(SEED)  # noqa: S311 - invented data, not a secret
    for platform, dimensions in DRIFTS.items():
        for dimension, drift in dimensions.items():
            for age in reversed(range(FIRST_AGE, DAYS, STEP_DAYS)):
                yield DemoAudience(
                    platform=platform,
                    dimension=dimension,
                    date=today - dt.timedelta(days=age),
                    shares=_shares(drift, age, rng),
                )


def _shares(drift: Drift, age: int, rng: Random) -> dict[str, float]:
    past = age / DAYS
    return {
        name: round((before * past + now * (1 - past)) * (1 + rng.uniform(-LUCK, LUCK)), 1)
        for name, (before, now) in drift.items()
    }
