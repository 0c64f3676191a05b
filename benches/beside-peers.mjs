// Our benchmark tasks beside the peers' scripts: in turns, on the same machine, in the same minutes.
//
//   node benches/beside-peers.mjs [TASK…] [--peers snntorch,spikingjelly] [--rounds 3] [--steps 10] [--threads N]
//
// TASK is dense_static, dense_rate, conv, shd, deep, ssa, slstm, lmu, lmu_parallel, digits, stream_dense, stream_shd or stream_deep; default
// dense_rate. Each round runs ours and then each peer once. Prints a JSON line for each run and at the end one for each
// peer with the ratio of medians (`ratio`: how many times as long the peer takes) and the range of the ratios of single
// rounds. Threads are those of the specification unless given: 2 for training, 1 for digits and streams.
//
// The peers' scripts are not part of this repository. They are looked for in PEERS_DIR (default ../shared/peers/train),
// which must have bench_torch.py, latency.py, digits.py, taskF.py and common.py. They run in the Python of PEERS_PYTHON (default
// .peers/bin/python), an environment made once (PyTorch is a large download):
//
//   python3 -m venv .peers
//   .peers/bin/pip install torch snntorch==1.0.0 spikingjelly==2.0.0 norse==1.1.0 ninja scikit-learn
//
// Peers: snntorch, spikingjelly, norse; for training also expert_cpp and expert_onednn (hand-written torch and C++,
// compiled by ninja at the first use); for streams also torch_min and torch_script; for digits snntorch and expert.
import { program } from 'commander';
import { lapicque, peersIn } from './support/peers.mjs';
import { fail, load, median, positive, print } from './support/turns.mjs';

program
  .description('our benchmark tasks beside the scripts of the peers, in turns')
  .argument('[task...]', 'default dense_rate')
  .option('--peers <names>', 'comma-separated; default those of the task')
  .option('--rounds <n>', 'turns of ours and of each peer', '3')
  .option('--steps <n>', 'timed training steps of a turn', '10')
  .option('--threads <n>', 'default 2 for training, 1 for digits and streams')
  .parse();
const [values, positionals] = [program.opts(), program.args];
const rounds = positive('rounds', values.rounds);
const steps = positive('steps', values.steps);

/** Figures are milliseconds a step, seconds a training, microseconds a step: the same unit on both sides. */
const training = (name) => ({
  threads: 2,
  peers: 'snntorch,spikingjelly',
  ours: ['--steps', String(steps)],
  script: (peer) => ['bench_torch.py', '--framework', peer, '--task', name, '--steps', String(steps)],
  figure: (result) => result.step_ms.med,
  theirs: (result) => result.step_ms.med,
});
const stream = (name) => ({
  threads: 1,
  peers: 'snntorch,spikingjelly',
  ours: [],
  script: (peer) => ['latency.py', '--framework', peer, '--task', name],
  figure: (result) => result.us_per_step.p50,
  theirs: (result) => result.stream_us.p50,
});
const memory = (name, peers, what) => ({
  ...training(name),
  peers,
  script: () => ['taskF.py', '--what', what, '--steps', String(steps)],
});
const tasks = {
  dense_static: training('dense_static'),
  dense_rate: training('dense_rate'),
  conv: training('conv'),
  shd: training('shd'),
  deep: training('deep'),
  ssa: {
    ...training('ssa'),
    peers: 'spikingjelly',
    script: () => ['taskF.py', '--what', 'ssa', '--steps', String(steps)],
    environment: { BLK: 'SpikformerBlock', XS: '4,16,256,8,8' },
  },
  slstm: memory('slstm', 'snntorch', 'slstm'),
  // There is no peer's layer of these: cells written by hand in torch, a loop over time and a Fourier transform.
  lmu: memory('lmu', 'torch', 'lmu'),
  lmu_parallel: memory('lmu_parallel', 'torch', 'lmu_fft'),
  digits: {
    threads: 1,
    peers: 'snntorch',
    ours: [],
    script: (peer) => ['digits.py', '--impl', peer],
    figure: (result) => result.train_s.med,
    theirs: (result) => result.train_s[0],
  },
  stream_dense: stream('dense_rate'),
  stream_shd: stream('shd'),
  stream_deep: stream('deep'),
};

const chosen = positionals.length === 0 ? ['dense_rate'] : positionals;
for (const name of chosen) {
  if (tasks[name] === undefined) fail(`unknown task ${name}: there are ${Object.keys(tasks).join(', ')}`);
}
const runScript = peersIn('benches/beside-peers.mjs', {
  folder: 'PEERS_DIR',
  defaultFolder: '../shared/peers/train',
  python: 'PEERS_PYTHON',
});

for (const name of chosen) await beside(name, tasks[name]);

async function beside(name, task) {
  const threads = values.threads === undefined ? task.threads : positive('threads', values.threads);
  const peers = (values.peers ?? task.peers).split(',');
  const ours = [];
  const theirs = new Map(peers.map((peer) => [peer, []]));
  for (let round = 1; round <= rounds; round++) {
    const mine = await lapicque(['bench', name, '--json', '--threads', String(threads), ...task.ours]);
    ours.push(task.figure(mine));
    print({ round, engine: 'lapicque', load: load(), ...mine });
    for (const peer of peers) {
      const other = await runScript([...task.script(peer), '--threads', String(threads)], task.environment);
      theirs.get(peer).push(task.theirs(other));
      print({ round, engine: peer, ...other });
    }
  }
  for (const [peer, figures] of theirs) {
    const ratios = figures.map((figure, i) => figure / ours[i]);
    print({
      task: name,
      peer,
      threads,
      rounds,
      lapicque: median(ours),
      peer_figure: median(figures),
      ratio: Number((median(figures) / median(ours)).toFixed(2)),
      ratios: { min: Number(Math.min(...ratios).toFixed(2)), max: Number(Math.max(...ratios).toFixed(2)) },
    });
  }
}
