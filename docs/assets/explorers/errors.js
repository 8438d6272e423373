"use strict";
// The error-curve explorer. Its state is the form: whatever moves, all is drawn anew from what the form says.
// errorRecords = {one, trainings: [{title, who, unit, steps, top, drops, overlay, curves: {network: {seeds, train, test}}}]}
explore("errors", (form, svg, output) => {
  const {training, seeds, top, behind, step} = form.elements;
  const paper = errorRecords.trainings.at(-1);
  const dashes = {20: "dash-0", 32: "dash-1", 44: "dash-2", 56: "dash-3", 110: "dash-4"};
  const number = value => value.toLocaleString("en-GB");
  const percent = value => `${value.toFixed(1)}\u00a0%`;
  let shown = null, plot = null;

  errorRecords.trainings.forEach(({title}, i) => training.add(new Option(title, i)));

  // Another training has other networks, seeds and lengths; what is chosen stays chosen where it can.
  function adopt(source) {
    if (source === shown) return;
    shown = source;
    const all = [...new Set(Object.values(source.curves).flatMap(curve => curve.seeds))];
    seeds.replaceChildren(...(all.length > 1 ? [new Option("mean and spread", "mean"), new Option("each, and their mean", "each")] : []), ...all.map(seed => new Option(`seed ${seed}`, seed)));
    seeds.disabled = all.length < 2;
    if (!all.length) seeds.add(new Option("one run", "mean"));
    top.value = source.top;
    behind.disabled = !source.overlay;
    step.max = source.steps.length - 1;
    step.value = step.max;
  }

  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = values => Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
  const points = (steps, values) => steps.map((at, i) => [at, values[i]]);

  // The lines of one network: its mean or one of its seeds, and what spreads around it.
  function curves(source, network, kind, which) {
    const {seeds, [kind]: packed} = source.curves[network];
    const runs = packed.map(run => unpack(run, errorRecords.one));
    const [family, depth] = network.split("-");
    const look = `${family === "plain" ? "plain square" : "resnet circle"} ${dashes[depth]}`;
    if (which >= 0) return runs.filter((_, i) => seeds[i] === Number(which)).map(run => ({look, network, points: points(source.steps, run)}));
    if (runs.length === 1) return [{look, network, points: points(source.steps, runs[0])}];
    const columns = source.steps.map((_, i) => runs.map(run => run[i]));
    const line = {look, network, points: points(source.steps, columns.map(mean))};
    if (which === "each") return [...runs.map(run => ({look: `${family} thin`, points: points(source.steps, run)})), line];
    return [{...line, band: source.steps.map((at, i) => [at, ...[-1, 1].map(side => mean(columns[i]) + side * deviation(columns[i]))])}];
  }

  function draw() {
    const source = errorRecords.trainings[training.value];
    adopt(source);
    // Not every network is there, and not every one under each seed.
    const there = ({value}) => value in source.curves && !(seeds.value >= 0 && !source.curves[value].seeds.includes(Number(seeds.value)));
    for (const box of form.elements.network) box.disabled = !there(box);
    const kind = form.elements.kind.value, wide = svg.clientWidth > 520, at = source.steps[step.value], end = source.steps.at(-1);
    const networks = [...form.elements.network].filter(box => box.checked && !box.disabled).map(box => box.value);
    const lines = networks.flatMap(network => curves(source, network, kind, seeds.value));
    const read = lines.filter(line => line.network);
    for (const line of read) {
      line.value = said(line.points, Number(step.value));
      line.label = [line.network, wide ? line.value : ""];
    }
    const shadows = behind.checked && source.overlay ? networks.filter(network => network in paper.curves).map(network => shadow(source, network, kind)) : [];
    plot = drawChart(svg, {
      x: {from: 0, to: end, ticks: ticks(0, end, wide ? 7 : 3), label: source.unit, text: number},
      y: {from: 0, to: Number(top.value), ticks: ticks(0, Number(top.value), 5), label: `${kind === "train" ? "training" : "test"} error (%)`, text: String},
      lines: [...shadows, ...lines],
      rules: source.drops.map((drop, i) => ({x: drop, text: i || !wide ? "÷ 10" : "learning rate ÷ 10"})),
      reading: {at, text: wide ? `at ${source.unit} ${number(at)}` : ""},
    });
    form.style.setProperty("--left", `${plot.left}px`); // the slider lies under the plot
    form.style.setProperty("--right", `${svg.clientWidth - plot.right}px`);
    step.setAttribute("aria-valuetext", `${source.unit} ${number(at)} of ${number(end)}`);
    form.querySelector("[for=errors-step]").textContent = `Read at ${source.unit} ${number(at)}`;
    output.textContent = sentence(source, kind, at, read, shadows);
    svg.setAttribute("aria-label", `${source.title}. ${kind === "train" ? "Training" : "Test"} error in percent by ${source.unit}. ${output.textContent}`);
  }

  function shadow(source, network, kind) {
    const [line] = curves(paper, network, kind, "mean");
    const shrink = source.steps.at(-1) / paper.steps.at(-1);
    return {...line, look: `paper ${line.look.split(" ").at(-1)}`, points: line.points.map(([a, b]) => [a * shrink, b])};
  }

  // The paper's curves begin where they enter its figure, and some end before it does.
  function said(points, i) {
    if (points[i][1] !== null) return percent(points[i][1]);
    return points.slice(0, i).every(([, value]) => value === null) ? "over 20\u00a0%" : "not legible";
  }

  function sentence(source, kind, at, read, shadows) {
    if (!read.length) return "Choose a network to see its curve.";
    const counts = read.map(line => source.curves[line.network].seeds.length), least = Math.min(...counts), most = Math.max(...counts);
    const how = source === paper ? "" : seeds.value >= 0 ? `, under seed ${seeds.value}` : most === 1 ? ", under one seed" : `, in the mean of ${least < most ? `${least} to ` : ""}${most} seeds`;
    const place = Math.max(Math.round(at / source.steps.at(-1) * paper.steps.length), 1) - 1;
    const theirs = Object.fromEntries(shadows.map(line => [line.network, ` (${said(line.points, place)})`]));
    const [numbers, silent] = [true, false].map(there => read.filter(({value}) => value.endsWith("%") === there)
      .map(({network, value}) => [network, value + (theirs[network] ?? "")]));
    const makes = listed([
      ...numbers.map(([network, value], i) => i ? `${network} ${value}` : `${network} makes ${value} ${kind === "train" ? "training" : "test"} errors`),
      ...silent.map(words => words.join(" is ")),
    ]);
    return `${source.who}fter ${number(at)} ${source.unit}${at === 1 ? "" : "s"} ${makes}${how}${shadows.length ? `; in brackets the paper’s, after ${number(paper.steps[place])}` : ""}.`;
  }

  // A mouse over the drawing, or a finger moved along it, reads where it is.
  for (const touch of ["pointerdown", "pointermove"]) svg.addEventListener(touch, event => {
    const {steps} = shown, x = steps.at(-1) * (event.clientX - svg.getBoundingClientRect().left - plot.left) / (plot.right - plot.left);
    step.value = steps.indexOf(steps.reduce((best, at) => Math.abs(at - x) < Math.abs(best - x) ? at : best));
    draw();
  });

  watch(form, svg, draw);
});
