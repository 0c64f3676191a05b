// The topics of the API: which rooms of src-ts, and which namespaces, stand on which page. A room that is not named has a page of its own.
export const topics = [
  ['networks-and-models', 'Networks and models', ['model', 'compiled', 'description', 'networks']],
  ['layers', 'Layers', ['layers']],
  ['neurons', 'Neurons', ['neurons']],
  ['surrogates', 'Surrogate gradients', ['surrogate']],
  ['synapses', 'Synapses', ['synapse']],
  ['training', 'Training', ['train']],
  ['encoders', 'Encoders and decoders', ['codes']],
  ['data', 'Data', ['data']],
  [
    'large-networks',
    'Large networks',
    ['circuit', 'circuit/elements', 'rule', 'distribution', 'layout', 'circuits'],
  ],
  ['sonata', 'SONATA', ['sonata']],
  ['sweeps', 'Many simulations', ['many']],
  [
    'studies',
    'Studies',
    ['study', 'study/search', 'study/table', 'study/report', 'space', 'search', 'prune'],
  ],
  ['analysis', 'Analysis of spike trains', ['analysis']],
  ['figures', 'Figures and reports', ['figure', 'report']],
  ['logs', 'Logs', ['log']],
  ['events', 'Events', ['events']],
  ['files', 'Files', ['files', 'hdf5']],
  ['other-libraries', 'Weights, ONNX and NIR', ['weights', 'onnx', 'nir']],
  ['hardware', 'Conversion and integer networks', ['convert', 'quantize']],
  ['costs', 'Costs', ['costs']],
  ['engine', 'Engine, errors, terminal', ['engine', 'checks', 'terminal', 'numbers', 'cli']],
  ['editor-types', 'Types for the editor', ['fitting', 'arithmetic', 'sliding']],
];

/** The topic of a room, or of a namespace. */
export function topicOf(room) {
  const known = topics.find(([, , rooms]) => rooms.includes(room));
  if (known !== undefined) return { name: known[0], title: known[1] };
  return { name: room.replaceAll('/', '-'), title: room };
}
