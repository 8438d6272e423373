"""What a long command shows: in a terminal a bar for each run with its latest words, below one for all;
elsewhere a line now and then.
"""

import time

from tqdm import tqdm

from course.experiments.runs import Run

BAR = "{desc:30s}{percentage:3.0f} % |{bar:16}| {elapsed} gone, {remaining} left{postfix}"
PAUSE = 20  # seconds between two lines where there is no terminal


class Bars:
    """silent: show nothing, as another process does."""

    def __init__(self, runs: list[Run], silent: bool = False):
        self.work = {str(run): run.spec.work for run in runs}
        self.silent, self.said = silent, time.monotonic()
        self.all = self.bar(
            f"all {len(runs)} runs" if len(runs) > 1 else "1 run", sum(self.work.values()), leave=True
        )
        self.running: dict[str, tqdm] = {}

    def bar(self, name: str, total: int, leave: bool) -> tqdm:
        return tqdm(
            desc=name,
            total=total,
            bar_format=BAR,
            leave=leave,
            dynamic_ncols=True,
            smoothing=0,
            disable=True if self.silent else None,
        )

    def show(self, run: str, done: int, text: str) -> None:
        """done: work since the last call."""
        if run not in self.running:
            self.running[run] = self.bar(run, self.work[run], leave=False)
        self.running[run].set_postfix_str(text, refresh=False)
        self.running[run].update(done)
        self.all.update(done)
        if self.all.disable and not self.silent and time.monotonic() - self.said > PAUSE:
            self.said = time.monotonic()
            print(f"{run}: {text}", flush=True)

    def finish(self, run: str, text: str) -> None:
        """Put a line in the place of the run's bar, however much of its work was done."""
        bar = self.running.pop(run, None)
        self.all.update(self.work[run] - (bar.n if bar else 0))
        if bar:
            bar.close()
        tqdm.write(f"{run}: {text}")

    def close(self) -> None:
        for bar in (*self.running.values(), self.all):
            bar.close()
