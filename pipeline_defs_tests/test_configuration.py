"""What is written in more than one place says the same everywhere: the numbers of dagster.yaml and
policies.py, the names of workspace.yaml and pyproject.toml, the requirements and their lock."""

from __future__ import annotations

import importlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pipeline_defs import policies
from pipeline_defs.runtime.lines import LINES

ROOT = Path(__file__).resolve().parent.parent
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# In pieces, so that this file can be searched for them too.
REGISTRY_WORDS = ("py" + "pi", "python" + "hosted", "index" + "-url", "find" + "-links", ":" + "//")


@cache
def instance() -> dict[str, Any]:
    """dagster.yaml."""
    return yaml.safe_load((ROOT / "dagster.yaml").read_text())


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def locked() -> dict[str, tuple[Requirement, tuple[str, ...]]]:
    """requirements.lock: each requirement with its hashes, by name."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(line.partition("--hash")[0])
            found[canonicalize_name(requirement.name)] = (requirement, tuple(HASH.findall(line)))
    return found


def direct() -> list[Requirement]:
    """What pyproject.toml asks for, with and without extras."""
    extras = project()["project"]["optional-dependencies"].values()
    names = [*project()["project"]["dependencies"], *[name for extra in extras for name in extra]]
    return [Requirement(name) for name in names]


def configured_classes() -> list[tuple[str, str]]:
    """Each (module, class) that dagster.yaml names."""
    found: list[tuple[str, str]] = []

    def visit(value: object) -> None:
        if isinstance(value, dict):
            if "class" in value:
                found.append((value["module"], value["class"]))
            for inner in value.values():
                visit(inner)

    visit(instance())
    return found


def test_as_many_runs_leave_the_queue_as_there_are_places_for_them() -> None:
    coordinator = instance()["run_coordinator"]["config"]
    assert coordinator["max_concurrent_runs"] == policies.RUNS_AT_ONCE


def test_a_pool_without_a_limit_of_its_own_holds_as_many_ops_as_runs_are_at_work() -> None:
    assert instance()["concurrency"]["pools"]["default_limit"] == policies.RUNS_AT_ONCE


def test_a_run_may_last_longer_than_every_line_works_on_its_units() -> None:
    longest = max(line.deadline for line in LINES.values())
    assert instance()["run_monitoring"]["max_runtime_seconds"] > longest


def test_workers_are_checked_as_often_as_the_limits_for_silent_ones_assume() -> None:
    interval = instance()["run_monitoring"]["poll_interval_seconds"]
    assert interval * policies.WORKER_SILENT_CHECKS == 25  # as the comment in policies.py says
    assert interval * policies.WORKER_MISSED_CHECKS < policies.RUN_RETRY_GRACE
    assert interval > policies.WORKER_INSPECT_CACHE + policies.WORKER_INSPECT_TIMEOUT


def test_dagster_makes_a_run_anew_only_for_dead_workers() -> None:
    """A failure of an asset would be paid for and shown twice."""
    retries = instance()["run_retries"]
    assert retries["enabled"]
    assert not retries["retry_on_asset_or_op_failure"]


def test_every_run_of_a_unit_fits_into_the_attempts_of_its_dispatch() -> None:
    assert instance()["run_retries"]["max_retries"] < policies.DISPATCH_MAX_ATTEMPTS


def test_nothing_is_reported_to_the_makers_of_dagster() -> None:
    assert instance()["telemetry"] == {"enabled": False}


@pytest.mark.parametrize(("module", "name"), configured_classes())
def test_each_class_of_the_instance_is_there(module: str, name: str) -> None:
    assert isinstance(getattr(importlib.import_module(module), name), type)


def test_the_instance_runs_on_the_classes_of_this_project() -> None:
    own = {name for module, name in configured_classes() if module.startswith("pipeline_defs.")}
    assert own == {"PooledPostgresStorage", "PromptRunCoordinator", "WarmRunLauncher"}


def test_the_workspace_and_the_project_name_the_same_module_and_location() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    (entry,) = workspace["load_from"]
    dg = project()["tool"]["dg"]["project"]
    assert entry["python_module"] == {
        "module_name": f"{dg['root_module']}.definitions",
        "location_name": dg["code_location_name"],
    }


def test_the_named_module_is_the_package_that_is_installed() -> None:
    root = project()["tool"]["dg"]["project"]["root_module"]
    package = importlib.import_module(root)
    assert package.__file__ is not None
    assert Path(package.__file__).parent == ROOT / root
    assert f"{root}*" in project()["tool"]["setuptools"]["packages"]["find"]["include"]


def test_the_command_is_a_function_of_the_package() -> None:
    for target in project()["project"]["scripts"].values():
        module, _, name = target.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_the_oldest_python_is_the_same_for_installer_linter_and_type_checker() -> None:
    oldest = project()["tool"]["basedpyright"]["pythonVersion"]
    target = project()["tool"]["ruff"]["target-version"]
    supported = SpecifierSet(project()["project"]["requires-python"])
    assert target == f"py{oldest.replace('.', '')}"
    assert f"{oldest}.0" in supported
    before = int(oldest.split(".")[1]) - 1
    assert f"3.{before}.99" not in supported


def test_the_lock_names_no_registry() -> None:
    """Whoever installs says where from: a mirror, a proxy, a folder."""
    text = (ROOT / "requirements.lock").read_text().lower()
    assert [word for word in REGISTRY_WORDS if word in text] == []


def test_each_locked_requirement_is_one_version_with_its_hashes() -> None:
    assert len(locked()) > len(direct())
    for name, (requirement, hashes) in locked().items():
        assert [s.operator for s in requirement.specifier] == ["=="], name
        assert hashes, name
        assert requirement.url is None, name


def test_everything_asked_for_is_locked_in_a_version_that_was_asked_for() -> None:
    for wanted in direct():
        found, _ = locked()[canonicalize_name(wanted.name)]
        (version,) = [s.version for s in found.specifier]
        assert wanted.specifier.contains(version, prereleases=True), f"{wanted} is locked: {found}"


def test_the_parts_of_dagster_are_of_one_release() -> None:
    """Its satellites pin one exact core version: `1.13.27` comes with `0.29.27`."""
    releases = {
        str(requirement.specifier).rpartition(".")[2]
        for requirement in direct()
        if requirement.name in {"dagster", "dagster-webserver", "dagster-graphql"}
        or requirement.name in {"dagster-postgres", "dagster-celery", "dagster-dg-cli"}
    }
    assert len(releases) == 1
