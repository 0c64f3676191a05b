// One page of the site for each page of `made`.
export const data = {
  pagination: { data: 'made.pages', size: 1, alias: 'entry' },
  layout: 'page.11ty.js',
  permalink: ({ entry }) => entry.address,
};

export function render({ entry }) {
  return entry.html;
}
