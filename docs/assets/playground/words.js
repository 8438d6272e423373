"use strict";
// What is seen, in words.
const percent = value => `${value.toFixed(1)}\u00a0%`;
const plural = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

function when({step, stepsPerEpoch, running, done}) {
  const past = step === 0 ? "Before training" : step % stepsPerEpoch ? `After ${plural(step, "step")}` : `After ${plural(step / stepsPerEpoch, "epoch")}`;
  return `${running ? "Training. " : ""}${past}${done ? ", at the end" : ""}:`;
}

// A network, what it has learnt, and what reaches its first layer.
function finding(who, {curve, diverged, layers}, activation) {
  if (diverged) return `${who}, has diverged at step ${diverged}: its loss is no number any more. A smaller rate may keep it.`;
  const [{backpropagated: first}] = layers, last = layers.at(-1).backpropagated;
  const share = first === 0 ? "exactly 0" : `${scientific(first / last)}${first < last ? " of" : " times"} the last layer’s gradient`;
  return `${who}, ${errors(curve)}. Its first layer receives ${share}.${units(layers.slice(0, -1), activation)}`;
}

function errors(curve) {
  if (!curve.length) return "has not seen all images yet";
  const {train, test} = curve.at(-1);
  return `makes ${percent(train)} training and ${percent(test)} test errors${train > 85 ? ", no better than chance" : ""}`;
}

// Dead and saturated units, where they are many.
function units(hidden, activation) {
  const mean = name => hidden.reduce((sum, layer) => sum + layer[name], 0) / hidden.length, gone = hidden.findIndex(({dead}) => dead === 1) + 1;
  if (gone) return ` All units of layer ${gone} are dead.`;
  if (mean("dead") > 0.05) return ` ${percent(100 * mean("dead"))} of its units are dead.`;
  return ["sigmoid", "tanh"].includes(activation) && mean("saturated") > 0.2 ? ` ${percent(100 * mean("saturated"))} of its values are saturated.` : "";
}

// What the networks see in a drawing.
function guesses(shares) {
  return shares.map((each, k) => {
    const [best, next] = each.map((share, digit) => ({share, digit})).sort((a, b) => b.share - a.share);
    return Number.isNaN(best.share) ? `${"AB"[k]} computes no numbers any more.`
      : `${"AB"[k]} says ${best.digit} with ${percent(100 * best.share)}, then ${next.digit} with ${percent(100 * next.share)}.`;
  }).join(" ");
}
