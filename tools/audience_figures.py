"""From what platforms tell of an audience to figures, for charts and agents alike."""

from collections.abc import Sequence

from domain.analytics.series import Place
from domain.audience import METRIC, share_label
from domain.figures import Figure, FigureBook
from storage.audience import Snapshot
from tools.figures import place_label


def list_shares(snapshot: Snapshot) -> Sequence[str]:
    """Return the names of a snapshot's parts, the largest first."""
    return sorted(snapshot.shares, key=lambda name: (-snapshot.shares[name], name))


def share_figure(book: FigureBook, snapshot: Snapshot, name: str) -> Figure:
    """Write down a part's share on the snapshot's day; null if it is not among those told."""
    value = snapshot.shares.get(name)
    place = place_label(Place(platform=snapshot.platform, account=snapshot.account))
    return book.add(
        share_label(snapshot.dimension, name, place),
        value,
        metric=f"{METRIC}{snapshot.dimension}",
        unit="percent",
        platform=snapshot.platform,
        account=snapshot.account,
        start=snapshot.date,
        end=snapshot.date,
        observations=0 if value is None else 1,
    )


def find_earlier(snapshot: Snapshot, earlier: Sequence[Snapshot]) -> Snapshot | None:
    """Return the snapshot of the same account and dimension among those of another period."""
    key = (snapshot.platform, snapshot.account, snapshot.dimension)
    return next((one for one in earlier if (one.platform, one.account, one.dimension) == key), None)
