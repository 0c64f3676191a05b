/** Networks: a picture of populations and connections, or of layers, and the distributions of what is chosen. */
import type { GraphFacts, Quantity } from '../../../../src-ts/view/kinds/network-facts.ts';
import { graphPicture, type Selected } from '../network/graph-picture.ts';
import { type Distribution, histogramPlot } from '../network/histogram-plot.ts';
import { select } from '../parts/controls.ts';
import { describedView } from '../parts/described-view.ts';
import { dom } from '../parts/dom.ts';
import { panel } from '../parts/panel.ts';
import { told } from '../parts/said.ts';
import type { View, ViewSource, ViewState } from '../view.ts';

export const network: View = describedView<GraphFacts>('network', 'Loading the network…', show);

function show(element: HTMLElement, source: ViewSource, state: ViewState, begin: GraphFacts) {
  let facts = begin;
  const ends: (() => void)[] = [];
  const picturePanel = panel('Network', { wide: true });
  const detailPanel = panel('Selection', { wide: true });
  const list = dom('dl', { class: 'facts' });
  const histogram = histogramPlot();
  const figure = dom('div', { class: 'histogram' }, histogram.canvas.element);
  const heading = detailPanel.element.querySelector('h2')!;
  detailPanel.caption.setAttribute('role', 'status');
  detailPanel.body.append(dom('div', { class: 'beside' }, list, figure));

  const quantitiesOf = (selected: Selected): readonly Quantity[] =>
    'node' in selected
      ? (facts.nodes.find(({ name }) => name === selected.node)?.quantities ?? [])
      : (facts.edges[selected.edge]?.quantities ?? []);
  let selected: Selected | undefined;
  let asked = 0;

  const drawDistribution = async () => {
    if (selected === undefined) return;
    const quantities = quantitiesOf(selected);
    const quantity = quantities.find(({ id }) => id === state.get('of-what')) ?? quantities[0];
    figure.hidden = quantity === undefined;
    if (quantity === undefined) {
      detailPanel.caption.textContent = 'It has no distribution: all of its values are single numbers.';
      return;
    }
    const mine = ++asked;
    const where = 'node' in selected ? { node: selected.node } : { edge: String(selected.edge) };
    try {
      const got = await source.json<Distribution>(
        `distribution?${new URLSearchParams({ ...where, of: quantity.id })}`,
      );
      // Another choice was made meanwhile.
      if (mine !== asked) return;
      histogram.set(got, quantity.label);
      histogram.canvas.element.setAttribute('aria-label', `Histogram of ${quantity.label}`);
      const left = got.notFinite > 0 ? ` ${got.notFinite.toLocaleString('en')} are not finite.` : '';
      detailPanel.caption.textContent = `${quantity.label}: ${got.count.toLocaleString('en')} values, mean ${told(got.mean)}, standard deviation ${told(got.sd)}, from ${told(got.min)} to ${told(got.max)}${got.note === '' ? '' : `; ${got.note}`}.${left}`;
    } catch (error) {
      if (mine === asked) detailPanel.caption.textContent = (error as Error).message;
    }
  };
  const choose = (next: Selected | undefined) => {
    selected = next;
    picture.select(next);
    detailPanel.element.hidden = next === undefined;
    if (next === undefined) return;
    state.set(
      'node' in next ? { node: next.node, edge: undefined } : { edge: String(next.edge), node: undefined },
    );
    const node = 'node' in next ? facts.nodes.find(({ name }) => name === next.node) : undefined;
    const edge = 'edge' in next ? facts.edges[next.edge] : undefined;
    heading.textContent = node?.name ?? (edge === undefined ? 'Selection' : `${edge.from} → ${edge.to}`);
    const shown: readonly (readonly [string, string])[] =
      node !== undefined
        ? [
            ['model', node.model],
            ...(node.size > 0 ? [['size', node.size.toLocaleString('en')] as const] : []),
            ...node.facts,
          ]
        : (edge?.facts ?? []);
    list.replaceChildren(...shown.flatMap(([label, text]) => [dom('dt', {}, label), dom('dd', {}, text)]));
    const quantities = quantitiesOf(next);
    const current = quantities.find(({ id }) => id === state.get('of-what')) ?? quantities[0];
    detailPanel.controls.replaceChildren(
      ...(quantities.length < 2
        ? []
        : [
            select(
              'Distribution of',
              quantities.map(({ id, label }) => ({ value: id, text: label })),
              current!.id,
              (id) => {
                state.set({ 'of-what': id });
                void drawDistribution();
              },
            ).element,
          ]),
    );
    void drawDistribution();
  };
  const picture = graphPicture(facts, choose);
  picturePanel.body.append(picture.element);
  const neurons = facts.nodes.reduce((sum, { kind, size }) => sum + (kind === 'population' ? size : 0), 0);
  picturePanel.caption.textContent =
    facts.layout === 'circle'
      ? `${facts.nodes.filter(({ kind }) => kind === 'population').length} populations with ${neurons.toLocaleString('en')} neurons, ${facts.nodes.filter(({ kind }) => kind === 'source').length} sources, ${facts.edges.length} connections. Arrows excite, bars inhibit. Choose a population or a connection to see its values.`
      : `${facts.nodes.length - 1} layers with ${neurons.toLocaleString('en')} neurons. Dashed arrows carry values of the previous step. Choose a layer to see its values.`;
  const connections = connectionList(facts, (edge) => choose({ edge }));
  element.replaceChildren(
    dom('div', { class: 'panels' }, picturePanel.element, detailPanel.element, ...connections),
  );
  const inState = (): Selected | undefined => {
    const [node, edge] = [state.get('node'), Number(state.get('edge') ?? Number.NaN)];
    if (facts.nodes.some(({ name }) => name === node)) return { node: node! };
    return Number.isInteger(edge) && facts.edges[edge] !== undefined ? { edge } : undefined;
  };
  choose(inState());
  ends.push(state.onChange(() => choose(inState())));
  if (facts.isLive)
    ends.push(
      source.follow('changes', () => {
        void source.json<GraphFacts>('describe').then(
          (next) => {
            facts = next;
            void drawDistribution();
          },
          () => {},
        );
      }),
    );
  return {
    destroy() {
      for (const end of ends) end();
      histogram.canvas.destroy();
    },
  };
}

/** All connections as a table, for who does not see the picture and for what it has no room for. */
function connectionList(facts: GraphFacts, choose: (edge: number) => void): HTMLElement[] {
  if (facts.layout !== 'circle' || facts.edges.length === 0) return [];
  const made = panel('Connections', { wide: true });
  const columns = ['rule', 'weight', 'delay', 'plasticity'];
  const used = columns.filter((column) =>
    facts.edges.some((edge) => edge.facts.some(([label]) => label === column)),
  );
  made.body.append(
    dom(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': 'Connections' },
      dom(
        'table',
        {},
        dom(
          'thead',
          {},
          dom('tr', {}, ...['connection', ...used].map((text) => dom('th', { scope: 'col' }, text))),
        ),
        dom(
          'tbody',
          {},
          ...facts.edges.map((edge, i) => {
            const link = dom('button', { type: 'button', class: 'link' }, `${edge.from} → ${edge.to}`);
            link.addEventListener('click', () => choose(i));
            return dom(
              'tr',
              {},
              dom('th', { scope: 'row' }, link),
              ...used.map((column) =>
                dom('td', {}, edge.facts.find(([label]) => label === column)?.[1] ?? ''),
              ),
            );
          }),
        ),
      ),
    ),
  );
  return [made.element];
}
