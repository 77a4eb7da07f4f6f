// Ion images that can be selected (click, shift-click for a range, Space), opened in a menu, and dragged onto a cluster.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".frame");
  const state = (root.state ??= { root, last: null });
  state.data = data;
  state.send = (event) => setTriggerValue("event", { ...event, at: Date.now() });
  state.chosen = new Set(data.selected);
  const drawn = JSON.stringify({ ...data, selected: [] });
  if (drawn === state.drawn) markAll(state); // the tiles stay: a click on one of them may have begun
  else render(state);
  state.drawn = drawn;
}

function render(state) {
  const { root, data } = state;
  const focused = root.getRootNode().activeElement?.dataset?.place;
  root.replaceChildren(targets(state), tiles(state));
  if (focused !== undefined) root.querySelector(`[data-place="${focused}"]`)?.focus({ preventScroll: true });
  root.onfocusout = (event) => {
    const menu = root.querySelector(".menu");
    if (menu && !menu.parentElement.contains(event.relatedTarget)) menu.remove();
  };
}

function made(tag, name, text = "") {
  const one = document.createElement(tag);
  one.className = name;
  one.textContent = text;
  return one;
}

function targets(state) {
  const strip = made("div", "targets");
  if (!state.data.targets.length) return strip;
  strip.append(made("span", "", "Drag images onto a cluster:"));
  for (const target of state.data.targets) {
    const one = made("div", "target");
    const swatch = made("span", "swatch");
    swatch.style.background = target.colour;
    one.append(swatch, made("span", "", target.title));
    one.ondragover = (event) => {
      event.preventDefault();
      one.classList.add("over");
    };
    one.ondragleave = () => one.classList.remove("over");
    one.ondrop = (event) => {
      event.preventDefault();
      one.classList.remove("over");
      const ions = JSON.parse(event.dataTransfer.getData("application/x-msiss-ions") || "[]");
      if (ions.length) state.send({ do: "move", ions, to: target.number });
    };
    strip.append(one);
  }
  return strip;
}

function tiles(state) {
  const { data } = state;
  const grid = made("div", "tiles");
  grid.style.gridTemplateColumns = `repeat(auto-fill, minmax(min(${data.width}px, 100%), 1fr))`;
  grid.setAttribute("role", "listbox");
  grid.setAttribute("aria-multiselectable", "true");
  grid.setAttribute("aria-label", data.about);
  data.tiles.forEach((tile, place) => grid.append(tileOf(state, tile, place)));
  return grid;
}

function tileOf(state, tile, place) {
  const one = made("div", "tile");
  one.tabIndex = place === (state.last ?? 0) || (state.last ?? 0) >= state.data.tiles.length ? 0 : -1;
  one.dataset.place = place;
  one.dataset.ion = tile.ion;
  one.setAttribute("role", "option");
  one.setAttribute("aria-label", tile.alt);
  one.draggable = state.data.targets.length > 0;
  const image = document.createElement("img");
  image.src = tile.src;
  image.alt = "";
  image.loading = "lazy";
  image.style.aspectRatio = state.data.aspect;
  const tick = made("span", "tick");
  one.append(image, made("div", "text", tile.text), tick);
  mark(state, one, tile.ion);
  if (state.data.menu.length) {
    const more = made("button", "more", "⋯");
    more.type = "button";
    more.tabIndex = -1;
    more.setAttribute("aria-label", `More for ${tile.alt}`);
    more.onclick = (event) => {
      event.stopPropagation();
      menu(state, one, tile);
    };
    one.append(more);
  }
  one.onclick = (event) => choose(state, place, event.shiftKey);
  one.ondblclick = () => state.data.menu.length && state.send({ do: state.data.menu[0].do, ion: tile.ion });
  one.onkeydown = (event) => keys(state, event, one, tile, place);
  one.ondragstart = (event) => {
    const ions = state.chosen.has(tile.ion) ? [...state.chosen] : [tile.ion];
    event.dataTransfer.setData("application/x-msiss-ions", JSON.stringify(ions));
    event.dataTransfer.effectAllowed = "move";
  };
  return one;
}

function markAll(state) {
  state.root.querySelectorAll(".tile").forEach((one) => mark(state, one, Number(one.dataset.ion)));
}

function mark(state, one, ion) {
  const chosen = state.chosen.has(ion);
  one.setAttribute("aria-selected", String(chosen));
  one.querySelector(".tick").textContent = chosen ? "✓" : "";
}

function choose(state, place, range) {
  const { tiles } = state.data;
  const from = range && state.last !== null ? Math.min(state.last, place) : place;
  const to = range && state.last !== null ? Math.max(state.last, place) : place;
  const ions = tiles.slice(from, to + 1).map((tile) => tile.ion);
  const how = from === to && state.chosen.has(tiles[place].ion) ? "remove" : "add";
  for (const ion of ions) how === "add" ? state.chosen.add(ion) : state.chosen.delete(ion);
  state.last = place;
  markAll(state);
  state.pending = [...(state.pending ?? []), { ions, how }];
  if (state.waiting) return;
  const send = () => {
    state.waiting = null;
    const steps = state.pending;
    state.pending = [];
    if (!steps.length) return;
    state.send({ do: "select", steps });
    state.waiting = setTimeout(send, 250); // several quick clicks are one event
  };
  send(); // the first one at once: the user may leave the page
}

function keys(state, event, one, tile, place) {
  if (event.target !== one) return;
  const all = [...state.root.querySelectorAll(".tile")];
  const columns = all.filter((other) => other.offsetTop === all[0].offsetTop).length;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  if (event.key in steps) {
    event.preventDefault();
    const next = all[place + steps[event.key]];
    if (!next) return;
    one.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    if (event.shiftKey) choose(state, Number(next.dataset.place), true);
  } else if (event.key === " ") {
    event.preventDefault();
    choose(state, place, event.shiftKey);
  } else if (event.key === "Enter" || event.key === "ContextMenu") {
    event.preventDefault();
    menu(state, one, tile);
  }
}

function menu(state, one, tile) {
  const open = one.querySelector(".menu");
  state.root.querySelectorAll(".menu").forEach((other) => other.remove());
  if (open) return one.focus();
  const list = made("div", "menu");
  list.setAttribute("role", "menu");
  for (const entry of state.data.menu) {
    const item = made("button", "", entry.title);
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.onclick = (event) => {
      event.stopPropagation();
      list.remove();
      state.send({ do: entry.do, ion: tile.ion });
    };
    list.append(item);
  }
  list.onkeydown = (event) => {
    const items = [...list.children];
    const at = items.indexOf(list.getRootNode().activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length].focus();
    } else if (event.key === "Escape") {
      list.remove();
      one.focus();
    }
    event.stopPropagation();
  };
  one.append(list);
  list.firstChild.focus();
}
