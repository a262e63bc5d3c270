"""One line per event on standard error."""

import logging


def configure_logging(level: str) -> None:
    """Send this process's log records to standard error, the noisy libraries' only as warnings."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)-7s %(name)s  %(message)s", force=True
    )
    for name in ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
