"""Jobs: shared, watched, cancelled, remembered and let go; threads are led by events, nobody sleeps."""

from __future__ import annotations

import gc
import logging
import weakref
from dataclasses import replace
from threading import Event, Thread, current_thread

import pytest

from callbacks.jobs import BUG, Jobs, told
from geodata.errors import GeodataError, Stopped
from tests.small_city import small_city

LONG_S = 20.0


class Slow:
    """Work that begins, waits to be let on step by step, and counts how often it was done."""

    def __init__(self, *, steps: int = 2, answer: object = "fertig") -> None:
        self.steps, self.answer, self.times = steps, answer, 0
        self.begun, self.go, self.told = Event(), Event(), Event()

    def __call__(self, _city, tell, cancelled):
        self.times += 1
        self.begun.set()
        for step in range(self.steps):
            tell(step, self.steps)
            self.told.set()
            assert self.go.wait(LONG_S)
        if cancelled():
            raise Stopped
        return self.answer


@pytest.fixture
def city():
    return replace(small_city())


def at_once(answer):
    return lambda _city, _tell, _cancelled: answer


def test_a_question_nobody_asked_has_no_job(city):
    standing = Jobs().look(city, "q")
    assert (standing.phase, standing.share, told(standing)) == ("none", 0.0, "")


def test_the_answer_is_there_when_the_work_is_done(city):
    jobs = Jobs()
    assert jobs.start(city, "q", at_once(42)).phase in ("running", "done")
    standing = jobs.wait(city, "q", timeout_s=LONG_S)
    assert (standing.phase, standing.answer, standing.share, standing.over) == ("done", 42, 1.0, True)


def test_progress_is_seen_and_never_goes_back(city):
    jobs, seen = Jobs(), []

    def work(city, tell, cancelled):
        for done in (0, 3, 1, 7):
            tell(done, 10)
            seen.append(jobs.look(city, "q"))

    jobs.start(city, "q", work)
    jobs.wait(city, "q", timeout_s=LONG_S)
    assert [s.done for s in seen] == [0, 3, 3, 7] and seen[-1].share == 0.7
    assert told(seen[-1]) == "计算中：70%"


def test_two_who_ask_the_same_share_one_job_and_others_do_not(city):
    jobs, slow = Jobs(at_once=2), Slow()
    jobs.start(city, "q", slow, visitor="a")
    assert slow.begun.wait(LONG_S)
    jobs.start(city, "q", slow, visitor="b")
    jobs.start(city, "other", at_once(1), visitor="b")
    assert jobs.wait(city, "other", timeout_s=LONG_S).answer == 1
    slow.go.set()
    assert jobs.wait(city, "q", timeout_s=LONG_S).answer == "fertig"
    assert jobs.start(city, "q", slow, visitor="c").answer == "fertig"
    assert slow.times == 1


def test_one_of_two_who_cancels_does_not_take_it_from_the_other(city):
    jobs, slow = Jobs(), Slow()
    jobs.start(city, "q", slow, visitor="a")
    jobs.start(city, "q", slow, visitor="b")
    assert jobs.cancel(city, "q", visitor="a").phase == "running"
    slow.go.set()
    assert jobs.wait(city, "q", timeout_s=LONG_S).phase == "done"


def test_the_last_who_cancels_stops_the_work_and_asking_again_begins_anew(city):
    jobs, slow = Jobs(), Slow()
    jobs.start(city, "q", slow, visitor="a")
    assert slow.begun.wait(LONG_S)
    jobs.cancel(city, "q", visitor="a")
    slow.go.set()
    stopped = jobs.wait(city, "q", timeout_s=LONG_S)
    assert (stopped.phase, stopped.error) == ("cancelled", "计算已取消。")
    jobs.start(city, "q", at_once("anew"))
    assert jobs.wait(city, "q", timeout_s=LONG_S).answer == "anew"


def test_work_that_does_not_look_is_stopped_where_it_tells_its_progress(city):
    jobs, slow = Jobs(), Slow(steps=1000)
    jobs.start(city, "q", slow)
    assert slow.told.wait(LONG_S)
    jobs.cancel(city, "q")
    slow.go.set()
    assert jobs.wait(city, "q", timeout_s=LONG_S).phase == "cancelled"


def test_what_waits_its_turn_is_said_to_wait_and_can_be_cancelled_before_it_begins(city):
    jobs, slow, never = Jobs(), Slow(), Slow()
    jobs.start(city, "first", slow)
    assert jobs.start(city, "second", never).phase == "waiting"
    assert told(jobs.look(city, "second")) == "排队等待计算"
    assert jobs.cancel(city, "second").phase == "cancelled"
    third = jobs.start(city, "third", at_once(3))
    assert third.phase == "waiting"
    slow.go.set()
    assert jobs.wait(city, "third", timeout_s=LONG_S).answer == 3
    assert never.times == 0


def test_what_the_user_can_mend_is_told_and_can_be_asked_again(city):
    jobs = Jobs()

    def refused(city, tell, cancelled):
        raise GeodataError("缺少户数。")

    jobs.start(city, "q", refused)
    failed = jobs.wait(city, "q", timeout_s=LONG_S)
    assert (failed.phase, failed.error, told(failed)) == ("failed", "缺少户数。", "缺少户数。")
    jobs.start(city, "q", at_once(1))
    assert jobs.wait(city, "q", timeout_s=LONG_S).phase == "done"


def test_a_bug_is_logged_and_the_planner_is_told_so_without_its_words(city, caplog):
    jobs = Jobs()

    def broken(city, tell, cancelled):
        raise KeyError("secret")

    with caplog.at_level(logging.ERROR):
        jobs.start(city, "q", broken)
        failed = jobs.wait(city, "q", timeout_s=LONG_S)
    assert (failed.phase, failed.error) == ("failed", BUG)
    assert "secret" in caplog.text
    jobs.start(city, "next", at_once(1))
    assert jobs.wait(city, "next", timeout_s=LONG_S).phase == "done"


def test_the_answers_asked_for_longest_ago_are_forgotten(city):
    jobs = Jobs(kept=2)
    for question in "abcd":
        jobs.start(city, question, at_once(question))
        jobs.wait(city, question, timeout_s=LONG_S)
    assert jobs.look(city, "a").phase == "none"
    assert jobs.look(city, "d").answer == "d"


def test_a_new_city_stops_the_work_for_the_old_one_which_is_then_let_go():
    jobs, slow = Jobs(), Slow()
    old, new = replace(small_city()), replace(small_city())
    jobs.start(old, "q", slow)
    assert slow.begun.wait(LONG_S)
    jobs.start(new, "q", at_once("new"))
    slow.go.set()
    assert jobs.wait(old, "q", timeout_s=LONG_S).phase == "cancelled"
    assert jobs.wait(new, "q", timeout_s=LONG_S).answer == "new"
    gone = weakref.ref(old)
    del old
    gc.collect()
    assert gone() is None


def test_two_who_look_at_different_cities_do_not_stop_one_another():
    jobs, slow = Jobs(at_once=2), Slow()
    plan, now = replace(small_city()), replace(small_city())
    jobs.start(plan, "q", slow, visitor="a")
    assert slow.begun.wait(LONG_S)
    jobs.start(now, "q", at_once("now"), visitor="b")
    assert jobs.wait(now, "q", timeout_s=LONG_S).answer == "now"
    slow.go.set()
    assert jobs.wait(plan, "q", timeout_s=LONG_S).answer == "fertig"


def test_who_goes_on_to_another_city_leaves_the_work_to_those_who_still_wait_for_it():
    jobs, slow, queued = Jobs(), Slow(), Slow()
    plan, now = replace(small_city()), replace(small_city())
    jobs.start(plan, "q", slow, visitor="a")
    jobs.start(plan, "q", slow, visitor="b")
    jobs.start(plan, "alone", queued, visitor="a")
    assert slow.begun.wait(LONG_S)
    jobs.start(now, "q", at_once("now"), visitor="a")
    assert jobs.look(plan, "alone").phase == "cancelled"
    assert jobs.look(plan, "q").phase == "running"
    slow.go.set()
    assert jobs.wait(plan, "q", timeout_s=LONG_S).phase == "done"
    assert queued.times == 0


def test_work_that_nobody_has_looked_at_for_long_gives_way_to_that_for_another_city():
    time = [0.0]
    jobs, watched, left = Jobs(at_once=2, patience_s=60.0, clock=lambda: time[0]), Slow(), Slow()
    plan, other, now = (replace(small_city()) for _ in range(3))
    jobs.start(plan, "q", left, visitor="gone")
    jobs.start(other, "q", watched, visitor="there")
    assert left.begun.wait(LONG_S)
    assert watched.begun.wait(LONG_S)
    time[0] = 50.0
    jobs.look(other, "q")
    time[0] = 100.0
    jobs.start(now, "q", at_once("now"), visitor="new")
    left.go.set()
    watched.go.set()
    assert jobs.wait(plan, "q", timeout_s=LONG_S).phase == "cancelled"
    assert jobs.wait(other, "q", timeout_s=LONG_S).phase == "done"
    assert jobs.wait(now, "q", timeout_s=LONG_S).answer == "now"


def test_finished_work_holds_neither_the_city_nor_a_thread():
    jobs, one = Jobs(), replace(small_city())
    threads: list[Thread] = []

    def work(city, tell, cancelled):
        threads.append(current_thread())
        return "small"

    jobs.start(one, "q", work)
    jobs.wait(one, "q", timeout_s=LONG_S)
    threads[0].join(LONG_S)
    assert not threads[0].is_alive()
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_many_threads_that_ask_at_once_make_one_job(city):
    jobs, slow = Jobs(), Slow()
    askers = [Thread(target=jobs.start, args=(city, "q", slow), kwargs={"visitor": str(i)}) for i in range(16)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(LONG_S)
    slow.go.set()
    assert jobs.wait(city, "q", timeout_s=LONG_S).phase == "done"
    assert slow.times == 1
