"""Numbers from the literature. Each row names its paper and the table or figure it was read in.

checked says how: "paper" (read in the paper itself), "transcription" (in a full text of it), "abstract",
"official" (a page of the challenge or of the authors), "secondary" (several later summaries agree;
the official number was not seen).
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.records.names import label


@dataclass(frozen=True)
class ImageNetResult:
    """Errors in percent on ImageNet (ILSVRC classification), None where the source prints none.

    protocol: "10-crop", "multi-scale" (fully convolutional at several scales) or "ensemble".
    split: the images, "val" or "test".
    """

    network: str
    protocol: str
    split: str
    top1: float | None
    top5: float | None
    key: str  # in the bibliography
    where: str
    checked: str


IMAGENET = [
    # He et al. 2016a, Table 3: 10-crop testing on the validation set.
    ImageNetResult("VGG-16", "10-crop", "val", 28.07, 9.33, "he2016deep", "Table 3", "paper"),
    ImageNetResult("plain-34", "10-crop", "val", 28.54, 10.02, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-34 A", "10-crop", "val", 25.03, 7.76, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-34 B", "10-crop", "val", 24.52, 7.46, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-34 C", "10-crop", "val", 24.19, 7.40, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-50", "10-crop", "val", 22.85, 6.71, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-101", "10-crop", "val", 21.75, 6.05, "he2016deep", "Table 3", "paper"),
    ImageNetResult("ResNet-152", "10-crop", "val", 21.43, 5.71, "he2016deep", "Table 3", "paper"),
    # Table 4: single models, fully convolutional, averaged over several scales.
    ImageNetResult("VGG (ILSVRC 2014)", "multi-scale", "test", None, 8.43, "he2016deep", "Table 4", "paper"),
    ImageNetResult(
        "GoogLeNet (ILSVRC 2014)", "multi-scale", "val", None, 7.89, "he2016deep", "Table 4", "paper"
    ),
    ImageNetResult("VGG (v5)", "multi-scale", "val", 24.4, 7.1, "he2016deep", "Table 4", "paper"),
    ImageNetResult("PReLU-net", "multi-scale", "val", 21.59, 5.71, "he2016deep", "Table 4", "paper"),
    ImageNetResult("BN-inception", "multi-scale", "val", 21.99, 5.81, "he2016deep", "Table 4", "paper"),
    ImageNetResult("ResNet-34 B", "multi-scale", "val", 21.84, 5.71, "he2016deep", "Table 4", "paper"),
    ImageNetResult("ResNet-34 C", "multi-scale", "val", 21.53, 5.60, "he2016deep", "Table 4", "paper"),
    ImageNetResult("ResNet-50", "multi-scale", "val", 20.74, 5.25, "he2016deep", "Table 4", "paper"),
    ImageNetResult("ResNet-101", "multi-scale", "val", 19.87, 4.60, "he2016deep", "Table 4", "paper"),
    ImageNetResult("ResNet-152", "multi-scale", "val", 19.38, 4.49, "he2016deep", "Table 4", "paper"),
    # Table 5: ensembles, as the test server scored them.
    ImageNetResult("VGG (ILSVRC 2014)", "ensemble", "test", None, 7.32, "he2016deep", "Table 5", "paper"),
    ImageNetResult(
        "GoogLeNet (ILSVRC 2014)", "ensemble", "test", None, 6.66, "he2016deep", "Table 5", "paper"
    ),
    ImageNetResult("VGG (v5)", "ensemble", "test", None, 6.8, "he2016deep", "Table 5", "paper"),
    ImageNetResult("PReLU-net", "ensemble", "test", None, 4.94, "he2016deep", "Table 5", "paper"),
    ImageNetResult("BN-inception", "ensemble", "test", None, 4.82, "he2016deep", "Table 5", "paper"),
    ImageNetResult("ResNet (ILSVRC 2015)", "ensemble", "test", None, 3.57, "he2016deep", "Table 5", "paper"),
]


@dataclass(frozen=True)
class ChallengeEntry:
    """One entry of the ILSVRC classification task: its top-5 error in percent on that year's test images.

    networks: how many were averaged, None where the source gives no number.  outside: trained on images
    beyond the challenge's own, None where the source does not say.
    """

    year: int
    name: str
    kind: str
    top5: float
    layers: int | None
    won: bool
    networks: int | None
    outside: bool | None
    remark: str
    key: str
    where: str
    checked: str


# Top-5 error of the better of two trained people: Russakovsky et al. 2015, section 6.4, as He et al. 2015
# quote it.
HUMAN = 5.1


def challenge_entries() -> list[ChallengeEntry]:
    return [
        ChallengeEntry(
            year=int(row["year"]),
            name=row["name"],
            kind=row["kind"],
            top5=float(row["top5"]),
            layers=int(row["layers"]) if row["layers"] else None,
            won=row["won"] == "yes",
            networks=int(row["networks"]) if row["networks"] else None,
            outside={"yes": True, "no": False, "": None}[row["outside"]],
            remark=row["remark"],
            key=row["key"],
            where=row["where"],
            checked=row["checked"],
        )
        for row in table("ilsvrc")
    ]


def table(name: str) -> list[dict[str, str]]:
    """The rows of a file that lies beside this one."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ILSVRC = challenge_entries()


@dataclass(frozen=True)
class CifarResult:
    """Errors in percent on CIFAR-10 after 64,000 iterations.

    parameters: in millions, as printed.  test: as printed.  train_read, test_read: read off the curves.
    """

    family: str
    depth: int
    parameters: float | None
    test: float | None
    train_read: float
    test_read: float

    @property
    def network(self) -> str:
        return label(self.family, self.depth)


# He et al. 2016a, Table 6 (printed) and Figure 6 (its vector curves digitised; training: mean of the last
# 10,000 iterations).
CIFAR10 = [
    CifarResult("plain", 20, None, None, 1.32, 9.69),
    CifarResult("plain", 32, None, None, 1.41, 10.08),
    CifarResult("plain", 44, None, None, 2.74, 11.42),
    CifarResult("plain", 56, None, None, 5.78, 13.23),
    CifarResult("resnet", 20, 0.27, 8.75, 0.66, 8.77),
    CifarResult("resnet", 32, 0.46, 7.51, 0.28, 7.49),
    CifarResult("resnet", 44, 0.66, 7.17, 0.19, 7.15),
    CifarResult("resnet", 56, 0.85, 6.97, 0.10, 6.99),
    CifarResult("resnet", 110, 1.7, 6.43, 0.06, 6.54),
    CifarResult("resnet", 1202, 19.4, 7.93, 0.09, 7.88),
]


def figure_6() -> list[dict[str, Any]]:
    """The curves of He et al. 2016a, Figure 6, read out of the vector figure of arXiv:1512.03385v1.

    Rows with network, kind ("train" or "test"), share (of the 64,000 iterations) and error in percent; the
    reading is good to about 0.03 points. Values above 20 % lie outside the figure.
    """
    return [
        {
            "network": row["network"],
            "kind": row["kind"],
            "share": float(row["iteration"]) / 64_000,
            "error": float(row["error"]),
        }
        for row in table("he2016_figure6")
    ]


def figure_7() -> list[dict[str, Any]]:
    """The upper panel of He et al. 2016a, Figure 7, read out likewise: by layer, the standard deviation of
    the responses after batch normalisation, before ReLU and addition.

    Rows with network, layer and deviation; one of ResNet-56 is hidden behind another curve.
    """
    return [
        {
            "network": row["network"],
            "layer": int(row["layer"]),
            "deviation": float(row["deviation"]),
        }
        for row in table("he2016_figure7")
    ]


# Vryniotis 2021, the table of incremental improvements: top-1 accuracy on the validation images of ImageNet,
# percent, each step on top of those before it.
TORCHVISION_RECIPE = [
    ("first weights", 76.130),
    ("learning rate: cosine, warm-up", 76.494),
    ("TrivialAugment", 76.806),
    ("600 epochs, not 90", 78.606),
    ("random erasing", 78.796),
    ("label smoothing", 79.114),
    ("mixup", 79.232),
    ("CutMix", 79.510),
    ("weight decay tuned", 80.036),
    ("smaller crops in training", 80.196),
    ("averaged weights (EMA)", 80.450),
    ("size of the test images tuned", 80.674),
    ("repeated augmentation", 80.858),
]
