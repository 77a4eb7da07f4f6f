"""What pages ask: one job for one question, an answer that stays, and an end that is said."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.representations import BANDS, IMAGE_VECTORS, JOINT
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.home import analyses_folder, datasets_folder
from msiss.runs import analyses
from msiss.runs.analyser import execute_analysis
from msiss.runs.analyses import (
    AnalysisJob,
    AnalysisStore,
    ClustersQuestion,
    DisagreementsQuestion,
    NumbersQuestion,
    Question,
    ScoresQuestion,
    VectorsQuestion,
)
from msiss.runs.cluster_numbers import choose_k_of
from msiss.runs.correction_questions import NearestQuestion, RefineQuestion, SubclustersQuestion
from msiss.runs.decisions import Confirmed, Moved
from msiss.runs.disagreeing import compare
from msiss.runs.grouping import decide, grouping
from msiss.runs.jobs import State, Status
from msiss.runs.measured import measured
from msiss.runs.quality.scores import score
from msiss.runs.reclustering import clusters_by
from msiss.runs.refinement import corrections_of, refine
from msiss.runs.reviewing import nearest_ions
from msiss.runs.store import Run
from msiss.runs.subclusters import subclusters

BANDS = BANDS


def clusters_question(run: Run, number: int = 4, by: str = BANDS) -> ClustersQuestion:
    return ClustersQuestion(run=run.path, finished=run.status.finished, by=by, clusters=number)


def ask(question: Question) -> AnalysisJob:
    return AnalysisStore(analyses_folder()).create(question)


def test_clusters_are_worked_out_and_stay(finished_run: Run) -> None:
    question = clusters_question(finished_run)
    assert question.answer() is None
    job = ask(question)
    execute_analysis(job.path)
    assert job.status.state is State.DONE
    job.delete()
    answer = question.answer()
    assert answer is not None
    pd.testing.assert_frame_equal(answer, clusters_by(finished_run, BANDS, 4))


def test_numbers_of_clusters_are_worked_out(finished_run: Run, small_images: IonImages) -> None:
    question = NumbersQuestion(
        run=finished_run.path, finished=finished_run.status.finished, by=IMAGE_VECTORS, with_halves=True
    )
    execute_analysis(ask(question).path)
    answer = question.answer()
    assert answer is not None
    expected = choose_k_of(finished_run, small_images, question.by, numbers=range(2, 7), with_halves=True)
    pd.testing.assert_frame_equal(answer.table, expected.table)
    assert answer.suggestion == expected.suggestion


def test_scores_are_worked_out(finished_run: Run, small_images: IonImages) -> None:
    pairs = pd.DataFrame({"i": [0, 5], "j": [1, 9], "kind": ["isotope", "adduct"]})
    for labels, known in ((small_images.labels, None), (None, pairs), (small_images.labels, pairs)):
        question = ScoresQuestion.of(finished_run, labels, known)
        assert question.answer() is None
        job = ask(question)
        assert job.request.question == question
        execute_analysis(job.path)
        assert question.answer() == score(finished_run, labels=labels, pairs=known)
    other = ScoresQuestion.of(finished_run, small_images.labels[::-1], pairs)  # type: ignore[index]
    assert other.answer() is None


def test_corrected_clusters_are_worked_out(finished_run: Run) -> None:
    decide(grouping(finished_run, IMAGE_VECTORS), Moved(ions=(4,), to=0))
    corrected = grouping(finished_run, IMAGE_VECTORS)
    question = RefineQuestion.of(corrected)
    assert question.answer() is None
    job = ask(question)
    assert job.request.question == question
    execute_analysis(job.path)
    answer = question.answer()
    assert answer is not None
    pd.testing.assert_frame_equal(answer, refine(finished_run, IMAGE_VECTORS, corrections_of(corrected)))
    decide(corrected, Confirmed(ions=(5,)))
    assert RefineQuestion.of(grouping(finished_run, IMAGE_VECTORS)).answer() is None


def test_nearest_ions_are_looked_for(finished_run: Run) -> None:
    question = NearestQuestion(run=finished_run.path, finished=finished_run.status.finished, by=JOINT)
    assert question.answer() is None
    execute_analysis(ask(question).path)
    np.testing.assert_array_equal(question.answer(), nearest_ions(finished_run, JOINT))


def test_clusters_of_some_ions_are_worked_out(finished_run: Run) -> None:
    ions = (1, 3, 5, 6, 7)
    question = SubclustersQuestion(
        run=finished_run.path, finished=finished_run.status.finished, by=JOINT, ions=ions, clusters=2
    )
    assert question.answer() is None
    execute_analysis(ask(question).path)
    answer = question.answer()
    assert answer is not None
    pd.testing.assert_frame_equal(answer, subclusters(finished_run, JOINT, ions, 2))


def test_vectors_are_worked_out(msiss_home: Path, small_images: IonImages) -> None:
    small_images.save(msiss_home / "datasets" / "small")
    question = VectorsQuestion(
        dataset=datasets_folder() / "small",
        fingerprint=small_images.fingerprint,
        measure=BANDS,
        prepare=PrepareConfig(),
    )
    assert question.answer() is None
    execute_analysis(ask(question).path)
    answer = question.answer()
    assert answer is not None
    np.testing.assert_array_equal(answer, measured(small_images, BANDS, PrepareConfig()))


def test_two_sessions_that_ask_the_same_share_a_job_and_others_do_not(finished_run: Run) -> None:
    first, second = ask(clusters_question(finished_run)), ask(clusters_question(finished_run))
    assert first.path == second.path
    assert first.request.created == second.request.created
    finished = finished_run.status.finished
    others = [
        clusters_question(finished_run, number=5),
        clusters_question(finished_run, by=JOINT),
        clusters_question(finished_run).model_copy(update={"finished": finished + 1}),  # trained once more
        NumbersQuestion(run=finished_run.path, finished=finished, by=BANDS, with_halves=False),
    ]
    assert len({ask(one).path for one in others} | {first.path}) == 5
    assert {job.path for job in AnalysisStore(analyses_folder())} == {ask(one).path for one in others} | {first.path}


def test_a_question_is_read_back_as_it_was_asked(finished_run: Run) -> None:
    for question in (
        clusters_question(finished_run),
        NumbersQuestion(run=finished_run.path, finished=1.5, by=BANDS, with_halves=True),
        VectorsQuestion(dataset=finished_run.path, fingerprint="f", measure=BANDS, prepare=PrepareConfig(side=64)),
    ):
        job = ask(question)
        assert job.request.question == question
        found = AnalysisStore(analyses_folder()).find(question)
        assert found is not None
        assert found.path == job.path


def test_jobs_that_are_over_give_way_and_others_do_not(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "KEPT", 2)
    jobs = [ask(clusters_question(finished_run, number)) for number in (4, 5, 6)]
    for job in (jobs[0], jobs[2]):
        job.write_status(Status(state=State.DONE))
    ask(clusters_question(finished_run, 7))
    assert [job.path.exists() for job in jobs] == [False, True, True]


def test_what_cannot_be_worked_out_fails_in_words(finished_run: Run) -> None:
    job = ask(clusters_question(finished_run, number=40))
    execute_analysis(job.path)
    assert job.status.state is State.FAILED
    assert job.status.message.startswith("clusters: 40 clusters cannot be made of 12 ion images.")


def test_an_answer_that_cannot_be_written_is_said(finished_run: Run) -> None:
    job = ask(clusters_question(finished_run))
    (finished_run.path / "clusters").write_text("a file where the folder should be")
    execute_analysis(job.path)
    assert job.status.state is State.FAILED
    assert "could not be written" in job.status.message


def test_a_run_that_is_gone_is_said(finished_run: Run) -> None:
    job = ask(clusters_question(finished_run))
    finished_run.delete()
    execute_analysis(job.path)
    assert job.status.state is State.FAILED
    assert not finished_run.path.exists()


def test_data_that_have_changed_are_said(msiss_home: Path, small_images: IonImages) -> None:
    small_images.save(msiss_home / "datasets" / "small")
    path = datasets_folder() / "small"
    job = ask(VectorsQuestion(dataset=path, fingerprint="of before", measure=BANDS, prepare=PrepareConfig()))
    execute_analysis(job.path)
    assert job.status.message == "The data set small has changed since this was requested. Reload the page."


def test_a_stop_ends_it_between_two_steps(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    question = NumbersQuestion(
        run=finished_run.path, finished=finished_run.status.finished, by=BANDS, with_halves=False
    )
    job = ask(question)

    def stop_at_the_third(graph: object, n_clusters: int, *, seed: int) -> np.ndarray:
        if n_clusters == 4:
            job.request_stop()
        return np.arange(graph.shape[0]) % n_clusters  # type: ignore[attr-defined]

    monkeypatch.setattr("msiss.analyse.choose_k.cut", stop_at_the_third)
    execute_analysis(job.path)
    assert job.status.state is State.STOPPED
    assert question.answer() is None


def test_what_is_done_is_left_alone(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(clusters_question(finished_run))
    execute_analysis(job.path)
    monkeypatch.setattr(ClustersQuestion, "compute", lambda *_: pytest.fail("computed again"))
    execute_analysis(job.path)


def test_disagreements_of_a_run_are_worked_out_and_stay(finished_run: Run) -> None:
    question = DisagreementsQuestion(
        run=finished_run.path,
        finished=finished_run.status.finished,
        fingerprint=finished_run.request.fingerprint,
        prepare=finished_run.config.prepare,
        first=JOINT,
        second=IMAGE_VECTORS,
    )
    assert question.answer() is None
    execute_analysis(ask(question).path)
    expected = compare(finished_run.features(JOINT), finished_run.features(IMAGE_VECTORS))
    assert len(expected) > 0
    pd.testing.assert_frame_equal(question.answer(), expected)
    assert question.model_copy(update={"second": BANDS}).answer() is None


def test_disagreements_of_measures_without_a_run(msiss_home: Path, small_images: IonImages) -> None:
    question = DisagreementsQuestion(
        run=None,
        finished=None,
        fingerprint=small_images.fingerprint,
        prepare=PrepareConfig(),
        first=BANDS,
        second=IMAGE_VECTORS,
    )
    job = ask(question)
    execute_analysis(job.path)
    assert job.status.state is State.FAILED
    assert "were deleted" in job.status.message
    vectors = [measured(small_images, name, PrepareConfig()) for name in (BANDS, IMAGE_VECTORS)]
    job.delete()
    execute_analysis(ask(question).path)
    pd.testing.assert_frame_equal(question.answer(), compare(*vectors))
