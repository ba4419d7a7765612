import pytest

from source_bitrix24.portal.scan_context import News
from source_bitrix24.sync.job import Job, Steps, news_step
from source_bitrix24.sync.step import Step


class TwoSteps(Job):
    """A job that keeps in mind whether it is open."""

    is_open = False

    def _steps(self) -> Steps:
        self.is_open = True
        try:
            yield Step(in_flight=2)
            yield Step(in_flight=1)
        finally:
            self.is_open = False


def test_a_job_begins_with_its_first_step_and_ends_with_none() -> None:
    job = TwoSteps(("deals",))
    assert (job.streams, job.is_open) == (("deals",), False)
    assert [job.step(), job.step(), job.step(), job.step()] == [Step(in_flight=2), Step(in_flight=1), None, None]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_job_can_be_closed_at_any_time_and_twice(steps: int) -> None:
    job = TwoSteps(("deals",))
    for _ in range(steps):
        job.step()
    job.close()
    job.close()
    assert not job.is_open


def test_a_job_prefetches_nothing_unless_it_says_so() -> None:
    assert TwoSteps(("deals",)).prefetch() is False


def test_news_become_a_step_without_rows() -> None:
    assert news_step(News(in_flight=3, not_before=7.0)) == Step(in_flight=3, not_before=7.0)
