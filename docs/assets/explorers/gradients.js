"use strict";
// The gradient explorer. Its state is the form, and the one network that is kept to compare with.
// gradientRecords = {axes: {activation: [...], init, batch_norm, skip, depth, step}, seeds, layers: {depth: [...]}, curves, facts, ...}:
// each of the curves is packed layer after layer, each of the facts network after network, the networks in the order of the axes.
explore("gradients", (form, svg, output) => {
  const {axes, seeds, layers, scale, curves, facts} = gradientRecords;
  const controls = form.elements, charts = {backpropagated: svg, weight_gradient: form.querySelector("svg + svg")};
  const words = {relu: "ReLU", leaky_relu: "leaky ReLU", gelu: "GELU", xavier: "Xavier", he: "He"};
  const word = name => words[name] ?? name;
  const networks = read();
  let kept = null;

  for (const axis of ["activation", "init"]) controls[axis].append(...axes[axis].map(value => new Option(word(value), value)));
  controls.init.value = "xavier";
  for (const axis of ["depth", "step"]) controls[axis].max = axes[axis].length - 1;
  controls.depth.value = axes.depth.indexOf(32);

  // Every network, by its places on the axes, with its curves and facts.
  function read() {
    const unpacked = (packed, one) => Object.entries(packed).map(([name, values]) => [name, unpack(values, one)]);
    const lists = unpacked(curves, scale.curves), numbers = unpacked(facts, scale.facts), found = new Map();
    const all = Object.entries(axes).reduce((nets, [axis, values]) => nets.flatMap(net => values.map(value => ({...net, [axis]: value}))), [{}]);
    let start = 0;
    all.forEach((net, i) => {
      const end = start + layers[net.depth].length;
      const own = [...lists.map(([name, list]) => [name, list.slice(start, end)]), ...numbers.map(([name, list]) => [name, list[i]])];
      found.set(Object.values(net).join(), {...net, ...Object.fromEntries(own)});
      start = end;
    });
    return found;
  }

  function chosen() {
    const {activation, init, batch_norm, skip, depth, step} = controls;
    return networks.get([activation.value, init.value, batch_norm.checked, skip.checked, axes.depth[depth.value], axes.step[step.value]].join());
  }

  function draw() {
    const net = chosen(), nets = kept && kept !== net ? [kept, net] : [net];
    const norms = nets.flatMap(({backpropagated, weight_gradient}) => [...backpropagated, ...weight_gradient]).filter(norm => norm !== null);
    const from = Math.floor(Math.min(-3, ...norms) - 0.4), to = Math.ceil(Math.max(1, ...norms) + 0.4), deepest = Math.max(...nets.map(({depth}) => depth));
    const step = [1, 2, 5, 10, 20, 50].find(step => (to - from) / step < 7);
    for (const [quantity, chart] of Object.entries(charts)) {
      drawChart(chart, {
        x: {from: 1, to: deepest, ticks: [1, ...axes.depth.filter(depth => depth <= deepest && depth > deepest / 16)], label: "layer", text: String},
        y: {from, to, ticks: ticks(Math.ceil(from / step) * step, to, 7), label: chart.dataset.name, text: powerOfTen, nothing: nets.some(({zeros}) => zeros) ? "exactly 0" : "not a number"},
        lines: nets.flatMap(each => lines(each, quantity, each === net ? `${each.activation} circle` : "kept square dash-1", nets.length < 2 ? null : [each === net ? "now" : "kept"])),
        rules: [{y: Math.log10(2 ** -126), text: "smallest normal 32-bit number"}, {y: Math.log10(2) * 128, text: "largest 32-bit number"}].filter(({y}) => y > from && y < to),
      });
      chart.setAttribute("aria-label", `Norm of the ${chart.dataset.name} by layer, on a logarithmic axis. ${sentence(net)}`);
    }
    tell("depth", `${net.depth} layers`);
    tell("step", when(net));
    output.textContent = [sentence(net), ...nets.slice(0, -1).map(net => `Kept, dashed: ${finding(net)}`)].join(" ");
  }

  function lines(net, quantity, look, label) {
    const points = layers[net.depth].map((layer, i) => [layer, net[quantity][i]]);
    const band = points.map(([layer, norm], i) => [layer, norm, net[`${quantity}_spread`][i]]).filter(([, norm]) => norm !== null).map(([layer, norm, spread]) => [layer, norm - spread, norm + spread]);
    const even = [points[0], points.at(-1)].filter(([, norm]) => norm !== null);
    return [...(quantity === "backpropagated" && even.length > 1 ? [{look: "even", points: even}] : []), {look, points, band, label}];
  }

  // What a slider stands at, beside it and for those who hear it.
  function tell(axis, text) {
    controls[axis].setAttribute("aria-valuetext", text);
    form.querySelector(`#gradients-${axis}-text`).textContent = text;
  }

  // The network, and what reaches its first layer.
  function finding(net) {
    const kind = [word(net.activation), `${word(net.init)} initialisation`, ...(net.batch_norm ? ["batch normalisation"] : []), ...(net.skip ? ["skips"] : []), when(net)].join(", ");
    const first = `${kind[0].toUpperCase()}${kind.slice(1)}: the first of ${net.depth} layers`;
    if (net.decay === null) return `${first} receives ${[...(net.zeros ? ["exactly 0"] : []), ...(net.diverged ? ["no number any more, since the training has diverged"] : [])].join(", or ")}.`;
    return `${first} receives ${times(net.decay)} the last layer’s gradient, a factor of ${(10 ** (net.decay / (net.depth - 1))).toPrecision(3)} a layer.`;
  }

  function sentence(net) {
    const found = [finding(net)];
    if (net.decay !== null && net.zeros) found.push(`Under ${net.zeros} of the ${seeds} seeds it is exactly 0.`);
    if (net.decay !== null && net.diverged) found.push(`Under ${net.diverged} of the ${seeds} seeds the training has diverged.`);
    const [firstNorm, lastNorm] = [net.weight_gradient[0], net.weight_gradient.at(-1)];
    if (net.decay !== null && firstNorm !== null && lastNorm !== null) found.push(`The norm of its weight gradient is ${times(firstNorm - lastNorm)} the last layer’s.`);
    if (net.step && net.error !== null) found.push(`${Math.round(net.error)}\u00a0% of the examples are classified wrongly.`);
    return found.join(" ");
  }

  const when = ({step}) => step === 0 ? "before training" : `after ${step} step${step === 1 ? "" : "s"}`;
  const times = logarithm => `${scientific(10 ** logarithm)}${logarithm < 0 ? " of" : " times"}`;

  controls.keep.addEventListener("click", () => {
    kept = kept ? null : chosen();
    controls.keep.textContent = kept ? "Forget the kept network" : "Keep this network to compare";
    draw();
  });
  watch(form, svg, draw);
});
