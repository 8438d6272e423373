"""The playground computes what PyTorch computes, fast enough, and its pairs end where the page says; a reader
reaches all of it, whatever the browser, the link or the network.
"""

import json
import math
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course.data import load
from course.networks import mlp, probe
from course.networks.mlp import ACTIVATIONS, INITIALISATIONS
from sitetools.parts import playground
from tests.browser import checks
from tests.browser.checks import LAPTOP, PHONE

expect = pytest.importorskip("playwright.sync_api").expect
CODE = Path(__file__).parents[2] / "docs/assets/playground"
NAMES = ("random", "network", "training")
DEPTH, WIDTH, BATCH = 8, 22, 30  # nothing that four divides
NETS = [
    {"depth": DEPTH, "width": WIDTH, "activation": activation, "batch_norm": batch_norm, "skip": skip}
    for activation in ACTIVATIONS
    for batch_norm in (False, True)
    for skip in (False, True)
]
# Runs in the browser: a network with the given weights.
LOADED = """
    function loaded(setting, weights, Numbers) {
        const network = mlp({...setting, init: "normal"}, generator(0), Numbers);
        network.parameters.forEach((parameter, i) => parameter.values.set(weights[i]));
        return network;
    }
    function batch(rows, Numbers) {
        const x = new Matrix(rows.length, rows[0].length, Numbers);
        x.values.set(rows.flat());
        return x;
    }
"""


def code(change=lambda text: text) -> str:
    text = "\n".join((CODE / f"{name}.js").read_text(encoding="utf-8") for name in NAMES)
    return change(text) + LOADED


@pytest.fixture(scope="module")
def page(browser):
    """An empty page with the playground's arithmetic."""
    tab = browser.new_page()
    tab.add_script_tag(content=code())
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def trainer(browser):
    """The same with the digits, for numbers of one kind alone, as in the worker: a page that has seen two kinds
    computes more slowly.
    """
    tab = browser.new_page()
    tab.add_script_tag(content=code())
    tab.evaluate("async packed => { globalThis.unpacked = await unpackDigits(packed); }", playground.digits())
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def net_of(setting: dict, seed: int = 0) -> nn.Sequential:
    """Weights, biases and the parameters of batch normalisation all off their simple starts."""
    torch.manual_seed(seed)
    net = mlp(init="xavier", **setting).double()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return net


def flat(tensors) -> list[list[float]]:
    return [tensor.detach().flatten().tolist() for tensor in tensors]


COMPUTED = """([setting, weights, rows, y, numbers]) => {
    const Numbers = globalThis[numbers], network = loaded(setting, weights, Numbers), x = batch(rows, Numbers);
    const {loss, wrong} = network.loss(x, y), gradients = network.parameters.map(({gradient}) => Array.from(gradient.values));
    const layers = network.layers.map(layer => layer.statistics());
    return {loss, wrong, gradients, layers, logits: Array.from(network.forward(x, false).values)};
}"""


def disagreement(page, digits, setting: dict, numbers: str) -> dict[str, float]:
    """How far the page's loss, gradients, layers' statistics and logits in use are from PyTorch's in double.
    Where a gradient is zero but for rounding, as a bias's before batch normalisation, it counts beside the
    largest one.
    """
    net = net_of(setting)
    x, y = digits.normalise(digits.train_x[:BATCH]).double(), digits.train_y[:BATCH]
    found = page.evaluate(
        COMPUTED, [setting, flat(net.parameters()), x.flatten(1).tolist(), y.tolist(), numbers]
    )
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    gradients = torch.autograd.grad(loss, list(net.parameters()))
    in_use = net.eval()(x).detach().flatten()
    largest = max(gradient.norm() for gradient in gradients)
    apart = [
        (torch.tensor(mine, dtype=torch.double) - theirs.flatten()).norm()
        / (theirs.norm() if theirs.norm() > 1e-12 * largest else largest)
        for mine, theirs in zip(found["gradients"], gradients, strict=True)
    ]
    net.train()
    layers = [
        max(abs(mine[name] - getattr(theirs, name)) / max(1, getattr(theirs, name)) for name in mine)
        for mine, theirs in zip(found["layers"], probe(net, x, y), strict=True)
    ]
    assert found["wrong"] == (logits.argmax(dim=1) != y).sum()
    return {
        "loss": abs(found["loss"] / loss.item() - 1),
        "gradients": float(max(apart)),
        "layers": max(layers),
        "logits": float((torch.tensor(found["logits"], dtype=torch.double) - in_use).norm() / in_use.norm()),
    }


@pytest.mark.parametrize("setting", NETS, ids=lambda net: "-".join(map(str, list(net.values())[2:])))
def test_loss_and_every_gradient_are_pytorchs(page, digits, setting):
    double, single = (disagreement(page, digits, setting, kind) for kind in ("Float64Array", "Float32Array"))
    assert max(double.values()) < (1e-9 if setting["activation"] == "gelu" else 1e-12), double
    assert max(single["loss"], single["gradients"], single["logits"]) < 1e-5, single


@pytest.mark.parametrize(
    "right, wrong",
    [
        ("+= passed[i]; // the skip", "-= passed[i]; // the skip"),
        ("(shift[j] + normalised", "(shift[j] - normalised"),
        ("1 - h * h", "1 + h * h"),
    ],
)
def test_a_planted_sign_error_is_found(browser, digits, right, wrong):
    assert right in code()
    tab = browser.new_page()
    tab.add_script_tag(content=code(lambda text: text.replace(right, wrong)))
    setting = {"depth": DEPTH, "width": WIDTH, "activation": "tanh", "batch_norm": True, "skip": True}
    assert disagreement(tab, digits, setting, "Float64Array")["gradients"] > 0.01
    tab.close()


TRAINED = """([setting, weights, rows, y, orders]) => {
    const network = loaded(setting, weights, Float64Array);
    return orders.map(order => {
        const {loss} = network.loss(batch(order.map(i => rows[i]), Float64Array), order.map(i => y[i]));
        network.descend(0.05, 0.9, 1e-4);
        return loss;
    });
}"""


@pytest.mark.parametrize(
    "setting",
    [
        {"depth": DEPTH, "width": WIDTH, "activation": "tanh", "batch_norm": False, "skip": False},
        {"depth": DEPTH, "width": WIDTH, "activation": "gelu", "batch_norm": True, "skip": True},
    ],
    ids=["tanh", "gelu"],
)
def test_eighty_steps_are_pytorchs_where_a_network_is_smooth(page, digits, setting):
    """Momentum, weight decay, and the drift of rounding errors. (Under ReLUs that drift is chaotic.)"""
    net = net_of(setting)
    x, y = digits.normalise(digits.train_x[:200]).double(), digits.train_y[:200]
    orders = [torch.randint(200, (BATCH,)).tolist() for _ in range(80)]
    losses = page.evaluate(
        TRAINED, [setting, flat(net.parameters()), x.flatten(1).tolist(), y.tolist(), orders]
    )
    descent = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    for order, mine in zip(orders, losses, strict=True):
        loss = F.cross_entropy(net(x[order]), y[order])
        descent.zero_grad()
        loss.backward()
        descent.step()
        assert mine == pytest.approx(loss.item(), rel=1e-6)


def test_looking_is_no_training(trainer):
    """Before its first step a network has the running means that PyTorch's has before any batch."""
    setting = {"depth": 4, "width": 6, "activation": "relu", "init": "he", "batch_norm": True, "skip": False}
    moved = trainer.evaluate(
        """setting => {
            const [{network}] = new Training({pair: [{...setting, rate: 0.1}], seed: 0, batch: 64, epochs: 1}, unpacked).learners;
            return network.layers.flatMap(({norm}) => norm ? [...norm.running_mean, ...norm.running_var.map(each => each - 1)] : []);
        }""",
        setting,
    )
    assert len(moved) == 36 and not any(moved)


def test_a_value_that_is_no_number_leaves_the_others_their_places(page):
    found = page.evaluate("histogram([NaN, 3, -3, Infinity])")
    assert found["edge"] == 4 and [i for i, share in enumerate(found["shares"]) if share] == [5, 35]


@pytest.mark.parametrize("init", INITIALISATIONS)
def test_first_weights_have_the_variance_of_pytorchs(page, init):
    rows, columns = (400, 250) if init != "orthogonal" else (100, 1000)
    mine = page.evaluate(
        """([init, rows, columns]) => {
            const weight = new Matrix(rows, columns, Float64Array);
            INITIALISATIONS[init](weight, generator(1));
            return Array.from(weight.values);
        }""",
        [init, rows, columns],
    )
    theirs = torch.empty(rows, columns, dtype=torch.double)
    torch.manual_seed(0)
    INITIALISATIONS[init](theirs)
    mine = torch.tensor(mine, dtype=torch.double).view(rows, columns)
    assert mine.var().item() == pytest.approx(theirs.var().item(), rel=0.02)
    assert abs(mine.mean()) < 4 * theirs.std() / (rows * columns) ** 0.5
    if init == "orthogonal":
        assert torch.allclose(mine @ mine.T, torch.eye(rows, dtype=torch.double), atol=1e-12)


def test_the_digits_are_those_of_the_course(page, digits):
    packed = playground.digits()
    assert len(packed) < 60_000
    x, labels = page.evaluate(
        """async packed => {
            globalThis.unpacked = await unpackDigits(packed);
            return [Array.from(inputs(unpacked, unpacked.images).values), unpacked.labels];
        }""",
        packed,
    )
    images = torch.cat([digits.normalise(each).flatten() for each in (digits.train_x, digits.test_x)])
    assert torch.allclose(torch.tensor(x), images, atol=1e-5)
    assert labels == [*digits.train_y.tolist(), *digits.test_y.tolist()]


def networks_of(pair: playground.Pair) -> list[str]:
    """The settings of its two networks, as JSON."""
    given = dict(each.split("=") for each in pair.setting.split("&"))
    other, value = given.pop("but"), given.pop("value")

    def setting(text: dict[str, str]) -> str:
        numbers = {name: float(text[name]) for name in ("depth", "width", "rate", "batch", "epochs")}
        flags = {name: text[name] == "1" for name in ("batch_norm", "skip")}
        return json.dumps({**text, **numbers, **flags})

    return [setting(given), setting({**given, other: value})]


@pytest.mark.slow
def test_every_pair_ends_where_the_page_says(trainer):
    trained: dict[str, list[float]] = {}
    for name, pair in playground.pairs().items():
        for setting, (low, high) in zip(networks_of(pair), pair.errors, strict=True):
            if setting not in trained:
                trained[setting] = trainer.evaluate(
                    """setting => [0, 1, 2].map(seed => {
                        const training = new Training({...setting, seed, pair: [setting]}, unpacked);
                        while (!training.done) training.advance();
                        return training.learners[0].curve.at(-1).train;
                    })""",
                    json.loads(setting),
                )
            errors = trained[setting]
            print(name, setting, errors)
            assert low <= min(errors) and max(errors) <= high, (name, setting, errors)
        bands = sorted(pair.errors)
        assert bands[0][1] < bands[1][0], f"{name}: the two networks are not told apart"


@pytest.mark.slow
def test_it_is_fast_enough_to_watch(trainer, browser):
    """By the time that a core works for an epoch, the least of several. A core of a server with AVX2 makes 2.1
    epochs a second and 10 in 4 s; the bounds leave a factor of three for a slower or a busy one.
    """
    system = browser.new_browser_cdp_session()

    def spent() -> float:
        processes = system.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(each["cpuTime"] for each in processes if each["type"] == "renderer")

    def seconds_an_epoch(depth: int) -> float:
        trainer.evaluate(
            """depth => {
                const setting = {depth, width: 64, activation: "relu", init: "he", batch_norm: false, skip: false, rate: 0.01};
                globalThis.training = new Training({pair: [setting], seed: 0, batch: 64, epochs: 10}, unpacked);
            }""",
            depth,
        )
        times = []
        for _ in range(4):
            start = spent()
            trainer.evaluate("() => { for (let i = 0; i < training.stepsPerEpoch; i++) training.advance(); }")
            times.append(spent() - start)
        return min(times)

    epochs, seconds = 1 / seconds_an_epoch(32), 10 * seconds_an_epoch(20)
    print(f"{epochs:.2f} epochs a second, {seconds:.1f} s")
    assert epochs > 0.7 and seconds < 12


def opened(tab, address: str, setting: str = ""):
    """The playground with this setting, before training."""
    tab.goto(f"{address}/playground.html#{setting}")
    tab.wait_for_selector("#explorer-playground.ready")
    box = tab.locator("#explorer-playground")
    expect(box.locator("output")).to_contain_text("Before training")
    return box


def train(box) -> str:
    """To the end; what is said there."""
    box.locator("[name=run]").click()
    expect(box.locator("output")).to_contain_text("at the end", timeout=30_000)
    return box.locator("output").inner_text().replace("\u00a0", " ")


SMALL = "depth=4&width=8&activation=tanh&init=xavier&batch_norm=0&skip=0&rate=0.1&batch=64&epochs=5&seed=0&but=init&value=he"


@pytest.mark.parametrize("where", ["online", "folder"])
def test_a_pair_trains_online_and_from_a_folder_and_asks_nobody_else(tab, online, site, where):
    address = online if where == "online" else site.as_uri()
    faults = checks.listen(tab, address)
    box = opened(tab, address, SMALL)
    assert re.search(
        r"After 5 epochs, at the end: A, 4 layers of 8 tanh units, makes [\d.]+ % training", train(box)
    )
    for size in (LAPTOP, PHONE):
        tab.set_viewport_size(size)
        tab.wait_for_timeout(100)
        faults += checks.width(tab)
        edge = tab.evaluate(
            "Math.max(...[...document.querySelectorAll('.chart text')].map(t => t.getBoundingClientRect().right))"
        )
        assert edge <= box.bounding_box()["x"] + box.bounding_box()["width"] + 1
    assert faults == []


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_it_has_no_barrier_when_it_has_trained(tab, online):
    box = opened(tab, online, SMALL)
    train(box)
    box.locator("summary").click()
    assert checks.barriers(tab, within="#explorer-playground") == []


@pytest.mark.slow
def test_the_page_stays_free_while_it_trains(tab, browser, online):
    """By the time that its thread works for each of its tasks, whatever else the machine does."""
    tab.emulate_media(reduced_motion="no-preference")
    large = SMALL.replace("depth=4&width=8", "depth=40&width=64").replace("epochs=5", "epochs=40")
    box = opened(tab, online, large)
    browser.start_tracing(page=tab, categories=["toplevel", "devtools.timeline"])
    box.locator("[name=run]").click()
    tab.wait_for_timeout(3000)
    expect(box.locator("[name=run]")).to_have_text("Pause")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    threads = [
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    ]
    tasks = [
        event["tdur"] / 1000
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in threads and "tdur" in event
    ]
    print(f"{len(tasks)} tasks, the longest of {max(tasks):.0f} ms")
    assert len(tasks) > 100 and max(tasks) < 50


def test_every_control_works_from_the_keyboard(tab, online):
    box = opened(tab, online, SMALL)
    words = box.locator("output")
    box.locator("[name=activation]").press("End")
    expect(words).to_contain_text("4 layers of 8 identity units")
    for name in ("batch_norm", "skip"):
        box.locator(f"[name={name}]").press("Space")
    expect(words).to_contain_text("units with batch normalisation and skips")
    box.locator("[name=but]").press("Home")
    expect(words).not_to_contain_text("B, the same")
    box.locator("[name=step]").press("Enter")
    expect(words).to_contain_text("After 1 step: A")
    box.locator("[name=run]").press("Enter")
    expect(words).to_contain_text("at the end")
    box.locator("[name=again]").press("Enter")
    expect(words).to_contain_text("Before training")
    box.locator("[name=layer]").press("End")
    expect(box.locator("#playground-layer-text")).to_have_text("Look into layer 4")
    expect(box.locator("#playground-histogram")).to_have_attribute("aria-label", re.compile("layer 4"))
    box.locator("[name=quantity]").first.press("ArrowRight")
    expect(box.locator("#playground-a")).to_have_attribute("aria-label", re.compile("weight gradient"))
    box.locator("summary").press("Enter")
    expect(box.locator("tbody tr")).to_have_count(4)
    pad = box.locator("#playground-pad")
    for key in ("ArrowRight", "ArrowDown", "Space"):
        pad.press(key)
    expect(box.locator(".said")).to_contain_text("A says")
    assert pad.locator("rect[fill-opacity='1']").count() == 1


def test_a_trained_network_reads_a_digit_that_a_reader_draws(tab, online):
    box = opened(tab, online, SMALL.replace("width=8", "width=32").replace("epochs=5", "epochs=10"))
    train(box)
    pad = box.locator("#playground-pad")
    pad.scroll_into_view_if_needed()
    left, top, side = (pad.bounding_box()[name] for name in ("x", "y", "width"))
    ring = [(4 + 2 * math.sin(t / 3), 4 - 3.2 * math.cos(t / 3)) for t in range(20)]
    for number, (x, y) in enumerate(ring):
        tab.mouse.move(left + x * side / 8, top + y * side / 8)
        if number == 0:
            tab.mouse.down()
    tab.mouse.up()
    expect(box.locator(".said")).to_contain_text(re.compile("A says 0 .*B says 0 "))
    box.locator("[name=sample]").click()
    expect(box.locator(".said")).to_contain_text("A test image, of a 2. A says 2")


def test_a_link_holds_the_setting_and_what_it_cannot_hold_becomes_the_nearest(tab, online):
    box = opened(tab, online, SMALL)
    assert box.locator(".setting").get_attribute("href") == f"#{SMALL}"
    box.locator("[name=seed]").select_option("3")
    assert tab.evaluate("location.hash") == "#" + SMALL.replace("seed=0", "seed=3")
    tab.goto("about:blank")
    box = opened(tab, online, "depth=400&width=60&rate=-1&activation=swish&seed=&but=depth&value=9999")
    words = box.locator("output").inner_text()
    assert "A, 40 layers of 64 sigmoid units" in words and "B, the same with 32 layers" in words
    assert "“depth = 400”, which cannot be set; it is “40” here" in words
    assert "“activation = swish”" in words and "“rate = -1”, which cannot be set; it is “0.001” here" in words


def test_a_network_that_diverges_says_at_which_step_and_a_smaller_rate_is_offered(tab, online):
    wild = SMALL.replace("tanh", "identity").replace("depth=4", "depth=20").replace("rate=0.1", "rate=1")
    box = opened(tab, online, wild)
    assert re.search(r"has diverged at step \d+: its loss is no number any more", train(box))
    assert "diverged" in box.locator("#playground-errors").get_attribute("aria-label")
    box.locator("[name=smaller]").click()
    assert "rate=0.3" in tab.evaluate("location.hash")
    expect(box.locator("output")).to_contain_text(re.compile("After|Training"))


def test_it_rests_in_a_tab_that_nobody_sees(tab, online):
    box = opened(
        tab, online, SMALL.replace("depth=4&width=8", "depth=40&width=32").replace("epochs=5", "epochs=40")
    )
    box.locator("[name=run]").click()
    expect(box.locator("[name=run]")).to_have_text("Pause")
    hide = """hidden => {
        Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    tab.evaluate(hide, True)
    expect(box.locator("[name=run]")).to_have_text("Train")
    tab.evaluate(hide, False)
    expect(box.locator("[name=run]")).to_have_text("Pause")


@pytest.mark.parametrize("missing", ["Worker", "DecompressionStream"])
def test_a_browser_that_cannot_train_is_told(browser, online, missing):
    tab = browser.new_page()
    tab.add_init_script(f"Object.defineProperty(window, {missing!r}, {{value: undefined}})")
    tab.goto(f"{online}/playground.html")
    expect(tab.locator("#explorer-playground output")).to_contain_text("nothing can be trained here")
    expect(tab.locator("[name=run]")).to_be_disabled()
    tab.close()


def test_what_is_read_out_is_whole_sentences_and_few(tab, online):
    box = opened(tab, online, SMALL.replace("epochs=5", "epochs=20"))
    tab.evaluate(
        """() => {
            globalThis.read = [];
            const words = document.querySelector("#explorer-playground output");
            new MutationObserver(() => read.push(words.textContent)).observe(words, {childList: true});
        }"""
    )
    train(box)
    read = tab.evaluate("read")
    assert len(read) < 5 and all(words.endswith(".") for words in read), read


def test_lectures_lead_to_the_setting_that_fits(tab, online, site):
    found = set()
    for lecture in sorted((site / "lectures").glob("*.html")):
        for link in re.findall(r'href="\.\./playground\.html#([\w-]+)"', lecture.read_text(encoding="utf-8")):
            found.add((lecture.stem, link))
    assert {lecture for lecture, _ in found} >= {
        "vanishing-gradients",
        "relu",
        "batch-normalisation",
        "residual-learning",
    }
    for _, name in found:
        box = opened(tab, online, name)
        assert box.locator(".setting").get_attribute("href") == f"#{playground.pairs()[name].setting}"
        assert box.locator("[aria-current=true]").get_attribute("id") == name


def test_only_its_page_loads_it_and_may_start_a_worker_from_a_blob(site):
    pages = {path.name: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    for mark in ("assets/playground/", "blob:"):
        assert [name for name, text in pages.items() if mark in text] == ["playground.html"]


def test_without_scripts_a_figure_and_the_pairs_are_there(browser, online):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{online}/playground.html")
    assert not tab.locator("#explorer-playground").is_visible()
    assert (
        tab.locator(".still figure img").first.is_visible()
        and tab.get_by_text("Training needs JavaScript").is_visible()
    )
    assert tab.locator("article ol li").count() == 6
    context.close()
