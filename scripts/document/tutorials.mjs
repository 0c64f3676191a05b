// Runs the programs of pages in docs, writes what they print into their blocks of text, and their pictures into docs/images.
//   node scripts/document/tutorials.mjs [PAGE …]     default: all
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { blocksOf, prints, programPages, runPage } from './tutorial-program.mjs';

for (const path of process.argv.length > 2 ? process.argv.slice(2) : programPages()) {
  const { printed, pictures } = await runPage(path);
  let page = readFileSync(path, 'utf8');
  for (const [i, { code, stated }] of blocksOf(path).entries()) {
    // What the page states with `…` stays as long as it is true.
    if (stated === undefined || prints(stated, printed[i])) continue;
    page = page.replace(
      `${code}\`\`\`\n\n\`\`\`text\n${stated}`,
      () => `${code}\`\`\`\n\n\`\`\`text\n${printed[i].trimEnd()}\n`,
    );
  }
  writeFileSync(path, page);
  for (const [file, bytes] of pictures) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  console.log(`${path}: ${printed.length} blocks, ${pictures.size} pictures`);
}
