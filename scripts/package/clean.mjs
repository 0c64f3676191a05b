// Removes folders of generated files, so that what was deleted from the sources is not tested or published.
import { rmSync } from 'node:fs';

for (const path of process.argv.slice(2)) rmSync(path, { recursive: true, force: true });
