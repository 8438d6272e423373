"""Photographs that stay on disk: what a stream of them holds, whoever shares the work,
and what is said of a wrong folder.
"""

import io
import struct
import zlib

import pytest
import torch
from PIL import Image

from course import CourseError
from course.data import load
from course.data.folder import SIDE, open_folder


def huge() -> bytes:
    """A PNG that says it has 20,000 x 20,000 pixels, which is more than Pillow opens."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def broken() -> bytes:
    """A PNG with a wrong checksum in a chunk."""
    content = io.BytesIO()
    Image.new("RGB", (300, 300), "red").save(content, "PNG")
    return content.getvalue().replace(b"IDAT", b"IDAX", 1)


def epoch(data, augment: bool = True, seed: int = 0, batch: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    x, y = zip(*data.training(batch, augment, torch.Generator().manual_seed(seed)))
    return torch.cat(x), torch.cat(y)


def test_a_folder_is_loaded_by_the_name_imagenet(photographs):
    data = load("imagenet", photographs)
    assert (data.name, data.channels, data.classes, data.sizes()) == (
        "imagenet",
        3,
        2,
        {"train": 13, "test": 7},
    )


def test_an_epoch_is_full_batches_of_normalised_crops(photographs):
    x, y = epoch(open_folder("imagenet", photographs, workers=0))
    assert x.shape == (12, 3, SIDE, SIDE) and x.dtype == torch.float32
    assert y.bincount().tolist() in ([7, 5], [6, 6])
    assert abs(x.mean()) < 0.5 and 0.5 < x.std() < 1.5


@pytest.mark.parametrize("augment", (True, False))
def test_an_epoch_depends_on_the_seed_and_not_on_the_workers(photographs, augment):
    alone, helped = (open_folder("imagenet", photographs, workers) for workers in (0, 2))
    x, y = epoch(alone, augment)
    again, labels = epoch(helped, augment)
    assert torch.equal(x, again) and torch.equal(y, labels)
    assert not torch.equal(x, epoch(alone, augment, seed=1)[0])


def test_reading_pictures_leaves_the_random_numbers_of_the_training_alone(photographs):
    data = open_folder("imagenet", photographs, workers=0)
    torch.manual_seed(5)
    expected = torch.get_rng_state()
    data.train[0, 1]
    assert torch.equal(torch.get_rng_state(), expected)


def test_the_seed_of_a_picture_decides_its_crop(photographs):
    train = open_folder("imagenet", photographs, workers=0).train
    assert torch.equal(train[0, 1][0], train[0, 1][0])
    assert not torch.equal(train[0, 1][0], train[0, 2][0])


def test_the_test_images_come_once_in_order_a_single_view_each(photographs):
    data = open_folder("imagenet", photographs, workers=0)
    x, y = (torch.cat(parts) for parts in zip(*data.testing(batch=3)))
    assert y.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert torch.equal(x, torch.cat([x for x, _ in data.testing()]))


def test_the_processes_share_every_batch_and_all_test_images_without_overlap(photographs, monkeypatch):
    data = open_folder("imagenet", photographs, workers=0)
    x, y = epoch(data)
    tested = torch.cat([y for _, y in data.testing()])
    monkeypatch.setattr("course.machine.parallel.world", lambda: 2)
    halves, test_halves = [], []
    for rank in (0, 1):
        monkeypatch.setattr("course.machine.parallel.rank", lambda rank=rank: rank)
        halves.append(epoch(data))
        test_halves.append(torch.cat([y for _, y in data.testing()]))
    assert torch.allclose(torch.stack([half[0] for half in halves], dim=1).flatten(0, 1), x, atol=1e-6)
    assert torch.equal(torch.stack([half[1] for half in halves], dim=1).flatten(), y)
    assert [len(half) for half in test_halves] == [4, 3]
    assert torch.equal(torch.cat(test_halves).bincount(), tested.bincount())


def test_normalised_training_pixels_have_mean_zero_and_unit_deviation(photographs):
    data = open_folder("imagenet", photographs, workers=0)
    pixels = torch.cat(
        [torch.nn.functional.interpolate(x, 32) for x, _ in [epoch(data, augment=False, batch=13)]]
    )
    assert pixels.mean(dim=(0, 2, 3)).abs().max() < 0.15
    assert abs(pixels.std() - 1) < 0.2


def test_the_colour_shifts_are_the_principal_components_by_their_variance(photographs):
    data = open_folder("imagenet", photographs, workers=0)
    lengths = data.shifts.norm(dim=1)
    assert lengths.tolist() == sorted(lengths.tolist())
    # the variances of the components sum to those of the colours
    assert lengths.sum() == pytest.approx(3 * data.std**2, rel=1e-3)
    directions = data.shifts / lengths[:, None]
    assert torch.allclose(directions @ directions.T, torch.eye(3), atol=1e-4)


def test_the_digest_names_the_files_and_their_classes(photographs):
    before = open_folder("imagenet", photographs, workers=0).digest
    assert before == open_folder("imagenet", photographs, workers=0).digest
    (photographs / "train/cat/0.jpeg").rename(photographs / "train/dog/99.jpeg")
    assert before != open_folder("imagenet", photographs, workers=0).digest


def test_a_wrong_root_is_answered_with_the_layout(tmp_path):
    with pytest.raises(
        CourseError, match="there is no folder .*train: --root names a folder with train/CLASS/.*val/CLASS/"
    ):
        load("imagenet", tmp_path / "nowhere")


@pytest.mark.parametrize("split, other", (("train", "val"), ("val", "train")))
def test_a_class_that_one_split_lacks_is_named(photographs, add_picture, split, other):
    add_picture(photographs / split / "owl/0.jpeg", 1)
    with pytest.raises(CourseError, match=rf"1 of the 3 classes have no folder in .*{other} \(owl\)"):
        load("imagenet", photographs)


@pytest.mark.parametrize("name", ("cow", ".ipynb_checkpoints", "n01.5 (old)"))
def test_a_class_without_a_picture_is_named(photographs, name):
    root = photographs.rename(photographs.with_name("image.net v1.2"))
    (root / "val" / name).mkdir()
    with pytest.raises(CourseError) as refusal:
        load("imagenet", root)
    assert (
        str(refusal.value)
        == f"{root}/val: Found no valid file for the classes {name}: every class is a folder with at least one picture, and no other folder is there"
    )


def test_a_split_without_a_class_is_named_in_full(tmp_path):
    root = tmp_path / "image.net v1.2"
    (root / "train").mkdir(parents=True)
    with pytest.raises(
        CourseError,
        match=r"image\.net v1\.2/train: Couldn't find any class folder in .*image\.net v1\.2/train\.?: every class is a folder",
    ):
        load("imagenet", root)


LINKS = {
    "to its own folder": ("train/cat/loop", "."),
    "to its split": ("train/cat/loop", ".."),
    "of a class to another": ("train/owl", "cat"),
    "of one split to the other's class": ("val/cat/more", "../../train/cat"),
    "of a picture to a picture": ("train/cat/again.jpeg", "0.jpeg"),
    "of a picture to one of the other split": ("val/dog/again.jpeg", "../../train/dog/0.jpeg"),
}


@pytest.mark.parametrize("link, target", LINKS.values(), ids=LINKS)
def test_a_link_that_shows_pictures_twice_is_named(photographs, link, target):
    (photographs / link).symlink_to(target)
    with pytest.raises(
        CourseError, match=rf"{link}\S* shows what lies in \S* a second time: remove the link"
    ):
        load("imagenet", photographs)


def test_two_links_to_one_picture_elsewhere_are_noticed_and_one_is_taken(photographs, tmp_path, add_picture):
    add_picture(tmp_path / "elsewhere.jpeg", 5)
    (photographs / "train/cat/a.jpeg").symlink_to(tmp_path / "elsewhere.jpeg")
    assert load("imagenet", photographs).sizes()["train"] == 14
    (photographs / "train/dog/b.jpeg").symlink_to(tmp_path / "elsewhere.jpeg")
    with pytest.raises(
        CourseError, match=r"train/dog/b.jpeg shows what lies in \S*train/cat/a.jpeg a second time"
    ):
        load("imagenet", photographs)


def test_splits_and_classes_may_be_links_to_where_they_lie(photographs):
    photographs.joinpath("train/cat").rename(photographs.parent / "cat")
    (photographs / "train/cat").symlink_to(photographs.parent / "cat")
    (photographs / "val").rename(photographs.parent / "val")
    (photographs / "val").symlink_to("../val")
    assert load("imagenet", photographs).sizes() == {"train": 13, "test": 7}


@pytest.mark.parametrize("workers", (0, 1))
@pytest.mark.parametrize("content", (b"", b"not a picture", "cut off", "huge", "broken"))
def test_an_unreadable_picture_is_named_in_one_line(photographs, workers, content):
    path = photographs / "train/dog/2.jpeg"
    made = {"cut off": lambda: path.read_bytes()[:500], "huge": huge, "broken": broken}
    path.write_bytes(made[content]() if isinstance(content, str) else content)
    with pytest.raises(
        CourseError, match=r"^\S*train/dog/2.jpeg cannot be read as an image \(.*\): replace or remove it$"
    ):
        open_folder("imagenet", photographs, workers)
