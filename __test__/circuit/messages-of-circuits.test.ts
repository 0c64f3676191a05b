// Wrong uses of large networks: each error has its code and fields, and says what is wrong, where, and what would be right.
import {
  circuit,
  circuitOf,
  connect,
  currentSource,
  distribution,
  driveSynapse,
  gapJunctions,
  layout,
  noise,
  poisson,
  population,
  record,
  rule,
  simulate,
  spikeSource,
  spikeTimes,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { equation, invalid, type Row, rows, unknown } from '../support/messages.ts';
import { any } from '../support/table.ts';

const E = population(iafPscExp, 4, { name: 'E' });
const run = (...elements: unknown[]) => simulate(circuit(...(elements as [])), { duration: 1, dt: 0.1 });
const connected =
  (options: object, how: unknown = rule.allToAll()) =>
  () =>
    run(E, connect(E, E, any(how), any({ weight: 1, delay: 1, ...options })));

const circuits: Record<string, Row> = {
  'a rule that is a text': [
    connected({}, 'all-to-all'),
    invalid('rule', 'rule.fixedInDegree(80)', '"all-to-all"'),
  ],
  'no synapse': [
    () => connect(E, E, any(rule.allToAll()), any(undefined)),
    invalid('synapse', 'an object with weight and delay'),
  ],
  'no weight': [connected({ weight: undefined }), invalid('synapse.weight', 'a number', 'undefined')],
  'no delay': [connected({ delay: undefined }), invalid('synapse.delay', 'a number', 'undefined')],
  'a delay of 0': [connected({ delay: 0 }), { code: 'invalid-parameter', says: ['delay', '0'] }],
  'a delay below a step': [
    connected({ delay: 0.01 }),
    { code: 'invalid-parameter', says: ['delay', '0.01', '0.1'] },
  ],
  'an option of NEST': [
    () => connect(E, E, rule.allToAll(), any({ weight: 1, delay: 1, receptor_type: 1 })),
    { code: 'unknown-name', says: ['unknown option of synapse "receptor_type"'] },
  ],
  'a port that does not exist': [
    connected({ port: 'inh' }),
    { code: 'unknown-name', says: ['port', '"inh"', 'inhibitory'] },
  ],
  'an in-degree below 0': [() => rule.fixedInDegree(-1), invalid('count', 'an integer at least 0', '-1')],
  'an in-degree beyond the sources': [
    connected({}, rule.fixedInDegree(9, { multapses: false })),
    { code: 'invalid-parameter', says: ['9', '4'] },
  ],
  'an option of a rule': [
    () => rule.fixedInDegree(2, any({ allow_autapses: false })),
    { code: 'unknown-name', says: ['unknown option of rule "allow_autapses"'] },
  ],
  'a probability above 1': [() => rule.pairwiseBernoulli(2), invalid('p', 'from 0 to 1', '2')],
  'populations of other sizes': [
    () => {
      const I = population(iafPscExp, 3, { name: 'I' });
      return run(E, I, connect(E, I, rule.oneToOne(), { weight: 1, delay: 1 }));
    },
    { code: 'shape-mismatch', says: ['E to I', '4', '3'] },
  ],
  'lists of other lengths': [() => rule.list([0, 1], [0]), invalid('targets', '2', '[0]')],
  'a neuron outside': [connected({}, rule.list([7], [0])), { code: 'invalid-parameter', says: ['7', '4'] }],
  'weights of fewer synapses': [
    connected({ weight: [1, 2] }, rule.list([0, 1, 2], [0, 1, 2])),
    { code: 'shape-mismatch', says: ['weight', '3', '2'] },
  ],
  'an expression without places': [
    connected({ weight: '0.5 * d' }),
    { code: 'invalid-parameter', says: ['E.layout', 'a layout', 'd'] },
  ],
  'rand in an expression': [
    () => {
      const on = population(iafPscExp, 4, { name: 'on', layout: layout.grid([2, 2]) });
      return run(on, connect(on, on, rule.allToAll(), { weight: 'd * rand()', delay: 1 }));
    },
    equation('unknown function "rand"', 'distribution.uniform(0, 1)'),
  ],
  'a distribution that does not exist': [
    connected({ weight: { kind: 'gamma', shape: 2 } }),
    { code: 'unknown-name', says: ['synapse.weight.kind', '"gamma"', 'uniform, normal, log-normal'] },
  ],
  'a deviation below 0': [() => distribution.normal(0, -1), invalid('sd', 'at least 0', '-1')],
  'bounds the wrong way round': [() => distribution.uniform(2, 1), invalid('high', 'at least 2', '1')],
  'a model that is called': [
    () => population(any(iafPscExp()), 3, any({})),
    invalid('model', 'iafPscExp', 'an object'),
  ],
  'a model as a text': [
    () => population(any('iaf_psc_exp'), 3, any({})),
    invalid('model', 'iafPscExp', '"iaf_psc_exp"'),
  ],
  'no neurons': [() => population(iafPscExp, 0), invalid('n', 'an integer from 1', '0')],
  'a parameter of NEST': [
    () => population(iafPscExp, 3, any({ tau_m: 20 })),
    { code: 'unknown-name', says: ['"tau_m"', 'tauMem'] },
  ],
  'a time constant of 0': [
    () => run(population(iafPscExp, 3, { name: 'I', tauMem: 0 })),
    invalid('I.tauMem', 'a number above 0', '0'),
  ],
  'a state that does not exist': [
    () => run(population(iafPscExp, 3, { name: 'I', initial: { u: 1 } })),
    { code: 'unknown-name', says: ['"u"', 'I', 'v'] },
  ],
  'a trace that does not exist': [
    () => run(E, record.traces(E, ['V_m'])),
    { code: 'unknown-name', says: ['"V_m"', 'v'] },
  ],
  'weights that do not change': [
    () => record.weights(connect(E, E, rule.allToAll(), { weight: 1, delay: 1 }), { every: 1 }),
    invalid('connection', 'a connection with a synapse model'),
  ],
  'times that fall': [
    () => run(E, spikeSource([[2, 1]])),
    { code: 'invalid-parameter', says: ['ascending'] },
  ],
  'a time before 0': [() => spikeSource([[-1, 1]]), invalid('trains[0][0]', 'at least 0', '-1')],
  'one train': [() => spikeSource(any([1, 2])), invalid('trains[0]', 'a list of times in ms', '1')],
  'a rate below 0': [() => poisson(-1), invalid('rate', 'at least 0', '-1')],
  'rates of their own': [() => poisson(any([1, -2])), invalid('rate[1]', 'a finite number at least 0', '-2')],
  'noise without a deviation': [
    () => noise(any({ mean: 1 })),
    invalid('noise.sd', 'a finite number', 'undefined'),
  ],
  'a current of other times': [
    () => currentSource({ times: [0, 1], values: [1] }),
    invalid('currentSource.values', 'each of 2 times', '[1]'),
  ],
  'a Poisson source with a rule': [
    () => connect(any(poisson(10)), E, any(rule.allToAll()), any({ weight: 1 })),
    invalid('synapse', 'Poisson'),
  ],
  'an element that is none': [
    () => circuit(any('E')),
    { code: 'invalid-parameter', says: ['network[0]: expected a population, a source', '"E"'] },
  ],
  'two populations of one name': [
    () => run(E, population(iafPscExp, 3, { name: 'E' })),
    { code: 'invalid-parameter', says: ['"E"'] },
  ],
  'no duration': [() => simulate(circuit(E), any({})), invalid('duration', 'a finite number', 'undefined')],
  'an option of simulate': [
    () => simulate(circuit(E), any({ duration: 1, resolution: 0.1 })),
    { code: 'unknown-name', says: ['"resolution"'] },
  ],
  'another method': [
    () => simulate(circuit(E), any({ duration: 1, method: 'euler' })),
    unknown('option of simulate', 'method', 'known are duration, dt'),
  ],
  'a text of no network': [() => circuitOf(any('{}')), { code: 'invalid-parameter', says: ['description'] }],
  'an option of a synapse model': [
    () => synapse.stdp(any({ tau_plus: 20 })),
    { code: 'unknown-name', says: ['"tau_plus"', 'stdp'] },
  ],
  'a synapse model that is not called': [
    connected({ model: synapse.stdp }),
    invalid('synapse.model', 'synapse.stdp()', 'stdp'),
  ],
  'spikes of no drive': [
    () => driveSynapse(synapse.stdp(), any({})),
    { code: 'invalid-parameter', says: ['expected '] },
  ],
  'a gap to what is no population': [
    () => gapJunctions(any('E'), E, any({}), any({})),
    { code: 'invalid-parameter', says: ['expected '] },
  ],
  'a grid of no points': [() => layout.grid([0]), { code: 'invalid-parameter', says: ['an integer', '0'] }],
  'times of no spikes': [
    () => spikeTimes(any('E'), any({})),
    { code: 'invalid-parameter', says: ['expected '] },
  ],
};

rows('circuits', circuits);
