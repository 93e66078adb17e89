"""Plain Dagster on Postgres: default run launcher, default executor, queue with 10 runs at once.

Code server, webserver and daemon are three processes. Runs are submitted through GraphQL, one by
one, and awaited through GraphQL.
"""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import measure
import services
import work

HERE = Path(__file__).resolve().parent
JOBS = 20  # 100 take minutes
LOCATION = "bench"
DONE = {"SUCCESS", "FAILURE", "CANCELED"}
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
STATUS = """
query Status($filter: RunsFilter!) {
  runsOrError(filter: $filter, limit: 500) { ... on Runs { results { status } } }
}"""
INSTANCE = """\
storage:
  postgres:
    postgres_url: {url}
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
concurrency:
  runs:
    max_concurrent_runs: {at_once}
telemetry:
  enabled: false
"""
WORKSPACE = """\
load_from:
  - grpc_server:
      host: 127.0.0.1
      port: {port}
      location_name: {location}
"""


class Client:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query: str, **variables: object) -> dict:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def launch(self, job: str, config: dict) -> str:
        selector = {
            "repositoryLocationName": LOCATION,
            "repositoryName": "__repository__",
            "pipelineName": job,
        }
        params = {"selector": selector, "mode": "default", "runConfigData": config}
        answer = self.ask(LAUNCH, params=params)["launchPipelineExecution"]
        if answer["__typename"] != "LaunchRunSuccess":
            raise RuntimeError(f"not launched: {answer}")
        return answer["run"]["runId"]

    def wait(self, runs: list[str]) -> None:
        while True:
            answer = self.ask(STATUS, filter={"runIds": runs})["runsOrError"]["results"]
            states = [run["status"] for run in answer]
            if len(states) == len(runs) and DONE.issuperset(states):
                break
            time.sleep(0.25)
        assert set(states) == {"SUCCESS"}, states

    def lecture(self, items: int) -> None:
        config = {"ops": {"segments": {"config": {"items": items}}}}
        self.wait([self.launch("lecture", config)])

    def jobs(self, count: int) -> None:
        self.wait([self.launch("job", {}) for _ in range(count)])


@contextmanager
def bench(request: measure.Request) -> Iterator[measure.Once]:
    home, code_port, web_port = request.folder, services.free_port(), services.free_port()
    os.environ |= {
        "BENCH_VARIANT": request.variant,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PYTHONPATH": f"{HERE}{os.pathsep}{services.PEERS}",
    }
    with ExitStack() as stack:
        url = stack.enter_context(services.postgres(home))
        instance = INSTANCE.format(url=url, at_once=work.JOBS_AT_ONCE)
        (home / "dagster.yaml").write_text(instance)
        workspace = home / "workspace.yaml"
        workspace.write_text(WORKSPACE.format(port=code_port, location=LOCATION))

        def start(name: str, *command: str) -> services.Child:
            line = [sys.executable, "-m", *command]
            log = home / f"{name}.log"
            return stack.enter_context(services.running(line, log=log, cwd=home))

        address = ("--host=127.0.0.1", f"--port={code_port}")
        code = start("code", "dagster", "api", "grpc", "--module-name=definitions", *address)
        code.wait_until(lambda: services.port_answers(code_port), seconds=120)
        options = (f"--workspace={workspace}", "--host=127.0.0.1", f"--port={web_port}")
        web = start("web", "dagster_webserver", *options)
        web.wait_until(
            lambda: services.http_answers(f"http://127.0.0.1:{web_port}/server_info"), seconds=120
        )
        start("daemon", "dagster._daemon", "run", f"--workspace={workspace}")
        client = Client(web_port)
        yield client.lecture if request.work == "W" else client.jobs


if __name__ == "__main__":
    variants = ("multiprocess", "in-process-jobs")
    measure.main(measure.Peer("dagster", "dagster", bench, variants=variants, jobs=JOBS))
