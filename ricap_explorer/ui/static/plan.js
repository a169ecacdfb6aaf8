// A RICAP plan in the browser: {size: [height, width], boundary: [w, h], corners: [[top, left], …]}, whole pixels all of
// them. Every number comes out and is written as in Python; a test compares the two.
const fixed = (x, digits) => {
  // Python's f"{x:.3f}": of two equally near numbers the even one, where toFixed takes the larger
  const halves = x * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return x.toFixed(digits);
  const below = Math.floor(x * 10 ** digits);
  return ((below + (below % 2)) / 10 ** digits).toFixed(digits);
};
const percent = (weight) => {
  const value = 100 * weight;
  return `${fixed(value, value === 0 || value >= 0.95 ? 0 : 1)} %`;
};
const pastes = ({ size: [height, width], boundary: [w, h] }) => [
  { top: 0, left: 0, height: h, width: w },
  { top: 0, left: w, height: h, width: width - w },
  { top: h, left: 0, height: height - h, width: w },
  { top: h, left: w, height: height - h, width: width - w },
];
const weightsOf = (plan) => pastes(plan).map((box) => (box.height * box.width) / (plan.size[0] * plan.size[1]));
const sharesOf = (names, weights) => {
  // the label; regions of one class are summed
  const shares = new Map();
  names.forEach((name, k) => shares.set(name, (shares.get(name) || 0) + weights[k]));
  return [...shares];
};
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const inside = (plan, corners) =>
  pastes(plan).map((box, k) => [
    clamp(corners[k][0], 0, plan.size[0] - box.height),
    clamp(corners[k][1], 0, plan.size[1] - box.width),
  ]);
const moveBoundary = (plan, [w, h]) => {
  // like a curtain: what stays visible stays where it is, until a crop reaches the edge of its picture
  const moved = { ...plan, boundary: [clamp(w, 0, plan.size[1]), clamp(h, 0, plan.size[0])] };
  const before = pastes(plan);
  const corners = pastes(moved).map((box, k) => [
    plan.corners[k][0] + box.top - before[k].top,
    plan.corners[k][1] + box.left - before[k].left,
  ]);
  return { ...moved, corners: inside(moved, corners) };
};
const moveCrop = (plan, k, corner) => {
  const corners = plan.corners.map((old, i) => (i === k ? corner : old));
  return { ...plan, corners: inside(plan, corners) };
};
