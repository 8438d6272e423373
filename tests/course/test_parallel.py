"""Two processes that torchrun starts train as one does, and one of them writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course import CourseError, train
from course.data.folder import open_folder
from course.machine import parallel
from course.networks import mlp
from course.training import Recipe, fit

ROOT = Path(__file__).parents[2]
HEAD = """
import sys
from dataclasses import asdict, replace
from pathlib import Path
import torch
from course import paths
from course.experiments.catalogue import EXPERIMENTS, Experiment
from course.machine import parallel
from course.data import load
from course.data.folder import open_folder
from course.experiments.curves import Curves
from course.networks import cifar_resnet, mlp
from course.training import Recipe, fit, loop
from course import train as script
root, out = map(Path, sys.argv[1:3])
"""
RECIPE = Recipe(iterations=7, drops=(4,), batch=4, learning_rate=0.01, augment=True)  # two epochs and a part
TRAIN_TOGETHER = """
parallel.begin("cpu")
torch.manual_seed(0)
net = mlp(3, width=8, in_features=3 * 224 * 224, num_classes=2)
history = fit(net, open_folder("imagenet", root, 0), RECIPE, seed=1)

seen = []
plain = loop.evaluate
loop.evaluate = lambda net, images: seen.append({name: value.clone() for name, value in net.named_buffers()}) or plain(net, images)
torch.manual_seed(0)
fit(cifar_resnet(8), open_folder("imagenet", root, 0), RECIPE, seed=1)
told = {"history": [asdict(row) for row in history], "net": net.state_dict(), "tested": seen}
torch.save(told, out / f"{parallel.rank()}.pt")
parallel.end()
"""


def together(folder: Path, code: str, *arguments: str, processes: int = 2) -> subprocess.CompletedProcess:
    """Run `code` in processes that torchrun starts."""
    program = folder / "program.py"
    program.write_text(HEAD + code.replace("RECIPE,", f"{RECIPE!r},"), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        str(program),
        *arguments,
    ]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=120)


@pytest.mark.slow
def test_two_processes_train_as_one_with_the_same_global_batch_and_test_the_same_network(
    photographs, tmp_path
):
    done = together(tmp_path, TRAIN_TOGETHER, str(photographs), str(tmp_path))
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    torch.manual_seed(0)
    net = mlp(3, width=8, in_features=3 * 224 * 224, num_classes=2)
    alone = fit(net, open_folder("imagenet", photographs, 0), RECIPE, seed=1)
    for shared in (first, second):
        assert len(shared["history"]) == len(alone) == 3
        for mine, row in zip(alone, shared["history"]):
            assert row == pytest.approx(vars(mine), rel=1e-4)
        for name, value in net.state_dict().items():
            assert torch.allclose(shared["net"][name], value, rtol=1e-3, atol=1e-5), name
    assert len(first["tested"]) == len(second["tested"]) == 3
    for one, other in zip(first["tested"], second["tested"]):
        # A process's own while it trains, over its own share of the images.
        assert one["bn1.running_mean"].abs().sum() > 0
        assert all(torch.equal(one[name], other[name]) for name in one)


EXPERIMENT = """
paths.CHECKPOINTS, paths.RUNS = out / "checkpoints", out / "runs"
paths.WEIGHTS, paths.LARGE_WEIGHTS = out / "weights", out / "cache"
tiny = Curves("resnet-18", "resnet", 18, "imagenet", replace(RECIPE, iterations=4, drops=(3,)))
EXPERIMENTS["tiny"] = Experiment("tiny", "a few images", (tiny,), embedded=False, alone=True)
sys.argv = ["train.py", "tiny", "--root", str(root)]
if __name__ == "__main__":  # the loader's workers import this file, from Python 3.14 on
    script.main()
"""


@pytest.mark.slow
def test_the_script_trains_a_resnet_on_a_folder_and_one_process_writes(photographs, tmp_path):
    out = tmp_path
    done = together(out, EXPERIMENT, str(photographs), str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("tiny/resnet-18 seed 0: ") == 1 and "1 of 1" in done.stdout
    (record,) = (out / "runs").iterdir()
    content = json.loads(record.read_text(encoding="utf-8"))
    assert content["device"].startswith("2 × CPU")
    assert content["data"]["train"] == 13 and content["data"]["test"] == 7
    assert content["table"]["iteration"] == [3, 4]
    assert [path.name for path in (out / "cache").iterdir()] == ["tiny-resnet-18-seed0.safetensors"]
    assert list((out / "checkpoints").iterdir()) == []


# Of a network that leaves blocks out, and of a loss that stops being a number in one process alone.
OF_THEIR_OWN = """
from course.networks.variants import residual
from course.training.loop import Diverged
parallel.begin("cpu")
torch.manual_seed(0)
net = residual("sometimes", 20, 1)
rows = fit(net, load("digits"), replace(RECIPE, batch=64), seed=1)
spoilt, plain, count = parallel.rank() == 1, torch.nn.functional.cross_entropy, 0

def cross_entropy(*arguments):
    global count
    count += 1
    return plain(*arguments) * (float("nan") if spoilt and count == 5 else 1)

torch.nn.functional.cross_entropy = cross_entropy
try:
    fit(mlp(2), load("digits"), replace(RECIPE, batch=64), seed=1)
    said = "nothing"
except Diverged as error:
    said = str(error)
torch.save({"losses": [row.train_loss for row in rows], "said": said}, out / f"{parallel.rank()}.pt")
parallel.end()
"""


@pytest.mark.slow
def test_processes_share_a_network_that_leaves_blocks_out_and_agree_on_where_a_training_diverged(tmp_path):
    done = together(tmp_path, OF_THEIR_OWN, "-", str(tmp_path))
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    assert first == second and first["losses"][0] > 0
    assert first["said"] == "training diverged: the loss of iteration 4 is not finite"


def test_what_is_no_training_of_a_network_is_not_shared_by_processes(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train.py", "activations", "--fresh"])
    monkeypatch.setattr(parallel, "world", lambda: 2)
    with pytest.raises(
        CourseError, match="activations/sigmoid seed 0 measures something else: run it without"
    ):
        train.main()


def test_a_batch_that_does_not_divide_is_refused(photographs, monkeypatch):
    monkeypatch.setattr("course.machine.parallel.world", lambda: 3)
    with pytest.raises(
        CourseError, match="a batch of 4 cannot be shared by 3 processes: start a number that divides it"
    ):
        fit(mlp(2, in_features=3 * 224 * 224), open_folder("imagenet", photographs, 0), RECIPE)


@pytest.mark.skipif(torch.cuda.device_count() >= 64, reason="this machine has GPUs for all of them")
def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "64")
    with pytest.raises(
        CourseError, match=r"64 processes need 64 GPUs and this machine has \d+: torchrun --nproc-per-node="
    ):
        parallel.begin("cuda")


def test_a_process_on_its_own_has_all_of_everything():
    assert (parallel.rank(), parallel.world(), parallel.begin("cpu")) == (0, 1, "cpu")
    assert parallel.share(torch.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert parallel.total(torch.tensor(3)).item() == 3
    net = torch.nn.Linear(1, 1)
    assert parallel.synchronised(net) is net
