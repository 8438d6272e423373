"""The data sets, and the three functions of a batch."""

import hashlib
import socket

import numpy as np
import pytest
import torch
import torchvision

from course import CourseError
from course.data import load, sources
from course.data.dataset import Dataset, crop_flip, draw_crops
from course.data.sources import cifar10


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_digits_are_1437_and_360_grey_images_of_8_by_8_in_ten_classes(digits):
    assert digits.train_x.shape == (1437, 1, 8, 8) and digits.train_y.shape == (1437,)
    assert digits.test_x.shape == (360, 1, 8, 8) and digits.test_y.shape == (360,)
    assert digits.train_x.dtype == torch.uint8 and digits.train_y.dtype == torch.int64
    assert digits.classes == 10
    assert int(digits.train_x.min()) == 0 and int(digits.train_x.max()) == 255
    assert digits.test_y.unique().tolist() == list(range(10))


def test_normalised_training_images_have_mean_zero_at_every_pixel_and_unit_deviation(digits):
    x = digits.normalise(digits.train_x)
    assert x.dtype == torch.float32
    assert x.mean(dim=0).abs().max() < 1e-5
    assert x.square().mean().sqrt().item() == pytest.approx(1, abs=1e-5)


def test_test_images_are_normalised_with_the_statistics_of_the_training_images(digits):
    expected = (digits.test_x.double() / 255 - (digits.train_x.double() / 255).mean(0)) / digits.std
    assert torch.allclose(digits.normalise(digits.test_x).double(), expected, atol=1e-5)


def test_the_test_images_come_in_small_batches_on_a_cpu_and_in_large_ones_elsewhere(digits):
    sizes = {device: [len(y) for _, y in digits.to(device).testing()] for device in ("cpu", "meta")}
    assert sizes == {"cpu": [250, 110], "meta": [360]}
    assert [len(y) for _, y in digits.testing(200)] == [200, 160]


def test_a_digest_names_the_data(digits):
    assert load("digits").digest == digits.digest and len(digits.digest) == 64


def test_an_unknown_name_lists_the_legal_ones():
    with pytest.raises(CourseError, match="unknown data set 'mnist'.*cifar10, digits"):
        load("mnist")


def numbers(count: int) -> Dataset:
    """Its images are the numbers from 0 on, their labels twice as large."""
    x = torch.arange(count)
    return Dataset("numbers", 255 * x, 2 * x, x, x, torch.zeros(()), 1.0, "")


def test_batches_are_full_and_show_an_image_at_most_once_with_its_own_label():
    epoch = list(numbers(103).training(10, False, seeded()))
    seen = torch.cat([images for images, _ in epoch])
    assert [len(images) for images, _ in epoch] == [10] * 10
    assert len(seen.unique()) == 100
    assert all(torch.equal(labels, 2 * images) for images, labels in epoch)


def test_fewer_images_than_a_batch_are_no_batch():
    assert list(numbers(9).training(10, False, seeded())) == []


def test_one_seed_gives_one_order_and_the_next_epoch_another():
    def order(generator: torch.Generator) -> list[int]:
        return numbers(50).plan(10, False, generator)[0].flatten().tolist()

    generator = seeded()
    first, second = order(generator), order(generator)
    assert first == order(seeded())
    assert first != second and first != order(seeded(1))


def test_a_plan_draws_the_order_and_then_the_crops_of_one_batch_after_the_other():
    """The order in which the committed records were drawn."""
    order, corners, mirrored = numbers(25).plan(10, True, seeded())
    generator = seeded()
    assert torch.equal(order.flatten(), torch.randperm(25, generator=generator)[:20])
    for batch in range(2):
        assert torch.equal(corners[batch], torch.randint(9, (2, 10, 1), generator=generator))
        assert torch.equal(mirrored[batch], torch.rand(10, 1, generator=generator) < 0.5)


def slow_crop_flip(x: torch.Tensor, generator: torch.Generator, pad: int) -> torch.Tensor:
    """One image after the other, from the same random numbers."""
    n, channels, h, w = x.shape
    tops, lefts = torch.randint(2 * pad + 1, (2, n, 1), generator=generator).squeeze(2).tolist()
    mirrored = (torch.rand(n, 1, generator=generator) < 0.5).squeeze(1).tolist()
    result = []
    for image, top, left, mirror in zip(x, tops, lefts, mirrored):
        padded = torch.zeros(channels, h + 2 * pad, w + 2 * pad)
        padded[:, pad : pad + h, pad : pad + w] = image
        crop = padded[:, top : top + h, left : left + w]
        result.append(crop.flip(2) if mirror else crop)
    return torch.stack(result)


@pytest.mark.parametrize("pad", (1, 4))
def test_crop_flip_is_a_random_crop_and_a_mirror_of_each_image(pad):
    x = torch.randn(64, 3, 8, 6, generator=seeded(7))
    drawn = draw_crops(64, seeded(), pad)
    assert torch.equal(crop_flip(x, *drawn, pad), slow_crop_flip(x, seeded(), pad))


def test_crop_flip_mirrors_about_half_of_the_images():
    x = torch.arange(8.0).expand(1000, 1, 8, 8)
    cropped = crop_flip(x, *draw_crops(1000, seeded(), pad=0), pad=0)
    mirrored = (cropped[:, 0, 0, 0] == 7).sum().item()
    assert 430 < mirrored < 570 and torch.equal(cropped.sort(3).values, x)


@pytest.fixture
def small_cifar10(tmp_path, monkeypatch):
    """The file as it is prepared, of the right shapes and the right mean colour;
    its labels are taken for the official ones.
    """
    arrays = {}
    for split, n in (("train", 50000), ("test", 10000)):
        arrays[f"{split}_x"] = np.broadcast_to(
            np.array(sources.COLOUR).round().astype(np.uint8), (n, 32, 32, 3)
        ).copy()
        arrays[f"{split}_x"][:, 0, 1, 2] = 77  # row 0, column 1, blue
        arrays[f"{split}_y"] = np.arange(n) % 10
    labels = b"".join(arrays[f"{split}_y"].astype(np.int64).tobytes() for split in ("train", "test"))
    monkeypatch.setattr(sources, "LABELS", hashlib.sha256(labels).hexdigest())
    np.savez_compressed(tmp_path / "cifar10.npz", **arrays)
    return tmp_path


def test_a_prepared_cifar10_is_read_channels_first(small_cifar10):
    train_x, train_y, test_x, test_y = cifar10(small_cifar10)
    assert train_x.shape == (50000, 3, 32, 32) and test_x.shape == (10000, 3, 32, 32)
    assert (train_x[:, 2, 0, 1] == 77).all() and (test_x[:, 2, 0, 1] == 77).all()
    assert train_x.dtype == np.uint8 and train_y.dtype == test_y.dtype == np.int64


def test_a_truncated_cifar10_is_refused_with_its_name_and_what_to_do(small_cifar10):
    path = small_cifar10 / "cifar10.npz"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CourseError, match="cifar10.npz is damaged.*delete it and run again"):
        load("cifar10", small_cifar10)


def test_a_cifar10_without_one_of_its_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "cifar10.npz", train_x=np.zeros((2, 32, 32, 3), np.uint8))
    with pytest.raises(CourseError, match="cifar10.npz is damaged.*train_y.*delete it and run again"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("change", ("other images", "one label"))
def test_well_formed_arrays_that_are_not_cifar10_are_refused(small_cifar10, change):
    arrays = dict(np.load(small_cifar10 / "cifar10.npz"))
    if change == "one label":
        arrays["test_y"][7] += 1
    else:
        arrays["train_x"] = 255 - arrays["train_x"]
    np.savez(small_cifar10 / "cifar10.npz", **arrays)
    with pytest.raises(
        CourseError,
        match="cifar10.npz has CIFAR-10's shapes and holds other labels or images: delete it and run again",
    ):
        load("cifar10", small_cifar10)


def test_other_images_under_the_name_of_cifar10_are_refused(tmp_path):
    images, labels = np.zeros((5, 32, 32, 3), np.uint8), np.zeros(5)
    np.savez(tmp_path / "cifar10.npz", train_x=images, train_y=labels, test_x=images, test_y=labels)
    with pytest.raises(
        CourseError, match=r"cifar10.npz is not CIFAR-10 .*\(5, 32, 32, 3\).*delete it and run again"
    ):
        load("cifar10", tmp_path)


def test_a_bare_array_under_the_name_of_cifar10_is_refused(tmp_path):
    with (tmp_path / "cifar10.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(CourseError, match="cifar10.npz is damaged.*delete it and run again"):
        load("cifar10", tmp_path)


def test_cifar10_without_a_network_says_where_to_put_which_file(tmp_path, monkeypatch):
    def no_network(*args, **kwargs):
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    with pytest.raises(CourseError, match="could not be downloaded.*cifar10.npz") as caught:
        load("cifar10", tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(tmp_path.glob("*.npz"))


def test_what_torchvision_downloads_is_prepared_once_and_whole(tmp_path, monkeypatch):
    class Downloaded:
        """50,000 or 10,000 images as torchvision's CIFAR10 holds them."""

        def __init__(self, root, train, download):
            n = 50000 if train else 10000
            self.data = np.broadcast_to(np.array(sources.COLOUR).round().astype(np.uint8), (n, 32, 32, 3))
            self.targets = [3] * n

    monkeypatch.setattr(sources, "LABELS", hashlib.sha256(np.full(60000, 3, np.int64).tobytes()).hexdigest())
    monkeypatch.setattr(torchvision.datasets, "CIFAR10", Downloaded)
    first = cifar10(tmp_path)
    monkeypatch.setattr(torchvision.datasets, "CIFAR10", None)
    assert all(np.array_equal(a, b) for a, b in zip(first, cifar10(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["cifar10.npz"]
