// A picture of every neuron model: it is run with a step of its input, as a layer of one neuron.

import { dense, sequential } from 'lapicque';
import { figure } from 'lapicque/figure';
import * as neurons from 'lapicque/neurons';

// By model: parameters that it needs, the height of the step, ms a step of the run, and where the step enters if that is not `current`.
// `all` are inputs that a neuron gets from the beginning to the end, such as the gates that are to be open.
const ms1 = { dt: 1 };
const ms01 = { dt: 0.1 };
const drives = {
  lif: { ...ms1, parameters: { tauMem: 10 }, height: 0.15 },
  if: { ...ms1, height: 0.08 },
  'cuba-lif': { ...ms1, parameters: { tauSyn: 5, tauMem: 10 }, height: 0.025 },
  alpha: { ...ms1, parameters: { alpha: 0.9, beta: 0.7 }, height: 0.17 },
  lapicque: { ...ms1, parameters: { r: 5, c: 2 }, height: 0.3 },
  'parametric-lif': { ...ms1, height: 1.05 },
  alif: { ...ms1, parameters: { tauMem: 10 }, height: 0.3 },
  'coba-lif': { dt: 0.5, height: 0.35, into: 'conductance' },
  klif: { ...ms1, parameters: { tauMem: 10 }, height: 0.15 },
  'delta-lif': { ...ms1, parameters: { tauMem: 10, vThreshold: 0.2 }, height: 0.35 },
  qif: { ...ms01, parameters: { tauW: 20, a: 0.3, b: 0.1 }, height: 0.8 },
  eif: { ...ms01, height: 1.1 },
  adex: { ...ms01, height: 900, unit: 'pA' },
  gif: { ...ms01, parameters: { a: 0.01, jump1: 3, jump2: -2 }, height: 60 },
  izhikevich: { dt: 0.25, parameters: { vInit: -70 }, height: 12 },
  'resonate-and-fire': { ...ms1, height: 0.45 },
  'hodgkin-huxley': { dt: 0.05, height: 8, unit: 'µA/cm²' },
  srm: { ...ms1, height: 0.1 },
  'iaf-psc-exp': { ...ms01, height: 450, unit: 'pA' },
  'iaf-psc-exp-shared': { ...ms01, height: 450, unit: 'pA' },
  'iaf-psc-alpha': { ...ms01, height: 450, unit: 'pA' },
  'iaf-cond-exp': { ...ms01, height: 350, unit: 'pA' },
  'iaf-cond-alpha': { ...ms01, height: 350, unit: 'pA' },
  // It fires by itself with the defaults.
  'hh-cond-exp-traub': { dt: 0.05, height: 350, unit: 'pA', rest: { iBias: -100 } },
  'hh-psc-alpha': { dt: 0.05, height: 800, unit: 'pA' },
  'aeif-cond-exp': { ...ms01, height: 900, unit: 'pA' },
  'aeif-psc-exp': { ...ms01, height: 900, unit: 'pA' },
  'two-compartment': { ...ms01, height: 380, unit: 'pA' },
  'multi-level-lif': { ...ms1, parameters: { tauMem: 10 }, height: 0.6 },
  'tc-lif': { ...ms1, height: 0.3 },
  'gated-leaky': { ...ms1, height: 0.25, all: { gate: 1.5 } },
  slstm: { ...ms1, height: 3, into: 'g', all: { i: 0, f: 2, o: 4 }, parameters: { vThreshold: 0.5 } },
  'spiking-lstm': { ...ms1, height: 2, into: 'g', before: -1, all: { i: 1, f: -1, o: 1 } },
  sgru: { ...ms1, height: 3, into: 'n', all: { r: 2, z: 1.5 }, parameters: { vThreshold: 0.5 } },
  'spiking-gru': { ...ms1, height: 2, into: 'n', before: -1, all: { r: 1, z: -1 } },
  li: { ...ms1, parameters: { tauMem: 10 }, height: 0.15 },
  'cuba-li': { ...ms1, parameters: { tauSyn: 5, tauMem: 10 }, height: 0.025 },
  'token-shift': { ...ms1, height: 1 },
  wkv: { ...ms1, height: 1, into: 'value', all: { key: 1 } },
  'sigmoid-gate': { ...ms1, height: 4, into: 'gate', before: -4, all: { value: 1 } },
  'rate-unit': { ...ms1, height: 1 },
};

/** ms of a picture, and from when to when the step is there. */
export const [duration, from, to] = [200, 40, 160];

const factories = new Map(Object.entries(neurons));

/** The name of a model's function. */
export const factoryOf = (key) =>
  key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Runs one neuron of a model. @returns times, input and state, and the times of spikes */
export async function neuronTrace({ key, wiring, states, spiking }) {
  const drive = drives[key];
  if (drive === undefined)
    throw new Error(`${key}: website/pictures/neurons.mjs says no input for its picture`);
  const { parameters = {}, height, dt, all = {}, before = 0, into = 'current' } = drive;
  const { entering } = wiring;
  if (!entering.includes(into)) throw new Error(`${key} has no port ${into}`);
  // Two inputs: the step, and a 1 for what is there all the time.
  const weights = entering.flatMap((port) => [port === into ? 1 : 0, all[port] ?? 0]);
  const state = states[0].name;
  const model = await sequential(
    dense(2, entering.length, { bias: false, initial: { kind: 'values', values: weights } }),
    factories.get(factoryOf(key))({ name: 'neuron', ...parameters }),
  ).compile({ dt, precision: 'f64' });
  const steps = Math.round(duration / dt);
  const times = Float64Array.from({ length: steps }, (_, t) => (t + 1) * dt);
  const input = times.map((time) => (time > from && time <= to ? height : before));
  const x = Float64Array.from({ length: 2 * steps }, (_, i) => (i % 2 === 0 ? input[i / 2] : 1));
  const run = await model.run({ x, shape: [steps, 1, 2] }, { record: [`neuron.${state}`] });
  const v = run.recordings[`neuron.${state}`];
  const spikes = spiking ? times.filter((_, t) => run.spikes[t] > 0) : new Float64Array();
  return { times, input, v, spikes, state, into, unit: drive.unit ?? '', stateUnit: states[0].unit };
}

/** The synaptic states that a spike raises, by port. */
const synapticStates = { excitatory: ['iE', 'gE'], synaptic: ['i'] };

/** In ms: the length of a run, the start of its shown end (a neuron first comes to rest), and the time of the spike. Its weight by unit. */
const [postsynaptic, restUntil, arrival] = [160, 95, 100];
const weights = { pA: 100, nS: 1 };

/** The response to one spike of a neuron with synapses: what it opens, and the potential. Undefined for one without. */
export async function postsynapticTrace({ key, wiring, states }) {
  const { entering } = wiring;
  const port = entering.find((one) => one in synapticStates);
  if (port === undefined) return undefined;
  const synaptic = states.find(({ name }) => synapticStates[port].includes(name));
  const weight = weights[synaptic.unit];
  const { dt, rest = {} } = drives[key];
  const values = entering.map((one) => (one === port ? weight : 0));
  const model = await sequential(
    dense(1, entering.length, { bias: false, initial: { kind: 'values', values } }),
    factories.get(factoryOf(key))({ name: 'neuron', ...rest }),
  ).compile({ dt, precision: 'f64' });
  const steps = Math.round(postsynaptic / dt);
  const x = new Float64Array(steps);
  x[Math.round(arrival / dt)] = 1;
  const record = ['v', synaptic.name].map((name) => `neuron.${name}`);
  const { recordings } = await model.run({ x, shape: [steps, 1, 1] }, { record });
  const first = Math.round(restUntil / dt);
  const [v, opened] = record.map((name) => recordings[name].subarray(first));
  const times = v.map((_, t) => (first + t + 1) * dt - arrival);
  return { times, v, opened, synaptic, weight, port, rest };
}

/** Two panels of the response to one spike. */
function postsynapticPanels({ times, v, opened, synaptic, weight, port, rest }, stateUnit) {
  const panel = (y, label, color, hidden) => ({
    x: { label: 'time since a spike (ms)', domain: [restUntil - arrival, postsynaptic - arrival], hidden },
    y: { label },
    marks: [{ type: 'line', x: times, y, color }],
  });
  const held = rest.iBias === undefined ? '' : `, held at rest by a current of ${rest.iBias} pA`;
  const kind = synaptic.unit === 'nS' ? 'conductance' : 'current';
  return {
    panels: [
      { ...panel(opened, labeled(synaptic.name, synaptic.unit), 2, true), weight: 0.5 },
      panel(v, labeled('v', stateUnit), 0, false),
    ],
    caption: ` Right: the postsynaptic ${kind} ${synaptic.name} and potential after one spike of ${weight} ${synaptic.unit} at the port ${port}${held}.`,
  };
}

const labeled = (name, unit) => (unit === '' || unit === '1' ? name : `${name} (${unit})`);

/** The figure of a neuron: its input, its spikes, its state. */
export async function neuronFigure(model) {
  const { times, input, v, spikes, state, into, unit, stateUnit } = await neuronTrace(model);
  const [low, high] = [Math.min(...v), Math.max(...v)];
  const span = high - low || 1;
  const top = high + 0.22 * span;
  const marks = [{ type: 'line', x: times, y: v, color: 0 }];
  if (spikes.length > 0)
    marks.push({
      type: 'ticks',
      x: spikes,
      y: Float64Array.from(spikes, () => high + 0.13 * span),
      length: 0.12 * span,
      color: 1,
    });
  const response = await postsynapticTrace(model);
  const { panels, caption } =
    response === undefined ? { caption: '' } : postsynapticPanels(response, stateUnit);
  const spec = {
    name: model.key,
    title: model.title,
    caption: `A step of the input ${into}, ${model.spiking ? `${spikes.length} spikes, ` : ''}and the state ${state} of one neuron over ${duration} ms.${caption}`,
    columns: [
      [
        {
          x: { label: 'time (ms)', domain: [0, duration], hidden: true },
          y: { label: labeled(into === 'current' ? 'input' : into, unit) },
          marks: [{ type: 'line', x: times, y: input, color: 'muted' }],
          weight: 0.5,
        },
        {
          x: { label: 'time (ms)', domain: [0, duration] },
          y: {
            label: labeled(state, stateUnit),
            domain: [low - 0.06 * span, spikes.length > 0 ? top : high + 0.06 * span],
          },
          marks,
          legend: [{ name: state, color: 0 }, ...(model.spiking ? [{ name: 'spikes', color: 1 }] : [])],
        },
      ],
      ...(panels === undefined ? [] : [panels]),
    ],
  };
  return new figure.Figure(spec);
}
