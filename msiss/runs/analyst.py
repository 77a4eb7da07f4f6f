"""What an engine's worker does with one analysis: work out the answer and keep it."""

from pathlib import Path

from msiss.errors import RunError
from msiss.runs.analyses import AnalysisJob
from msiss.runs.jobs import work_alone
from msiss.runs.reporter import Reporter, progress_of


def analyse(path: Path) -> None:
    """Do the analysis in `path`.

    Does nothing where it is done already or another process works on it. However it ends, its status says how.
    """
    work_alone(AnalysisJob(path), _analyse_locked)


def _analyse_locked(job: AnalysisJob) -> None:
    with Reporter(job) as reporter:
        reporter.check_stop()
        question = job.request.question
        question.work_out(progress_of(reporter))
        if question.answer() is None:
            raise RunError(
                "This was computed, but could not be written. Free some space on the disk of msiss, or check the "
                "rights of its folders, then start it again."
            )
