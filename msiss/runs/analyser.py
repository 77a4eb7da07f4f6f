"""The execution of an analysis by a worker of the engine."""

from pathlib import Path

from msiss.errors import RunError
from msiss.runs.analyses import AnalysisJob
from msiss.runs.jobs import work_exclusively
from msiss.runs.reporter import Reporter, progress_callback


def execute_analysis(path: Path) -> None:
    """Compute and store the answer of the analysis in `path`.

    Does nothing if it is done or another process holds its lock. The outcome is written to its status.
    """
    work_exclusively(AnalysisJob(path), _analyse_locked)


def _analyse_locked(job: AnalysisJob) -> None:
    with Reporter(job) as reporter:
        reporter.check_stop()
        question = job.request.question
        question.compute(progress_callback(reporter))
        if question.answer() is None:
            raise RunError(
                "The result was computed, but could not be written. Free some space on the disk of msiss, or check the "
                "permissions of its folders, then start it again."
            )
