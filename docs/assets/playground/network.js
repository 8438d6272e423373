"use strict";
// A deep perceptron and its training: what course.networks.mlp builds and PyTorch trains, written out.
// Forward, every layer keeps what it has read and computed; backward, it is given the loss's derivative by what it returned,
// computes those by its parameters, and returns that by what it had read. A batch is a matrix with an example in each row.

// Values row after row. A step down in the array leads to the next row, a step right to the next column.
class Matrix {
  constructor(rows, columns, Numbers) {
    Object.assign(this, {rows, columns, down: columns, right: 1, values: new Numbers(rows * columns)});
  }
  get transposed() { // the same values, read the other way
    const {rows, columns, down, right, values} = this;
    return Object.assign(Object.create(Matrix.prototype), {rows: columns, columns: rows, down: right, right: down, values});
  }
}

// The matrix that was here before where it fits, else a new one: batches are alike, and only the test images come in another number.
function matrixLike({rows, columns, values}, before) {
  return before?.rows === rows ? before : new Matrix(rows, columns, values.constructor);
}

// into = a b. Nearly all time is spent here: two rows times four columns at once, so that a number that is read is used more than once.
function product(into, a, b) {
  const {down, right, values: A} = a, {down: deep, right: wide, values: B} = b, {rows, columns, values: C} = into;
  const inner = a.columns, evenRows = rows - rows % 2, evenColumns = columns - columns % 4;
  for (let i = 0; i < evenRows; i += 2) {
    for (let j = 0; j < evenColumns; j += 4) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      for (let k = 0, p = i * down, q = j * wide; k < inner; k++, p += right, q += deep) {
        const a0 = A[p], a1 = A[p + down], b0 = B[q], b1 = B[q + wide], b2 = B[q + 2 * wide], b3 = B[q + 3 * wide];
        c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
        c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
      }
      const upper = i * columns + j, lower = upper + columns;
      C[upper] = c00; C[upper + 1] = c01; C[upper + 2] = c02; C[upper + 3] = c03;
      C[lower] = c10; C[lower + 1] = c11; C[lower + 2] = c12; C[lower + 3] = c13;
    }
  }
  for (let i = 0; i < rows; i++) { // the few that are left at the edges
    for (let j = i < evenRows ? evenColumns : 0; j < columns; j++) {
      let c = 0;
      for (let k = 0; k < inner; k++) c += A[i * down + k * right] * B[k * deep + j * wide];
      C[i * columns + j] = c;
    }
  }
}

// The distribution function of the normal distribution, which GELU needs: a table of exact values, joined by cubics with the right slopes.
const normalDensity = x => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
const FINE = 128, EDGE = 9; // entries between x and x + 1; beyond the edge it is 0 or 1 to the last digit
const PHI = Float64Array.from({length: 2 * EDGE * FINE + 2}, (_, i) => {
  const x = i / FINE - EDGE;
  let term = Math.abs(x), sum = 0;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    sum += term;
    term *= x * x / odd;
  }
  return 0.5 + Math.sign(x) * normalDensity(x) * sum;
});
const DENSITY = PHI.map((_, i) => normalDensity(i / FINE - EDGE) / FINE);

function normalDistribution(x) {
  if (!(Math.abs(x) < EDGE)) return x > 0 ? 1 : x < 0 ? 0 : NaN;
  const place = (x + EDGE) * FINE, i = Math.floor(place), t = place - i, rise = PHI[i + 1] - PHI[i];
  return PHI[i] + t * (DENSITY[i] + t * (3 * rise - 2 * DENSITY[i] - DENSITY[i + 1] + t * (DENSITY[i] + DENSITY[i + 1] - 2 * rise)));
}

// The activations of course.networks: the value at z, and the slope where the value is h. What is not a number has to stay so.
const ACTIVATIONS = {
  identity: {value: z => z, slope: () => 1},
  sigmoid: {value: z => 1 / (1 + Math.exp(-z)), slope: (z, h) => h * (1 - h)},
  tanh: {value: Math.tanh, slope: (z, h) => 1 - h * h},
  relu: {value: z => z < 0 ? 0 : z, slope: z => z > 0 ? 1 : 0},
  leaky_relu: {value: z => z < 0 ? 0.01 * z : z, slope: z => z > 0 ? 1 : 0.01},
  gelu: {value: z => z * normalDistribution(z), slope: z => normalDistribution(z) + z * normalDensity(z)},
};
for (const each of Object.values(ACTIVATIONS)) {
  const slopes = Array.from({length: 801}, (_, i) => each.slope(i / 100 - 4, each.value(i / 100 - 4)));
  each.steepest = Math.max(...slopes);
}

// A matrix that is trained, its gradient, and its velocity.
class Parameter extends Matrix {
  constructor(rows, columns, Numbers) {
    super(rows, columns, Numbers);
    this.gradient = new Matrix(rows, columns, Numbers);
    this.velocity = new Matrix(rows, columns, Numbers);
  }
  // Stochastic gradient descent as torch.optim.SGD does it: the decay belongs to the gradient, of every parameter.
  descend(rate, momentum, decay) {
    const {values, gradient: {values: gradient}, velocity: {values: velocity}} = this;
    for (let i = 0; i < values.length; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i] + decay * values[i];
      values[i] -= rate * velocity[i];
    }
  }
}

// Column by column, the sum over the examples: of a, or of its products with b.
function sums({values: a, columns}, {values: b} = {}) {
  const found = new Float64Array(columns);
  for (let i = 0; i < a.length;) for (let j = 0; j < columns; i++, j++) found[j] += b ? a[i] * b[i] : a[i];
  return found;
}

class Linear { // z = x Wᵀ + b
  constructor(width, out, Numbers) {
    this.weight = new Parameter(out, width, Numbers);
    this.bias = new Parameter(1, out, Numbers);
  }
  forward(x) {
    this.x = x;
    this.z = matrixLike({rows: x.rows, columns: this.bias.columns, values: x.values}, this.z);
    product(this.z, x, this.weight.transposed);
    const {values} = this.z, bias = this.bias.values;
    for (let i = 0; i < values.length;) for (let j = 0; j < bias.length; i++, j++) values[i] += bias[j];
    return this.z;
  }
  backward(dz) {
    product(this.weight.gradient, dz.transposed, this.x);
    this.bias.gradient.values.set(sums(dz));
    this.dx = matrixLike(this.x, this.dx);
    product(this.dx, dz, this.weight);
    return this.dx;
  }
}

class BatchNorm { // y = γ (z - mean) / deviation + β, a unit at a time; PyTorch calls γ weight and β bias
  constructor(width, Numbers) {
    this.weight = new Parameter(1, width, Numbers);
    this.bias = new Parameter(1, width, Numbers);
    this.weight.values.fill(1);
    this.running_mean = new Float64Array(width);
    this.running_var = new Float64Array(width);
    this.reset();
  }
  // As it was before any batch.
  reset() {
    this.running_mean.fill(0);
    this.running_var.fill(1);
  }
  // In training by the batch's own mean and variance; in use, when an example may come alone, by the running means of both.
  forward(z, training) {
    const n = z.rows, width = z.columns, momentum = 0.1, epsilon = 1e-5, {running_mean, running_var} = this;
    this.normalised = matrixLike(z, this.normalised);
    this.y = matrixLike(z, this.y);
    const from = z.values, normalised = this.normalised.values, y = this.y.values;
    const mean = training ? sums(z).map(sum => sum / n) : running_mean;
    for (let i = 0; i < from.length;) for (let j = 0; j < width; i++, j++) normalised[i] = from[i] - mean[j];
    const variance = training ? sums(this.normalised, this.normalised).map(sum => sum / n) : running_var;
    this.inverse = variance.map(each => 1 / Math.sqrt(each + epsilon)); // of the deviation
    const gamma = this.weight.values, beta = this.bias.values, {inverse} = this;
    for (let i = 0; i < from.length;) {
      for (let j = 0; j < width; i++, j++) {
        normalised[i] *= inverse[j];
        y[i] = gamma[j] * normalised[i] + beta[j];
      }
    }
    for (let j = 0; training && j < width; j++) {
      running_mean[j] += momentum * (mean[j] - running_mean[j]);
      running_var[j] += momentum * (variance[j] * n / (n - 1) - running_var[j]);
    }
    return this.y;
  }
  // A value moves its unit's mean and variance too: so the parts of the gradient that would shift or stretch the whole batch go.
  backward(dy) {
    const shift = sums(dy), stretch = sums(dy, this.normalised), scale = this.inverse.map((each, j) => each * this.weight.values[j]);
    this.bias.gradient.values.set(shift);
    this.weight.gradient.values.set(stretch);
    this.dz = matrixLike(dy, this.dz);
    const n = dy.rows, width = dy.columns, from = dy.values, normalised = this.normalised.values, dz = this.dz.values;
    for (let i = 0; i < dz.length;) for (let j = 0; j < width; i++, j++) dz[i] = scale[j] * (from[i] - (shift[j] + normalised[i] * stretch[j]) / n);
    return this.dz;
  }
}

class Dense { // F(x) = activation(norm(linear(x))); with a skip, F(x) + x
  constructor(width, out, activation, batch_norm, skip, Numbers) {
    this.linear = new Linear(width, out, Numbers);
    this.norm = batch_norm ? new BatchNorm(out, Numbers) : null;
    this.activation = ACTIVATIONS[activation];
    this.residual = skip && width === out;
    this.parameters = [this.linear, this.norm].flatMap(part => part ? [part.weight, part.bias] : []);
  }
  forward(x, training) {
    const z = this.linear.forward(x);
    this.entered = this.norm ? this.norm.forward(z, training) : z;
    this.branch = matrixLike(z, this.branch);
    const {value} = this.activation, from = this.entered.values, to = this.branch.values;
    for (let i = 0; i < to.length; i++) to[i] = value(from[i]);
    if (!this.residual) return this.branch;
    this.out = matrixLike(z, this.out);
    const skipped = x.values, sum = this.out.values;
    for (let i = 0; i < sum.length; i++) sum[i] = to[i] + skipped[i];
    return this.out;
  }
  backward(dh) {
    this.slopes = matrixLike(dh, this.slopes);
    this.dbranch = matrixLike(dh, this.dbranch);
    const {slope} = this.activation, z = this.entered.values, h = this.branch.values, slopes = this.slopes.values;
    const passed = dh.values, dbranch = this.dbranch.values;
    for (let i = 0; i < slopes.length; i++) {
      slopes[i] = slope(z[i], h[i]);
      dbranch[i] = passed[i] * slopes[i];
    }
    this.dz = this.norm ? this.norm.backward(this.dbranch) : this.dbranch;
    const dx = this.linear.backward(this.dz);
    const below = dx.values;
    if (this.residual) for (let i = 0; i < below.length; i++) below[i] += passed[i]; // the skip passes all of it on
    return dx;
  }
  // What the last backward pass left, as course.networks.probe measures it.
  statistics() {
    const {slopes, dz, activation: {steepest}} = this, flat = slopes.values.filter(slope => Math.abs(slope) < 0.1 * steepest);
    const alive = sums({...slopes, values: slopes.values.map(slope => Math.abs(slope) < 0.001 * steepest ? 0 : 1)});
    return {
      backpropagated: norm(dz.values) * Math.sqrt(dz.rows),
      weight_gradient: norm(this.linear.weight.gradient.values),
      saturated: flat.length / slopes.values.length,
      dead: alive.filter(examples => examples === 0).length / slopes.columns,
    };
  }
}

function norm(values) {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  return Math.sqrt(squares);
}

class Network {
  constructor(layers) {
    this.layers = layers;
    this.parameters = layers.flatMap(layer => layer.parameters);
  }
  forward(x, training) {
    return this.layers.reduce((h, layer) => layer.forward(h, training), x);
  }
  // The mean cross-entropy of a batch, and how many of it are classified wrongly; leaves every gradient.
  loss(x, y) {
    const found = crossEntropy(this.forward(x, true), y);
    this.layers.reduceRight((gradient, layer) => layer.backward(gradient), found.dlogits);
    return found;
  }
  descend(rate, momentum, decay) {
    for (const parameter of this.parameters) parameter.descend(rate, momentum, decay);
  }
}

// Softmax and cross-entropy: the gradient by the logits is what the network says minus what is so.
function crossEntropy(logits, y) {
  const {rows, columns, values} = logits, dlogits = matrixLike(logits);
  let loss = 0, wrong = 0;
  for (let n = 0; n < rows; n++) {
    const logs = logSoftmax(values.subarray(n * columns, (n + 1) * columns));
    loss -= logs[y[n]] / rows;
    wrong += logs.some((log, k) => k !== y[n] && !(log < logs[y[n]])); // no number is no right answer
    for (let k = 0; k < columns; k++) dlogits.values[n * columns + k] = (Math.exp(logs[k]) - (k === y[n])) / rows;
  }
  return {loss, wrong, dlogits};
}

function logSoftmax(scores) {
  const largest = Math.max(...scores);
  const logarithm = largest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0));
  return Array.from(scores, score => score - logarithm);
}

// `depth` layers; the last gives the logits, and neither batch normalisation nor a skip.
function mlp({depth, width, activation, init, batch_norm, skip}, random, Numbers = Float32Array, inputs = 64, classes = 10) {
  const widths = [inputs, ...Array(depth - 1).fill(width)];
  const layers = widths.slice(1).map((out, i) => new Dense(widths[i], out, activation, batch_norm, skip, Numbers));
  layers.push(new Dense(widths.at(-1), classes, "identity", false, false, Numbers));
  for (const {linear} of layers) INITIALISATIONS[init](linear.weight, random);
  return new Network(layers);
}
