"""The Celery app that carries runs from the launcher to warm workers, over Redis.

A message holds only a run id; everything else is read from Dagster's storage. Messages are
acknowledged when taken: a run whose worker dies is found by run monitoring and retried by Dagster,
never delivered twice.
"""

from __future__ import annotations

from celery import Celery

from pipeline_defs import policies
from pipeline_defs.settings import get_settings

EXECUTE_RUN = "pipeline.execute_run"
QUEUE = "pipeline-runs"


def make_broker() -> Celery:
    """A Celery app on the configured Redis."""
    url = get_settings().required("redis_url")
    app = Celery("pipeline", broker=url, backend=url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_track_started=True,
        task_acks_late=False,
        task_queue_max_priority=10,
        task_default_priority=5,
        result_expires=policies.RUN_RESULT_EXPIRES,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=policies.RUNS_PER_WORKER_PROCESS,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "priority_steps": list(range(10)),
            "queue_order_strategy": "priority",
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "global_keyprefix": "celery:",
        },
        result_backend_transport_options={"global_keyprefix": "celery:"},
    )
    return app
