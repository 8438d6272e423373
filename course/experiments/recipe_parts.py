"""What the parts of a recipe are worth, one by one and together, in small."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, MultiStepLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from course.data.dataset import crop_flip
from course.experiments.spec import Setting
from course.experiments.successors import few
from course.networks.resnet import cifar_resnet
from course.records.statistics import Rows
from course.training.loop import evaluate

PARTS = ("cosine", "smoothing", "mixup", "averaging", "shifts")


@dataclass(frozen=True)
class RecipeParts:
    """Train a ResNet on few digits by a recipe with some of PARTS; one row.

    Without any: gradient descent with momentum 0.9, weight decay 0.0001, a rate of 0.1 that is divided by
    ten after a half and after three quarters.  cosine: the rate falls along a cosine instead.  smoothing: a
    tenth of each label is shared by all classes.  mixup: pairs of images are mixed, and their labels (Zhang
    et al. 2018).  averaging: what is tested has the running mean of the weights, of a memory of 50
    iterations.  shifts: of the training images, by a pixel at most, where photographs would have their
    colours changed.
    """

    name: str
    parts: tuple[str, ...]
    iterations: int
    depth: int = 8
    batch: int = 32
    images: int = 256
    data: str = "digits"

    @property
    def work(self) -> int:
        return self.iterations

    def measure(self, given: Setting) -> Rows:
        from torchvision.transforms.v2 import MixUp

        data = few(given.data, given.seed, self.images)
        torch.manual_seed(given.seed)
        net = cifar_resnet(self.depth, "pad", data.channels, data.classes).to(given.device)
        averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.98), use_buffers=True)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        schedule = self.schedule(optimiser)
        mixup = MixUp(alpha=0.2, num_classes=data.classes)
        generator = torch.Generator().manual_seed(given.seed)
        done = 0
        while done < self.iterations:
            net.train()
            for x, y in data.training(self.batch, False, generator):
                if "shifts" in self.parts:
                    x = shifted(x, generator)
                if "mixup" in self.parts:
                    x, y = mixup(x, y)
                smoothing = 0.1 if "smoothing" in self.parts else 0.0
                loss = F.cross_entropy(net(x), y, label_smoothing=smoothing)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                averaged.update_parameters(net)
                done += 1
                if done == self.iterations:
                    break
        tested = averaged if "averaging" in self.parts else net
        given.progress(self.work, "trained")
        train = [(data.normalise(data.train_x), data.train_y)]
        return [{"train_error": evaluate(tested, train), "test_error": evaluate(tested, data.testing())}]

    def schedule(self, optimiser: torch.optim.Optimizer) -> LRScheduler:
        if "cosine" in self.parts:
            return CosineAnnealingLR(optimiser, self.iterations)
        return MultiStepLR(optimiser, [self.iterations // 2, self.iterations * 3 // 4])


def shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image by -1, 0 or 1 pixel up and to the side; what comes in is the mean image. (N, C, H, W)"""
    corners = torch.randint(3, (2, len(x), 1), generator=generator).to(x.device)
    return crop_flip(x, corners, torch.zeros(len(x), 1, dtype=torch.bool, device=x.device), pad=1)
