"use strict";
// The playground: the form is the setting, a worker trains, and what it has told last is drawn.
// playgroundRecords = {digits, code: what the worker is made of, pairs: {name: a setting, as a link holds it}}
explore("playground", (form, svg, output) => {
  const controls = form.elements, root = form.closest("figure"), setting = settingOf(form), find = selector => form.querySelector(selector);
  const charts = Object.fromEntries([...form.querySelectorAll("svg")].map(each => [each.id.replace("playground-", ""), each]));
  const QUANTITIES = {backpropagated: "back-propagated gradient", weight_gradient: "weight gradient", dead: "dead units", saturated: "saturated values"};
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let worker = null, builds = 0, told = null, before = null, axis = null; // told: the worker's last words; before: those before training
  let notes = [], spoken = 0, waiting = false, resting = false, samples = 0, drawing = "";

  // ---- The worker ----

  const ask = (order, what) => worker?.postMessage([order, what]);
  const run = on => ask("run", {on, milliseconds: still.matches ? 1000 : 100});

  function start() {
    const code = new Blob(['"use strict";\nconst PACKED = "', playgroundRecords.digits, '";\n', playgroundRecords.code], {type: "text/javascript"});
    try {
      if (!window.DecompressionStream) throw new Error("it could not unpack the digits");
      worker = new Worker(URL.createObjectURL(code));
      worker.addEventListener("message", ({data}) => data.sample ? take(data.sample) : hear(data));
      worker.addEventListener("error", fail);
    } catch {
      fail();
    }
  }

  function fail() {
    worker = null;
    for (const control of controls) control.disabled = true;
    output.textContent = "This browser starts no worker for this page, or is too old to unpack the digits: nothing can be trained here. A current Firefox, Chromium or Safari can do it; what the six pairs show is told below.";
  }

  function build() {
    setting.offer();
    const pair = setting.pair(), link = setting.link();
    told = before = axis = null;
    resting = false;
    controls.layer.max = Math.max(...pair.map(({depth}) => depth));
    find(".setting").href = `#${link}`;
    for (const each of root.querySelectorAll(".pairs a")) each.setAttribute("aria-current", link === playgroundRecords.pairs[each.id]);
    const [batch, epochs, seed, layer] = ["batch", "epochs", "seed", "layer"].map(name => Number(controls[name].value));
    ask("build", {pair, batch, epochs, seed, layer, number: ++builds});
  }

  function hear(data) {
    if (data.number !== builds) return; // of networks that are gone
    const news = !data.running || !told?.running || data.networks.some(({diverged}, k) => diverged && !told.networks[k].diverged);
    told = data;
    before ??= data.networks;
    if (news || performance.now() - spoken > 10_000) speak(); // no more often: it is read out
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  function take({pixels, label}) { // a test image, onto the pad
    drawing = `A test image, of a ${label}. `;
    show(pixels);
    ask("classify", pixels);
  }

  // ---- What is seen ----

  function speak() {
    const {networks, shares} = told, pair = setting.pair(), described = setting.described();
    const findings = networks.map((network, k) => finding(described[k], network, pair[k].activation)).join(" "), words = [...notes, when(told), findings].join(" ");
    if (output.textContent !== words) output.textContent = words;
    charts.errors.setAttribute("aria-label", `Training and test error in percent by epoch. ${findings}`);
    if (shares) find(".said").textContent = drawing + guesses(shares);
    advise(networks.findIndex(({diverged}) => diverged));
    table();
    spoken = performance.now();
  }

  // A smaller rate for the network that has diverged.
  function advise(lost) {
    const rate = lost === 1 && controls.but.value === "rate" ? controls.value : controls.rate;
    const smaller = lost < 0 ? undefined : [...rate.options].findLast(({value}) => Number(value) < Number(rate.value) / 2)?.value;
    controls.smaller.hidden = !smaller;
    controls.smaller.textContent = `Try a rate of ${smaller}`;
    controls.smaller.onclick = () => {
      rate.value = smaller;
      change();
      run(true);
    };
  }

  const isShare = name => name === "dead" || name === "saturated";
  const shown = (name, value) => !Number.isFinite(value) ? "not a number" : isShare(name) ? percent(100 * value) : scientific(value);

  function table() {
    if (!find("details").open) return;
    const names = Object.keys(QUANTITIES), element = document.createElement("table"), head = element.createTHead().insertRow(), body = element.createTBody();
    element.className = "layers";
    for (const title of ["network", "layer", ...Object.values(QUANTITIES)]) head.appendChild(document.createElement("th")).textContent = title;
    told.networks.forEach(({layers}, k) => layers.forEach((layer, i) => {
      const row = body.insertRow();
      for (const text of ["AB"[k], i + 1, ...names.map(name => shown(name, layer[name]))]) row.insertCell().textContent = text;
    }));
    find(".numbers").replaceChildren(element);
  }

  function draw() {
    waiting = false;
    if (!told) return;
    const looks = setting.pair().map(({activation}, k) => k ? "kept square dash-1" : `${activation} circle`);
    const parts = [() => columns(charts.a, 0, looks), () => columns(charts.b, 1, looks), () => curves(looks), () => values(looks)];
    for (const part of parts) setTimeout(() => told && part()); // one by one: nothing that a reader does waits for all
    const {step, length, stepsPerEpoch, running, done, seconds} = told, end = length / stepsPerEpoch;
    find(".going").textContent = [`Epoch ${Math.min(end, Math.floor(step / stepsPerEpoch) + 1)} of ${end}, step ${step} of ${length}`,
      ...(seconds && !done ? [`${seconds.toPrecision(2)} s an epoch, ${Math.ceil(seconds * (length - step) / stepsPerEpoch)} s to go`] : []),
      ...(seconds * end > 60 ? ["slow on this device: fewer layers or units are faster"] : [])].join("; ");
    controls.run.textContent = running ? "Pause" : done ? "Train again" : "Train";
    controls.step.disabled = running || done;
    find("#playground-layer-text").textContent = `Look into layer ${controls.layer.value}`;
  }

  function columns(chart, k, looks) {
    const {networks, running} = told, quantity = controls.quantity.value, name = QUANTITIES[quantity];
    const scaled = layers => layers.map(layer => isShare(quantity) ? 100 * layer[quantity] : Math.log10(layer[quantity])).map(value => Number.isFinite(value) ? value : null);
    const norms = networks.flatMap(({layers}) => layers.flatMap(layer => [layer.backpropagated, layer.weight_gradient])).map(Math.log10).filter(Number.isFinite);
    // It only grows while a network trains, and by five powers of ten downwards: it would jump else.
    axis = {from: Math.min(axis?.from ?? -5, 5 * Math.floor(Math.min(...norms) / 5)), to: Math.max(axis?.to ?? 2, Math.ceil(Math.max(...norms)))};
    const y = isShare(quantity) ? {from: 0, to: 100, ticks: [0, 50, 100], text: tick => `${tick}\u00a0%`} : {...axis, ticks: ticks(axis.from, axis.to, 4), text: powerOfTen};
    chart.style.visibility = networks[k] ? "" : "hidden";
    if (!networks[k]) return;
    const {layers} = networks[k], label = `${"AB"[k]}: ${isShare(quantity) ? "" : "norm of the "}${name}`;
    drawColumns(chart, {
      y: {...y, label}, values: scaled(layers), before: scaled(before[k].layers), look: looks[k], chosen: Math.min(Number(controls.layer.value), layers.length),
      nothing: layers.some(layer => Number.isNaN(layer[quantity])) ? "not a number" : "exactly 0",
    });
    if (!running) chart.setAttribute("aria-label", `${label}, by layer. Layer 1: ${shown(quantity, layers[0][quantity])}; layer ${layers.length}: ${shown(quantity, layers.at(-1)[quantity])}.`);
  }

  function curves(looks) {
    const end = told.length / told.stepsPerEpoch, line = (curve, kind) => curve.map((errors, i) => [i + 1, errors[kind]]);
    drawChart(charts.errors, {
      x: {from: 0, to: end, ticks: ticks(0, end, 5), label: "epoch", text: String},
      y: {from: 0, to: 100, ticks: [0, 20, 40, 60, 80, 100], label: "error (%): thick in training, thin in the test", text: String},
      lines: told.networks.flatMap(({curve}, k) => curve.length ? [
        {look: `${looks[k].split(" ")[0]} thin`, points: line(curve, "test")}, {look: looks[k], points: line(curve, "train"), label: ["AB"[k]]},
      ] : []),
    });
  }

  function values(looks) {
    const edge = Math.max(...told.networks.map(({histogram}) => histogram.edge)), layer = controls.layer.value;
    const lines = told.networks.map(({histogram: {edge, shares}}) => shares.map((share, i) => [edge * ((i + 0.5) / 20 - 1), 100 * share]));
    const most = Math.max(10, ...lines.flat().map(([, share]) => share));
    drawChart(charts.histogram, {
      x: {from: -edge, to: edge, ticks: [-edge, 0, edge], label: "", text: value => value < 0 ? `−${scientific(-value)}` : scientific(value)},
      y: {from: 0, to: most, ticks: ticks(0, most, 4), label: `values of layer ${layer} (% of them)`, text: String},
      lines: lines.map((points, k) => ({look: looks[k], points, band: points.map(([x, share]) => [x, 0, share])})),
    });
    charts.histogram.setAttribute("aria-label", `Histogram of the values of layer ${layer}, between −${scientific(edge)} and ${scientific(edge)}.`);
  }

  // ---- What a reader does ----

  function change() {
    notes = [];
    build();
    history.replaceState(null, "", `#${setting.link()}`);
  }

  // To where the address says: a pair by its name, or any setting.
  function go() {
    const name = decodeURIComponent(location.hash.slice(1)), link = playgroundRecords.pairs[name] ?? name;
    if (!link.includes("=")) return false;
    notes = setting.adopt(link);
    build();
    root.scrollIntoView();
    return true;
  }

  form.addEventListener("change", ({target}) => setting.NAMES.includes(target.name) && change());
  controls.layer.addEventListener("input", () => ask("layer", Number(controls.layer.value)));
  for (const chart of [charts.a, charts.b]) {
    chart.addEventListener("click", ({target}) => {
      const column = target.closest("[data-layer]");
      if (column) ask("layer", Number(controls.layer.value = column.dataset.layer));
    });
  }
  controls.run.addEventListener("click", () => {
    if (told?.done) build();
    run(!told?.running);
  });
  controls.step.addEventListener("click", () => ask("step"));
  controls.again.addEventListener("click", build);
  find("details").addEventListener("toggle", () => told && table());

  const show = drawingPad(charts.pad, {
    changed: pixels => {
      drawing = "";
      ask("classify", [...pixels]);
    },
    say: words => { find(".said").textContent = words; },
  });
  controls.sample.addEventListener("click", () => ask("sample", samples++));
  controls.clear.addEventListener("click", () => {
    find(".said").textContent = "";
    show(Array(64).fill(0));
    ask("classify", Array(64).fill(0));
  });

  document.addEventListener("visibilitychange", () => { // nobody looks: rest until somebody does
    if (document.hidden) resting = told?.running;
    if (told?.running || resting) run(!document.hidden);
  });
  addEventListener("hashchange", go);
  watch(form, svg, draw);
  start();
  if (worker && !go()) build();
});
