"""Tables of what the papers report."""

from course.records import published
from course.records.published import ChallengeEntry
from course.report.tables.markdown import markdown, percent, register


def results(protocol: str) -> str:
    found = [result for result in published.IMAGENET if result.protocol == protocol]
    (source,) = {f"@{result.key} [{result.where}]" for result in found}  # one table of one paper
    note = protocol.replace("-", "")
    images = {"val": "validation", "test": "test"}
    return markdown(
        f"Network | Top-1 error, %[^{note}] | Top-5 error, %[^{note}] | Images",
        [[each.network, percent(each.top1), percent(each.top5), images[each.split]] for each in found],
        f"[^{note}]: {source}.",
    )


@register
def ten_crop() -> str:
    return results("10-crop")


@register
def single_models() -> str:
    return results("multi-scale")


@register
def ensembles() -> str:
    return results("ensemble")


@register
def ilsvrc() -> str:
    return markdown(
        "Entry | Top-5, % | Nets | Outside data | Source",
        [challenge_row(entry) for entry in published.ILSVRC],
        "[^later]: As later summaries agree to quote it; we have not seen the official number. A dash "
        "anywhere: the sources we read do not say.",
    )


def challenge_row(entry: ChallengeEntry) -> list[str]:
    name = entry.name.partition(",")[0]
    return [
        f"{entry.year} " + (f"**{name}**" if entry.won else name),
        f"{entry.top5:g}" + "[^later]" * (entry.checked == "secondary"),
        str(entry.networks or "–"),
        {True: "yes", False: "no", None: "–"}[entry.outside],
        f"@{entry.key} [{entry.where}]",
    ]


@register
def cifar10() -> str:
    """The paper's: printed in its Table 6, or read off the curves of its Figure 6."""
    return markdown(
        "Network | Parameters | Training error, % (read off Figure 6) | Test error, % (read off Figure 6) | "
        "Test error, % (Table 6)",
        [
            [
                each.network,
                f"{each.parameters:g} M" if each.parameters else "–",
                percent(each.train_read),
                percent(each.test_read),
                percent(each.test),
            ]
            for each in published.CIFAR10
        ],
    )


@register
def cifar10_plain() -> str:
    """Of these, the plain networks."""
    return markdown(
        "Network | Training error, % (read off Figure 6) | Test error, % (read off Figure 6)",
        [
            [each.network, percent(each.train_read), percent(each.test_read)]
            for each in published.CIFAR10
            if each.family == "plain"
        ],
    )
