// Under `like`, every default of a synapse model is that of the library; layers have the defaults of torch.
import test from 'ava';
import * as lapicque from '../support/library.ts';
import { peers, same, synapses, type Value } from '../support/peer-defaults.ts';

const { dense, sequential } = lapicque;
const perSecond = (rate: number) => 1000 / rate;

const ofSynapses: Record<string, Record<string, [model: string, names: Record<string, string>]>> = {
  stdp: {
    nest: [
      'stdp_synapse',
      {
        lambda: 'lambda',
        alpha: 'alpha',
        mu_plus: 'muPlus',
        mu_minus: 'muMinus',
        tau_plus: 'tauPlus',
        Wmax: 'wMax',
      },
    ],
  },
  'triplet-stdp': {
    nest: [
      'stdp_triplet_synapse',
      {
        Aminus: 'aMinus',
        Aminus_triplet: 'aMinusTriplet',
        Aplus: 'aPlus',
        Aplus_triplet: 'aPlusTriplet',
        tau_plus: 'tauPlus',
        tau_plus_triplet: 'tauX',
        Wmax: 'wMax',
      },
    ],
  },
  'tsodyks-markram': {
    nest: [
      'tsodyks_synapse',
      {
        U: 'utilization',
        tau_fac: 'tauFac',
        tau_rec: 'tauRec',
        tau_psc: 'tauPsc',
        u: 'uInit',
        x: 'xInit',
        y: 'yInit',
      },
    ],
    'nest-tsodyks2': [
      'tsodyks2_synapse',
      { U: 'utilization', tau_fac: 'tauFac', tau_rec: 'tauRec', u: 'uFirst', x: 'xInit' },
    ],
    norse: ['TsodyksMakramParameters', { U: 'utilization', tau_f_inv: 'tauFac', tau_d_inv: 'tauRec' }],
  },
};

test('synapses have the defaults of the library, too', (t) => {
  const known =
    /^(delay|has_delay|num_connections|receptor_type|requires_symmetric|sizeof|synapse_modelid|weight|Kplus\w*|tau_s_inv)$/;
  const list = Array.isArray(synapses) ? synapses : synapses.synapses;
  for (const { key, params, presets = [] } of list)
    for (const preset of presets.filter(({ name }) => name !== 'brian2')) {
      const entry = ofSynapses[key]?.[preset.name];
      if (entry === undefined) t.fail(`${key} like ${preset.name} is compared with nothing`);
      if (entry === undefined) continue;
      const [model, names] = entry;
      const defaults = peers.nest!.synapses![model] ?? peers.norse!.parameters![model]!;
      for (const [name, expected] of Object.entries(defaults)) {
        const ours = names[name];
        if (ours === undefined) {
          t.regex(name, known, `${model}.${name} is compared with nothing`);
          continue;
        }
        const own = preset.params[ours] ?? params.find((param) => param.name === ours)!.default;
        const value = name.endsWith('_inv') ? perSecond(expected as number) : expected;
        t.notThrows(() => same(ours, own, value), `${key} like ${preset.name}`);
      }
    }
});

// Layers take no `like`: they have torch's defaults, which SpikingJelly's layers share.
test('layers without `like` have the defaults of torch', async (t) => {
  const { batchNorm, conv2d, flatten, input, layerNorm, li } = lapicque;
  const layers = [
    input(4, 6, 6),
    conv2d(4, 4, 3),
    batchNorm(),
    layerNorm(),
    layerNorm({ groups: 2 }),
    flatten(),
  ] as const;
  using model = await sequential(...layers, dense(64, 2), li({ beta: 0.5 })).compile();
  const nodes = model.description.nodes as unknown as Record<string, Value>[];
  const node = (kind: string) => nodes.filter((one) => one.kind === kind);
  const of = (name: string) => [peers.torch!.layers![name]!, peers.spikingjelly!.layers![name]] as const;
  for (const torch of [...of('BatchNorm1d'), ...of('BatchNorm2d')]) {
    const [own] = node('batch-norm');
    t.deepEqual([own!.epsilon, own!.momentum, own!.affine], [torch!.eps, torch!.momentum, torch!.affine]);
    t.true(torch!.track_running_stats);
  }
  const through = peers.spikingjelly!.layers!.BatchNormThroughTime2d!;
  t.deepEqual([through.eps, through.momentum, through.affine], [1e-5, 0.1, true]);
  const [layer, group] = node('layer-norm');
  t.deepEqual(
    [layer!.epsilon, layer!.affine],
    [of('LayerNorm')[0].eps, of('LayerNorm')[0].elementwise_affine],
  );
  for (const torch of of('GroupNorm'))
    t.deepEqual([group!.epsilon, group!.affine], [torch!.eps, torch!.affine]);
  for (const torch of of('Conv2d')) {
    const [own] = node('conv');
    t.deepEqual([own!.bias, own!.groups, own!.stride, own!.padding, own!.dilation] as unknown, [
      torch!.bias,
      torch!.groups,
      ...[torch!.stride, torch!.padding, torch!.dilation].map((x) => [x, x]),
    ]);
  }
  for (const torch of of('Linear')) t.is(node('dense')[0]!.bias, torch!.bias);
  // The share of dropout has to be given: torch's is 0.5, SpikingJelly's 0.5 of elements and 0.2 of channels.
  t.deepEqual([of('Dropout')[1]!.p, of('Dropout2d')[1]!.p, of('Dropout2d')[0].p], [0.5, 0.2, 0.5]);
});
