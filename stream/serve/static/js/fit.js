/** How tiles fill a screen that nobody scrolls: as many columns as make them largest, or a list when they grow too small. */

/** A tile's em in its width and height: 30 em by 22 em. */
const SHAPE = { wide: 0.0333, high: 0.0455 };
const SMALLEST_PX = 11.5;
/** On a wall the large numbers are what is read, and nobody scrolls. */
const SMALLEST_ON_WALL_PX = 10;
const WALL_PX = 1600;
const LARGEST_PX = 24;
const NARROW_PX = 700;
const SCROLLED_PX = 12.5;

/**
 * The columns, rows and em of `n` tiles in a space of `width` by `height` px. `rows` 0: they scroll.
 */
export function fit(n, width, height, gap = 12) {
  let best = { columns: 1, rows: 0, em: 0 };
  for (let columns = 1; columns <= Math.max(1, n) && width > NARROW_PX; columns += 1) {
    const rows = Math.ceil(n / columns);
    const tile = { wide: (width - gap * (columns - 1)) / columns, high: (height - gap * (rows - 1)) / rows };
    const em = Math.min(tile.wide * SHAPE.wide, tile.high * SHAPE.high, LARGEST_PX);
    if (em > best.em) best = { columns, rows, em };
  }
  if (best.em >= (width >= WALL_PX ? SMALLEST_ON_WALL_PX : SMALLEST_PX)) return best;
  const columns = Math.max(1, Math.floor((width + gap) / (SMALLEST_PX / SHAPE.wide + gap)));
  const wide = (width - gap * (columns - 1)) / columns;
  return { columns, rows: 0, em: Math.min(Math.max(wide * SHAPE.wide, SMALLEST_PX), SCROLLED_PX) };
}
