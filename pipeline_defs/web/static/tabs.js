// Tabs: one panel at a time, by click or arrow keys. What was chosen outlives a refresh of the page.

const chosen = new Map(); // a list of tabs, by id -> the id of its chosen tab

function select(tab, focus = false) {
  const list = tab.closest("[role=tablist]");
  chosen.set(list.id, tab.id);
  for (const other of list.querySelectorAll("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
  }
  if (focus) tab.focus();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) select(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.altKey) return;
  const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const at = tabs.indexOf(tab);
  const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 };
  if (!(event.key in places)) return;
  event.preventDefault();
  select(tabs.at(places[event.key] % tabs.length), true);
});

document.addEventListener("studio:refreshed", () => {
  for (const [list, id] of chosen) {
    const tab = document.getElementById(list) && document.getElementById(id);
    if (tab && tab.getAttribute("aria-selected") !== "true") select(tab);
  }
});
