"""ImageNet and ILSVRC: scoring a submission, ten crops, error bars, ensembles."""
import torch
import torch.nn.functional as F
from torch import Tensor

from course.data import load
from course.networks import mlp


def top_5_error(guesses: list[list[int]], labels: list[int]) -> float:
    """Exercise 2. The top-5 error in percent of a submission, as the challenge scores it.

    guesses: for each image the classes guessed, the best first; only the first five count, and there may be fewer.
    """
    wrong = sum(label not in guessed[:5] for guessed, label in zip(guesses, labels, strict=True))
    return 100 * wrong / len(labels)


def ten_crops(image: Tensor, size: int) -> Tensor:
    """Exercise 3. The four corners, the centre, and the mirror images of these five, in this order.

    image: (C, H, W) -> (10, C, size, size).  Corners: top left, top right, bottom left, bottom right.
    The centre begins at row (H - size) // 2 and column (W - size) // 2.
    """
    height, width = image.shape[1:]
    bottom, right = height - size, width - size
    places = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    crops = torch.stack([image[:, top : top + size, left : left + size] for top, left in places])
    return torch.cat([crops, crops.flip(-1)])


def averaged(scores: Tensor) -> Tensor:
    """Exercise 3. The probabilities that a network gives each class, averaged over the crops of each image.

    scores: (N, 10, classes), before the softmax -> (N, classes).
    """
    return torch.softmax(scores, dim=-1).mean(dim=1)


def standard_error(error: float, images: int) -> float:
    """Exercise 4. The standard deviation, in points, of an error of `error` percent counted on so many random images."""
    share = error / 100
    return 100 * (share * (1 - share) / images) ** 0.5


def ensemble(networks: int = 5) -> tuple[float, float]:
    """Exercise 5. The mean test error of single networks on the digits, and the test error of their ensemble, in percent.

    For each seed 0, 1, ...: torch.manual_seed(seed); mlp(3); 30 steps of SGD with learning rate 0.1 on all training
    digits at once. The ensemble averages the networks' probabilities.
    """
    digits = load("digits")
    x, test_x = digits.normalise(digits.train_x), digits.normalise(digits.test_x)
    probabilities = []
    for seed in range(networks):
        torch.manual_seed(seed)
        net = mlp(3)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(30):
            optimiser.zero_grad()
            F.cross_entropy(net(x), digits.train_y).backward()
            optimiser.step()
        probabilities.append(torch.softmax(net(test_x).detach(), dim=1))
    each = torch.stack(probabilities)  # (networks, N, classes)
    single = (each.argmax(dim=2) != digits.test_y).float().mean().item()
    together = (each.mean(dim=0).argmax(dim=1) != digits.test_y).float().mean().item()
    return 100 * single, 100 * together
