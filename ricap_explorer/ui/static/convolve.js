// One convolution, as networks do it: no mirroring, no padding. Pixels and sums row by row; a test compares with torch.
const KERNEL = 3;
const under = (pixels, side, at) => {
  const across = side - KERNEL + 1, top = Math.floor(at / across), left = at % across;
  return Array.from({ length: KERNEL * KERNEL }, (_, i) =>
    pixels[(top + Math.floor(i / KERNEL)) * side + left + (i % KERNEL)]);
};
const sumAt = (pixels, side, { numbers, divisor }, at) =>
  under(pixels, side, at).reduce((sum, pixel, i) => sum + pixel * numbers[i], 0) / divisor;
const convolve = (pixels, side, kernel) =>
  Array.from({ length: (side - KERNEL + 1) ** 2 }, (_, at) => sumAt(pixels, side, kernel, at));
