"""Runs W and W2 on the peers, in turn, and writes one JSON file that report.py makes a table of.

    python benchmarks/run_peers.py --install
    python benchmarks/run_peers.py --repetitions 5 --json peers.json
    python benchmarks/report.py peers.json

Each repetition goes through all systems before the next one starts, so that noise of the machine
is shared. Needs the standard library only; the environments are under .pipeline/bench/. A peer
that is not installed or that fails stays in the result, with its reason.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
ENVIRONMENTS = HERE.parent / ".pipeline" / "bench"
UV = HERE.parent / ".venv" / "bin" / "uv"
WORKS = ("W", "W2")
W2_JOBS = 100
# A name is a peer, or a peer and one of its variants (`run.py --help` lists them).
DEFAULT_SYSTEMS = (
    "floor",
    "restate",
    "celery",
    "procrastinate",
    "dbos",
    "dbos:semaphores",
    "prefect",
    "dagster",
)
WITH_CRASH_CHECK = ("dbos", "restate")
INSTALL_SECONDS = 900
CLEAN_UP_SECONDS = 40


class Failed(Exception):
    """A peer could not be installed or run; the message is what the table shows."""


def install(peer: str) -> None:
    home = ENVIRONMENTS / peer
    python = home / "venv" / "bin" / "python"
    requirements = str(PEERS / peer / "requirements.txt")
    if UV.exists():
        _install_step([sys.executable, "-m", "venv", "--clear", "--without-pip", home / "venv"])
        uv = [UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
        _install_step([*uv, "--requirement", requirements])
    else:
        _install_step([sys.executable, "-m", "venv", "--clear", home / "venv"])
        _install_step([python, "-m", "pip", "install", "--quiet", "--requirement", requirements])
    packages = PEERS / peer / "package.json"
    if packages.exists():
        shutil.copy(packages, home)
        quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        _install_step(["npm", "install", "--prefix", home, *quiet])


def _install_step(command: list[str | Path]) -> None:
    line = [str(part) for part in command]
    try:
        subprocess.run(line, check=True, timeout=INSTALL_SECONDS, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise Failed(f"not installed: {_last_line(error.stderr)}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"not installed: {error}") from error


def run(system: str, work: str, *, time_limit: int, crash: bool = False) -> dict:
    """One repetition in processes of its own, all ended when this returns."""
    peer, _, variant = system.partition(":")
    python = ENVIRONMENTS / peer / "venv" / "bin" / "python"
    if not (PEERS / peer / "run.py").exists():
        raise Failed("no such peer")
    if not python.exists():
        raise Failed("not installed: run with --install first")
    with tempfile.TemporaryDirectory(prefix="bench-result-") as folder:
        result, log = Path(folder) / "result.json", Path(folder) / "log"
        command = [str(python), str(PEERS / peer / "run.py"), f"--work={work}", "--repetitions=1"]
        command += [f"--json={result}", f"--time-limit={time_limit}"]
        command += [f"--variant={variant}"] if variant else []
        command += ["--crash"] if crash else []
        with log.open("wb") as out:
            code = _run_to_its_end(command, out, time_limit + CLEAN_UP_SECONDS)
        if code != 0 or not result.exists():
            raise Failed(_last_line(log.read_text(errors="replace")) or f"exit code {code}")
        return json.loads(result.read_text())


def _run_to_its_end(command: list[str], out: object, seconds: int) -> int:
    """A peer ends its own children on SIGTERM; whatever interrupts us, it gets the time to."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
    )
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return -1
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=CLEAN_UP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""


class Results:
    """Samples of all systems, and the file's shape. W2 on fewer jobs counts for 100, marked."""

    def __init__(self, installation_failures: dict[str, str]) -> None:
        self.not_installed = installation_failures
        self.samples: dict[str, dict[str, list[float]]] = {work: {} for work in WORKS}
        self.failures: dict[str, dict[str, str]] = {work: {} for work in WORKS}
        self.scaled_from_jobs: dict[str, int] = {}
        self.versions: dict[str, str] = {}
        self.crash: dict[str, list[dict]] = {}

    def add(self, system: str, work: str, result: dict) -> None:
        seconds = result["seconds"][0]
        if work == "W2" and result["units"] != W2_JOBS:
            self.scaled_from_jobs[system] = result["units"]
            seconds *= W2_JOBS / result["units"]
        self.samples[work].setdefault(system, []).append(round(seconds, 4))
        self.versions[system] = result["version"]

    def fail(self, system: str, work: str, reason: str) -> None:
        self.failures[work][system] = self.not_installed.get(system.partition(":")[0], reason)

    def as_json(self) -> dict:
        medians = {
            work: {system: statistics.median(values) for system, values in systems.items()}
            for work, systems in self.samples.items()
        }
        return {
            **medians,
            "samples": self.samples,
            "failures": self.failures,
            "scaled_from_jobs": self.scaled_from_jobs,
            "versions": self.versions,
            "crash": self.crash,
            "machine": {"cores": os.cpu_count(), "load": [round(x, 2) for x in os.getloadavg()]},
        }


def measure(args: argparse.Namespace, results: Results) -> None:
    """Round after round through all systems; a system that failed once is not tried again."""
    for repetition in range(args.repetitions):
        for work in args.work:
            for system in args.systems:
                if system in results.failures[work]:
                    continue
                started = time.monotonic()
                try:
                    result = run(system, work, time_limit=args.time_limit)
                    results.add(system, work, result)
                    news = f"{results.samples[work][system][-1]:.2f} s"
                except Failed as failure:
                    results.fail(system, work, str(failure))
                    news = f"failed: {results.failures[work][system]}"
                took = time.monotonic() - started
                print(f"{repetition + 1} {work:2} {system:20} {news} ({took:.0f} s)", flush=True)


def check_crashes(args: argparse.Namespace, results: Results) -> None:
    for system in (name for name in args.systems if name.partition(":")[0] in WITH_CRASH_CHECK):
        for _ in range(args.crash):
            try:
                result = run(system, "W", time_limit=args.time_limit, crash=True)
                entry = {"bodies": result["completed_bodies"], "of": result["expected_bodies"]}
            except Failed as failure:
                entry = {"failure": str(failure)}
            results.crash.setdefault(system, []).append(entry)
            print(f"crash {system:20} {entry}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs W and W2 on other systems, in turn.")
    names = {"type": lambda text: text.split(","), "metavar": "A,B"}
    parser.add_argument("--install", action="store_true", help="make the peers' environments")
    parser.add_argument("--systems", default=list(DEFAULT_SYSTEMS), **names)
    parser.add_argument("--work", default=list(WORKS), **names)
    parser.add_argument("--repetitions", type=int, default=None, help="3, or 0 with --install")
    parser.add_argument("--crash", type=int, default=0, help="crash checks per system with one")
    parser.add_argument("--time-limit", type=int, default=900, help="seconds per repetition")
    parser.add_argument("--json", type=Path, default=ENVIRONMENTS / "peers.json")
    args = parser.parse_args()
    if unknown := set(args.work) - set(WORKS):
        parser.error(f"--work: no {', '.join(sorted(unknown))}; there are {', '.join(WORKS)}")
    if args.repetitions is None:
        args.repetitions = 0 if args.install else 3
    return args


def main() -> None:
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    not_installed: dict[str, str] = {}
    if args.install:
        for peer in dict.fromkeys(name.partition(":")[0] for name in args.systems):
            try:
                install(peer)
                print(f"installed {peer}", flush=True)
            except Failed as failure:
                shutil.rmtree(ENVIRONMENTS / peer, ignore_errors=True)
                not_installed[peer] = str(failure)
                print(f"{peer} {failure}", flush=True)
    results = Results(not_installed)
    try:
        measure(args, results)
        check_crashes(args, results)
    finally:
        if args.repetitions or args.crash:
            args.json.write_text(json.dumps(results.as_json(), indent=1) + "\n")
            print(f"written: {args.json}")
    if not_installed and not args.repetitions:
        sys.exit(1)


if __name__ == "__main__":
    main()
