"""What the suite counts and measures about itself, for Prometheus; `GET /metrics` shows it.

Every number is of this process, but those of the queue, which all processes share. A label has few
possible values, known beforehand: names of our routes, agents and tools, states and codes; never
an id, a path or what somebody typed.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# A second series for each, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

# The label of what is none of ours, such as the route of an unknown address.
UNKNOWN = "unknown"

_ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_CALL_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

OPEN_RUNS = Gauge(
    "dreamsuite_open_runs",
    "Runs of this process, by what they do: answering, or storing their answer.",
    ["state"],
    registry=REGISTRY,
)
RUNS = Counter(
    "dreamsuite_runs",
    "Runs that came to an end, or that wait for an approval.",
    ["status", "agent"],
    registry=REGISTRY,
)
RUN_SECONDS = Histogram(
    "dreamsuite_run_seconds",
    "From the start of a run to its stored answer.",
    ["agent"],
    buckets=_ANSWER_BUCKETS,
    registry=REGISTRY,
)
FIRST_TOKEN_SECONDS = Histogram(
    "dreamsuite_time_to_first_token_seconds",
    "From the start of a run to the first text that its reader sees.",
    ["agent"],
    buckets=_ANSWER_BUCKETS,
    registry=REGISTRY,
)
TOKENS = Counter(
    "dreamsuite_tokens",
    "Tokens of models, as they report them.",
    ["model", "agent"],
    registry=REGISTRY,
)
MODEL_CALL_SECONDS = Histogram(
    "dreamsuite_model_call_seconds",
    "Calls of a model, by outcome: ok, failed, cancelled.",
    ["model", "outcome"],
    buckets=_ANSWER_BUCKETS,
    registry=REGISTRY,
)
MODEL_RETRIES = Counter(
    "dreamsuite_model_retries",
    "Calls of a model that failed and are tried again, by the code of the failure.",
    ["code"],
    registry=REGISTRY,
)
TOOL_SECONDS = Histogram(
    "dreamsuite_tool_seconds",
    "Calls of a tool, by outcome: ok, refused (the model was told why), paused, failed, cancelled.",
    ["tool", "outcome"],
    buckets=_CALL_BUCKETS,
    registry=REGISTRY,
)
RUN_ERRORS = Counter(
    "dreamsuite_run_errors",
    "Runs that failed, by the code of their error.",
    ["code"],
    registry=REGISTRY,
)
UPSTREAM_ERRORS = Counter(
    "dreamsuite_upstream_errors",
    "Failures of services that we depend on, after our own retries, by the code of the error.",
    ["code"],
    registry=REGISTRY,
)
HTTP_REQUESTS = Counter(
    "dreamsuite_http_requests",
    "Requests that were answered; status 499 is a client that left before.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "dreamsuite_http_request_seconds",
    "From a request to the first byte of its answer.",
    ["method", "route"],
    buckets=_CALL_BUCKETS,
    registry=REGISTRY,
)
OPEN_STREAMS = Gauge(
    "dreamsuite_open_streams", "Streams of events that have a reader.", registry=REGISTRY
)
EVENT_LOOP_LAG = Histogram(
    "dreamsuite_event_loop_lag_seconds",
    "By how much the event loop wakes up late, measured four times a second.",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
DATABASE_CONNECTIONS = Gauge(
    "dreamsuite_database_connections",
    "Connections of this process's pool: in_use, or the most there can be.",
    ["state"],
    registry=REGISTRY,
)

OPEN_JOBS = Gauge(
    "dreamsuite_open_jobs",
    "Jobs of the whole suite that are queued or running.",
    ["kind", "status"],
    registry=REGISTRY,
)
JOB_WAIT_SECONDS = Gauge(
    "dreamsuite_job_wait_seconds",
    "How long the oldest due job of the whole suite has waited.",
    registry=REGISTRY,
)
ENGINE_DELIVERIES = Gauge(
    "dreamsuite_engine_deliveries",
    "Jobs of the whole suite that outside engines were given within a day, by how that stands.",
    ["engine", "status"],
    registry=REGISTRY,
)
ENGINE_MESSAGES = Counter(
    "dreamsuite_engine_messages",
    "Messages of outside engines: accepted, duplicate, ignored, or refused for their signature.",
    ["engine", "outcome"],
    registry=REGISTRY,
)
INSIGHTS = Counter(
    "dreamsuite_insights",
    "Findings that were put into words: kept, rewritten for what was wrong, dropped in the end.",
    ["detector", "outcome"],
    registry=REGISTRY,
)
WORKERS = Gauge(
    "dreamsuite_workers",
    "Workers of the whole suite that give signs of life.",
    registry=REGISTRY,
)

for _state in ("answering", "storing"):
    OPEN_RUNS.labels(_state)  # shown from the start, as 0
