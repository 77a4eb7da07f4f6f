// All clusters on one screen, each a button with its mean image. Arrow keys go from one to the next.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".frame");
  root.open = (number) => setTriggerValue("event", { open: number, at: Date.now() });
  const drawn = JSON.stringify(data);
  if (drawn === root.drawn) return; // the buttons stay: a click on one of them may have begun
  root.drawn = drawn;
  const focused = root.getRootNode().activeElement?.dataset?.number;
  root.style.gridTemplateColumns = `repeat(auto-fit, minmax(min(${data.width}px, 100%), 1fr))`;
  root.replaceChildren(...data.clusters.map((cluster) => tile(cluster, data, root)));
  root.onkeydown = (event) => move(root, event);
  if (focused !== undefined) root.querySelector(`[data-number="${focused}"]`)?.focus({ preventScroll: true });
}

function tile(cluster, data, root) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = "cluster";
  one.dataset.number = cluster.number;
  one.setAttribute("aria-label", `Cluster ${cluster.title}, ${cluster.about}${cluster.tissue ? "" : ", not tissue"}`);
  if (cluster.number === data.shown) one.setAttribute("aria-current", "true");
  one.classList.toggle("off", !cluster.tissue);
  const image = document.createElement("img");
  image.src = cluster.src;
  image.alt = "";
  const title = document.createElement("div");
  title.className = "title";
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = cluster.colour;
  const name = document.createElement("span");
  name.textContent = cluster.title;
  title.append(swatch, name);
  const about = document.createElement("div");
  about.className = "about";
  about.textContent = cluster.about;
  one.append(image, title, about);
  one.onclick = () => root.open(cluster.number);
  return one;
}

function move(root, event) {
  const all = [...root.children];
  const place = all.indexOf(root.getRootNode().activeElement);
  const columns = all.filter((other) => other.offsetTop === all[0].offsetTop).length;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  if (place < 0 || !(event.key in steps)) return;
  event.preventDefault();
  all[place + steps[event.key]]?.focus();
}
