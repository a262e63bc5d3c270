"""What is asked, in the suite's own terms."""

from dataclasses import dataclass

from agents.offline.creator import Account
from agents.offline.dates.spans import Span
from agents.offline.questions.topics import Topic
from storage.models import Metric, Platform


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked; empty platforms are all of them, `is_recent` is when no period was named."""

    topic: Topic
    text: str
    metrics: tuple[Metric, ...] = ()
    platforms: tuple[Platform, ...] = ()
    account: str | None = None
    spans: tuple[Span, ...] = ()
    is_recent: bool = False
    unknown_words: tuple[str, ...] = ()
    # What a follow-up comes back to after "why?".
    resumes: Topic | None = None
    # How something that could be read in two ways was read.
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """What a text names, before it is known what is asked about it."""

    text: str
    metrics: tuple[Metric, ...]
    platforms: tuple[Platform, ...]
    account: Account | None
    spans: tuple[Span, ...]

    @property
    def account_name(self) -> str | None:
        """The name of the account, as the tools know it."""
        return self.account.account if self.account else None

    def is_empty(self) -> bool:
        """Tell whether nothing is named at all."""
        return not (self.metrics or self.platforms or self.account or self.spans)
