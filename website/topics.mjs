// The topics of the API within each door: which rooms, files of src-ts and namespaces stand on which page. The first topic that fits is taken; a room that no
// topic names has a page of its own.
const topics = {
  lapicque: [
    ['models', 'Models and sessions', ['model/', 'compiled/', 'description/']],
    ['layers', 'Layers', ['layers/']],
    ['networks', 'Ready-made networks', ['networks']],
    ['training', 'Training', ['train/']],
    ['losses', 'Losses', ['train/loss', 'train/own-loss']],
    ['optimizers', 'Optimizers and schedules', ['train/optimizer', 'train/schedule']],
    ['engine', 'Engine, errors, terminal', ['engine/', 'checks/', 'terminal/', 'numbers/', 'cli/', 'files/']],
    ['editor-types', 'Types for the editor', ['fitting', 'arithmetic', 'sliding']],
  ],
  neurons: [
    ['neurons', 'Neurons', ['neurons/']],
    ['surrogates', 'Surrogate gradients', ['surrogate', 'neurons/surrogate']],
  ],
  circuit: [
    ['elements', 'Populations, connections, inputs, recorders', ['circuit/elements/']],
    ['rules', 'Connection rules, distributions, layouts', ['rule', 'distribution', 'layout']],
    ['synapses', 'Synapse models', ['synapse', 'neurons/']],
    ['simulation', 'Circuits and simulations', ['circuit/']],
    ['circuits', 'Ready-made circuits', ['circuits']],
    ['sweeps', 'Many simulations', ['many/']],
    ['sonata', 'SONATA', ['sonata/']],
  ],
  data: [
    ['data', 'Data sets and loaders', ['data/']],
    ['encoders', 'Encoders and decoders', ['encode', 'decode', 'codes/']],
  ],
  events: [['events', 'Event files, transforms, sensors', ['events/']]],
  study: [
    ['studies', 'Studies', ['study/', 'cli/']],
    ['spaces', 'Search spaces, samplers, pruners', ['space', 'search', 'prune', 'study/search/']],
    ['tables', 'Results and reports', ['study/table/', 'study/report/']],
    ['trainings', 'Many trainings', ['many/']],
  ],
  figure: [
    ['figures', 'Figures', ['figure', 'figure/']],
    ['reports', 'Reports, logs, viewer', ['report/', 'log', 'log/', 'view/']],
  ],
  files: [
    ['files', 'Tensors and descriptions', ['files/', 'description/', 'layers/', 'compiled/', 'model/']],
    ['hdf5', 'HDF5', ['hdf5/']],
    ['onnx-and-weights', 'ONNX and weights of other libraries', ['onnx/', 'weights/']],
    ['nir', 'NIR', ['nir/']],
  ],
  chip: [
    ['conversion', 'Conversion of artificial networks', ['convert/']],
    ['integer-networks', 'Integer networks', ['quantize/']],
    ['costs', 'Operations and energy', ['costs/']],
  ],
  analysis: [['analysis', 'Statistics of spike trains', ['analysis/']]],
};

/** What most programs import from a door. */
export const imported = {
  lapicque: 'dense, sequential',
  neurons: 'lif',
  circuit: 'circuit, connect, population',
  data: 'DataLoader',
  events: 'openEvents',
  study: 'space, study',
  figure: 'figure',
  files: 'readTensors',
  chip: 'quantize',
  analysis: 'cv, rates',
};

/** The topics of a door by its name, in the order of its page. */
export const topicsOf = (door) => (topics[door] ?? []).map(([name]) => name);

/**
 * The topic of a symbol.
 *
 * @param door - the last part of the specifier: `circuit`
 * @param place - the file below src-ts, `train/fit.ts`, or the namespace, `rule`
 */
export function topicOf(door, place) {
  const fit = (prefix) =>
    place === prefix || (place.includes('/') && place.startsWith(prefix)) ? prefix.length : 0;
  const [best] = (topics[door] ?? [])
    .map(([name, title, places]) => ({ name, title, fit: Math.max(...places.map(fit)) }))
    .filter((topic) => topic.fit > 0)
    .sort((a, b) => b.fit - a.fit);
  if (best !== undefined) return { name: best.name, title: best.title };
  const [room] = place.split('/');
  return { name: room, title: room };
}
