// What the Patch tab shows of a plan: sources with their crops, the patched image, the mixed label, the boundary's place.
// Everything here is made once and then only moved, so that a drag keeps up with the finger.
const find = (selector) => element.querySelector(selector);
const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const REGIONS = [0, 1, 2, 3]; // upper left, upper right, lower left, lower right
const region = (k) => ({ "data-region": k, style: `--region:var(--r${k + 1})` });
const badge = (k) => make("i", { class: "rx-badge", "aria-hidden": "true" }, `${k + 1}`);

const tiles = REGIONS.map((k) => {
  const image = make("img", { alt: "", draggable: "false" });
  const crop = make("div", { class: "rx-window", role: "slider", tabindex: "0", "data-crop": k });
  const caption = make("button", { type: "button", class: "rx-caption", "data-slot": k, "aria-pressed": "false" });
  const name = make("span", { class: "rx-name" }), share = make("b");
  caption.append(make("span", { class: "rx-spoken" }, `Slot ${k + 1}: `), name, " ", share);
  const tile = make("div", { class: "rx-tile", ...region(k) });
  tile.append(make("div", { class: "rx-picture", "data-slot": k }, image, crop, badge(k)), caption);
  find(".rx-sources").append(tile);
  return { tile, image, crop, caption, name, share };
});
const canvas = find("canvas"), brush = canvas.getContext("2d");
const areas = REGIONS.map((k) => make("div", { class: "rx-region", ...region(k) }, badge(k)));
const lines = ["w", "h"].map((axis) => make("div", { class: `rx-line rx-line-${axis}`, "data-axis": axis }));
const knob = make("div", { class: "rx-knob", role: "slider", tabindex: "0", "data-axis": "wh", "aria-label": "Boundary point" });
find(".rx-stage").append(...areas, ...lines, knob);
const segments = REGIONS.map((k) => make("i", region(k)));
find(".rx-bar").append(...segments);
const rows = REGIONS.map((k) => {
  const name = make("span", { class: "rx-name" }), pixels = make("td"), weight = make("td", { class: "rx-number" });
  const choose = make("button", { type: "button", "data-slot": k, title: "choose another picture for this region" });
  choose.append(make("i", { class: "rx-key" }, `${k + 1}`), name);
  find(".rx-weights tbody").append(make("tr", region(k), make("th", { scope: "row" }, choose), pixels, weight));
  return { name, pixels, weight };
});

const place = (node, box, [height, width]) => {
  node.style.left = `${(100 * box.left) / width}%`;
  node.style.top = `${(100 * box.top) / height}%`;
  node.style.width = `${(100 * box.width) / width}%`;
  node.style.height = `${(100 * box.height) / height}%`;
};
const spoken = (shares) =>
  shares.filter(([, share]) => share > 0).map(([name, share]) => `${percent(share)} ${name}`).join(", ");

const showSources = (plan, names, weights) =>
  pastes(plan).forEach((paste, k) => {
    const [top, left] = plan.corners[k], { crop, name, share } = tiles[k];
    place(crop, { ...paste, top, left }, plan.size);
    crop.classList.toggle("rx-none", weights[k] === 0);
    crop.tabIndex = weights[k] === 0 ? -1 : 0;
    crop.setAttribute("aria-label", `Crop of slot ${k + 1}, ${names[k]}`);
    crop.setAttribute("aria-valuemax", plan.size[1] - paste.width);
    crop.setAttribute("aria-valuenow", left);
    crop.setAttribute("aria-valuetext", `${paste.width} × ${paste.height} pixels from x ${left}, y ${top}`);
    name.textContent = names[k];
    share.textContent = percent(weights[k]);
  });

const showStage = (plan, images, shares) => {
  const [height, width] = plan.size, [w, h] = plan.boundary;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  pastes(plan).forEach((box, k) => {
    const [top, left] = plan.corners[k];
    if (box.width && box.height)
      brush.drawImage(images[k], left, top, box.width, box.height, box.left, box.top, box.width, box.height);
    place(areas[k], box, plan.size);
    areas[k].classList.toggle("rx-small", Math.min(box.width / width, box.height / height) <= 0.1);
  });
  find(".rx-stage").style.cssText = `--w:${(100 * w) / width}%;--h:${(100 * h) / height}%`;
  canvas.setAttribute("aria-label", `Patched image: ${spoken(shares)}`);
  knob.setAttribute("aria-valuemax", width);
  knob.setAttribute("aria-valuenow", w);
  knob.setAttribute("aria-valuetext", `w ${w} of ${width}, h ${h} of ${height} pixels`);
};

const showLabel = (plan, names, weights, shares) => {
  const [height, width] = plan.size;
  find(".rx-area-text").textContent = `(${width} · ${height})`;
  find(".rx-bar").setAttribute("aria-label", `Mixed label: ${spoken(shares)}`);
  pastes(plan).forEach((box, k) => {
    segments[k].style.width = `${100 * weights[k]}%`;
    rows[k].name.textContent = names[k];
    rows[k].pixels.textContent = `${box.width} × ${box.height}`;
    rows[k].weight.textContent = fixed(weights[k], 3);
  });
  const terms = shares.filter(([, share]) => share > 0).map(([name, share]) => {
    const own = names.flatMap((other, k) => (other === name ? [k] : []));
    const term = make("span", { class: "rx-term", "data-region": own.join(" ") });
    term.append(make("b", {}, fixed(share, 3)), ` ${name}`);
    return term;
  });
  const formula = find(".rx-formula");
  formula.innerHTML = "c = Σ W<sub>k</sub> c<sub>k</sub> = ";
  terms.forEach((term, i) => formula.append(...(i ? [" + ", term] : [term])));
};

const showMarks = ({ size: [height, width], boundary: [w, h] }) =>
  [["w", w / width], ["h", h / height]].forEach(([axis, x]) => {
    const mark = find(`.rx-mark-${axis}`), at = 400 * x;
    if (!mark) return;
    const [line, text] = mark.children;
    for (const name of ["x1", "x2"]) line.setAttribute(name, at);
    text.setAttribute("x", at);
    text.setAttribute("text-anchor", x < 0.1 ? "start" : x > 0.9 ? "end" : "middle");
    text.textContent = `${axis}′ = ${fixed(x, 2)}`;
  });

const show = (plan, names, images) => {
  const weights = weightsOf(plan), shares = sharesOf(names, weights);
  showSources(plan, names, weights);
  showStage(plan, images, shares);
  showLabel(plan, names, weights, shares);
  showMarks(plan);
};

// one region lights up everywhere: its area, its crop, its segment, its row, its term
const light = (regions) => {
  if (regions === null) delete element.dataset.lit;
  else element.dataset.lit = "";
  for (const node of element.querySelectorAll("[data-region]")) {
    const shared = regions?.some((k) => node.dataset.region.split(" ").includes(k));
    node.classList.toggle("rx-lit", Boolean(shared));
  }
};
const regionsAt = (node) => node.closest?.("[data-region]")?.dataset.region.split(" ") ?? null;
element.addEventListener("pointerover", (event) => event.buttons || light(regionsAt(event.target)));
element.addEventListener("pointerleave", () => light(null));
element.addEventListener("click", (event) => event.pointerType === "touch" && light(regionsAt(event.target)));
element.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && light(regionsAt(event.target)));
element.addEventListener("focusout", () => light(null));
