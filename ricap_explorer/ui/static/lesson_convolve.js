// The moving window: pixels under it times the kernel's numbers, their sum, and the output as far as it has come.
const conv = inPart(".rx-convolve");
const [picture, slide, play] = [conv(".rx-conv-picture"), conv(".rx-conv-at"), conv(".rx-conv-play")];
const [input, output] = [conv(".rx-conv-in"), conv(".rx-conv-out")];
const own = Array.from({ length: KERNEL * KERNEL }, (_, i) => {
  const field = document.createElement("input");
  Object.assign(field, { type: "text", inputMode: "decimal", ariaLabel: `Weight ${i + 1} of 9` });
  conv(".rx-own-grid").append(field);
  return field;
});
const divisor = conv(".rx-divisor");
let grid = null, kernel = null, sums = [], playing = 0;
const across = () => grid.side - KERNEL + 1;

const paint = (canvas, side, greys) => {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  greys.forEach((grey, i) => image.data.set([grey, grey, grey, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
};
const lens = (figure, at, size, side) =>
  Object.assign(figure.parentElement.querySelector(".rx-lens").style, {
    left: `${(100 * (at % across())) / side}%`, top: `${(100 * Math.floor(at / across())) / side}%`,
    width: `${(100 * size) / side}%`, height: `${(100 * size) / side}%`,
  });
const short = (x) => String(Math.round(100 * x) / 100).replace("-", "−");
const showProducts = (at) => {
  conv(".rx-products").replaceChildren(...under(grid.pixels, grid.side, at).map((pixel, i) => {
    const cell = document.createElement("div"), product = document.createElement("b");
    cell.style.setProperty("--grey", pixel);
    product.textContent = short(pixel * kernel.numbers[i]);
    cell.append(`${pixel} · ${short(kernel.numbers[i])}`, product);
    return cell;
  }));
  const total = sums[at] * kernel.divisor;
  const words = kernel.divisor === 1 ? `sum ${short(total)}` : `sum ${short(total)} ∕ ${short(kernel.divisor)} = ${short(sums[at])}`;
  conv(".rx-sum").textContent = words;
  slide.setAttribute("aria-valuetext", `row ${Math.floor(at / across()) + 1}, column ${(at % across()) + 1}: ${words}`);
};
const showAt = (at) => {
  slide.value = at;
  const low = Math.min(...sums), high = Math.max(...sums);
  paint(output, across(), sums.slice(0, at + 1).map((sum) => (high > low ? (255 * (sum - low)) / (high - low) : 128)));
  lens(input, at, KERNEL, grid.side);
  lens(output, at, 1, across());
  showProducts(at);
  conv(".rx-span").textContent = `the sums, 30 × 30; black ${short(low)}, white ${short(high)}`;
};
const refresh = () => {
  if (!grid || !kernel) return;
  sums = convolve(grid.pixels, grid.side, kernel);
  document.rxConvolved = { ...grid, kernel, sums };
  paint(input, grid.side, grid.pixels);
  showAt(Number(slide.value));
};
const stop = () => {
  clearInterval(playing);
  playing = 0;
  play.textContent = "▶ Play";
};
const start = () => {
  if (Number(slide.value) >= sums.length - 1) showAt(0);
  const first = Number(slide.value);
  let pace = 0;
  playing = setInterval(() => {
    const at = Number(slide.value), step = at - first < 30 ? Number(pace++ % 4 === 0) : 3; // thirty slow, then fast
    if (at >= sums.length - 1) return stop();
    if (step) showAt(Math.min(at + step, sums.length - 1));
  }, 30);
  play.textContent = "■ Stop";
};
const moveTo = (at) => {
  stop();
  if (grid) showAt(Math.min(Math.max(at, 0), sums.length - 1));
};

// kernels: by name, or number by number
const numberOf = (field) => {
  const value = field.value.trim().replace("−", "-").replace(",", "."); // also with a decimal comma
  return value === "" ? NaN : Number(value);
};
const typed = () => {
  const numbers = own.map(numberOf), by = numberOf(divisor);
  const good = numbers.every((x) => Math.abs(x) <= 1000) && Math.abs(by) <= 1000 && Math.abs(by) >= 0.01;
  conv(".rx-alert").textContent = good ? "" : "weights must be numbers from −1000 to 1000, and so must the divisor, 0.01 from 0 at least";
  if (good) { // else the last good kernel stays
    kernel = { numbers, divisor: by };
    mark();
  }
  refresh();
};
const same = (named) => named.divisor === kernel.divisor && named.numbers.every((x, i) => x === kernel.numbers[i]);
const chips = Object.values(props.kernels).map((named) => {
  const chip = document.createElement("button");
  Object.assign(chip, { type: "button", className: "rx-chip", textContent: named.title });
  chip.addEventListener("click", () => choose(named));
  return chip;
});
const mark = () => Object.values(props.kernels).forEach((named, i) => chips[i].setAttribute("aria-pressed", same(named)));
const choose = (named) => {
  own.forEach((field, i) => (field.value = named.numbers[i]));
  divisor.value = named.divisor;
  typed();
};
conv(".rx-kernels").append(...chips);
for (const field of [...own, divisor]) field.addEventListener("input", typed);

play.addEventListener("click", () => (playing ? stop() : grid && start()));
conv(".rx-conv-back").addEventListener("click", () => moveTo(Number(slide.value) - 1));
conv(".rx-conv-next").addEventListener("click", () => moveTo(Number(slide.value) + 1));
slide.addEventListener("input", () => moveTo(Number(slide.value)));
input.addEventListener("click", ({ offsetX, offsetY }) => {
  if (!grid) return;
  const [row, column] = [offsetY / input.clientHeight, offsetX / input.clientWidth].map((share) =>
    Math.min(Math.max(Math.floor(share * grid.side) - 1, 0), across() - 1));
  moveTo(row * across() + column);
});
const askGrid = lastOf((id) => server.pixels(id), (answer) => {
  if (answer.error) return (conv(".rx-alert").textContent = answer.error);
  grid = answer;
  typed(); // a wrong weight is told still
});
picture.addEventListener("change", () => askGrid(picture.value));
choose(props.kernels.edges);
askGrid(picture.value);
