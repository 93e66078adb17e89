"""The two pieces of work in numbers; the peers' are in peers/work.py and must be the same."""

from pipeline_defs.policies import Retry, StepPolicy

ITEMS = 30
A_SECONDS = 0.2
B_SECONDS = 0.3
STEPS_AT_ONCE = 5
JOBS = 100
STEPS_PER_JOB = 7
JOBS_AT_ONCE = 10

NO_RETRY = Retry(attempts=1, base=1, cap=1)
POLICY_A = StepPolicy("bench_a", timeout=10, retry=NO_RETRY)
POLICY_B = StepPolicy("bench_b", timeout=10, retry=NO_RETRY)
LIMITS = {"bench_a": STEPS_AT_ONCE, "bench_b": STEPS_AT_ONCE, "bench_job": JOBS_AT_ONCE}
