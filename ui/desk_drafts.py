"""What a person is writing and has not sent, kept by their browser until it is sent.

The server never gets a draft, so that none can be sent by mistake or outlive its customer there.
The browser keeps one for each ticket and name of an agent, and drops it when the server says that
it was sent, when the box is emptied, and when the lists no longer show its ticket as one that waits
or is with somebody.
"""

import uuid
from typing import Any

import gradio as gr

from ui.desk_page import DeskPage
from ui.knowledge_views import said

_KEPT = """const prefix = 'kefu-draft/';
    const read = text => new DOMParser().parseFromString(text || '', 'text/html');
    const keyOf = one => one ? prefix + one.dataset.agent + '/' + one.dataset.ticket : '';
    const keep = (key, text) => { try {
        if (key && text) localStorage.setItem(key, text);
        else if (key) localStorage.removeItem(key);
    } catch {} };
    const kept = key => { try { return localStorage.getItem(key) || ''; } catch { return ''; } };"""

# Gradio's own event leaves out what is typed while it tells of the letters before.
_LISTEN = f"""() => {{
    {_KEPT}
    document.addEventListener('input', event => {{
        if (!event.target.matches('#kefu-answer textarea')) return;
        keep(keyOf(document.querySelector('#kefu-talk [data-ticket]')), event.target.value);
    }});
}}"""
# The text that is shown says whose it is: the box is filled when that is another customer.
_SHOW = f"""talk => {{
    {_KEPT}
    const key = keyOf(read(talk).querySelector('[data-ticket]'));
    if (key === window.kefuDraft) return {{__type__: 'update'}};
    window.kefuDraft = key;
    return key ? kept(key) : '';
}}"""
_INSERTED = f"""(text, talk) => {{
    {_KEPT}
    keep(keyOf(read(talk).querySelector('[data-ticket]')), text);
}}"""
_SENT = f"""note => {{
    {_KEPT}
    keep(keyOf(read(note).querySelector('[data-sent]')), '');
}}"""
_DROP = f"""queue => {{
    {_KEPT}
    const lists = read(queue).querySelector('[data-agent]');
    if (!lists) return;
    const ids = list => Array.from(lists.querySelectorAll(list), one => one.dataset.id);
    const ended = ids('[data-list=ended] [data-id]');
    const going = ids('section:not([data-list=ended]) [data-id]');
    const own = prefix + lists.dataset.agent + '/';
    for (const key of Object.keys(localStorage).filter(key => key.startsWith(own))) {{
        const ticket = key.slice(own.length);
        const isGone = 'whole' in lists.dataset && !going.includes(ticket);
        if (isGone || ended.includes(ticket)) keep(key, '');
    }}
}}"""


def keep_drafts(blocks: gr.Blocks, page: DeskPage, inserted: gr.events.Dependency) -> None:
    """Keep what is written in the box, also what `inserted` puts there."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    blocks.load(None, js=_LISTEN)
    page.talk.change(None, [page.talk], [page.box], js=_SHOW, **quiet)
    inserted.then(None, [page.box, page.talk], None, js=_INSERTED, **quiet)
    page.note.change(None, [page.note], None, js=_SENT, **quiet)
    page.tickets.change(None, [page.tickets], None, js=_DROP, **quiet)


def sent(ticket_id: str, agent: str) -> str:
    """Return what tells the browser to drop a draft; no two are the same, else it hears nothing."""
    return (
        f'<i hidden data-sent="{uuid.uuid4().hex}" data-ticket="{said(ticket_id)}" '
        f'data-agent="{said(agent)}"></i>'
    )
