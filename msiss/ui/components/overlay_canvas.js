// Draws channels over each other, by the formulas of msiss/show/overlay.py, over a picture that can be placed by hand.
// `data` is what msiss/ui/components/overlay_canvas.py sends. A pixel (0, 0) has its centre at column 0, row 0.

const LEVELS = 65536; // of the intensities, which come as whole numbers of 16 bits
const MOST_PIXELS = 400; // screen pixels per pixel of the section
const TURN = 1; // degrees per key
const STEP = 1.01; // scale per key or notch of the wheel
const WAIT = 500; // milliseconds after the last key until a new place is told
const BAR_SHARE = 0.25;
const LEAST_HEIGHT = 320; // screen pixels of the canvas

async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function weights(channel) {
  // The opacity times the strength at each level.
  const found = new Float32Array(LEVELS);
  const range = channel.upper - channel.lower;
  if (range <= 0) return found;
  for (let level = 0; level < LEVELS; level++) {
    const value = (level / (LEVELS - 1)) * channel.most;
    const scaled = Math.min(Math.max((value - channel.lower) / range, 0), 1);
    found[level] = channel.opacity * scaled ** channel.gamma;
  }
  return found;
}

function composed(data, arrays) {
  const number = data.width * data.height;
  const pixels = new Uint8ClampedArray(4 * number);
  const parts = [new Float32Array(number), new Float32Array(number), new Float32Array(number), new Float32Array(number)];
  const paint = data.blend === "paint";
  if (!paint) for (let part = 0; part < 3; part++) parts[part].fill(1);
  data.channels.forEach((channel, place) => {
    const table = weights(channel);
    const levels = arrays[place];
    for (let part = 0; part < 3; part++) {
      const colour = channel.colour[part] / 255;
      const target = parts[part];
      const ink = data.dark ? colour : 1 - colour;
      if (paint) for (let i = 0; i < number; i++) target[i] += table[levels[i]] * (colour - target[i]);
      else for (let i = 0; i < number; i++) target[i] *= 1 - table[levels[i]] * ink;
    }
    if (paint) for (let i = 0; i < number; i++) parts[3][i] += table[levels[i]] * (1 - parts[3][i]);
  });
  for (let i = 0; i < number; i++) {
    const alpha = paint ? parts[3][i] : 1;
    for (let part = 0; part < 3; part++) {
      let value = parts[part][i];
      if (paint) value = alpha ? value / alpha : 0;
      else if (data.dark) value = 1 - value;
      pixels[4 * i + part] = Math.round(255 * value);
    }
    pixels[4 * i + 3] = Math.round(255 * alpha);
  }
  return new ImageData(pixels, data.width, data.height);
}

function barLength(width) {
  const most = width * BAR_SHARE;
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((step) => step * power).find((length) => length <= most * (1 + 1e-9)) || power;
}

function lengthText(length, known) {
  const rounded = Number(length.toPrecision(3));
  if (!known) return `${rounded} px`;
  return length >= 1000 ? `${Number((length / 1000).toPrecision(3))} mm` : `${rounded} µm`;
}

class Overlay {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.tip = root.querySelector(".tip");
    this.layer = document.createElement("canvas");
    this.arrays = new Map(); // by the id of what they show
    this.view = null; // left, top: of the section on the screen; zoom: screen pixels per width of its pixels
    this.moved = false; // whether somebody has chosen the view
    this.cross = null; // the pixel that the keyboard points at
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.canvas);
  }

  async update(data, tell) {
    this.tell = tell;
    const other = !this.data || this.data.key !== data.key;
    this.data = data;
    if (other) [this.moved, this.cross] = [false, null];
    if (!this.dragging && !this.pending) this.placement = data.picture && { ...data.picture.placement };
    this.canvas.setAttribute("aria-label", data.label);
    this.canvas.classList.toggle("placing", Boolean(data.placing));
    for (const channel of data.channels) {
      if (!this.arrays.has(channel.id)) {
        this.arrays.set(channel.id, inflated(channel.levels).then((buffer) => new Uint16Array(buffer)));
      }
    }
    if (other || !this.mask) this.mask = new Uint8Array(await inflated(data.mask));
    const arrays = await Promise.all(data.channels.map((channel) => this.arrays.get(channel.id)));
    await this.load(data.picture);
    if (this.data !== data) return; // another update came meanwhile
    const ids = new Set(data.channels.map((channel) => channel.id));
    for (const id of this.arrays.keys()) if (!ids.has(id)) this.arrays.delete(id);
    this.shown = arrays;
    [this.layer.width, this.layer.height] = [data.width, data.height];
    this.layer.getContext("2d").putImageData(composed(data, arrays), 0, 0);
    this.resize();
    this.canvas.dataset.drawn = data.version;
  }

  async load(picture) {
    if (!picture) this.picture = this.address = null;
    else if (this.address !== picture.address) {
      this.address = picture.address;
      this.picture = new Image();
      this.picture.src = picture.address;
      await this.picture.decode();
    }
  }

  resize() {
    if (!this.data || !this.shown) return;
    // As high as the section, unless a picture may be larger than it.
    const needed = (this.canvas.clientWidth * this.data.height * this.data.aspect) / this.data.width;
    const high = this.data.picture ? this.data.screen : Math.min(Math.max(needed, LEAST_HEIGHT), this.data.screen);
    this.canvas.style.height = `${Math.round(high)}px`;
    const { clientWidth, clientHeight } = this.canvas;
    const sharp = window.devicePixelRatio || 1;
    [this.canvas.width, this.canvas.height] = [Math.round(clientWidth * sharp), Math.round(clientHeight * sharp)];
    if (!this.moved) this.fit();
    this.draw();
  }

  fit() {
    const { width, height, aspect } = this.data;
    const { clientWidth, clientHeight } = this.canvas;
    const zoom = Math.min(clientWidth / width, clientHeight / (height * aspect)) * 0.98;
    this.view = {
      zoom,
      left: (clientWidth - width * zoom) / 2,
      top: (clientHeight - height * zoom * aspect) / 2,
    };
  }

  matrix() {
    // From pixels of the picture to pixels of the section, as Placement.matrix.
    const { column, row, scale, angle, flipped } = this.placement;
    const [cosine, sine] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const mirror = flipped ? -1 : 1;
    const { width, height } = this.picture;
    const [a, c] = [scale * cosine * mirror, -scale * sine];
    const [b, d] = [(scale * sine * mirror) / this.data.aspect, (scale * cosine) / this.data.aspect];
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    return [a, b, c, d, column - a * x - c * y, row - b * x - d * y];
  }

  draw() {
    const { data, view } = this;
    const context = this.canvas.getContext("2d");
    const sharp = window.devicePixelRatio || 1;
    const [across, down] = [view.zoom, view.zoom * data.aspect];
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 1;
    context.fillStyle = data.dark ? "#000000" : "#ffffff";
    context.fillRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    if (this.picture) {
      const [a, b, c, d, e, f] = this.matrix();
      context.save();
      context.globalAlpha = data.picture.opacity;
      context.transform(
        across * a,
        down * b,
        across * c,
        down * d,
        across * (e + 0.5 - (a + c) / 2) + view.left,
        down * (f + 0.5 - (b + d) / 2) + view.top,
      );
      context.drawImage(this.picture, 0, 0);
      context.restore();
    }
    context.imageSmoothingEnabled = false;
    const light = data.dark ? "screen" : "multiply";
    context.globalCompositeOperation = data.blend === "paint" ? "source-over" : light;
    context.drawImage(this.layer, view.left, view.top, data.width * across, data.height * down);
    context.globalCompositeOperation = "source-over";
    if (data.placing) {
      context.strokeStyle = "#ff4b4b";
      context.setLineDash([6, 4]);
      context.strokeRect(view.left, view.top, data.width * across, data.height * down);
      context.setLineDash([]);
    }
    this.drawBar(context);
    if (this.cross) {
      const [x, y] = [view.left + (this.cross[0] + 0.5) * across, view.top + (this.cross[1] + 0.5) * down];
      context.strokeStyle = "#ff4b4b";
      context.lineWidth = 1.5;
      context.strokeRect(x - across / 2 - 1, y - down / 2 - 1, across + 2, down + 2);
    }
    this.canvas.dataset.view = JSON.stringify({ ...view, down, sharp });
  }

  drawBar(context) {
    const unit = this.data.pixel || 1; // micrometres per width of a pixel
    const length = barLength((this.canvas.clientWidth / this.view.zoom) * unit);
    const long = (length / unit) * this.view.zoom;
    const bottom = this.canvas.clientHeight - 18;
    const [ink, halo] = this.data.dark ? ["#ffffff", "#000000"] : ["#000000", "#ffffff"];
    const text = lengthText(length, Boolean(this.data.pixel));
    context.font = "14px sans-serif";
    context.lineWidth = 4;
    context.strokeStyle = halo;
    context.strokeRect(16, bottom, long, 4);
    context.strokeText(text, 16, bottom - 7);
    context.fillStyle = ink;
    context.fillRect(16, bottom, long, 4);
    context.fillText(text, 16, bottom - 7);
    this.canvas.dataset.bar = text;
  }

  at(event) {
    const place = this.canvas.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  }

  pixel(x, y) {
    const column = Math.floor((x - this.view.left) / this.view.zoom);
    const row = Math.floor((y - this.view.top) / (this.view.zoom * this.data.aspect));
    const inside = column >= 0 && row >= 0 && column < this.data.width && row < this.data.height;
    return inside ? [column, row] : null;
  }

  read(pixel, x, y) {
    this.tip.hidden = !pixel;
    if (!pixel) return;
    const [column, row] = pixel;
    const where = document.createElement("div");
    where.textContent = `column ${column}, row ${row}`;
    if (this.data.pixel) {
      const size = this.data.pixel / 1000;
      where.textContent += ` (${(column * size).toFixed(2)}, ${(row * size * this.data.aspect).toFixed(2)} mm)`;
    }
    const index = row * this.data.width + column;
    const lines = [where];
    if (!this.mask[index]) where.textContent += ": not measured";
    else {
      this.data.channels.forEach((channel, place) => {
        const line = document.createElement("div");
        const dot = document.createElement("span");
        dot.className = "dot";
        dot.style.background = `rgb(${channel.colour.join(",")})`;
        const value = (this.shown[place][index] / (LEVELS - 1)) * channel.most;
        line.append(dot, `${channel.title}: ${Number(value.toPrecision(4)).toLocaleString("en")} ${channel.unit}`);
        lines.push(line);
      });
    }
    this.tip.replaceChildren(...lines);
    const { clientWidth, clientHeight } = this.canvas;
    this.tip.style.left = `${Math.max(0, Math.min(x + 14, clientWidth - this.tip.offsetWidth - 4))}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y + 14, clientHeight - this.tip.offsetHeight - 4))}px`;
  }

  zoom(times, x, y) {
    const { view } = this;
    const fitted = this.canvas.clientWidth / this.data.width;
    const zoom = Math.min(Math.max(view.zoom * times, fitted / 8), MOST_PIXELS);
    const real = zoom / view.zoom;
    this.view = { zoom, left: x - (x - view.left) * real, top: y - (y - view.top) * real };
    this.moved = true;
    this.draw();
  }

  place(changes, soon) {
    Object.assign(this.placement, changes);
    this.placement.angle = ((((this.placement.angle + 180) % 360) + 360) % 360) - 180;
    this.draw();
    clearTimeout(this.pending);
    this.pending = null;
    if (soon) this.pending = setTimeout(() => this.told(), WAIT);
  }

  told() {
    clearTimeout(this.pending);
    this.pending = null;
    this.tell("placed", { ...this.placement });
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.shown || event.button) return;
      const [x, y] = this.at(event);
      this.dragging = { x, y, turn: event.shiftKey, view: { ...this.view }, placement: { ...this.placement } };
      canvas.setPointerCapture(event.pointerId);
      canvas.focus();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.shown) return;
      const [x, y] = this.at(event);
      if (!this.dragging) {
        this.read(this.pixel(x, y), x, y);
        return;
      }
      this.tip.hidden = true;
      const { view, placement } = this.dragging;
      const down = this.view.zoom * this.data.aspect;
      if (!this.data.placing) {
        this.view = { ...view, left: view.left + x - this.dragging.x, top: view.top + y - this.dragging.y };
        this.moved = true;
        this.draw();
      } else if (this.dragging.turn) {
        const centre = [view.left + (placement.column + 0.5) * view.zoom, view.top + (placement.row + 0.5) * down];
        const before = Math.atan2(this.dragging.y - centre[1], this.dragging.x - centre[0]);
        const now = Math.atan2(y - centre[1], x - centre[0]);
        this.place({ angle: placement.angle + ((now - before) * 180) / Math.PI });
      } else {
        const column = placement.column + (x - this.dragging.x) / this.view.zoom;
        this.place({ column, row: placement.row + (y - this.dragging.y) / down });
      }
    });
    const end = () => {
      const before = this.dragging;
      this.dragging = null;
      const changed = before && this.data.placing && JSON.stringify(before.placement) !== JSON.stringify(this.placement);
      if (changed) this.told();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => {
      if (!this.cross) this.tip.hidden = true;
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!this.shown || this.root.activeElement !== canvas) return; // else the page scrolls
        event.preventDefault();
        const [x, y] = this.at(event);
        const times = 1.2 ** -Math.sign(event.deltaY);
        if (this.data.placing) this.place({ scale: this.placement.scale * STEP ** -Math.sign(event.deltaY) }, true);
        else this.zoom(times, x, y);
      },
      { passive: false },
    );
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => {
      if (!this.cross) return;
      [this.cross, this.tip.hidden] = [null, true];
      this.draw();
    });
    const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2];
    this.root.querySelector(".in").addEventListener("click", () => this.zoom(1.5, ...middle()));
    this.root.querySelector(".out").addEventListener("click", () => this.zoom(1 / 1.5, ...middle()));
    this.root.querySelector(".fit").addEventListener("click", () => {
      this.moved = false;
      this.resize();
    });
  }

  key(event) {
    if (!this.shown || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = event.shiftKey ? 10 : 1;
    const arrow = arrows[event.key];
    const { placement } = this;
    if (this.data.placing) {
      const keys = {
        "+": { scale: placement.scale * STEP },
        "-": { scale: placement.scale / STEP },
        "[": { angle: placement.angle - TURN },
        "]": { angle: placement.angle + TURN },
        m: { flipped: !placement.flipped },
      };
      const moved = arrow && { column: placement.column + step * arrow[0], row: placement.row + step * arrow[1] };
      const changes = moved || keys[event.key];
      if (!changes) return;
      event.preventDefault();
      this.place(changes, true);
      return;
    }
    const middle = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    if (arrow) {
      const start = this.cross || [Math.floor(this.data.width / 2), Math.floor(this.data.height / 2)];
      const moved = this.cross ? [start[0] + step * arrow[0], start[1] + step * arrow[1]] : start;
      this.cross = [
        Math.min(Math.max(moved[0], 0), this.data.width - 1),
        Math.min(Math.max(moved[1], 0), this.data.height - 1),
      ];
      this.draw();
      const down = this.view.zoom * this.data.aspect;
      this.read(this.cross, this.view.left + this.cross[0] * this.view.zoom, this.view.top + this.cross[1] * down);
    } else if (event.key === "+") this.zoom(1.2, ...middle);
    else if (event.key === "-") this.zoom(1 / 1.2, ...middle);
    else if (event.key === "0") {
      this.moved = false;
      this.resize();
    } else return;
    event.preventDefault();
  }
}

const overlays = new WeakMap(); // by their canvas

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const canvas = parentElement.querySelector("canvas");
  if (!canvas || !data) return;
  if (!overlays.has(canvas)) overlays.set(canvas, new Overlay(parentElement));
  overlays.get(canvas).update(data, setTriggerValue);
}
