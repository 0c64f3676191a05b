// Runs the programs of pages in docs, writes what they print into their blocks of text, and their pictures into docs/images.
//   node scripts/document/tutorials.mjs [PAGE …]     default: all
//
// A picture of measured times differs from run to run, so it is drawn only if there is none: delete it to measure anew. Pictures of HTML pages need chromium.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chromium } from 'playwright-core';
import { blocksOf, picturesOf, prints, programPages, runPage } from './tutorial-program.mjs';

/** The top of an HTML page as PNG. */
async function pictureOf(html) {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    existsSync,
  );
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: 'light' });
    await page.setContent(html);
    return await page.screenshot();
  } finally {
    await browser.close();
  }
}

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
  for (const { file, isMeasured } of picturesOf(path)) {
    if (isMeasured && existsSync(file)) continue;
    const bytes = pictures.get(file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, file.endsWith('.png') ? await pictureOf(bytes.toString()) : bytes);
  }
  console.log(`${path}: ${printed.length} blocks, ${pictures.size} pictures`);
}
