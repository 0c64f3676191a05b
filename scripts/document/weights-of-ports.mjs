// The unit of weights at each port of a neuron, and the effect of one spike of weight 1: measured in a circuit of one neuron with its defaults.
import { wholeLibrary } from '../package/doors.mjs';

const library = await wholeLibrary();
const { circuit, connect, population, record, rule, simulate, spikeSource } = library;

/** In ms: the step, the duration, and when the spike arrives. */
const [dt, duration, arrival] = [0.1, 60, 6];

/** The unit of a current by that of the capacitance: that of capacitance times potential per ms. */
const currentOf = { pF: 'pA', 'uF/cm2': 'uA/cm2' };

/** A neuron's states over time, after a spike at a port or without; its states that exist with the defaults alone. */
async function traces(factory, states, port, weight) {
  const one = population(library[factory], 1, { name: 'one' });
  const wires = connect(spikeSource([[arrival - 1]]), one, rule.oneToOne(), { weight, delay: 1, port });
  return simulate(circuit(one, wires, record.traces(one, states, dt)), { duration, dt, precision: 'f64' });
}

/** The largest change of a state by the spike, and how long after its arrival. */
function effectOn(state, withSpike, without) {
  const { times, values } = withSpike.traces[`one.${state}`];
  const differences = values.map((value, i) => value - without.traces[`one.${state}`].values[i]);
  const at = differences.reduce((best, x, i) => (Math.abs(x) > Math.abs(differences[best]) ? i : best), 0);
  return { change: differences[at], after: times[at] - arrival };
}

const rounded = (x) => String(Number(x.toPrecision(2)));
const later = (after) => (after < dt / 2 ? 'at once' : `after ${rounded(after)} ms`);
const moved = ({ change }, unit) =>
  `${change > 0 ? 'rises' : 'falls'} by ${rounded(Math.abs(change))} ${unit}`;

/** A row of the table: the port, the unit, the effect. */
async function row({ states, params }, factory, port) {
  const unitOf = new Map(states.map(({ name, unit }) => [name, unit]));
  const c = currentOf[params.find(({ name }) => name === 'c')?.unit];
  const synaptic = states.filter(({ unit }) => ['pA', 'nS'].includes(unit)).map(({ name }) => name);
  const recorded = ['v', ...synaptic.filter((name) => name !== 'w' && name !== 'iSyn')];
  const [withSpike, without] = await Promise.all([1, 0].map((w) => traces(factory, recorded, port, w)));
  const v = effectOn('v', withSpike, without);
  // Where the neuron fires by itself, the difference is that of the times of its spikes.
  const potential =
    withSpike.times.length + without.times.length > 0 ? '' : `; \`v\` ${moved(v, 'mV')}, ${later(v.after)}`;
  for (const name of recorded.slice(1)) {
    const effect = effectOn(name, withSpike, without);
    // Some models let the state decay within the step of the spike.
    if (Math.abs(effect.change) > 0.9 && Math.abs(effect.change) < 1.01)
      return [
        `\`${port}\``,
        unitOf.get(name),
        `\`${name}\` ${moved(effect, unitOf.get(name))}, ${later(effect.after)}${potential}`,
      ];
  }
  // The input is a current, or what is added to v: scaled by the membrane time constant where there is a factor r.
  const unit = c ?? (params.some(({ name }) => name === 'r') ? 'mV' : 'mV/ms');
  return [`\`${port}\``, unit, `an input of 1 ${unit} for one step of ${dt} ms${potential}`];
}

/** The rows of a model whose potential is in mV; none for one without dimensions. */
export async function weightRows(model, factory) {
  if (model.states[0].unit !== 'mV') return [];
  const rows = [];
  for (const port of model.ports) rows.push(await row(model, factory, port));
  return rows;
}
