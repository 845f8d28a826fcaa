/** The look of the HTML report. Colours follow the reader's light or dark, and no meaning hangs on them alone. */
export const STYLE: string = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #fff; --line: #d0d7de; --band: #f6f8fa; --link: #0550ae;
  --public: #b42318; --unverified: #9a4a00; --optional: #7a5b00; --guarded: #1a6b3c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa5b1; --back: #0d1117; --line: #30363d; --band: #161b22; --link: #79b8ff;
  --public: #ff8a80; --unverified: #ffb077; --optional: #e3c15c; --guarded: #7ee2a8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; } h2 { font-size: 1.15rem; }
p { margin: .25rem 0 1rem; color: var(--soft); }
code { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
form { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .75rem 0; background: var(--back);
  border-bottom: 1px solid var(--line); z-index: 1; }
form[hidden] { display: none; }
input[type=search] { font: inherit; padding: .4rem .6rem; width: min(22rem, 100%); color: inherit; background: var(--band); border: 1px solid var(--line);
  border-radius: .4rem; }
fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; padding: 0; border: 0; }
legend { float: left; margin-right: 1rem; color: var(--soft); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
output { margin-left: auto; color: var(--soft); }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: .4rem .75rem .4rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child { width: 25%; } th:nth-child(2) { width: 6.5rem; } td { overflow-wrap: anywhere; }
.effect { font-weight: 600; }
.public { color: var(--public); } .unverified { color: var(--unverified); } .optional { color: var(--optional); } .guarded { color: var(--guarded); }
td:nth-child(4), td:nth-child(5) { color: var(--soft); }
@media (max-width: 50rem) { thead { display: none; } tr:not([hidden]), td { display: block; } td { border: 0; padding: 0; } form { position: static; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); } td[data-says]:not(:empty)::before { content: attr(data-says) ": "; } }
`

/** Search and filter. It reads the rows that are there, and has no data of its own. */
export const SCRIPT: string = `
const form = document.querySelector('form'), search = form.elements.q, count = document.querySelector('output')
const rows = Array.from(document.querySelectorAll('tbody tr'), (row) => ({ row, text: row.textContent.toLowerCase() }))
const boxes = [...form.querySelectorAll('[name=effect]')], reach = form.elements.reach
const show = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
  const effects = new Set(boxes.filter((box) => box.checked).map((box) => box.value))
  let shown = 0
  for (const { row, text } of rows) {
    row.hidden = !(effects.has(row.dataset.effect) && (!reach.checked || 'reach' in row.dataset) && words.every((word) => text.includes(word)))
    if (!row.hidden) shown++
  }
  count.textContent = shown + ' of ' + rows.length
  const state = new URLSearchParams()
  if (search.value) state.set('q', search.value)
  if (effects.size < boxes.length) state.set('effects', [...effects].join(' '))
  if (reach.checked) state.set('reach', 'yes')
  history.replaceState(null, '', state.size ? '#' + state : location.pathname + location.search)
}
const state = new URLSearchParams(location.hash.slice(1))
search.value = state.get('q') ?? ''
for (const box of boxes) box.checked = (state.get('effects') ?? boxes.map((one) => one.value).join(' ')).split(' ').includes(box.value)
reach.checked = state.has('reach')
form.hidden = false
form.addEventListener('input', show)
form.addEventListener('submit', (event) => event.preventDefault())
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); search.focus() }
  if (event.key === 'Escape' && document.activeElement === search) { search.value = ''; show() }
})
show()
`
