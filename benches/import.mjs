// How long `import 'lapicque'` takes, in ms: the minimum and median of 20 fresh processes. The goal is 60 ms.
import { execFileSync } from 'node:child_process';

const program = `const t = performance.now(); await import('lapicque'); console.log(performance.now() - t)`;
const times = Array.from({ length: 20 }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })),
).sort((a, b) => a - b);
console.log(JSON.stringify({ import_ms: { min: times[0], med: times[10] } }));
