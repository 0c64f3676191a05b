// Trials of 0.4 s; trial 2 is killed at its first attempt, as by the kernel for memory.
import { search, space, study } from 'lapicque/study';

export default study({
  name: 'times',
  space: { x: space.uniform(0, 1) },
  search: search.random(),
  objective: async ({ x }, trial) => {
    const block = Number(process.env.BLOCK_MS ?? 0);
    for (const end = performance.now() + block; performance.now() < end; );
    await trial.checkpoint.save(Uint8Array.of(1));
    if (trial.number === 2 && trial.attempt === 1) process.kill(process.pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 400));
    return x;
  },
});
