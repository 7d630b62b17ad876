// Keeps the page up to date and sends changes. Without it the page can be read and played all the same.
'use strict';

const AGAIN = 30_000;
const SHOWN = 10_000;
const KEY = 'rhapsode-token';

// --- What the server tells of the page -------------------------------------------------------------------------------

let source = null;

function follow() {
  source?.close();
  source = new EventSource('/events');
  source.addEventListener('open', () => say('connection', 'Kept up to date'));
  source.addEventListener('section', (event) => update(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    say('connection', 'Not up to date; trying again');
    // The browser tries again by itself, unless it was turned away.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN);
  });
}

// A page that nobody sees holds no connection: browsers have few for each server.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') source.close();
  else if (source.readyState === EventSource.CLOSED) follow();
});

function update({ section, html }) {
  const old = document.getElementById(section);
  // Earlier books do not change by themselves.
  if (!old || (section === 'books' && location.search)) return;
  const parsed = new DOMParser().parseFromString(html, 'text/html').body;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  children(old, parsed);
  // What was moved or taken away has lost the focus.
  if (focused && focused !== document.activeElement) (focused.isConnected ? focused : old.querySelector('h2')).focus();
}

// Changes a node into another one and keeps what is the same: focus, open details and players stay as they are.
function become(old, now) {
  if (old.isEqualNode(now)) return old;
  const same = old.nodeType === now.nodeType && old.nodeName === now.nodeName && (old.id ?? '') === (now.id ?? '');
  if (!same || (old.nodeName === 'AUDIO' && old.getAttribute('src') !== now.getAttribute('src'))) {
    const fresh = document.importNode(now, true);
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = now.nodeValue;
    return old;
  }
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  children(old, now);
  return old;
}

function children(old, now) {
  const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place = old.firstChild;
  for (const next of now.childNodes) {
    const known = next.id ? named.get(next.id) : null;
    if (known && known !== place) {
      old.insertBefore(known, place);
      place = known;
    }
    // One that has a name of its own is needed elsewhere.
    const taken = place && place.id && place.id !== next.id && now.querySelector(`:scope > #${CSS.escape(place.id)}`);
    if (!place || taken) old.insertBefore(document.importNode(next, true), place);
    else place = become(place, next).nextSibling;
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

// --- What the user wants of the queue --------------------------------------------------------------------------------

const form = document.getElementById('token-form');
const lock = document.getElementById('lock');
let telling = null;

async function send(path, token) {
  try {
    const answer = await fetch(path, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 0, text: 'The page is not reached; nothing was changed.' };
  }
}

function unlocked(is) {
  document.documentElement.classList.toggle('unlocked', is);
  form.hidden = is;
  lock.hidden = !is;
}

function forget() {
  sessionStorage.removeItem(KEY);
  unlocked(false);
}

if (form) {
  unlocked(sessionStorage.getItem(KEY) !== null);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const field = document.getElementById('token');
    const token = field.value.trim();
    field.value = '';
    const { status, text } = await send('/token', token);
    if (status === 204) {
      sessionStorage.setItem(KEY, token);
      unlocked(true);
      lock.focus();
    }
    tell(status === 204 ? 'The controls are unlocked for this tab.' : text);
  });
  lock.addEventListener('click', () => {
    forget();
    document.getElementById('token').focus();
    tell('The controls are locked.');
  });
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button[data-post]');
    if (!button) return;
    const done = button.dataset.done;
    const { status, text } = await send(button.dataset.post, sessionStorage.getItem(KEY) ?? '');
    if (status === 401) forget();
    tell(status === 202 ? done : text);
  });
}

// It lies over the page, so it goes by itself.
function tell(text) {
  say('message', text);
  clearTimeout(telling);
  telling = setTimeout(() => say('message', ''), SHOWN);
}

function say(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

follow();
