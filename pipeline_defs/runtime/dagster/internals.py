"""The one module that touches Dagster's private modules, for the product and its tests.

Everything here is re-exported under the name it has there; an upgrade of Dagster is checked here.
"""

from dagster._cli.api import (
    _execute_run_command_body as execute_run_command_body,  # pyright: ignore[reportPrivateUsage]
)
from dagster._core.definitions.data_version import (
    CachingStaleStatusResolver,
    StaleStatus,
    extract_data_version_from_entry,
)
from dagster._core.definitions.declarative_automation.automation_condition import (
    BuiltinAutomationCondition,
)
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.events import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    generate_event_batch_id,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._core.loader import LoadingContextForTest
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RegisteredCodeLocationOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.remote_representation.grpc_server_registry import GrpcServerRegistry
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.dagster_run import FINISHED_STATUSES, IN_PROGRESS_RUN_STATUSES
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon import controller as daemon_controller
from dagster._daemon.cli import run_command as daemon_command
from dagster._grpc.constants import GrpcServerCommand
from dagster._serdes import ConfigurableClassData

__all__ = [
    "FINISHED_STATUSES",
    "IN_PROGRESS_RUN_STATUSES",
    "AssetCheckExecutionRecordStatus",
    "AssetCheckExecutionsTable",
    "AssetKeyTable",
    "BuiltinAutomationCondition",
    "CachingStaleStatusResolver",
    "CheckRunHealthResult",
    "ConfigurableClassData",
    "DagsterEvent",
    "DagsterEventBatchMetadata",
    "DagsterEventType",
    "DagsterExecutionInterruptedError",
    "DagsterSqliteStorage",
    "DagsterStorage",
    "EventLogEntry",
    "GrpcServerCommand",
    "GrpcServerRegistry",
    "InProcessCodeLocationOrigin",
    "InProcessWorkspaceLoadTarget",
    "LaunchRunContext",
    "LoadableTargetOrigin",
    "LoadingContextForTest",
    "QueuedRunCoordinator",
    "ReconstructableRepository",
    "RegisteredCodeLocationOrigin",
    "RemoteRepositoryOrigin",
    "SqlEventLogStorage",
    "SqlEventLogStorageTable",
    "StaleStatus",
    "SubmitRunContext",
    "UnresolvedAssetJobDefinition",
    "WorkerStatus",
    "WorkspaceProcessContext",
    "daemon_command",
    "daemon_controller",
    "execute_run_command_body",
    "extract_data_version_from_entry",
    "generate_event_batch_id",
]
