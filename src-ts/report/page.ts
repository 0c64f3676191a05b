/** The report as one self-contained HTML file. */
import type { Figure } from '../figure/draw/figure.ts';
import { renderSvg } from '../figure/draw/render.ts';
import { escaped } from '../figure/draw/text.ts';
import { themeRules } from '../figure/draw/theme.ts';
import type { Report } from './data.ts';

const style = `
*{box-sizing:border-box}
body{margin:0;background:var(--lapicque-paper);color:var(--lapicque-ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:1010px;margin:0 auto;padding:48px 28px 72px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.015em}
h2{font-size:1.15rem;margin:0 0 .2rem}
p{margin:0;color:var(--lapicque-muted);max-width:70ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px;margin:30px 0 18px;padding:0}
.cards div{border:1px solid var(--lapicque-grid);border-radius:12px;padding:14px 18px}
.cards dt{color:var(--lapicque-muted);font-size:.84rem}
.cards dd{margin:2px 0 0;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:0 0 10px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:7px 4px;border-bottom:1px solid var(--lapicque-grid);font-weight:400}
th{color:var(--lapicque-muted);white-space:nowrap;vertical-align:top}td{text-align:right}
section{margin:46px 0 0}
.wide{overflow-x:auto;margin-top:10px}
.rows th{text-align:right;padding-left:14px}.rows td{padding-left:14px;white-space:nowrap}
figure{margin:46px 0 0}
figure svg{max-width:100%;height:auto;color:var(--lapicque-ink);overflow:visible}
figcaption{margin-bottom:16px}
footer{margin-top:56px;color:var(--lapicque-muted);font-size:.84rem}
`;

/** Number of key figures that are displayed large. */
const cardCount = 4;

/** A table in a page. */
export interface PageTable {
  readonly title: string;
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function page(
  report: Pick<Report, 'title' | 'description' | 'summary'>,
  figures: readonly Figure[],
  tables: readonly PageTable[] = [],
): string {
  const summary = Object.entries(report.summary ?? {});
  const large = summary
    .slice(0, cardCount)
    .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${show(value)}</dd></div>`);
  const rows = summary
    .slice(cardCount)
    .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${show(value)}</td></tr>`);
  const pictures = figures.map(({ spec, options }) => {
    const { svg } = renderSvg(spec, { ...options, theme: 'auto' }, true);
    return `<figure id="${escaped(spec.name)}"><figcaption><h2>${escaped(spec.title)}</h2><p>${escaped(spec.caption)}</p></figcaption>${svg}</figure>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.title)}</title>
<style>${themeRules()}${style}</style>
</head>
<body>
<main>
<h1>${escaped(report.title)}</h1>
${report.description === undefined ? '' : `<p>${escaped(report.description)}</p>`}
${large.length === 0 ? '' : `<dl class="cards">${large.join('')}</dl>`}
${rows.length === 0 ? '' : `<table>${rows.join('')}</table>`}
${tables.map(tabled).join('\n')}
${pictures.join('\n')}
<footer>Made by lapicque. The pictures lie beside this page as PNG files.</footer>
</main>
</body>
</html>
`;
}

function tabled({ title, caption, headings, rows }: PageTable): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((cells) => line(cells, 'td')).join('');
  return `<section><h2>${escaped(title)}</h2><p>${escaped(caption)}</p><div class="wide"><table class="rows"><thead>${line(headings, 'th')}</thead><tbody>${body}</tbody></table></div></section>`;
}

function show(value: string | number): string {
  return escaped(
    typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 4 }) : value,
  );
}
