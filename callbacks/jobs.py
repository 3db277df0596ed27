"""Long work in a thread of the server: started once however many ask, watched by polling, cancelled when nobody waits.

The city lives in this process, so the work is done here: another process would first have to load the city again. A
job is known by its city and its *question*, any hashable value that says all the answer depends on. Who asks a question
that is being worked on joins that job; who asks one that is done gets the answer at once. Answers are kept for as long
as their city is. Several cities may be alive at once, as they are and under scenarios: who asks about another city no
longer waits for the work about the last one, and work for which nobody waits is told to stop.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, Literal
from weakref import WeakKeyDictionary

from geodata.city import City
from geodata.errors import GeodataError, Stopped

Tell = Callable[[int, int], None]
Cancelled = Callable[[], bool]
Work = Callable[[City, Tell, Cancelled], Any]
Phase = Literal["none", "waiting", "running", "done", "failed", "cancelled"]
OVER: tuple[Phase, ...] = ("done", "failed", "cancelled")
BUG = "计算时程序出错，已记入服务日志，请告知维护人员。"
PATIENCE_S = 120.0
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """How a job stands at one moment.

    ``phase`` is ``none`` for a question nobody has asked (or whose answer is no longer kept); ``done`` of ``total``
    steps are behind it (0 of 0 until the work has said so); ``error`` is the Chinese sentence of a failed one and
    ``answer`` what a finished one gave.
    """

    phase: Phase = "none"
    done: int = 0
    total: int = 0
    error: str = ""
    answer: Any = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.phase in OVER

    @property
    def share(self) -> float:
        """Part that is done, 0 to 1."""
        return 1.0 if self.phase == "done" else self.done / self.total if self.total else 0.0


@dataclass(eq=False)
class _Job:
    """A piece of work; ``city`` and ``work`` are let go as soon as it is over; ``seen`` is when somebody last asked."""

    city: City | None
    work: Work | None
    standing: Standing = field(default_factory=lambda: Standing("waiting"))
    stop: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    visitors: set[str] = field(default_factory=set)
    seen: float = 0.0


class Jobs:
    """The jobs of one server; all methods may be called by any thread.

    Parameters
    ----------
    at_once : pieces of work that run side by side; the others wait their turn
    kept : finished answers kept for each city, the least recently asked for go first
    patience_s : how long work about one city goes on unseen once somebody asks for work about another; pages that wait
        look several times a second, so who is gone for so long has left
    clock : gives the seconds that patience is measured by
    """

    def __init__(
        self,
        *,
        at_once: int = 1,
        kept: int = 32,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = Lock()
        self._jobs: WeakKeyDictionary[City, OrderedDict[Hashable, _Job]] = WeakKeyDictionary()
        self._queue: deque[_Job] = deque()
        self._running: set[_Job] = set()
        self._at_once, self._kept = at_once, kept
        self._patience_s, self._clock = patience_s, clock

    def start(self, city: City, question: Hashable, work: Work, *, visitor: str = "") -> Standing:
        """Ask for work; join it when it is under way or done, begin again when it failed or was cancelled.

        The visitor no longer waits for work about other cities; of that, what nobody else waits for is told to stop.
        """
        with self._lock:
            self._leave_others(city, visitor)
            held = self._jobs.setdefault(city, OrderedDict())
            job = held.get(question)
            stopping = job is not None and job.stop.is_set() and not job.standing.over
            if job is None or stopping or job.standing.phase in ("failed", "cancelled"):
                job = held[question] = _Job(city, work)
                self._queue.append(job)
            job.visitors.add(visitor)
            job.seen = self._clock()
            held.move_to_end(question)
            self._forget(held)
            self._go_on()
            return job.standing

    def look(self, city: City, question: Hashable) -> Standing:
        """Return how a job stands."""
        with self._lock:
            job = self._jobs.get(city, OrderedDict()).get(question)
            if job is None:
                return Standing()
            job.seen = self._clock()
            return job.standing

    def cancel(self, city: City, question: Hashable, *, visitor: str = "") -> Standing:
        """Take a visitor's interest back; when nobody else waits for it the work is told to stop."""
        with self._lock:
            job = self._jobs.get(city, OrderedDict()).get(question)
            if job is None:
                return Standing()
            job.visitors.discard(visitor)
            if not job.visitors and not job.standing.over:
                self._stop(job)
            return job.standing

    def wait(self, city: City, question: Hashable, *, timeout_s: float | None = None) -> Standing:
        """Wait until a job is over and return how it stands then; for programs and tests, not for pages."""
        with self._lock:
            job = self._jobs.get(city, OrderedDict()).get(question)
        if job is not None:
            job.over.wait(timeout_s)
        return self.look(city, question)

    def _leave_others(self, city: City, visitor: str) -> None:
        """Take a visitor's interest in other cities back; stop what nobody waits for or has looked at for long."""
        for job in [*self._queue, *self._running]:
            if job.city is not city:
                job.visitors.discard(visitor)
                if not job.visitors or self._clock() - job.seen > self._patience_s:
                    self._stop(job)

    def _stop(self, job: _Job) -> None:
        """Tell a job to stop; one that has not begun is over at once."""
        job.stop.set()
        if job in self._queue:
            self._queue.remove(job)
            self._end(job, Standing("cancelled", error=str(Stopped())))

    def _forget(self, held: OrderedDict[Hashable, _Job]) -> None:
        """Drop the answers asked for longest ago, beyond those to be kept."""
        over = [question for question, job in held.items() if job.standing.over]
        for question in over[: max(len(over) - self._kept, 0)]:
            del held[question]

    def _go_on(self) -> None:
        while self._queue and len(self._running) < self._at_once:
            job = self._queue.popleft()
            self._running.add(job)
            job.standing = Standing("running")
            Thread(target=self._run, args=(job,), name="yikezhong-job", daemon=True).start()

    def _run(self, job: _Job) -> None:
        standing = self._outcome(job)
        with self._lock:
            self._running.discard(job)
            self._end(job, standing)
            self._go_on()

    def _outcome(self, job: _Job) -> Standing:
        """Do the work and return what became of it."""

        def tell(done: int, total: int) -> None:
            if job.stop.is_set():
                raise Stopped
            with self._lock:
                job.standing = Standing("running", max(done, job.standing.done), total)

        assert job.work is not None and job.city is not None
        try:
            answer = job.work(job.city, tell, job.stop.is_set)
        except GeodataError as error:
            phase: Phase = "cancelled" if job.stop.is_set() else "failed"
            return Standing(phase, job.standing.done, job.standing.total, error=str(error))
        except Exception:
            LOG.exception("a job failed")
            return Standing("failed", job.standing.done, job.standing.total, error=BUG)
        return Standing("done", job.standing.total, job.standing.total, answer=answer)

    def _end(self, job: _Job, standing: Standing) -> None:
        """Close a job; it no longer holds the city, which may now go."""
        job.standing, job.city, job.work = standing, None, None
        job.over.set()


def told(standing: Standing) -> str:
    """Return in Chinese how a job stands; "" for one that nobody asked for."""
    if standing.phase == "running":
        return f"计算中：{standing.share:.0%}" if standing.total else "计算中"
    words = {"waiting": "排队等待计算", "done": "计算完成", "cancelled": "计算已取消。", "failed": standing.error}
    return words.get(standing.phase, "")
