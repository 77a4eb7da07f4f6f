// One or two linked maps of ions on canvas: points or ion images, the ion image on hover, selection by loop, box or click.
// Python sends all ions once per view and gets back only what was selected; zoom, hidden groups and the mouse stay here.

const MARGIN = 14; // screen pixels between the points and the frame
const REACH = 12; // screen pixels within which the mouse points at an ion
const CLICK = 4; // a shorter drag is a click
const PICTURE = 38; // screen pixels of an ion image drawn as a point
const MODES = { loop: "Loop", box: "Box", pan: "Move" };

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".frame");
  const state = (root.state ??= fresh(root));
  state.send = (event) => setTriggerValue("event", { ...event, at: Date.now() });
  update(state, data);
  return () => state.observer.disconnect();
}

function fresh(root) {
  root.innerHTML =
    '<div class="tools" role="toolbar" aria-label="Map tools"></div><div class="maps"></div><div class="key"></div><div class="tip" hidden></div>';
  const state = {
    root,
    tools: root.querySelector(".tools"),
    maps: root.querySelector(".maps"),
    key: root.querySelector(".key"),
    tip: root.querySelector(".tip"),
    mode: "loop",
    hidden: new Set(),
    views: [],
    sheets: new Map(),
    under: null,
    path: null,
  };
  state.observer = new ResizeObserver(() => draw(state));
  return state;
}

function update(state, data) {
  const before = state.data;
  state.data = data;
  state.chosen = new Set(data.selected);
  if (before?.colours_key !== data.colours_key) state.hidden.clear();
  if (before?.pictures !== data.pictures) state.sheets.clear();
  toolbar(state);
  if (before?.maps.length !== data.maps.length) frames(state);
  data.maps.forEach((map, place) => {
    const view = state.views[place];
    if (view.key !== map.key) Object.assign(view, { key: map.key, zoom: 1, left: 0, top: 0 });
    view.title.textContent = map.title;
    view.canvas.setAttribute("aria-label", `${map.title}: ${data.names.length} ions; ${data.about}`);
  });
  legend(state);
  state.observer.disconnect();
  state.views.forEach((view) => state.observer.observe(view.canvas));
  draw(state);
}

function toolbar(state) {
  const { tools } = state;
  tools.replaceChildren();
  for (const [mode, title] of Object.entries(MODES))
    tools.append(
      button(title, state.mode === mode, () => {
        state.mode = mode;
        toolbar(state);
        state.views.forEach((view) => view.canvas.classList.toggle("pan", mode === "pan"));
      }),
    );
  for (const [title, factor] of [["+", 1.5], ["−", 1 / 1.5]]) {
    const one = button(title, null, () => state.views.forEach((view) => zoom(state, view, factor)));
    one.setAttribute("aria-label", factor > 1 ? "Zoom in" : "Zoom out");
    tools.append(one);
  }
  tools.append(
    button("Whole map", null, () => {
      state.views.forEach((view) => Object.assign(view, { zoom: 1, left: 0, top: 0 }));
      draw(state);
    }),
  );
}

function button(title, pressed, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = title;
  if (pressed !== null) made.setAttribute("aria-pressed", String(pressed));
  made.onclick = act;
  return made;
}

function frames(state) {
  state.maps.replaceChildren();
  state.views = state.data.maps.map((_, place) => {
    const box = document.createElement("div");
    box.className = "map";
    const title = document.createElement("h4");
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    box.append(title, canvas);
    state.maps.append(box);
    const view = { title, canvas, place, zoom: 1, left: 0, top: 0 };
    mouse(state, view);
    keys(state, view);
    return view;
  });
}

function legend(state) {
  const { key, data } = state;
  key.replaceChildren();
  if (data.scale) {
    key.className = "key bar";
    const [low, strip, high] = [document.createElement("span"), document.createElement("i"), document.createElement("span")];
    low.textContent = `${data.scale.title}: ${data.scale.low}`;
    high.textContent = data.scale.high;
    strip.style.background = `linear-gradient(to right, ${data.palette.join(",")})`;
    key.append(low, strip, high);
    return;
  }
  key.className = "key legend";
  data.groups.forEach((group, number) => {
    const shown = !state.hidden.has(number);
    const one = button("", shown, () => {
      state.hidden.has(number) ? state.hidden.delete(number) : state.hidden.add(number);
      legend(state);
      draw(state);
    });
    one.title = "Hide or show on every map. Double-click selects these ions.";
    one.ondblclick = () => report(state, ions(state).filter((ion) => data.colours[ion] === number), "replace");
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = data.palette[number];
    const text = document.createElement("span");
    text.textContent = group;
    one.append(swatch, text);
    key.append(one);
  });
}

const ions = (state) => Array.from(state.data.names.keys());
const visible = (state, ion) => state.data.scale !== null || !state.hidden.has(state.data.colours[ion]);

function place(state, view, ion) {
  const { x, y } = state.data.maps[view.place];
  const width = view.canvas.clientWidth - 2 * MARGIN;
  const height = view.canvas.clientHeight - 2 * MARGIN;
  return [MARGIN + (x[ion] - view.left) * view.zoom * width, MARGIN + (y[ion] - view.top) * view.zoom * height];
}

function draw(state) {
  if (state.waiting) return;
  state.waiting = requestAnimationFrame(() => {
    state.waiting = null;
    state.views.forEach((view) => drawOne(state, view));
  });
}

function drawOne(state, view) {
  const { data } = state;
  const { canvas } = view;
  const width = canvas.clientWidth;
  const height = data.height;
  const dense = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  pen.clearRect(0, 0, width, height);
  const some = state.chosen.size > 0;
  const order = ions(state).filter((ion) => visible(state, ion));
  order.sort((a, b) => state.chosen.has(a) - state.chosen.has(b)); // selected ones on top
  const radius = (order.length > 2000 ? 3 : order.length > 500 ? 4 : 5) * Math.min(2, Math.sqrt(view.zoom));
  for (const ion of order) {
    const [x, y] = place(state, view, ion);
    if (x < -PICTURE || y < -PICTURE || x > width + PICTURE || y > height + PICTURE) continue;
    pen.globalAlpha = some && !state.chosen.has(ion) ? 0.22 : 1;
    const picture = data.as_pictures && sheet(state, ion);
    if (picture) {
      const [image, left, top] = picture;
      const side = data.sheet.side;
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, left, top, side, side, x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
      pen.strokeStyle = data.palette[data.colours[ion]];
      pen.lineWidth = state.chosen.has(ion) ? 3 : 1.5;
      pen.strokeRect(x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
    } else {
      mark(pen, data.scale ? 0 : Math.floor(data.colours[ion] / 40), x, y, radius);
      pen.fillStyle = data.palette[data.colours[ion]];
      pen.fill();
      if (state.chosen.has(ion)) {
        pen.strokeStyle = getComputedStyle(state.root).color;
        pen.lineWidth = 1.5;
        pen.stroke();
      }
    }
  }
  pen.globalAlpha = 1;
  if (state.under !== null && visible(state, state.under)) {
    const [x, y] = place(state, view, state.under);
    pen.beginPath();
    pen.arc(x, y, data.as_pictures ? PICTURE * 0.75 : radius + 5, 0, 7);
    pen.strokeStyle = getComputedStyle(state.root).color;
    pen.lineWidth = 2;
    pen.stroke();
  }
  if (state.path?.view === view) {
    pen.beginPath();
    state.path.points.forEach(([x, y], number) => (number ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.setLineDash([5, 4]);
    pen.strokeStyle = getComputedStyle(state.root).color;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.setLineDash([]);
  }
}

// Beyond forty groups the colours repeat with another symbol, as in the printed figures.
function mark(pen, symbol, x, y, radius) {
  pen.beginPath();
  if (symbol % 3 === 1) {
    pen.moveTo(x, y - 1.3 * radius);
    pen.lineTo(x + 1.3 * radius, y);
    pen.lineTo(x, y + 1.3 * radius);
    pen.lineTo(x - 1.3 * radius, y);
    pen.closePath();
  } else if (symbol % 3 === 2) pen.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  else pen.arc(x, y, radius, 0, 7);
}

function sheet(state, ion) {
  const { per, side } = state.data.sheet;
  const number = Math.floor(ion / per);
  if (!state.sheets.has(number)) {
    const image = new Image();
    image.onload = () => draw(state);
    image.src = `${state.data.pictures}/sheet-${number}.png`;
    state.sheets.set(number, image);
  }
  const image = state.sheets.get(number);
  if (!image.complete || !image.naturalWidth) return null;
  const within = ion % per;
  return [image, (within % 10) * side, Math.floor(within / 10) * side];
}

function nearest(state, view, x, y) {
  let found = null;
  let least = state.data.as_pictures ? PICTURE / 2 : REACH;
  for (const ion of ions(state)) {
    if (!visible(state, ion)) continue;
    const [left, top] = place(state, view, ion);
    const far = Math.hypot(left - x, top - y);
    if (far < least) [found, least] = [ion, far];
  }
  return found;
}

function point(state, view, ion) {
  if (state.under === ion) return;
  state.under = ion;
  const { tip, data } = state;
  tip.hidden = ion === null;
  if (ion !== null) {
    tip.replaceChildren();
    if (data.pictures) {
      const image = document.createElement("img");
      image.src = `${data.pictures}/${ion}.png`;
      image.alt = "";
      tip.append(image);
    }
    const text = document.createElement("div");
    text.textContent = data.names[ion] + (data.scale ? "" : `\n${data.groups[data.colours[ion]]}`);
    tip.append(text);
    const frame = state.root.getBoundingClientRect();
    const canvas = view.canvas.getBoundingClientRect();
    const [x, y] = place(state, view, ion);
    const left = canvas.left - frame.left + x;
    tip.style.left = `${left + 190 > frame.width ? Math.max(0, left - 190) : left + 16}px`;
    tip.style.top = `${Math.max(0, canvas.top - frame.top + y - 90)}px`;
  }
  draw(state);
}

function mouse(state, view) {
  const { canvas } = view;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.onpointerdown = (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    state.path = { view, points: [at(event)], start: at(event), left: view.left, top: view.top };
    canvas.focus({ preventScroll: true });
  };
  canvas.onpointermove = (event) => {
    const [x, y] = at(event);
    const { path } = state;
    if (path?.view !== view) return point(state, view, nearest(state, view, x, y));
    point(state, view, null);
    const [fromX, fromY] = path.start;
    if (state.mode === "pan") {
      view.left = path.left - (x - fromX) / view.zoom / (canvas.clientWidth - 2 * MARGIN);
      view.top = path.top - (y - fromY) / view.zoom / (canvas.clientHeight - 2 * MARGIN);
      path.points.push([x, y]);
    } else if (state.mode === "box") path.points = [[fromX, fromY], [x, fromY], [x, y], [fromX, y]];
    else path.points.push([x, y]);
    draw(state);
  };
  canvas.onpointerup = (event) => {
    const { path } = state;
    state.path = null;
    if (path?.view !== view) return;
    const [x, y] = at(event);
    const how = event.shiftKey ? "add" : event.ctrlKey || event.metaKey || event.altKey ? "remove" : "replace";
    if (Math.hypot(x - path.start[0], y - path.start[1]) < CLICK && path.points.length < 8) {
      const ion = nearest(state, view, x, y);
      if (ion !== null) report(state, [ion], event.shiftKey && state.chosen.has(ion) ? "remove" : how);
    } else if (state.mode !== "pan") {
      const found = ions(state).filter((ion) => visible(state, ion) && inside(place(state, view, ion), path.points));
      if (found.length) report(state, found, how); // an empty loop changes nothing
    }
    draw(state);
  };
  canvas.onpointerleave = () => point(state, view, null);
  canvas.onpointercancel = () => {
    state.path = null;
    draw(state);
  };
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      zoom(state, view, Math.exp(-event.deltaY / 300), at(event));
    },
    { passive: false },
  );
}

function zoom(state, view, factor, about = null) {
  const width = view.canvas.clientWidth - 2 * MARGIN;
  const height = view.canvas.clientHeight - 2 * MARGIN;
  const [x, y] = about ?? [width / 2 + MARGIN, height / 2 + MARGIN];
  const zoomed = Math.min(60, Math.max(1, view.zoom * factor));
  view.left += ((x - MARGIN) / width) * (1 / view.zoom - 1 / zoomed);
  view.top += ((y - MARGIN) / height) * (1 / view.zoom - 1 / zoomed);
  view.zoom = zoomed;
  draw(state);
}

function keys(state, view) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  view.canvas.onkeydown = (event) => {
    if (event.key in steps) {
      event.preventDefault();
      point(state, view, beside(state, view, steps[event.key]));
    } else if ((event.key === "Enter" || event.key === " ") && state.under !== null) {
      event.preventDefault();
      report(state, [state.under], state.chosen.has(state.under) ? "remove" : "add");
    } else if (event.key === "+" || event.key === "-") zoom(state, view, event.key === "+" ? 1.5 : 1 / 1.5);
    else if (event.key === "Escape") point(state, view, null);
  };
  view.canvas.onblur = () => point(state, view, null);
}

function beside(state, view, [right, down]) {
  const shown = ions(state).filter((ion) => visible(state, ion));
  if (state.under === null) return shown[0] ?? null;
  const [x, y] = place(state, view, state.under);
  let [found, least] = [state.under, Infinity];
  for (const ion of shown) {
    const [left, top] = place(state, view, ion);
    const along = (left - x) * right + (top - y) * down;
    const across = Math.abs((left - x) * down) + Math.abs((top - y) * right);
    if (along > 0 && along + 2 * across < least) [found, least] = [ion, along + 2 * across];
  }
  return found;
}

function inside([x, y], corners) {
  let within = false;
  for (let one = 0, before = corners.length - 1; one < corners.length; before = one++) {
    const [ax, ay] = corners[one];
    const [bx, by] = corners[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

function report(state, found, how) {
  if (how === "replace") state.chosen = new Set(found);
  else for (const ion of found) how === "add" ? state.chosen.add(ion) : state.chosen.delete(ion);
  draw(state);
  state.send({ ions: found, how });
}
