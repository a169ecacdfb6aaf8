"""Train what is missing within a time budget: the most wanted first, each run in a process of its own."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import InputError
from ..folders import STATE, check_folders
from ..training.signals import at_sigterm
from ..words import several
from .pack import pack as pack_runs
from .pack import unpack
from .results import Result, list_results, publish
from .status import progress
from .tables import Run, all_runs, choose_runs, read_tables

LEAST = 20  # seconds; less is not worth a start
NO_IMAGES = 3  # the exit status of a run whose images could not be opened
GAVE_UP = 4  # of one that must come to its end and saw that it would not
INTERRUPTED = 130  # of one that Ctrl-C stopped
TOLD = 20  # lines of a crash
GRACE = 20  # seconds over the budget after which a run that does not stop is killed
WORKER = (sys.executable, "-m", "ricap_explorer.experiments.worker")
Say = Callable[[str], None]


def run_missing(
    budget: float,
    out: Path,
    source: Path | None,
    pack: Path | None,
    scale: str,
    only: str,
    jobs: int,
    results: Path,
    machine: dict[str, Any],
) -> None:
    """What `experiments run` does: take over the runs of `source`, train what is missing, publish and pack it.

    The results of those that came to their end go into the folder `results`, where no other bears that name.
    """
    check_folders(out=out, pack=pack, results=results)
    if not budget >= LEAST:
        raise InputError(f"--budget must be at least {LEAST} seconds; got {budget:g}")
    runs, (found, _) = choose_runs(all_runs(read_tables()), scale, only), list_results(results)
    if not runs:
        raise InputError(f"--only must be how a wanted run of {scale or 'any scale'} begins; got {only!r}")
    for name in unpack(source, out) if source else ():
        print(f"{name}: is further in {out} already, and stays so")
    left_out, start = [], time.time()

    def keep() -> None:
        """After every run, for whatever ends this process leaves what is there by then."""
        publish(out, results, {run.name for run in runs if progress(run, (), out).state == "done"})
        if pack:
            left_out[:] = pack_runs(out, pack, since=start)

    run_queue(runs, found, out, budget, jobs, machine, keep=keep, packed=pack is not None)
    keep()
    for name in left_out:
        print(f"{name}: found no room in the pack; it stays in {out}")


def run_queue(
    runs: Sequence[Run],
    results: Sequence[Result],
    out: Path,
    budget: float,
    jobs: int = 1,
    machine: dict[str, Any] | None = None,
    say: Say = print,
    keep: Callable[[], None] = lambda: None,
    packed: bool = False,
) -> None:
    """Train the runs that are not done, in this order, `jobs` at a time, until `budget` seconds are over.

    keep: called after every run, by one at a time; an OSError of it stops nothing. packed: what is unfinished leaves in
    a pack, which a run that is `whole` finds no room in: it begins only where the time left is as long as it takes
    beside the others, and where it turns out to take longer it gives up, and none that takes as long begins.

    Run folders lie in `out`; one that an earlier queue left there goes on. machine: settings of this machine (data_dir,
    device, workers, compile). A run that fails is told in one sentence, and the next one starts. Where bad input
    stopped it because its images could not be opened, the others of that data set are left out. On SIGTERM the runs
    under way save their state and stop, and no other begins.
    """
    until, under_way, kept = time.time() + budget, _UnderWay(), Lock()
    waiting = _Waiting([run for run in runs if progress(run, results, out).state != "done"])

    def work() -> None:
        while (left := until - time.time()) >= LEAST and not under_way.stopped:
            run = waiting.take(left / jobs if packed else math.inf)
            if not run:
                return
            sentence, status = _train(run, out, until, machine or {}, packed and run.whole, under_way)
            say(sentence)
            with kept, suppress(OSError):  # a run beside this one replaced a file meanwhile; the last good pack stays
                keep()
            if dropped := waiting.learn(run, status):
                dataset = run.settings["dataset"]
                say(f"{dataset}: {several(dropped, 'more run')} left out: its images could not be opened")

    out.mkdir(parents=True, exist_ok=True)
    with at_sigterm(under_way.stop), ThreadPoolExecutor(jobs) as pool:
        try:
            for worker in [pool.submit(work) for _ in range(jobs)]:
                worker.result()
        except KeyboardInterrupt:  # the runs under way hear it too, and end; no other begins
            waiting.clear()
            raise


class _Waiting:
    """The runs that have not begun, in their order, for several threads."""

    def __init__(self, runs: list[Run]) -> None:
        self._runs, self._lock = runs, Lock()

    def take(self, seconds: float) -> Run | None:
        """The next one; of those that must be whole only one that takes no more than so many seconds."""
        with self._lock:
            fitting = (run for run in self._runs if not run.whole or run.seconds <= seconds)
            if run := next(fitting, None):
                self._runs.remove(run)
            return run

    def learn(self, run: Run, status: int | None) -> int:
        """Leave out what will fare no better than a run that ended so; how many for want of images."""
        with self._lock:
            waiting = self._runs
            if status == INTERRUPTED:  # this process hears Ctrl-C, too, but perhaps later
                self._runs = []
            if status == GAVE_UP:
                self._runs = [other for other in waiting if not other.whole or other.seconds < run.seconds]
            if status != NO_IMAGES:
                return 0
            dataset = run.settings["dataset"]
            self._runs = [other for other in waiting if other.settings["dataset"] != dataset]
            return len(waiting) - len(self._runs)

    def clear(self) -> None:
        with self._lock:
            self._runs = []


class _UnderWay:
    """The processes of runs. Once they were told to stop, so is every other that begins."""

    def __init__(self) -> None:
        self.stopped = False
        self._processes: set[subprocess.Popen] = set()

    def stop(self) -> None:
        self.stopped = True
        for process in list(self._processes):
            process.terminate()

    @contextmanager
    def holding(self, process: subprocess.Popen) -> Iterator[None]:
        """The process is one of them meanwhile."""
        self._processes.add(process)
        if self.stopped:
            process.terminate()
        try:
            yield
        finally:
            self._processes.discard(process)


def _train(
    run: Run, out: Path, until: float, machine: dict[str, Any], whole: bool, under_way: _UnderWay
) -> tuple[str, int | None]:
    """Train one run until it ends, time is up, or, where it must be whole, that is foreseen; a sentence about what
    became of it, and its exit status."""
    request = {"settings": run.settings | machine | {"out": str(out / run.name)}, "until": until, "whole": whole}
    call = [*WORKER, json.dumps(request)]
    start, log = time.time(), out / f"{run.name}.log"
    log.unlink(missing_ok=True)  # an earlier attempt that is still alive goes on writing into its own
    with open(log, "w") as errors:
        process = subprocess.Popen(call, stdout=errors, stderr=errors, env=os.environ | {"TQDM_DISABLE": "1"})
        try:
            with under_way.holding(process):
                status = process.wait(max(0, until - start) + GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"{run.name}: killed, it did not stop in time; {_left(run, out)}", None
    now = progress(run, (), out)
    if status < 0:
        name = signal.Signals(-status).name
        memory = ", as the system does where memory runs out" if status == -signal.SIGKILL else ""
        return f"{run.name}: {name} killed it at epoch {now.epochs}{memory}; {_left(run, out)}", status
    if status == GAVE_UP:
        return f"{run.name}: given up at epoch {now.epochs}/{run.settings['epochs']}, too slow to end in time", status
    if status and status != INTERRUPTED:
        return f"{run.name}: failed: {_last_lines(log)}", status
    if now.state == "done":
        return f"{run.name}: done after {time.time() - start:.0f} s", status
    why = "stopped" if status or time.time() < until else "time is up"
    return f"{run.name}: {why} at epoch {now.epochs}/{run.settings['epochs']}; the next queue goes on", status


def _left(run: Run, out: Path) -> str:
    """What a run that was killed leaves."""
    return f"its last saved state is in {out}" if (out / run.name / STATE).exists() else "it had saved nothing"


def _last_lines(log: Path) -> str:
    """The sentence that a run ended with, or, of a crash, the end of its traceback."""
    lines = [line.rstrip()[:300] for line in log.read_text(errors="replace").splitlines() if line.strip()]
    crashed = any(line.startswith("Traceback") for line in lines)
    return "\n".join(lines[-TOLD if crashed else -1 :]) or "it said nothing"
