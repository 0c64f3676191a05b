// Menu, theme, and search of every page. A classic script, because browsers load no modules from a folder.
// The block keeps these names from `window`, as long as they are constants: a function declaration would replace `window.open`.
{
  const root = document.documentElement.dataset.root;

  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  const startMenu = () => {
    const menu = document.querySelector('.menu');
    const navigation = document.querySelector('#navigation');
    menu.addEventListener('click', () => {
      const open = navigation.classList.toggle('open');
      menu.setAttribute('aria-expanded', String(open));
    });
    const current = navigation.querySelector('[aria-current]');
    if (current !== null && navigation.scrollHeight > navigation.clientHeight)
      navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;
  };

  /** What can be scrolled sideways can be reached with the keyboard. */
  const startScrolling = () => {
    const reachable = () => {
      for (const part of document.querySelectorAll('pre.code, .table, .scroll, .equations, .formula'))
        if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
        else part.removeAttribute('tabindex');
    };
    reachable();
    addEventListener('resize', reachable);
  };

  const startTheme = () => {
    const theme = document.querySelector('.theme');
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const isDark = () =>
      (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
    const label = () =>
      theme.setAttribute('aria-label', isDark() ? 'Switch to the light theme' : 'Switch to the dark theme');
    theme.addEventListener('click', () => {
      const next = isDark() ? 'light' : 'dark';
      document.documentElement.dataset.theme = next;
      try {
        localStorage.setItem('lapicque-theme', next);
      } catch {
        // The choice then lasts as long as the page.
      }
      label();
    });
    label();
  };

  /** A button beside each block of code; outputs are not for copying. */
  const startCopying = () => {
    if (navigator.clipboard === undefined) return;
    const status = document.querySelector('.status');
    for (const block of document.querySelectorAll('pre.code:not(.signature, [aria-label="Text code"])')) {
      const button = element('button', 'Copy');
      button.type = 'button';
      button.className = 'copy';
      button.setAttribute('aria-label', `Copy: ${block.getAttribute('aria-label')}`);
      const say = (short, long) => {
        button.textContent = short;
        status.textContent = long;
      };
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(block.textContent);
          say('Copied', 'Copied to the clipboard');
        } catch {
          say('Not copied', 'The browser did not allow copying');
        }
        setTimeout(() => say('Copy', ''), 2000);
      });
      const holder = document.createElement('div');
      holder.className = 'copyable';
      block.replaceWith(holder);
      holder.append(block, button);
    }
  };

  const loadScript = (path) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = root + path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${path} cannot be loaded`));
      document.head.append(script);
    });

  const loadIndex = async () => {
    await Promise.all(['assets/minisearch.js', 'assets/find.js', 'assets/search-records.js'].map(loadScript));
    return window.lapicqueFind.index(window.MiniSearch, window.lapicqueSearch);
  };

  /** The text around the first term. */
  const excerpt = (text, terms) => {
    const lower = text.toLowerCase();
    const offsets = terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0);
    const from = Math.max(0, Math.min(...offsets, text.length) - 40);
    return (from > 0 ? '… ' : '') + text.slice(from, from + 140);
  };

  /** What kind of page a result is on, where its name does not say it. */
  const kindOf = (kind) => {
    const label = element('span', { start: 'tutorial', overview: 'guide' }[kind] ?? kind);
    label.className = 'kind';
    return label;
  };

  const resultItem = ({ address, page, heading, text, kind, terms }, id) => {
    const item = document.createElement('li');
    item.id = id;
    item.setAttribute('role', 'option');
    item.setAttribute('aria-selected', 'false');
    item.dataset.href = root + address;
    item.append(element('strong', heading === '' ? page : heading), ' ', kindOf(kind));
    item.append(element('small', heading === '' ? excerpt(text, terms) : `${page}: ${excerpt(text, terms)}`));
    return item;
  };

  /** What stands in place of results. */
  const nothing = (query) => {
    const item = element('li', `Nothing found for “${query}”. Try fewer or other words.`);
    item.className = 'nothing';
    item.setAttribute('role', 'option');
    item.setAttribute('aria-disabled', 'true');
    return item;
  };

  /** The results below the input, one of which can be selected. */
  const resultList = (input) => {
    const list = document.querySelector('#found');
    let selected = -1;
    const unselect = () => {
      selected = -1;
      input.removeAttribute('aria-activedescendant');
    };
    const setOpen = (isOpen) => {
      list.hidden = !isOpen;
      input.setAttribute('aria-expanded', String(isOpen));
    };
    const close = () => {
      setOpen(false);
      unselect();
    };
    const follow = (item) => {
      close();
      location.href = item.dataset.href;
    };
    return {
      close,
      show(results, query) {
        if (results.length === 0) {
          list.replaceChildren(nothing(query));
          unselect();
          return setOpen(true);
        }
        const items = results.map((result, i) => resultItem(result, `found-${i}`));
        for (const item of items)
          item.addEventListener('mousedown', (event) => {
            event.preventDefault();
            follow(item);
          });
        list.replaceChildren(...items);
        unselect();
        setOpen(true);
      },
      /** Selects the next result (1) or the one before (-1). */
      move(by) {
        const items = [...list.querySelectorAll('[data-href]')];
        if (items.length === 0) return;
        items[selected]?.setAttribute('aria-selected', 'false');
        selected = (selected + by + items.length) % items.length;
        items[selected].setAttribute('aria-selected', 'true');
        items[selected].scrollIntoView({ block: 'nearest' });
        input.setAttribute('aria-activedescendant', items[selected].id);
      },
      isOpen: () => !list.hidden,
      followSelected: () => {
        const item = list.querySelectorAll('[data-href]')[Math.max(0, selected)];
        if (item !== undefined) follow(item);
      },
    };
  };

  const startSearch = () => {
    const input = document.querySelector('#search');
    const status = document.querySelector('.status');
    const list = resultList(input);
    let loading;
    /** The index, which is loaded at the first use. */
    const index = () => {
      loading ??= (async () => {
        status.textContent = 'Loading the index';
        const loaded = await loadIndex();
        status.textContent = '';
        return loaded;
      })();
      return loading;
    };
    const show = async () => {
      const query = input.value.trim();
      if (query === '') return list.close();
      const loaded = await index();
      if (input.value.trim() !== query) return;
      const results = window.lapicqueFind.matches(loaded, query);
      list.show(results.slice(0, 20), query);
      status.textContent = results.length === 0 ? 'Nothing found' : `${results.length} found`;
    };
    input.addEventListener(
      'focus',
      () => void index().catch((error) => (status.textContent = error.message)),
    );
    input.addEventListener('input', () => void show());
    input.addEventListener('blur', list.close);
    input.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        list.move(event.key === 'ArrowDown' ? 1 : -1);
      } else if (event.key === 'Enter' && list.isOpen()) {
        event.preventDefault();
        list.followSelected();
      } else if (event.key === 'Escape') {
        input.value = '';
        list.close();
      }
    });
  };

  /** The slash key goes to the search, unless the reader is typing. */
  const startSearchKey = () => {
    const input = document.querySelector('#search');
    document.addEventListener('keydown', (event) => {
      const typing = /^(?:input|textarea|select)$/i.test(document.activeElement?.tagName ?? '');
      if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        input.focus();
      }
    });
  };

  startMenu();
  startCopying();
  startScrolling();
  startTheme();
  startSearch();
  startSearchKey();
}
