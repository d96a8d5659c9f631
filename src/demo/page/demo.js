/**
 * The demo: chats side by side, the director's panel, the wall, and a guided tour.
 *
 * Hooks for tests (those of the chats are in chats.js):
 *   data-testid: now pause next-day next-day-panel speed-<1|10|60|600> jump-to jump busy
 *   report-file report-edit report-generate report-reset report-is report-row-add report-save
 *   fault-<kind> autoplay people-search leave-<code> invite-<code> invite-link invite-open
 *   restart again tab-panel tab-wall panel wall view-chats view-panel view-wall wide
 *   funnel funnel-<findings|matched|told|acknowledged|fixed|verified>
 *   issue-state issue-search issue-<number> issue-open-<number> outbox-counts outbox-<state>
 *   outbox-row news tour tour-open tour-next tour-skip tour-close tour-progress theme lang
 *   body[data-view] what a phone shows · #tour[data-step] the step of the tour
 */
import {
  Board, Live, ask, askText, faultBox, h, icon, iconButton, keyed, listen, newPerson, notice, send, settings, t, term, words, zone,
} from '/chats.js';

const live = new Live();
let wall = null;
let report = null;
const at = (id) => document.getElementById(id);
const heard = new Set();

/** Calls `update` now, if there is something to show, and after every change of wall or language. */
function follow(update) {
  heard.add(update);
  words.heard.add(() => wall && update());
  if (wall) update();
}

const act = (path, body = {}) => send(`/demo/${path}`, body);
const button = (word, testid, click, props = {}) => h('button', { t: word, testid, on: { click }, ...props });
const stateMark = {
  open: '○', acknowledged: '◔', fix_reported: '◑', closed: '●',
  owed: '○', claimed: '◔', sent: '●', waiting: '◌', dropped: '–', dead: '✕',
};

const roleOf = (one) => [term('role', one.role), one.unit].filter(Boolean).join(' · ');

function card(title, ...kids) {
  return h('section', { class: 'card' }, h('h2', { t: title }), kids);
}

// ---- The clock ---------------------------------------------------------------------------------

const day = (text) => new Intl.DateTimeFormat(words.lang, { month: 'short', day: 'numeric', weekday: 'short', timeZone: 'UTC' })
  .format(new Date(`${text.slice(0, 10)}T00:00Z`));
const nextDay = () => act('clock', { action: 'next_day' });

function clockInTop() {
  const pause = iconButton('pause', 'pause', () => act('clock', { action: wall.paused ? 'run' : 'pause' }), { testid: 'pause' });
  const next = h('button', { class: 'main row', testid: 'next-day', on: { click: nextDay } }, icon('next'), h('span', { t: 'next_day' }));
  at('clock').append(pause, next);
  follow(() => {
    at('now').replaceChildren(h('span', {}, day(wall.now)), ' ', h('b', {}, wall.now.slice(11, 16)),
      wall.paused ? h('span', { class: 'soft' }, ` ⏸ ${t('paused')}`) : '');
    const word = wall.paused ? 'run' : 'pause';
    if (pause.dataset.label !== word) {
      pause.dataset.label = word;
      pause.replaceChildren(icon(word));
      words.dress(pause);
    }
    next.disabled = wall.busy;
    next.ariaBusy = String(wall.busy);
  });
}

function clockCard() {
  const speeds = [1, 10, 60, 600].map((speed) => h('button', {
    testid: `speed-${speed}`, on: { click: () => act('clock', { action: 'speed', speed }) },
  }, `${speed}×`));
  const to = h('input', { type: 'datetime-local', testid: 'jump-to', id: 'jump-to' });
  const jump = button('jump', 'jump', () => to.value && act('clock', { action: 'jump', to: to.value }));
  const next = button('next_day', 'next-day-panel', nextDay);
  const busy = h('p', { class: 'soft', role: 'status', testid: 'busy' });
  let touched = false;
  to.addEventListener('input', () => { touched = true; });
  to.addEventListener('blur', () => { if (!to.value) touched = false; });
  follow(() => {
    for (const one of speeds) one.ariaPressed = String(one.textContent === `${wall.speed}×`);
    next.disabled = jump.disabled = wall.busy;
    busy.textContent = wall.busy ? t('busy') : '';
    if (touched && to.value > wall.now.slice(0, 16)) return;
    const date = new Date(`${wall.now.slice(0, 10)}T09:00Z`);
    date.setUTCDate(date.getUTCDate() + 1);
    to.value = date.toISOString().slice(0, 16);
    touched = false;
  });
  return card('clock', h('div', { class: 'row' }, h('div', { class: 'joined', role: 'group', label: 'speed' }, speeds), next),
    h('div', { class: 'row wrap' }, h('label', { for: 'jump-to', t: 'jump_to' }), to, jump), busy);
}

// ---- Tomorrow's report -------------------------------------------------------------------------

async function loadReport() {
  const answer = await fetch('/demo/report');
  if (answer.ok) took(await answer.json());
}

/** Holds the report the server answered with. */
function took(json) {
  report = json;
  for (const update of heard) if (wall) update();
}

function reportCard() {
  const is = h('p', { testid: 'report-is', role: 'status' });
  const input = h('input', { type: 'file', accept: '.xlsx,.xls,.csv,.json,.jsonl,.html,.docx,.zip', testid: 'report-file', id: 'report-file', class: 'hidden-input' });
  const put = async (file) => {
    if (file) took(await send(`/demo/report/file?name=${encodeURIComponent(file.name)}`, file));
  };
  input.addEventListener('change', () => { put(input.files[0]); input.value = ''; });
  const drop = h('div', { class: 'drop' }, input, h('label', { for: 'report-file' }, icon('file'), h('span', { t: 'drop_file' })));
  const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle('over', on); };
  drop.addEventListener('dragover', over(true));
  drop.addEventListener('dragleave', over(false));
  drop.addEventListener('drop', (event) => { over(false)(event); put(event.dataTransfer.files[0]); });
  follow(() => {
    if (!report) return;
    const kind = report.file ? t('report_file', { name: report.file.name }) : t(report.edited ? 'report_edited' : 'report_made');
    is.textContent = t('report_is', { date: day(report.date), n: report.rows.length, kind });
  });
  return card('report', is, drop, h('div', { class: 'row wrap' }, button('edit_rows', 'report-edit', editReport),
    button('generate', 'report-generate', async () => took(await act('report/generate'))),
    button('reset', 'report-reset', async () => took(await act('report/reset')))));
}

/** Shows the rows of tomorrow's report as a table to write in. */
async function editReport() {
  if (!report) await loadReport();
  const { columns } = report;
  const body = h('tbody');
  const number = () => [...body.rows].forEach((row, n) => {
    row.cells[0].textContent = n + 1;
    row.querySelectorAll('input').forEach((input, k) => { input.ariaLabel = `${n + 1} ${columns[k]}`; });
  });
  const add = (row) => {
    const remove = () => {
      const near = line.nextSibling ?? line.previousSibling;
      line.remove();
      number();
      near?.querySelector('button').focus();
    };
    const line = h('tr', {}, h('th', { scope: 'row' }), h('td', {}, iconButton('close', 'remove_row', remove)),
      columns.map((name) => h('td', {}, h('input', { type: 'text', value: row[name] ?? '' }))));
    body.append(line);
    return line;
  };
  report.rows.forEach(add);
  number();
  const rows = () => [...body.rows].map((row) => Object.fromEntries([...row.querySelectorAll('input')]
    .map((input, n) => [columns[n], input.value.trim()]).filter(([, value]) => value))).filter((row) => Object.keys(row).length);
  const table = h('div', { class: 'scroll edit', tabindex: '0', role: 'group', label: 'report' }, h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, '#'), h('td'), columns.map((name) => h('th', { scope: 'col' }, name)))), body));
  const append = button('add_row', 'report-row-add', () => { const line = add({}); number(); line.querySelector('input').focus(); });
  const wanted = await ask(t('report_of', { date: day(report.date) }), [report.file && h('p', { class: 'warn' }, t('replaces', { name: report.file.name })),
    table, h('div', {}, append)], [['cancel', null], ['save', () => rows()]], 'large');
  if (wanted) took(await send('/demo/report', { rows: wanted }, 'PUT'));
}

// ---- People ------------------------------------------------------------------------------------

function peopleCard() {
  const autoplay = h('input', { type: 'checkbox', role: 'switch', testid: 'autoplay', on: { change: () => act('autoplay', { on: autoplay.checked }) } });
  const search = h('input', { type: 'search', label: 'search_people', hint: 'search_people', testid: 'people-search' });
  const list = h('ul', { class: 'people scroll', tabindex: '0', label: 'people' });
  const update = () => {
    autoplay.checked = wall.autoplay;
    const text = search.value.trim().toLowerCase();
    const fits = (one) => `${one.code} ${one.name} ${one.unit} ${term('role', one.role)}`.toLowerCase().includes(text);
    const items = wall.people.filter(fits).map((one) => ({ key: one.code, sig: JSON.stringify(one) + words.lang, one }));
    keyed(list, items, ({ one }) => person(one));
  };
  search.addEventListener('input', update);
  follow(update);
  const about = h('span', { class: 'grow' }, h('b', { t: 'autoplay' }), h('br'), h('small', { class: 'soft', t: 'autoplay_is' }));
  return card('people', h('label', { class: 'row' }, autoplay, about), search, list);
}

function person(one) {
  const { code } = one;
  const leave = h('input', { type: 'checkbox', testid: `leave-${code}`, data: { focus: 'leave' }, on: { change: () => act('leave', { code, on: leave.checked }) } });
  leave.checked = one.on_leave;
  const trouble = !one.bound ? 'not_bound' : !one.reachable && 'not_reachable';
  return h('li', { class: 'row' },
    h('button', { class: 'grow names', data: { focus: 'show' }, title: t('show_chat'), on: { click: () => { board.show(one.chat); view('chats'); } } },
      h('b', {}, one.name, ' ', h('small', { class: 'soft' }, code)),
      h('small', { class: 'soft' }, roleOf(one)), trouble && h('small', { class: 'warn' }, `⚠ ${t(trouble)}`)),
    h('label', { class: 'row' }, leave, t('on_leave')),
    h('button', { testid: `invite-${code}`, data: { focus: 'invite' }, on: { click: () => invite(one) } }, t('invite')));
}

/** Makes a link that binds, to copy or to open as somebody new. */
async function invite(one) {
  const { link, code } = await act('invite', { code: one.code });
  const open = await ask(t('invite_for', { name: one.name }), [h('p', { t: 'invite_is' }),
    h('input', { type: 'text', readonly: true, value: link, testid: 'invite-link', label: 'link', on: { focus: (event) => event.target.select() } })],
  [['copy_link', () => navigator.clipboard?.writeText(link).then(() => notice(t('copied', { text: link })), () => {})], ['invite-open', 'open']]);
  if (open !== 'open') return;
  const name = await askText('new_person', 'name', `${one.name}（新）`);
  if (!name) return;
  const id = await newPerson(name);
  await send('/control/say', { user: id, text: `/start ${code}` });
  board.show(id);
  view('chats');
}

function programCard() {
  const again = async () => {
    if (await ask(t('again'), h('p', { t: 'again_is' }), [['cancel', null], ['again', true]])) await act('again');
  };
  const restart = async () => { await act('restart'); notice(t('restarted')); };
  return card('program', h('div', { class: 'row wrap' }, button('restart', 'restart', restart), button('again', 'again', again)),
    h('p', { class: 'soft small', t: 'restart_is' }));
}

// ---- The wall ----------------------------------------------------------------------------------

const STAGES = ['findings', 'matched', 'told', 'acknowledged', 'fixed', 'verified'];

function funnel() {
  const rows = STAGES.map((stage) => {
    const [bar, number] = [h('i'), h('b')];
    const row = h('li', { testid: `funnel-${stage}` }, h('span', { t: `stage_${stage}` }), h('span', { class: 'bar', 'aria-hidden': 'true' }, bar), number);
    return { stage, bar, number, row };
  });
  const line = h('p', { class: 'soft small' });
  follow(() => {
    const most = Math.max(1, ...STAGES.map((stage) => wall.funnel[stage]));
    for (const { stage, bar, number } of rows) {
      bar.style.width = `${100 * wall.funnel[stage] / most}%`;
      number.textContent = wall.funnel[stage];
    }
    const last = wall.report;
    line.textContent = !last ? t('no_report') : last.error ? `⚠ ${last.error}` : t('report_line', last);
    line.classList.toggle('bad', Boolean(last?.error));
  });
  return h('section', { class: 'funnel', testid: 'funnel' }, h('h2', { t: 'funnel' }), h('ol', {}, rows.map(({ row }) => row)), line);
}

const opened = new Set();

function issuesCard() {
  const state = h('select', { label: 'filter_state', testid: 'issue-state' }, ['all', 'live', 'overdue', 'open', 'acknowledged', 'fix_reported', 'closed']
    .map((one) => h('option', { value: one, t: `state_${one}` })));
  const search = h('input', { type: 'search', class: 'grow', label: 'search_issues', hint: 'search_issues', testid: 'issue-search' });
  const head = h('thead', {}, h('tr', {}, ['number', 'account', 'category', 'state', 'due'].map((one) => h('th', { scope: 'col', t: `col_${one}` }))));
  const table = h('table', { class: 'issues' }, h('caption', { class: 'soft' }), head);
  const bodies = h('div', { class: 'scroll tall', tabindex: '0', role: 'group', label: 'issues' }, table);
  const update = () => {
    const text = search.value.trim().toLowerCase();
    const fits = (one) => (({ all: true, live: one.state !== 'closed', overdue: one.overdue })[state.value] ?? one.state === state.value)
      && `#${one.number} ${one.account} ${one.unit} ${one.category} ${one.platform}`.toLowerCase().includes(text);
    const found = wall.issues.filter(fits).slice(0, 300);
    table.caption.textContent = t('shown', { n: found.length, all: wall.issues.length });
    const items = found.map((one) => ({ key: one.number, sig: JSON.stringify(one) + words.lang + opened.has(one.number), one }));
    const fixed = { caption: table.caption, head };
    keyed(table, [{ key: 'caption', sig: '' }, { key: 'head', sig: '' }, ...items], ({ key, one }) => (one ? issue(one, update) : fixed[key]));
  };
  state.addEventListener('change', update);
  search.addEventListener('input', update);
  follow(update);
  return card('issues', h('div', { class: 'row' }, state, search), bodies);
}

const severity = { veto: 'bad', normal: 'warn', advisory: 'soft' };

/** An issue: its row, and what is known of it when it is opened. */
function issue(one, update) {
  const { number } = one;
  const open = opened.has(number);
  const toggle = () => { if (!opened.delete(number)) opened.add(number); update(); };
  const id = `issue${number}`;
  const standing = one.reason ? term('reason', one.reason) : term('state', one.state);
  const more = h('button', {
    class: 'link', testid: `issue-open-${number}`, data: { focus: 'open' }, 'aria-expanded': String(open), 'aria-controls': id, on: { click: toggle },
  }, `${open ? '▾' : '▸'} #${number}`);
  return h('tbody', { testid: `issue-${number}`, data: { state: one.state } },
    h('tr', {}, h('td', {}, more),
      h('td', {}, h('b', {}, one.account || one.unit), one.account && h('small', { class: 'soft block' }, one.unit)),
      h('td', {}, one.category, h('small', { class: `block ${severity[one.severity] ?? ''}` }, term('severity', one.severity))),
      h('td', {}, h('span', { class: one.state === 'closed' ? 'good' : '' }, `${stateMark[one.state] ?? ''} ${standing}`),
        one.disputed && h('small', { class: 'warn block' }, `⚑ ${t('disputed')}`)),
      h('td', {}, one.due ?? '—', one.overdue && h('small', { class: 'bad block' }, `⚠ ${t('overdue')}`))),
    h('tr', { id, hidden: !open }, h('td', { colspan: '5' }, open && history(one))));
}

function history(one) {
  const fact = (word, value) => value && h('p', {}, h('span', { class: 'soft' }, `${t(word)} `), value);
  const acts = one.acts.map((done) => h('li', {}, h('time', { class: 'soft' }, done.at), ' ', h('b', {}, term('verb', done.verb)),
    done.who ? ` · ${done.who}` : '', done.note ? h('span', { class: 'note' }, done.note) : ''));
  return h('div', { class: 'history' },
    one.wrong_text && h('p', {}, h('s', {}, one.wrong_text), one.suggestion ? ` → ${one.suggestion}` : ''),
    fact('platform', one.platform), fact('opened', one.opened), fact('due_why', one.due_why), fact('matched_by', one.matched_by && term('rule', one.matched_by)),
    one.url && /^https?:/.test(one.url) && h('p', {}, h('a', { href: one.url, target: '_blank', rel: 'noopener noreferrer' }, one.url)),
    h('ol', {}, acts.length ? acts : h('li', { class: 'soft' }, t('no_acts'))));
}

function outboxCard() {
  const counts = h('ul', { class: 'counts', testid: 'outbox-counts', label: 'outbox' });
  const body = h('tbody');
  follow(() => {
    const all = Object.entries(wall.outbox.counts);
    keyed(counts, all.map(([state, n]) => ({ key: state, sig: n + words.lang, n })), ({ key, n }) => h('li', {
      class: n && ['dead', 'owed', 'waiting'].includes(key) ? 'warn' : '', testid: `outbox-${key}`,
    }, `${stateMark[key] ?? ''} ${term('out', key)} `, h('b', {}, n)));
    const rows = wall.outbox.rows.map((row) => ({ key: row.id, sig: JSON.stringify(row) + words.lang, row }));
    keyed(body, rows, ({ row }) => h('tr', { testid: 'outbox-row', data: { state: row.state } },
      h('td', {}, h('b', {}, row.person), h('small', { class: 'soft block' }, `${term('kind', row.kind)} ${row.issues.map((n) => `#${n}`).join(' ')}`)),
      h('td', {}, `${stateMark[row.state] ?? ''} ${term('out', row.state)}`, row.why && h('small', { class: 'warn block' }, term('why', row.why))),
      h('td', {}, row.not_before ?? '—'), h('td', {}, row.attempts)));
  });
  const head = h('thead', {}, h('tr', {}, ['person', 'state', 'not_before', 'attempts'].map((one) => h('th', { scope: 'col', t: `col_${one}` }))));
  return card('outbox', counts, h('div', { class: 'scroll short', tabindex: '0', role: 'group', label: 'outbox' }, h('table', {}, head, body)));
}

function newsCard() {
  const list = h('ol', { class: 'news' });
  follow(() => {
    const seen = new Map();
    const items = [...wall.news].reverse().map((one) => {
      const text = `${one.at} ${one.text}`;
      seen.set(text, (seen.get(text) ?? 0) + 1);
      return { key: `${text} ${seen.get(text)}`, sig: '', one };
    });
    keyed(list, items, ({ one }) => h('li', {}, h('time', { class: 'soft' }, one.at), ' ', one.text));
  });
  return card('news', h('div', { role: 'log', testid: 'news', label: 'news' }, list));
}

// ---- The desk and what a phone shows -----------------------------------------------------------

/** Shows chats, panel or wall: a phone one of them, a desktop the chats and one of the others. */
function view(name) {
  document.body.dataset.view = name;
  for (const one of at('views').children) one.setAttribute('aria-current', String(one.dataset.view === name));
  if (name === 'chats') return;
  for (const tab of document.querySelectorAll('.tabs [role=tab]')) {
    const on = tab.dataset.tab === name;
    tab.ariaSelected = String(on);
    tab.tabIndex = on ? 0 : -1;
    at(tab.dataset.tab).hidden = !on;
  }
}

function desk() {
  const tabs = ['panel', 'wall'].map((name) => h('button', {
    role: 'tab', id: `tab-${name}`, t: name, testid: `tab-${name}`, 'aria-controls': name, data: { tab: name }, on: { click: () => view(name) },
  }));
  const turn = (event) => {
    if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    const other = tabs.find((tab) => tab.ariaSelected !== 'true');
    view(other.dataset.tab);
    other.focus();
  };
  const wide = iconButton('wide', 'wide', () => { wide.ariaPressed = String(document.body.classList.toggle('wide')); }, { testid: 'wide', 'aria-pressed': 'false' });
  const page = (name, ...kids) => h('div', { id: name, class: 'page', role: 'tabpanel', testid: name, tabindex: '0', 'aria-labelledby': `tab-${name}` }, kids);
  const faults = card('faults', faultBox(live));
  at('desk').append(funnel(), h('div', { class: 'row tabs' }, h('div', { role: 'tablist', class: 'joined grow', label: 'desk', on: { keydown: turn } }, tabs), wide),
    page('panel', clockCard(), reportCard(), faults, peopleCard(), programCard()), page('wall', issuesCard(), outboxCard(), newsCard()));
  for (const [name, drawn] of [['chats', 'chat'], ['panel', 'desk'], ['wall', 'wall']]) {
    at('views').append(h('button', { data: { view: name }, testid: `view-${name}`, on: { click: () => view(name) } }, icon(drawn), h('span', { t: name })));
  }
  view('wall');
  view('chats');
}

// ---- The tour ----------------------------------------------------------------------------------

const personOf = (chat) => wall.people.find((one) => one.chat === chat);
/** The operator of the story, and the manager. */
const star = () => personOf(wall.cast[0]) ?? wall.people.find((one) => one.role === 'operator');
const manager = () => wall.cast.map(personOf).find((one) => one?.role === 'manager') ?? wall.people.find((one) => one.role === 'manager');
const did = (verb) => wall.issues.some((one) => one.unit === star()?.unit && one.acts.some((done) => done.verb === verb && done.who === star().name));
const seen = () => did('acknowledged') || did('fix_reported');
const chatNode = (one) => document.querySelector(`[data-chat="${one?.chat}"]`);
const key = (text) => [...chatNode(star())?.querySelectorAll('.keys button') ?? []].filter((one) => one.textContent.includes(text)).at(-1);
/** The arrow that replies to the digest; once that is done, where one writes. */
function toReply() {
  const chat = chatNode(star());
  const replying = chat?.querySelector('.replying:not([hidden])');
  return replying ? chat.querySelector('.composer') : key('已整改')?.closest('article').querySelector('[data-testid=message-reply]');
}
const testid = (name) => document.querySelector(`[data-testid="${name}"]`);

/** Steps: when they are `done` in what is seen, what is marked meanwhile (`spot`), where. */
const STEPS = [
  { name: 'welcome', view: 'chats', who: () => star(), done: () => seen(), spot: () => key('收到')?.closest('article').querySelector('.bubble') },
  { name: 'press', view: 'chats', who: () => star(), done: () => seen(), spot: () => key('收到') },
  { name: 'fix', view: 'chats', who: () => star(), done: () => did('fix_reported'), spot: () => toReply() },
  {
    name: 'status', view: 'chats', who: () => manager(), spot: () => chatNode(manager())?.querySelector('.slash'),
    done: () => [...live.chats.get(manager()?.chat)?.messages.values() ?? []].some((one) => !one.from_bot && one.text.startsWith('/status')),
  },
  { name: 'next', spot: () => testid('next-day'), done: (began) => !wall.busy && wall.now.slice(0, 10) > began.day },
  { name: 'report', view: 'panel', spot: () => testid('report-edit'), done: () => Boolean(report?.edited || report?.file) },
  {
    name: 'break', view: 'panel', spot: () => testid(tour.broke ? 'outbox-counts' : 'fault-too_many'),
    done: (began) => {
      if (live.faults.length && !tour.broke) {
        tour.broke = true;
        view('wall');
      }
      const waits = wall.outbox.rows.some((row) => ['owed', 'claimed'].includes(row.state) && row.why);
      tour.waited ||= tour.broke && waits;
      return tour.broke && !waits && !live.faults.length && !wall.busy && (tour.waited || wall.now.slice(0, 10) > began.day);
    },
  },
  { name: 'end', done: () => false, spot: () => null },
];

const tour = { step: 0, began: null, broke: false, note: '', shown: '' };

function remember() {
  const { step, began, off } = tour;
  try { sessionStorage.setItem('tour', JSON.stringify({ step, began, off, epoch: live.epoch })); } catch { /* it is forgotten */ }
}

function recall() {
  try {
    const held = JSON.parse(sessionStorage.getItem('tour'));
    if (held?.epoch === live.epoch) Object.assign(tour, held);
    else tour.off = held?.off;
  } catch { /* it begins anew */ }
}

/** Goes to a step; `note` says what the last one showed. */
function go(step, note = '') {
  Object.assign(tour, { step, note, broke: false, waited: false, began: { day: wall.now.slice(0, 10) } });
  remember();
  const { view: where, who } = STEPS[step];
  if (where) view(where);
  if (who?.()) board.show(who().chat);
  renderTour();
}

function renderTour() {
  if (!wall || !live.epoch || wall.epoch !== live.epoch) return;
  tour.began ??= { day: wall.now.slice(0, 10) };
  const now = STEPS[tour.step];
  const done = now.done(tour.began);
  if (!tour.off && done) {
    const seen = tour.step === 4 ? outcome() : t(`tour_${now.name}_done`);
    // A step that was done before its turn is passed silently.
    return go(tour.step + (tour.step ? 1 : 2), seen);
  }
  at('tour').hidden = Boolean(tour.off);
  spot(tour.off ? null : now.spot());
  const sig = `${tour.step} ${tour.note} ${words.lang} ${star()?.name}`;
  if (sig === tour.shown || tour.off) return undefined;
  tour.shown = sig;
  drawTour(now);
  return undefined;
}

function drawTour({ name }) {
  const fill = { name: star()?.name, unit: star()?.unit, manager: manager()?.name };
  const count = STEPS.length - 1;
  const last = tour.step === count;
  const dots = h('span', { class: 'dots', role: 'img', testid: 'tour-progress', 'aria-label': t('tour_step', { n: Math.min(tour.step + 1, count), all: count }) },
    STEPS.slice(0, count).map((_, n) => h('i', { class: n < tour.step ? 'done' : n === tour.step ? 'now' : '' })));
  const next = () => go(tour.step + 1);
  const had = at('tour').contains(document.activeElement);
  at('tour').dataset.step = name;
  at('tour').replaceChildren(dots, h('div', { class: 'grow' },
    tour.note ? h('p', { class: 'good' }, `✓ ${tour.note}`) : '', h('h2', { id: 'tour-title' }, t(`tour_${name}`, fill)), h('p', {}, t(`tour_${name}_is`, fill))),
  h('div', { class: 'row' }, !last && (tour.step ? button('tour_skip', 'tour-skip', next) : button('tour_start', 'tour-next', next, { class: 'main' })),
    last && button('tour_again', 'tour-again', () => { tour.broke = false; go(1); }),
    iconButton('close', 'tour_close', () => { tour.off = true; remember(); renderTour(); at('tour-open').focus(); }, { testid: 'tour-close' })));
  if (had) at('tour').querySelector('button').focus();
}

/** What the next morning showed of the operator's issues. */
function outcome() {
  const own = wall.issues.filter((one) => one.unit === star()?.unit);
  const count = (verb) => own.filter((one) => one.acts.some((done) => done.verb === verb)).length;
  return t('tour_next_done', { verified: count('verified'), refuted: count('refuted') });
}

/** Marks the one thing to look at. */
function spot(node) {
  const held = document.querySelector('.spot');
  if (held === node) return;
  held?.classList.remove('spot');
  node?.classList.add('spot');
  if (node?.closest('.page')) node.scrollIntoView({ block: 'center' });
}

function tourInTop() {
  const begin = () => {
    Object.assign(tour, { off: false, shown: '' });
    go(tour.step === STEPS.length - 1 ? 0 : tour.step);
  };
  const open = iconButton('help', 'tour_open', begin, { testid: 'tour-open', id: 'tour-open' });
  at('settings').append(open, ...settings());
}

// ---- Together ----------------------------------------------------------------------------------

const board = new Board(live, (chat) => {
  const one = wall?.people.find((person) => person.chat === chat.id);
  return one && roleOf(one);
});

/** Takes what the server says of the demo. */
function heardWall(json) {
  const before = wall;
  wall = json;
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(json.now) ?? [0, '+', 0, 0];
  zone.minutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  if (before?.now.slice(0, 10) !== json.now.slice(0, 10)) loadReport();
  if (!before) cast();
  if (JSON.stringify(before?.people) !== JSON.stringify(json.people)) board.update();
  for (const update of heard) update();
}

/** Shows the cast, once both streams have told of it. */
function cast() {
  if (!wall || wall.epoch !== live.epoch || !wall.cast.some((id) => live.chats.has(id))) return;
  if (cast.epoch === live.epoch) return;
  const again = Boolean(cast.epoch);
  cast.epoch = live.epoch;
  board.reset(wall.cast);
  Object.assign(tour, { step: 0, note: '', shown: '', began: null, broke: false });
  recall();
}

async function start() {
  await words.load('/chats.words.json', '/demo.words.json');
  at('chats').append(board.node);
  clockInTop();
  tourInTop();
  desk();
  heard.add(cast);
  follow(renderTour);
  live.addEventListener('change', () => { cast(); renderTour(); });
  document.addEventListener('click', () => setTimeout(renderTour));
  words.dress(document);
  live.start();
  listen('/demo/events', 'wall', heardWall, () => {});
}

start();
