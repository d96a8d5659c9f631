/**
 * A messenger in the browser, for the people of a Bot API sandbox. It knows nothing of any bot.
 * It stands alone at /chats, and another page may import it.
 *
 * Hooks for tests:
 *   [data-chat="<id>"] a column · [data-message="<id>"] a bubble in it · [data-key="<label>"] an
 *   inline button · [data-answer="<label>"] a key of the reply keyboard · [data-command="<name>"]
 *   data-testid: composer-input composer-send composer-attach composer-commands composer-reply
 *   speaker start unblock rejoin moved message-reply message-edit chat-menu chat-close toast
 *   to-bottom unread new-mark typing add-chat pick-search pick-person pick-group lang theme notice
 *   dialog dialog-<action> file-caption fault-too_many fault-down fault-lost_reply fault-slow
 *   fault-none fault-active offline faults calls
 */

// ---- Words -------------------------------------------------------------------------------------

const keep = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* it is forgotten */ } },
};

/** The words of the page in two languages; what carries `data-t`, `data-label` or `data-hint` follows. */
export const words = {
  lang: 'zh-CN',
  all: { 'zh-CN': {}, en: {} },
  heard: new Set(),

  /** Loads files of words and chooses the language that was chosen last. */
  async load(...urls) {
    for (const file of await Promise.all(urls.map(async (url) => (await fetch(url)).json()))) {
      for (const lang of Object.keys(file)) Object.assign(this.all[lang] ??= {}, file[lang]);
    }
    const wanted = keep.get('lang') ?? (/^zh\b/.test(navigator.language) ? 'zh-CN' : 'en');
    this.choose(this.all[wanted] ? wanted : 'zh-CN');
  },

  choose(lang) {
    this.lang = lang;
    document.documentElement.lang = lang;
    this.dress(document);
    for (const hear of this.heard) hear();
  },

  /** Puts the words of the language into everything marked below `root`. */
  dress(root) {
    const each = (name, put) => {
      if (root.dataset?.[name]) put(root, t(root.dataset[name]));
      for (const node of root.querySelectorAll(`[data-${name}]`)) put(node, t(node.dataset[name]));
    };
    each('t', (node, text) => { node.textContent = text; });
    each('hint', (node, text) => { node.placeholder = text; });
    each('label', (node, text) => { node.ariaLabel = text; node.title = text; });
  },
};

/** A word in the language of the page, its {places} filled. */
export function t(key, fill = {}) {
  const text = words.all[words.lang][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => fill[name] ?? '');
}

/** The word of a value the server sent; the value itself where there is none. */
export function term(kind, value) {
  const key = `${kind}_${value}`;
  return words.all[words.lang][key] ?? String(value ?? '');
}

// ---- Elements ----------------------------------------------------------------------------------

/**
 * Makes an element. Text only ever goes in as text. `t`, `label` and `hint` name words for the
 * text, the accessible name and the placeholder; `on` holds listeners, `data` the data set.
 */
export function h(tag, props = {}, ...kids) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'on') for (const type in value) node.addEventListener(type, value[type]);
    else if (key === 'data') Object.assign(node.dataset, value);
    else if (['t', 'label', 'hint'].includes(key)) node.dataset[key] = value;
    else if (key === 'testid') node.dataset.testid = value;
    else if (value === true) node[key] = true;
    else node.setAttribute(key, value);
  }
  if (tag === 'button') node.type = 'button';
  node.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined && kid !== false));
  if (props.t || props.label || props.hint) words.dress(node);
  return node;
}

const ICONS = {
  send: 'M4 12 20 4l-6 16-3-7z', clip: 'm19 11-8 8a5 5 0 0 1-7-7l9-9a3.5 3.5 0 0 1 5 5l-9 9a2 2 0 0 1-3-3l8-8',
  reply: 'M10 5 4 11l6 6M4 11h9a7 7 0 0 1 7 7v1', edit: 'm4 20 1-5L16 4l4 4L9 19z', close: 'm6 6 12 12M18 6 6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01', down: 'm6 9 6 6 6-6', add: 'M12 5v14M5 12h14',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4', theme: 'M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z', pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  pause: 'M8 5v14M16 5v14', run: 'm8 5 11 7-11 7z', next: 'm5 5 8 7-8 7zM18 5v14', help: 'M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18h.01',
  wide: 'M10 6 4 12l6 6M14 6l6 6-6 6', chat: 'M4 5h16v11H10l-5 4v-4H4z', desk: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  wall: 'M5 20V10M12 20V4M19 20v-7',
};

/** An icon; it is only drawn, the name stands beside it or in the label. */
export function icon(name) {
  const make = (tag, attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return node;
  };
  const svg = make('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' });
  svg.append(make('path', { d: ICONS[name] }));
  return svg;
}

/** A button that shows an icon; `label` names the words it is called by. */
export function iconButton(name, label, click, props = {}) {
  return h('button', { class: 'round', ...props, label, on: { click } }, icon(name));
}

const nodesOf = new WeakMap();

/**
 * Makes the children of `parent` those of `items` ({key, sig, …}): a node stays while its `sig`
 * stays, the others are rendered, and the focus is kept.
 */
export function keyed(parent, items, render) {
  const held = nodesOf.get(parent) ?? new Map();
  nodesOf.set(parent, held);
  const wanted = new Set(items.map((item) => item.key));
  for (const [key, { node }] of held) {
    if (!wanted.has(key)) { node.remove(); held.delete(key); }
  }
  let at = parent.firstChild;
  for (const item of items) {
    let have = held.get(item.key);
    if (have?.sig !== item.sig) {
      const node = render(item, have?.node);
      if (have) {
        if (at === have.node) at = node;
        swap(have.node, node);
      }
      have = { sig: item.sig, node };
      held.set(item.key, have);
    }
    if (have.node === at) at = at.nextSibling;
    else parent.insertBefore(have.node, at);
  }
}

/** Puts a node in the place of another, with the focus, if it was inside. */
function swap(old, node) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(node);
  if (!active) return;
  const same = active.dataset.focus && node.querySelector(`[data-focus="${CSS.escape(active.dataset.focus)}"]`);
  const next = same || node.querySelector('.keys button, button, input') || node;
  if (next === node) node.tabIndex = -1;
  next.focus({ preventScroll: true });
}

// ---- Dialogs, menus, notices -------------------------------------------------------------------

/**
 * Asks in a dialog. `actions` are [name, value] pairs, the last is the main one (Enter); a value
 * may be a function. The answer, null when it was closed.
 */
export function ask(title, body, actions = [['ok', true]], kind = '') {
  return new Promise((resolve) => {
    const finish = (value) => { dialog.close(); resolve(typeof value === 'function' ? value() : value); };
    const buttons = actions.map(([name, value], n) => h('button', {
      t: name, class: n + 1 === actions.length ? 'main' : '', testid: `dialog-${name}`, on: { click: () => finish(value) },
    }));
    const head = h('header', { class: 'row' }, h('h2', { class: 'grow' }, title),
      iconButton('close', 'close', () => finish(null)));
    const dialog = h('dialog', { class: kind, testid: 'dialog', 'aria-label': title },
      head, h('div', { class: 'body' }, body), h('footer', { class: 'row' }, buttons));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(null); });
    dialog.addEventListener('keydown', (event) => {
      const plain = event.key === 'Enter' && !event.isComposing && event.target.matches('input');
      if (plain && actions.length) { event.preventDefault(); buttons.at(-1).click(); }
    });
    dialog.finish = finish;
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector('[autofocus], .body input, .body button')?.focus();
  });
}

/** Shows a menu of [word, act] pairs beside a button, or at a point. */
export function openMenu(near, items) {
  document.querySelector('.menu')?.remove();
  // Not `auto`: the finger of a long press would close it when it is lifted.
  const menu = h('div', { class: 'menu', role: 'menu', popover: 'manual' });
  const opener = document.activeElement;
  const gone = (event) => { if (!menu.contains(event.target)) leave(); };
  const leave = () => { menu.remove(); document.removeEventListener('pointerdown', gone, true); };
  const close = () => { leave(); opener?.focus?.({ preventScroll: true }); };
  document.addEventListener('pointerdown', gone, true);
  for (const [word, act] of items.filter(Boolean)) {
    menu.append(h('button', { role: 'menuitem', t: word, data: { testid: `menu-${word}` }, on: { click: () => { close(); act(); } } }));
  }
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Tab') close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...menu.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  (document.querySelector('main') ?? document.body).append(menu);
  menu.showPopover();
  const box = near.getBoundingClientRect?.() ?? { left: near.x, right: near.x, bottom: near.y };
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
  menu.firstChild.focus();
}

let notices;

/** Tells something in passing, for instance what the server refused. */
export function notice(text) {
  notices ??= document.body.appendChild(h('div', { class: 'notices', role: 'status' }));
  const node = h('p', { testid: 'notice' }, text);
  notices.append(node);
  setTimeout(() => node.remove(), 6000);
}

// ---- The server --------------------------------------------------------------------------------

/** Sends something; a refusal is told and thrown. */
export async function send(path, body, method = 'POST') {
  const bytes = body instanceof Blob;
  const kind = bytes ? 'application/octet-stream' : 'application/json';
  try {
    const answer = await fetch(path, {
      method, headers: { 'Content-Type': kind }, body: bytes ? await body.arrayBuffer() : JSON.stringify(body),
    });
    const json = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(json.error ?? answer.statusText);
    return json;
  } catch (error) {
    notice(`${t('refused')} ${error.message}`);
    error.told = true;
    throw error;
  }
}
addEventListener('unhandledrejection', (event) => { if (event.reason?.told) event.preventDefault(); });

/** Opens a stream of events and opens it again when the browser has given it up. */
export function listen(path, name, hear, state) {
  let source;
  const open = () => {
    source = new EventSource(path);
    let first = true;
    source.addEventListener(name, (event) => { hear(JSON.parse(event.data), first); first = false; });
    source.onopen = () => state(true);
    source.onerror = () => {
      state(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    };
  };
  open();
  return { again() { source.close(); open(); } };
}

/** What the page holds of the sandbox, kept up by its events: `change` (detail: ids), `toast`, `epoch`. */
export class Live extends EventTarget {
  constructor() {
    super();
    this.online = true;
    this.waiting = new Map();
    this.answered = new Map();
    this.forget();
  }

  forget() {
    this.epoch = null;
    this.bot = { name: '', username: '' };
    this.faults = [];
    this.chats = new Map();
  }

  start() {
    this.stream = listen('/control/events', 'change', (news, first) => this.merge(news, first), (online) => {
      this.online = online;
      this.tell('online');
    });
  }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  merge(news, first) {
    const began = this.epoch !== null && this.epoch !== news.epoch;
    if (began) {
      this.forget();
      // What came may be only the change: ask for everything.
      if (!first) return this.stream.again();
    }
    const anew = this.epoch !== news.epoch;
    for (const name of ['epoch', 'now', 'bot', 'faults']) this[name] = news[name];
    for (const view of news.chats) this.mergeChat(view);
    this.watchFaults();
    if (anew) this.tell('epoch');
    this.tell('change', new Set(news.chats.map((chat) => chat.id)));
    for (const toast of news.toasts) this.answer(toast, first);
    return undefined;
  }

  /** A fault that ends by the clock ends here too, should nobody tell. */
  watchFaults() {
    const left = Math.min(...this.faults.filter((one) => one.kind === 'down').map((one) => one.seconds));
    clearTimeout(this.faultTimer);
    if (!Number.isFinite(left)) return;
    this.faultTimer = setTimeout(() => {
      this.faults = this.faults.filter((one) => one.kind !== 'down');
      this.tell('change', new Set());
    }, left * 1000 + 500);
  }

  mergeChat({ messages, deleted, ...view }) {
    const chat = this.chats.get(view.id) ?? { messages: new Map() };
    Object.assign(chat, view);
    for (const message of messages) chat.messages.set(message.id, message);
    for (const id of deleted) chat.messages.delete(id);
    const left = view.typing ? Math.min(view.typing.until - this.now, 6) * 1000 : 0;
    chat.typingEnds = performance.now() + left;
    if (left > 0) setTimeout(() => this.tell('change', new Set([view.id])), left + 50);
    this.chats.set(view.id, chat);
  }

  answer(toast, first) {
    const waits = this.waiting.get(toast.press);
    this.waiting.delete(toast.press);
    waits?.();
    this.answered.set(toast.press, true);
    if (waits || !first) this.tell('toast', toast);
  }

  /** Resolves when a press was answered, or after a while as messengers do. */
  whenAnswered(press) {
    if (this.answered.has(press)) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.set(press, resolve);
      setTimeout(resolve, 20000);
    });
  }

  person(id) { return this.chats.get(id); }

  /** What a link starts: the code of a deep link to the bot, else null. */
  startOf(url) {
    const found = /^(?:https?:\/\/)?t\.me\/(\w+)\?start=([\w-]+)$/i.exec(url ?? '');
    return found && found[1].toLowerCase() === this.bot.username.toLowerCase() ? found[2] : null;
  }
}

/** Makes a person; their id. */
export async function newPerson(name) {
  const { id } = await send('/control/people', { name, username: null, language: words.lang === 'en' ? 'en' : 'zh-hans' });
  return id;
}

// ---- Time --------------------------------------------------------------------------------------

/** The zone times are shown in, as minutes east of Greenwich: the browser's, unless told. */
export const zone = { minutes: -new Date().getTimezoneOffset() };

const shifted = (unix) => new Date((unix + zone.minutes * 60) * 1000);
const clock = (unix) => shifted(unix).toISOString().slice(11, 16);
const dayOf = (unix) => shifted(unix).toISOString().slice(0, 10);
const dayName = (unix) => new Intl.DateTimeFormat(words.lang, {
  month: 'long', day: 'numeric', weekday: 'long', timeZone: 'UTC',
}).format(shifted(unix));

// ---- Messages ----------------------------------------------------------------------------------

const TAGS = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', blockquote: 'blockquote' };

function link(url, inside, column) {
  const href = /^(https?|mailto|tel|tg):/i.test(url) ? url : `https://${url}`;
  const start = column.board.live.startOf(url);
  const node = h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, inside);
  if (start) node.addEventListener('click', (event) => { event.preventDefault(); column.begin(start); });
  return node;
}

function spoiler(inside) {
  const node = h('span', { class: 'spoiler', role: 'button', tabindex: '0', label: 'spoiler' }, h('span', {}, inside));
  const show = (event) => {
    if (!node.role || (event.key && event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    node.className = 'spoiler shown';
    for (const name of ['role', 'tabindex', 'aria-label', 'title', 'data-label']) node.removeAttribute(name);
  };
  node.addEventListener('click', show);
  node.addEventListener('keydown', show);
  return node;
}

function folded(inside) {
  const quote = h('blockquote', { class: 'folded' }, h('div', {}, inside));
  const more = h('button', { class: 'link', t: 'unfold', 'aria-expanded': 'false' });
  more.addEventListener('click', () => {
    const open = !quote.classList.toggle('folded');
    more.ariaExpanded = String(open);
    more.dataset.t = open ? 'fold' : 'unfold';
    words.dress(more);
  });
  quote.append(more);
  return quote;
}

/** One entity around what is inside of it. */
function wrapped(entity, raw, inside, column) {
  switch (entity.type) {
    case 'pre': return h('pre', { tabindex: '0' }, h('code', entity.language ? { data: { language: entity.language } } : {}, inside));
    case 'spoiler': return spoiler(inside);
    case 'expandable_blockquote': return folded(inside);
    case 'text_link': return link(entity.url, inside, column);
    case 'url': return link(raw, inside, column);
    case 'email': return link(`mailto:${raw}`, inside, column);
    case 'phone_number': return link(`tel:${raw}`, inside, column);
    case 'bot_command': return h('button', { class: 'link', on: { click: () => column.say(raw) } }, inside);
    case 'mention': case 'text_mention': case 'hashtag': return h('span', { class: 'tag' }, inside);
    default: return TAGS[entity.type] ? h(TAGS[entity.type], {}, inside) : inside;
  }
}

/** A text with its entities (UTF-16 offsets, possibly nested) as nodes. */
export function formatted(text, entities, column) {
  const sorted = [...entities ?? []].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, list) => {
    const out = document.createDocumentFragment();
    let at = from;
    for (let n = 0; n < list.length;) {
      const entity = list[n++];
      const begin = Math.max(entity.offset, at);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= begin) continue;
      const inner = [];
      while (n < list.length && list[n].offset < end) inner.push(list[n++]);
      out.append(text.slice(at, begin), wrapped(entity, text.slice(begin, end), build(begin, end, inner), column));
      const block = /blockquote|pre/.test(entity.type) && text[end] === '\n';
      at = end + (block ? 1 : 0);
    }
    out.append(text.slice(at, to));
    return out;
  };
  return build(0, text.length, sorted);
}

const size = (bytes) => (bytes > 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.ceil((bytes ?? 0) / 1024)} kB`);
const fileAt = (file) => `/control/files/${encodeURIComponent(file.file_id)}`;

/** A photo, a file, or what else a message carries. */
function attachment(message) {
  const { photo, file, other } = message;
  if (photo) {
    const picture = () => h('img', {
      src: fileAt(photo), alt: message.text || t('photo'), width: photo.width, height: photo.height, loading: 'lazy',
    });
    const show = () => ask(t('photo'), picture(), [], 'picture');
    return h('button', { class: 'photo', label: 'open_photo', on: { click: show } }, picture());
  }
  if (file) {
    const name = file.name ?? term('file', file.kind);
    return h('a', { class: 'file', href: fileAt(file), download: name }, icon('file'),
      h('span', {}, h('b', {}, name), h('small', {}, `${term('file', file.kind)} · ${size(file.size)}`)));
  }
  return other && h('p', { class: 'soft' }, `[${term('other', other)}]`);
}

function quoted(message, column) {
  const to = message.reply_to;
  if (!to) return null;
  return h('button', { class: 'quoted', on: { click: () => column.jump(to.id) } },
    h('b', {}, to.from), h('span', {}, to.quote ?? (to.excerpt || t('photo'))));
}

function keys(message, column) {
  if (!message.keyboard?.length) return null;
  const make = (key) => {
    const props = { data: { key: key.text, focus: `key ${key.data ?? key.url ?? key.text}` } };
    if (key.kind === 'url') {
      const node = link(key.url, [key.text, ' ↗'], column);
      Object.assign(node.dataset, props.data);
      return node;
    }
    const node = h('button', props, key.text);
    if (column.busy.has(`${message.id} ${key.data}`)) node.ariaBusy = 'true';
    node.addEventListener('click', () => column.press(message, key, node));
    return node;
  };
  return h('div', { class: 'keys' }, message.keyboard.map((row) => h('div', {}, row.map(make))));
}

function serviceLine(message) {
  const text = t(`service_${message.service}`, { name: message.from.name });
  return h('p', { class: 'pill', data: { message: message.id } }, message.text && message.service !== 'pinned' ? message.text : text);
}

/** A message as a bubble; `own` ones stand on the right. */
function bubble(message, own, column) {
  if (message.service) return serviceLine(message);
  const time = clock(message.date);
  const inGroup = column.chat.kind !== 'private' && !own;
  const canEdit = own && message.text && !message.photo && !message.file;
  const tools = h('div', { class: 'tools' },
    iconButton('reply', 'reply', () => column.composer.answer(message), { tabindex: '-1', testid: 'message-reply', data: { focus: 'reply' } }),
    canEdit && iconButton('edit', 'edit', () => column.composer.change(message), { tabindex: '-1', testid: 'message-edit', data: { focus: 'edit' } }));
  const reactions = message.reactions ?? [];
  const body = h('div', { class: 'bubble' },
    inGroup && h('p', { class: 'from', data: { tint: Math.abs(message.from.id) % 7 } }, message.from.name),
    message.forwarded_from && h('p', { class: 'soft' }, t('forwarded', { name: message.forwarded_from })),
    quoted(message, column), attachment(message),
    message.text && h('div', { class: 'text' }, formatted(message.text, message.entities, column)),
    reactions.length ? h('p', { class: 'reactions' }, reactions.map((one) => h('span', {}, one))) : null,
    h('p', { class: 'time', title: `${dayOf(message.date)} ${time}` }, message.edited ? `${t('edited')} ` : '', time));
  return h('article', {
    class: `msg ${own ? 'own' : ''} ${message.album ? 'album' : ''}`, tabindex: '-1', data: { message: message.id },
    'aria-label': `${message.from.name} ${time}`,
  }, h('div', { class: 'line' }, body, tools), keys(message, column));
}

// ---- The composer ------------------------------------------------------------------------------

/** Where a person writes: text, commands, answers, edits, photos and files. */
class Composer {
  constructor(column) {
    this.column = column;
    this.input = h('textarea', {
      rows: '1', hint: 'message', label: 'message', testid: 'composer-input', 'aria-autocomplete': 'list',
      on: { input: () => this.typed(), keydown: (event) => this.key(event), paste: (event) => this.paste(event) },
    });
    this.list = h('ul', { class: 'commands', role: 'listbox', id: `commands${column.id}`, label: 'commands', hidden: true });
    this.input.setAttribute('aria-controls', this.list.id);
    this.bar = h('div', { class: 'replying row', testid: 'composer-reply', hidden: true });
    this.picker = h('input', { type: 'file', hidden: true, on: { change: () => this.picked() } });
    this.speaker = h('select', { label: 'speak_as', testid: 'speaker', on: { change: () => column.speak(Number(this.speaker.value)) } });
    this.speakers = h('div', { class: 'speakers row' }, h('span', { class: 'soft', t: 'speak_as', 'aria-hidden': 'true' }), this.speaker);
    this.answers = h('div', { class: 'answers' });
    this.node = h('div', { class: 'composer' }, this.list, this.speakers, this.bar, h('div', { class: 'row' },
      iconButton('clip', 'attach', () => this.picker.click(), { testid: 'composer-attach' }), this.picker,
      h('button', { class: 'round slash', label: 'commands', testid: 'composer-commands', on: { click: () => this.slash() } }, '/'),
      this.input, iconButton('send', 'send', () => this.send(), { class: 'round send', testid: 'composer-send' })), this.answers);
  }

  /** Follows the chat: who may speak, the keyboard in place of one's own. */
  render() {
    const { chat, board } = this.column;
    this.speakers.hidden = chat.kind === 'private';
    const name = (id) => board.live.person(id)?.name ?? String(id);
    keyed(this.speaker, (chat.members ?? []).map((id) => ({ key: id, sig: name(id) })), ({ key, sig }) => h('option', { value: key }, sig));
    if (this.column.user) this.speaker.value = String(this.column.user);
    const keyboard = chat.reply_keyboard;
    const sig = JSON.stringify(keyboard);
    const rows = keyboard && this.used !== sig ? keyboard.rows : [];
    const choose = (text) => { this.column.say(text); if (keyboard.one_time) { this.used = sig; this.render(); } };
    keyed(this.answers, rows.map((row, n) => ({ key: n, sig: JSON.stringify(row), row })), ({ row }) => h('div', {},
      row.map((text) => h('button', { data: { answer: text, focus: text }, on: { click: () => choose(text) } }, text))));
    if (keyboard?.placeholder) this.input.placeholder = keyboard.placeholder;
  }

  typed() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
    const found = /^\/(\w*)$/.exec(this.input.value);
    this.offer(found ? this.column.chat.menu.filter((one) => one.command.startsWith(found[1])) : []);
  }

  offer(commands) {
    this.at = 0;
    this.list.hidden = !commands.length;
    this.list.replaceChildren(...commands.map((one, n) => h('li', {
      role: 'option', id: `${this.list.id}-${n}`, data: { command: one.command }, 'aria-selected': String(n === 0),
      on: { click: () => this.command(one.command) },
    }, h('b', {}, `/${one.command}`), ' ', one.description)));
    this.select(0);
  }

  select(step) {
    const all = [...this.list.children];
    if (!all.length) return this.input.removeAttribute('aria-activedescendant');
    this.at = (this.at + step + all.length) % all.length;
    all.forEach((one, n) => { one.ariaSelected = String(n === this.at); });
    this.input.setAttribute('aria-activedescendant', all[this.at].id);
    return all[this.at].scrollIntoView({ block: 'nearest' });
  }

  slash() {
    const open = !this.list.hidden;
    this.fill(open ? '' : '/');
    if (!open && !this.column.chat.menu.length) notice(t('no_commands'));
  }

  command(name) {
    this.fill('');
    const { chat, board } = this.column;
    this.column.say(`/${name}${chat.kind === 'private' ? '' : `@${board.live.bot.username}`}`);
  }

  fill(text) {
    this.input.value = text;
    this.typed();
    this.input.focus();
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!this.list.hidden && (step || event.key === 'Tab')) {
      event.preventDefault();
      if (step) this.select(step);
      else this.fill(`/${this.list.children[this.at].dataset.command} `);
    } else if (event.key === 'Escape') {
      this.offer([]);
      this.clear();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (this.list.hidden) this.send();
      else this.command(this.list.children[this.at].dataset.command);
    }
  }

  /** Shows above the input what is answered or edited. */
  about(message, word) {
    this.bar.hidden = false;
    this.bar.replaceChildren(icon(this.edits ? 'edit' : 'reply'), h('p', { class: 'grow' },
      h('b', {}, t(word, { name: message.from.name })), h('span', {}, message.text.split('\n')[0] || t('photo'))),
    iconButton('close', 'cancel', () => { this.clear(); this.input.focus(); }));
    this.input.focus();
  }

  answer(message) {
    this.clear();
    this.to = message.id;
    this.about(message, 'replying');
  }

  change(message) {
    this.clear();
    this.edits = message.id;
    this.about(message, 'editing');
    this.fill(message.text);
  }

  clear() {
    if (this.edits) this.input.value = '';
    this.to = this.edits = undefined;
    this.bar.hidden = true;
  }

  async send() {
    const { column, to, edits } = this;
    const text = this.input.value.trim();
    if (!text) return this.input.focus();
    this.clear();
    this.fill('');
    try {
      if (edits) await send('/control/edit', { user: column.user, chat: column.id, message: edits, text });
      else await column.say(text, to);
    } catch { this.input.value ||= text; }
    return undefined;
  }

  picked() {
    const [file] = this.picker.files;
    this.picker.value = '';
    if (file) this.sendFile(file);
  }

  paste(event) {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    this.sendFile(file);
  }

  /** Asks how a file is sent, and sends it. */
  async sendFile(file) {
    const { column, to } = this;
    const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
    const url = picture ? URL.createObjectURL(file) : null;
    const plain = h('input', { type: 'checkbox' });
    const caption = h('input', { type: 'text', autofocus: true, testid: 'file-caption' });
    const sent = await ask(t('send_file'), [
      picture ? h('img', { class: 'preview', src: url, alt: file.name }) : h('p', { class: 'file' }, icon('file'), h('b', {}, file.name)),
      h('label', { class: 'field' }, h('span', { t: 'caption' }), caption),
      picture && h('label', { class: 'row' }, plain, h('span', { t: 'as_file' })),
    ], [['cancel', null], ['send', true]]);
    if (url) URL.revokeObjectURL(url);
    if (!sent) return;
    this.clear();
    const asked = new URLSearchParams({
      user: column.user, chat: column.id, name: file.name, caption: caption.value, as: picture && !plain.checked ? 'photo' : 'document',
    });
    if (to) asked.set('reply_to', to);
    column.mark = null;
    column.stick = true;
    await send(`/control/file?${asked}`, file);
  }
}

// ---- A column ----------------------------------------------------------------------------------

/** A chat as one person sees it, as wide as a phone. */
class Column {
  constructor(board, id) {
    this.board = board;
    this.id = id;
    this.busy = new Set();
    this.stick = true;
    this.last = null;
    this.composer = new Composer(this);
    this.name = h('h2', { id: `name${id}` });
    this.under = h('p', { class: 'soft' });
    this.face = h('span', { class: 'face', 'aria-hidden': 'true', data: { tint: Math.abs(id) % 7 } });
    this.pin = h('button', { class: 'pinned', hidden: true, on: { click: () => this.jump(this.chat.pinned) } });
    this.log = h('div', { class: 'log', role: 'log', tabindex: '0', on: {
      scroll: () => this.scrolled(), keydown: (event) => this.walk(event), focusin: (event) => this.reach(event),
      contextmenu: (event) => this.choices(event), pointerdown: (event) => this.held(event),
    } });
    this.down = h('button', { class: 'round down', label: 'to_bottom', testid: 'to-bottom', hidden: true, on: { click: () => this.toBottom() } },
      icon('down'), h('b', { class: 'badge', hidden: true, 'aria-hidden': 'true' }));
    this.banner = h('div', { class: 'banner', role: 'status' });
    this.foot = h('div', { class: 'foot' });
    this.node = h('section', { class: 'chat', data: { chat: id }, 'aria-labelledby': this.name.id, on: {
      dragover: (event) => event.preventDefault(), drop: (event) => this.dropped(event),
    } }, this.header(), this.pin, h('div', { class: 'paper' }, this.log, this.banner, this.down), this.foot);
    this.log.addEventListener('load', () => this.settle(), true);
    this.sizes = new ResizeObserver(() => this.settle());
    this.sizes.observe(this.log);
    this.watcher = new IntersectionObserver(([seen]) => {
      this.visible = seen.isIntersecting;
      this.settle();
      this.read();
    }, { threshold: 0.4 });
    this.watcher.observe(this.node);
  }

  /** Once it is laid out, goes to the first unread message; after that stays at the bottom. */
  settle() {
    if (!this.chat || !this.log.clientHeight || !this.stick) return;
    if (!this.placed && this.last !== null) {
      this.placed = true;
      const { messages } = this.chat;
      const read = this.board.readUpTo(this.chat);
      this.scrollTo([...messages.values()].find((message) => message.from_bot && message.id > read)?.id);
    } else this.log.scrollTop = this.log.scrollHeight;
  }

  /** Goes to the bottom, but never past the beginning of a message that is new. */
  scrollTo(id) {
    const node = id && this.bubble(id);
    const bottom = this.log.scrollHeight - this.log.clientHeight;
    this.log.scrollTop = node ? Math.min(bottom, node.offsetTop - 44) : bottom;
    this.stick = bottom - this.log.scrollTop < 60;
  }

  header() {
    return h('header', { class: 'row' }, this.face, h('div', { class: 'grow names' }, this.name, this.under),
      iconButton('more', 'more', (event) => openMenu(event.currentTarget, this.menu()), { testid: 'chat-menu', 'aria-haspopup': 'menu' }),
      iconButton('close', 'close_chat', () => this.board.close(this.id), { testid: 'chat-close' }));
  }

  get chat() { return this.board.live.chats.get(this.id); }

  /** Who acts in this column. */
  get user() {
    if (this.chat.kind === 'private') return this.id;
    const { members } = this.chat;
    return members.includes(this.speaker) ? this.speaker : members[0];
  }

  speak(user) { this.speaker = user; this.render(); }

  menu() {
    const { id, chat, user } = this;
    if (chat.kind === 'private') {
      return [chat.blocked ? ['unblock', () => send('/control/unblock', { user: id })] : ['block', () => send('/control/block', { user: id })]];
    }
    const add = async () => {
      const one = await this.board.pick('add_person', (other) => other.kind === 'private' && !chat.members.includes(other.id));
      if (one) send('/control/join', { chat: id, user: one });
    };
    return [['add_person', add], user && ['leave', () => send('/control/leave', { chat: id, user })],
      !chat.blocked && ['expel', () => send('/control/leave', { chat: id })],
      chat.kind === 'group' && ['upgrade', async () => this.board.go((await send('/control/upgrade', { chat: id })).id, id)]];
  }

  // -- acts

  async say(text, to) {
    this.mark = null;
    this.stick = true;
    return send('/control/say', { user: this.user, chat: this.id, text, ...(to && { reply_to: to }) });
  }

  /** Follows a deep link: always in the private chat of who follows. */
  async begin(code) {
    const { user } = this;
    await send('/control/say', { user, text: `/start ${code}` });
    this.board.show(user);
  }

  async press(message, key, node) {
    if (key.kind === 'copy') {
      await navigator.clipboard?.writeText(key.data).catch(() => {});
      return this.toast({ text: t('copied', { text: key.data }) });
    }
    if (key.kind !== 'callback') return notice(t('other_key'));
    const mark = `${message.id} ${key.data}`;
    if (this.busy.has(mark)) return undefined;
    this.busy.add(mark);
    node.ariaBusy = 'true';
    this.mark = null;
    try {
      const { press } = await send('/control/press', { user: this.user, chat: this.id, message: message.id, data: key.data });
      await this.board.live.whenAnswered(press);
    } finally {
      this.busy.delete(mark);
      const focus = CSS.escape(`key ${key.data}`);
      this.bubble(message.id)?.querySelector(`[data-focus="${focus}"]`)?.removeAttribute('aria-busy');
    }
    return undefined;
  }

  /** What the bot answered to a press: a banner, or an alert to close. */
  toast({ text, alert, url }) {
    if (!text && !url) return;
    if (alert) { ask(this.board.live.bot.name, h('p', {}, text)); return; }
    const node = h('p', { testid: 'toast' }, text, url && link(url, url, this));
    this.banner.replaceChildren(node);
    setTimeout(() => node.remove(), 5000);
  }

  dropped(event) {
    const [file] = event.dataTransfer.files;
    if (!file || !this.foot.contains(this.composer.node)) return;
    event.preventDefault();
    this.composer.sendFile(file);
  }

  // -- moving about

  bubble(id) { return this.log.querySelector(`[data-message="${id}"]`); }

  jump(id) {
    const node = this.bubble(id);
    if (!node) return;
    node.scrollIntoView({ block: 'center' });
    node.classList.remove('flash');
    requestAnimationFrame(() => node.classList.add('flash'));
    node.focus({ preventScroll: true });
  }

  toBottom() {
    this.stick = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.read();
  }

  scrolled() {
    if (!this.log.clientHeight) return;
    this.stick = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    this.read();
  }

  /** What is at the bottom of a visible column counts as read. */
  read() {
    const chat = this.chat;
    if (!chat) return;
    if (this.visible && this.stick && !document.hidden) this.board.readTo(this.id, this.last ?? 0);
    const unread = this.board.unread(chat);
    this.down.hidden = this.stick;
    this.down.lastChild.hidden = !unread;
    this.down.lastChild.textContent = unread;
    this.down.ariaLabel = unread ? `${t('to_bottom')} ${unread}` : t('to_bottom');
  }

  /** Arrow keys go from message to message. */
  walk(event) {
    const step = { ArrowDown: 'next', ArrowUp: 'previous' }[event.key];
    const from = event.target.closest('article');
    if (!step || !(event.target === from || event.target === this.log)) return;
    const all = [...this.log.querySelectorAll('article')];
    const at = from ? all.indexOf(from) + (step === 'next' ? 1 : -1) : all.length - 1;
    if (!all[at]) return;
    event.preventDefault();
    all[at].focus();
  }

  /** The tools of the message with the focus can be reached by Tab, the others not. */
  reach(event) {
    const here = event.target.closest('article');
    for (const tool of this.log.querySelectorAll('.tools button')) tool.tabIndex = here?.contains(tool) ? 0 : -1;
  }

  choices(event) {
    const node = event.target.closest('article');
    const message = node && this.chat.messages.get(Number(node.dataset.message));
    if (!message || event.target.closest('a') || String(getSelection())) return;
    event.preventDefault?.();
    openMenu({ x: event.clientX, y: event.clientY }, [['reply', () => this.composer.answer(message)],
      node.querySelector('[data-testid=message-edit]') && ['edit', () => this.composer.change(message)],
      ['copy', () => navigator.clipboard?.writeText(message.text).catch(() => {})]]);
  }

  /** A long press is the right button of a finger. */
  held(event) {
    if (event.pointerType !== 'touch') return;
    const { target, clientX, clientY } = event;
    const timer = setTimeout(() => this.choices({ target, clientX, clientY }), 500);
    for (const end of ['pointerup', 'pointercancel', 'pointermove']) this.log.addEventListener(end, () => clearTimeout(timer), { once: true });
  }

  // -- rendering

  render() {
    const { chat, board } = this;
    if (!chat) return;
    this.name.textContent = chat.name;
    this.face.textContent = [...chat.name][0] ?? '?';
    this.log.ariaLabel = t('messages_of', { name: chat.name });
    const typing = chat.typing && chat.typingEnds > performance.now();
    this.under.textContent = typing ? t('typing') : board.about(chat);
    this.under.classList.toggle('typing', typing);
    if (typing) this.under.dataset.testid = 'typing'; else delete this.under.dataset.testid;
    const pinned = chat.pinned && chat.messages.get(chat.pinned);
    this.pin.hidden = !pinned;
    if (pinned) this.pin.replaceChildren(icon('pin'), h('span', {}, pinned.text.split('\n')[0]));
    this.renderLog();
    this.renderFoot();
    this.read();
  }

  renderLog() {
    const { chat } = this;
    const first = this.last === null;
    const ids = [...chat.messages.keys()];
    const fresh = first ? undefined : ids.find((id) => id > this.last && chat.messages.get(id).from_bot);
    if (!(this.visible && this.stick)) this.mark ??= fresh;
    this.last = ids.at(-1) ?? 0;
    const items = [];
    let day;
    for (const message of chat.messages.values()) {
      const date = dayOf(message.date);
      if (date !== day) items.push({ key: `day${date}`, sig: words.lang, date: message.date });
      day = date;
      if (message.id === this.mark) items.push({ key: 'new', sig: words.lang });
      const own = !message.from_bot && message.from.id === this.user;
      items.push({ key: message.id, sig: `${message.revision} ${own} ${words.lang} ${zone.minutes}`, message, own });
    }
    const hello = this.board.live.bot.description || t('no_messages');
    if (!items.length) items.push({ key: 'empty', sig: hello });
    keyed(this.log, items, ({ key, date, message, own }) => {
      if (message) return bubble(message, own, this);
      if (key === 'empty') return h('p', { class: 'pill' }, hello);
      if (key === 'new') return h('p', { class: 'new', testid: 'new-mark' }, t('new_messages'));
      return h('h3', { class: 'pill day' }, h('span', {}, dayName(date)));
    });
    if (this.stick && this.placed) this.scrollTo(fresh);
  }

  /** The composer, or the one thing that can be done instead. */
  renderFoot() {
    const { chat, id } = this;
    const group = chat.kind !== 'private';
    let kind = 'composer';
    if (chat.migrated_to) kind = 'moved';
    else if (group && chat.blocked) kind = 'rejoin';
    else if (chat.blocked) kind = 'unblock';
    else if (!group && !chat.started) kind = 'start';
    this.composer.render();
    if (this.footKind === kind) return;
    const had = this.foot.contains(document.activeElement);
    this.footKind = kind;
    const acts = {
      start: () => this.say('/start'), unblock: () => send('/control/unblock', { user: id }),
      rejoin: () => send('/control/join', { chat: id }), moved: () => this.board.go(chat.migrated_to, id),
    };
    const big = acts[kind] && h('button', { class: 'big main', t: `do_${kind}`, testid: kind, on: { click: acts[kind] } });
    this.foot.replaceChildren(big ?? this.composer.node);
    if (had) (big ?? this.composer.input).focus();
  }
}

// ---- The board ---------------------------------------------------------------------------------

/** Chats side by side; on a phone one at a time. */
export class Board {
  /**
   * @param {Live} live what is shown
   * @param {(chat: object) => string} [about] the line under a chat's name
   */
  constructor(live, about) {
    this.live = live;
    this.about = (chat) => about?.(chat) || (chat.kind === 'private' ? (chat.username && `@${chat.username}`) || t('private')
      : t('members', { n: chat.members.length }));
    this.columns = new Map();
    this.reads = new Map();
    this.strip = h('nav', { class: 'strip', label: 'chats' });
    this.add = h('button', { class: 'add', testid: 'add-chat', on: { click: () => this.choose() } }, icon('add'), h('span', { t: 'add_chat' }));
    this.row = h('div', { class: 'columns', role: 'group', label: 'chats', tabindex: '0' }, this.add);
    this.offline = h('p', { class: 'offline', role: 'status', testid: 'offline' });
    this.node = h('div', { class: 'board' }, this.offline, this.strip, this.row);
    live.addEventListener('change', ({ detail }) => this.update(detail));
    live.addEventListener('toast', ({ detail }) => this.columns.get(detail.chat)?.toast(detail));
    live.addEventListener('online', () => { this.offline.textContent = live.online ? '' : t('offline'); });
    document.addEventListener('visibilitychange', () => this.update());
    words.heard.add(() => this.update());
  }

  update(ids) {
    for (const [id, column] of this.columns) if (!ids || ids.has(id)) column.render();
    this.renderStrip();
  }

  renderStrip() {
    const open = [...this.columns.keys()].map((id) => this.live.chats.get(id)).filter(Boolean);
    const items = open.map((chat) => {
      const [unread, here] = [this.unread(chat), chat.id === this.current];
      return { key: chat.id, sig: `${chat.name} ${unread} ${here} ${words.lang}`, chat, unread, here };
    });
    items.push({ key: 'add', sig: words.lang });
    keyed(this.strip, items, ({ key, chat, unread, here }) => (key === 'add'
      ? iconButton('add', 'add_chat', () => this.choose(), { data: { focus: 'add' } })
      : h('button', { class: 'chip', 'aria-current': here ? 'true' : null, data: { focus: key, tab: key }, on: { click: () => this.show(key) } },
        chat.name, unread ? h('b', { class: 'badge', testid: 'unread', 'aria-label': t('unread', { n: unread }), role: 'img' }, unread) : null)));
  }

  readTo(id, message) {
    if ((this.reads.get(id) ?? 0) >= message) return;
    this.reads.set(id, message);
    this.renderStrip();
  }

  /** How many messages of the bot came after what was read or answered. */
  unread(chat) {
    const read = this.readUpTo(chat);
    return [...chat.messages.values()].filter((message) => message.from_bot && message.id > read).length;
  }

  /** The last message that was read here, or answered. */
  readUpTo(chat) {
    const own = [...chat.messages.values()].findLast((message) => !message.from_bot)?.id ?? 0;
    return Math.max(own, this.reads.get(chat.id) ?? 0);
  }

  /** Forgets every column and shows these chats. */
  reset(ids) {
    for (const id of [...this.columns.keys()]) this.close(id);
    this.reads.clear();
    for (const id of ids) this.open(id);
    this.current = ids[0];
    this.mark();
  }

  open(id) {
    if (this.columns.has(id)) return;
    const column = new Column(this, id);
    this.columns.set(id, column);
    this.row.insertBefore(column.node, this.add);
    column.render();
  }

  /** Shows a chat: opens it where it is not, and brings it into view. */
  show(id) {
    this.open(id);
    this.current = id;
    this.mark();
    this.columns.get(id).node.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }

  /** Shows a chat in the place of another. */
  go(id, instead) {
    this.show(id);
    this.row.insertBefore(this.columns.get(id).node, this.columns.get(instead)?.node ?? this.add);
    this.close(instead);
  }

  close(id) {
    const column = this.columns.get(id);
    if (!column) return;
    const had = column.node.contains(document.activeElement);
    column.watcher.disconnect();
    column.sizes.disconnect();
    column.node.remove();
    this.columns.delete(id);
    if (this.current === id) this.current = this.columns.keys().next().value;
    this.mark();
    if (had) this.row.focus();
  }

  mark() {
    for (const [id, column] of this.columns) column.node.classList.toggle('current', id === this.current);
    this.renderStrip();
  }

  /** Asks for one of the chats that fit; `extra` stands above the list. Its id, or null. */
  pick(title, fits = () => true, extra = () => null) {
    const list = h('ul', { class: 'picks' });
    const search = h('input', { type: 'search', label: 'search', hint: 'search', testid: 'pick-search', autofocus: true, on: { input: () => fill() } });
    const finish = (value) => list.closest('dialog').finish(value);
    const fill = () => {
      const text = search.value.trim().toLowerCase();
      const all = [...this.live.chats.values()].filter((chat) => fits(chat)
        && `${chat.name} ${this.about(chat)} ${chat.username ?? ''}`.toLowerCase().includes(text));
      list.replaceChildren(...all.map((chat) => {
        const unread = this.unread(chat);
        return h('li', {}, h('button', { data: { pick: chat.id }, on: { click: () => finish(chat.id) } },
          h('span', { class: 'face', 'aria-hidden': 'true', data: { tint: Math.abs(chat.id) % 7 } }, [...chat.name][0] ?? ''),
          h('span', { class: 'grow names' }, h('b', {}, chat.name), h('small', { class: 'soft' }, this.about(chat))),
          unread ? h('b', { class: 'badge' }, unread) : null));
      }));
    };
    fill();
    return ask(t(title), [search, extra(finish), list], []);
  }

  /** Asks which chat to show besides. */
  async choose() {
    const extra = (finish) => h('div', { class: 'row' },
      h('button', { t: 'new_person', testid: 'pick-person', on: { click: () => finish('person') } }),
      h('button', { t: 'new_group', testid: 'pick-group', on: { click: () => finish('group') } }));
    const picked = await this.pick('add_chat', (chat) => !this.columns.has(chat.id) && !chat.migrated_to, extra);
    const id = await (picked === 'person' ? this.makePerson() : picked === 'group' ? this.makeGroup() : picked);
    if (id) this.show(id);
  }

  async makePerson() {
    const name = await askText('new_person', 'name');
    return name && newPerson(name);
  }

  async makeGroup() {
    const title = await askText('new_group', 'name');
    if (!title) return null;
    const members = [...this.columns.keys()].filter((id) => id > 0);
    return (await send('/control/groups', { title, members, supergroup: false })).id;
  }
}

/** Asks for one line. */
export async function askText(title, label, value = '') {
  const input = h('input', { type: 'text', autofocus: true, value });
  const answer = await ask(t(title), h('label', { class: 'field' }, h('span', { t: label }), input), [['cancel', null], ['ok', () => input.value.trim()]]);
  return answer || null;
}

// ---- What goes wrong, and settings -------------------------------------------------------------

const FAULTS = [
  { kind: 'too_many', method: 'sendMessage', times: 10, seconds: 5 }, { kind: 'down', seconds: 60 },
  { kind: 'lost_reply', method: 'sendMessage', times: 3 }, { kind: 'slow', ms: 1500, times: 20 },
];

/** Buttons for what can go wrong, and what is going wrong now. */
export function faultBox(live) {
  const active = h('ul', { class: 'active', label: 'active_faults' });
  const buttons = FAULTS.map((fault) => h('div', { class: 'fault row' },
    h('p', { class: 'grow' }, h('b', { t: `fault_${fault.kind}` }), h('small', { class: 'soft', t: `fault_${fault.kind}_is` })),
    h('button', { t: 'break', testid: `fault-${fault.kind}`, on: { click: () => send('/control/fault', fault) } })));
  buttons.forEach((row, n) => row.lastChild.setAttribute('aria-describedby', (row.firstChild.id = `fault${n}`)));
  const mend = h('button', { t: 'mend', testid: 'fault-none', on: { click: () => send('/control/fault', { kind: 'none' }) } });
  const update = () => {
    const items = live.faults.map((fault, n) => ({ key: n, sig: JSON.stringify([fault, words.lang]), fault }));
    keyed(active, items.length ? items : [{ key: 'none', sig: words.lang }], ({ fault }) => (fault
      ? h('li', { class: 'bad', testid: 'fault-active' }, `⚠ ${term('fault', fault.kind)} · `,
        t(fault.kind === 'down' ? 'fault_seconds' : 'fault_left', { n: fault.left ?? fault.seconds }))
      : h('li', { class: 'soft' }, t('no_faults'))));
    mend.disabled = !live.faults.length;
  };
  live.addEventListener('change', update);
  words.heard.add(update);
  update();
  return h('div', { class: 'faults' }, h('div', { class: 'row' }, active, mend), buttons);
}

/** The buttons for language and theme; both choices are remembered. */
export function settings() {
  const root = document.documentElement;
  const theme = keep.get('theme');
  if (theme) root.dataset.theme = theme;
  const turn = () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    keep.set('theme', root.dataset.theme);
  };
  const speak = () => {
    const lang = words.lang === 'en' ? 'zh-CN' : 'en';
    keep.set('lang', lang);
    words.choose(lang);
  };
  return [h('button', { class: 'round', t: 'other_lang', label: 'change_lang', testid: 'lang', on: { click: speak } }),
    iconButton('theme', 'change_theme', turn, { testid: 'theme' })];
}

async function showCalls() {
  const [calls, violations] = await Promise.all(['calls?last=100', 'violations'].map(async (name) => (await fetch(`/control/${name}`)).json()));
  const row = (call) => h('tr', { class: call.status === 200 ? '' : 'bad' }, [clock(call.at), call.method, call.chat, call.status, call.description]
    .map((cell) => h('td', {}, String(cell ?? ''))));
  ask(t('calls'), [violations.length ? h('ul', { class: 'bad' }, violations.map((one) => h('li', {}, one))) : h('p', { t: 'no_violations' }),
    h('div', { class: 'scroll', tabindex: '0', role: 'group', label: 'calls' }, h('table', {}, h('tbody', {}, calls.reverse().map(row))))], [['ok', true]], 'large');
}

/** The page /chats. */
async function start() {
  await words.load('/chats.words.json');
  const live = new Live();
  const board = new Board(live);
  document.getElementById('settings').append(...settings());
  document.getElementById('chats').append(board.node);
  document.getElementById('calls').onclick = showCalls;
  document.getElementById('faults').onclick = () => ask(t('faults'), faultBox(live));
  live.addEventListener('change', () => { document.getElementById('bot').textContent = `@${live.bot.username}`; });
  // Those that were talked in last.
  const last = (chat) => Math.max(0, ...[...chat.messages.values()].map((message) => message.revision));
  const latest = () => [...live.chats.values()].sort((a, b) => last(b) - last(a)).slice(0, 4).map((chat) => chat.id);
  live.addEventListener('epoch', () => board.reset(latest()));
  live.start();
}

if (document.documentElement.dataset.page === 'chats') start();
