/** `npm run vectors -- DIR`: runs reference vectors of independent implementations. */
import { runAll } from './run.ts';

const [directory, ...rest] = process.argv.slice(2);
if (directory === undefined || rest.length > 0 || directory.startsWith('-')) {
  console.error(
    'usage: npm run vectors -- DIR\nRuns every case (a .json side-car with its .safetensors or .npy) below DIR.',
  );
  process.exitCode = directory === '--help' ? 0 : 2;
} else {
  try {
    const { passed, failed, skipped } = await runAll(directory, (line) => console.log(line));
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    if (failed > 0) process.exitCode = 1;
    if (passed + failed + skipped === 0) throw new Error(`there is no case below ${directory}`);
  } catch (error) {
    console.error(`vectors: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
