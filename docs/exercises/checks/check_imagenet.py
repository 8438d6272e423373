"""Checks your answers in imagenet.py."""
import imagenet as answers
import torch
from teaching import given, holds, same

pytest_plugins = "progress"


def test_exercise_2_one_of_five_guesses_is_enough():
    guesses = [[3, 1, 2, 5, 4], [1, 2, 3, 4, 5], [7]]
    same(answers.top_5_error(guesses, [4, 9, 7]), 100 / 3, "top_5_error of three images, one of them wrong", "an image is wrong if its label is not among its guesses; a percentage")


def test_exercise_2_a_sixth_guess_does_not_count():
    same(answers.top_5_error([[0, 1, 2, 3, 4, 5]], [5]), 100.0, "top_5_error where only the sixth guess is right", "only the first five guesses count")


def picture() -> torch.Tensor:
    return torch.arange(3 * 6 * 8, dtype=torch.float32).reshape(3, 6, 8)


def crops() -> torch.Tensor:
    found = given(answers.ten_crops(picture(), 4), "ten_crops")
    holds(isinstance(found, torch.Tensor), f"ten_crops should return a tensor, it returned {type(found).__name__}")
    same(tuple(found.shape), (10, 3, 4, 4), "the shape of ten_crops of a 6x8 image with size 4", "torch.stack puts the crops along a new first dimension")
    return found


def test_exercise_3_four_corners_and_the_centre():
    image = picture()
    for number, (name, top, left) in enumerate((("top left", 0, 0), ("top right", 0, 4), ("bottom left", 2, 0), ("bottom right", 2, 4), ("centre", 1, 2))):
        same(crops()[number], image[:, top : top + 4, left : left + 4], f"crop {number}, the {name}", f"it begins at row {top}, column {left}")


def test_exercise_3_their_mirror_images_follow():
    same(crops()[5:], crops()[:5].flip(-1), "crops 5 to 9", "crop 5 is the mirror image of crop 0, crop 6 of crop 1, and so on (torchvision's ten_crop has another order): flip the last dimension of the five crops")


def test_exercise_3_probabilities_are_averaged():
    torch.manual_seed(0)
    scores = 5 * torch.randn(4, 10, 6)
    found = answers.averaged(scores)
    same(found, torch.softmax(scores, dim=2).mean(dim=1), "averaged on 4 images of 10 crops", "softmax over the classes first, then the mean over the crops")
    same(found.sum(dim=1), torch.ones(4), "the sum over the classes", "averages of probabilities sum to one")


def test_exercise_4_the_error_bar_of_a_count():
    look = "a count of wrong answers is binomial: a share p of n images has the variance p (1 - p) / n"
    same(answers.standard_error(50, 100), 5.0, "standard_error(50, 100)", look)
    same(answers.standard_error(3.57, 100_000), 0.05867, "standard_error(3.57, 100_000)", look, 1e-3)


def test_exercise_5_together_they_are_better_than_one_alone():
    found = given(answers.ensemble(), "ensemble()")
    holds(isinstance(found, tuple | list) and len(found) == 2, "ensemble should return two numbers: the mean single error and the ensemble's error")
    single, together = found
    holds(
        abs(single - 16.3) < 1.5 and abs(together - 12.5) < 1.5,
        f"single networks have a test error of {single:.1f} % on average, the ensemble {together:.1f} %; expected about 16.3 and 12.5, in percent.\n"
        "Look at: softmax before the average, the mean over the networks, argmax after it",
    )
